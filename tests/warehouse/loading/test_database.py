"""A database's rows arrive whole, typed, in batches; what goes wrong is said without passwords."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from tilth.errors import UnknownColumn, UnknownName
from tilth.warehouse.loading import database
from tilth.warehouse.loading.propose import propose

ORDERS = """
CREATE TABLE shop_orders (
    order_id bigint, customer_id text, amount numeric(12, 2), exact numeric, paid boolean, placed date,
    order_time timestamptz, wall timestamp, extra jsonb, weight double precision
);
INSERT INTO shop_orders
SELECT n, CASE WHEN n % 10 > 0 THEN 'c' || n % 7 END, n / 100.0, 12345678901234567890.123456789012345678, n % 2 = 0, date '2024-02-29',
       timestamptz '2024-01-05 08:03:04.123456+08' + n * interval '1 second', timestamp '2024-01-05 08:03:04.000001',
       '{"店铺": ["杭州", 1]}', 0.1
FROM generate_series(1, 2500) AS n;
CREATE SEQUENCE counter;
"""


@pytest.fixture(scope="session")
def shop(postgres: str) -> str:
    import psycopg

    with psycopg.connect(postgres) as connection:
        connection.execute(ORDERS)
    return postgres


@pytest.fixture
def sqlite_shop(tmp_path: Path) -> str:
    file = tmp_path / "shop.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE visits (user_id INTEGER, at TEXT, weight REAL, photo BLOB)")
        connection.executemany(
            "INSERT INTO visits VALUES (?, ?, ?, ?)",
            [(2**62, "2024-01-05 08:03:04", 0.1, b"\x00\xff"), ("a text in a number's column", None, None, None), (3, "x:y", 1e300, b"")],
        )
    connection.close()
    return f"sqlite:///{file}"


def test_types_of_postgresql_are_kept(shop: str) -> None:
    _format, reader = database.read(shop, "shop_orders", order_by="order_id")
    expected = {
        "order_id": pa.int64(),
        "customer_id": pa.string(),
        "amount": pa.decimal128(12, 2),
        "exact": pa.string(),  # numeric without a scale has no Arrow type; its digits are all there
        "paid": pa.bool_(),
        "placed": pa.date32(),
        "order_time": pa.timestamp("us", tz="UTC"),
        "wall": pa.timestamp("us"),
        "extra": pa.string(),
        "weight": pa.float64(),
    }
    assert dict(zip(reader.schema.names, reader.schema.types, strict=True)) == expected


def test_rows_of_postgresql_are_exact_and_complete(shop: str) -> None:
    format, reader = database.read(shop, "shop_orders", order_by=["order_id"], batch_rows=1000)
    batches = list(reader)
    assert [batch.num_rows for batch in batches] == [1000, 1000, 500]
    rows = pa.Table.from_batches(batches)
    assert rows["order_id"].to_pylist() == list(range(1, 2501))
    first = rows.slice(0, 1).to_pylist()[0]
    assert first == {
        "order_id": 1,
        "customer_id": "c1",
        "amount": Decimal("0.01"),
        "exact": "12345678901234567890.123456789012345678",
        "paid": False,
        "placed": date(2024, 2, 29),
        "order_time": datetime(2024, 1, 5, 0, 3, 5, 123456, tzinfo=UTC),
        "wall": datetime(2024, 1, 5, 8, 3, 4, 1),
        "extra": '{"店铺": ["杭州", 1]}',
        "weight": 0.1,
    }
    assert rows["customer_id"][9].as_py() is None
    assert sum(rows["amount"].to_pylist()) == Decimal("31262.50")  # 2500 * 2501 / 2 hundredths
    assert format.kind == "database"
    assert format.sample[0][6] == "2024-01-05 00:03:05.123456+00:00"


def test_times_without_end_are_empty_and_take_no_other_row_with_them(shop: str) -> None:
    """PostgreSQL knows infinity and years that Python does not: 3 of 4 rows read as null."""
    given = "(timestamptz 'infinity', date '0044-03-15 BC'), ('-infinity', 'infinity'), ('294276-01-01', '2024-01-02'), ('2024-01-02 00:00+00', NULL)"
    query = f"SELECT * FROM (VALUES {given}) AS given (at, day)"
    rows = database.read(shop, query)[1].read_all()
    assert rows["at"].to_pylist() == [None, None, None, datetime(2024, 1, 2, tzinfo=UTC)]
    assert rows["day"].to_pylist() == [None, None, date(2024, 1, 2), None]


def test_a_mapping_can_be_proposed_for_a_query(shop: str) -> None:
    query = "SELECT order_id, customer_id, amount, order_time FROM shop_orders -- '12:30:00' :x 100%\nWHERE wall::date = '2024-01-05'"
    format, _reader = database.read(shop, query, order_by="order_id")
    proposal = propose(format)
    assert proposal.mapping.table == "orders"
    assert {target: one.column for target, one in proposal.mapping.fields.items() if one.column} == {
        "order": "order_id",
        "person": "customer_id",
        "amount": "amount",
        "time": "order_time",
    }


def test_an_empty_result_has_its_columns(shop: str) -> None:
    format, reader = database.read(shop, "SELECT * FROM shop_orders WHERE false")
    assert len(format.columns) == 10
    assert reader.read_all().num_rows == 0


def test_nothing_can_be_written(shop: str) -> None:
    with pytest.raises(database.DatabaseError, match="read-only"):
        database.read(shop, "SELECT nextval('counter')")
    with pytest.raises(database.DatabaseError):
        database.read(shop, "WITH gone AS (DELETE FROM shop_orders RETURNING 1) SELECT * FROM gone")
    assert database.read(shop, "SELECT 1 FROM shop_orders")[1].read_all().num_rows == 2500


def test_unknown_tables_and_columns_name_the_nearest(shop: str) -> None:
    with pytest.raises(UnknownName) as table:
        database.read(shop, "shop_order")
    assert table.value.nearest == ("shop_orders",)
    with pytest.raises(UnknownColumn) as column:
        database.read(shop, "shop_orders", order_by="orderid")
    assert "order_id" in column.value.nearest


def test_the_server_is_quoted_and_the_password_is_not(shop: str) -> None:
    with pytest.raises(database.DatabaseError, match="nosuch") as error:
        database.read(shop, "SELECT nosuch, 'a-password' FROM shop_orders")
    assert "a-password" not in str(error.value)
    assert "a-password" not in error.value.url
    wrong = shop.replace("/postgres", "/elsewhere") + "?application_name=x&sslpassword=hush-hush"
    with pytest.raises(database.DatabaseError) as gone:
        database.read(wrong, "SELECT 1")
    assert "elsewhere" in str(gone.value)
    assert "a-password" not in str(gone.value)
    assert "hush-hush" not in str(gone.value)


def test_a_failure_half_way_says_what_the_server_said(shop: str) -> None:
    _format, reader = database.read(shop, "SELECT 1 / (1500 - n) FROM generate_series(1, 2500) AS n", batch_rows=500)
    reader.read_next_batch()
    with pytest.raises(database.DatabaseError, match="division by zero"):
        reader.read_all()


def test_sqlite_values_lose_nothing(sqlite_shop: str) -> None:
    format, reader = database.read(sqlite_shop, "visits")
    assert format.columns == ("user_id", "at", "weight", "photo")
    assert reader.read_all().to_pylist() == [
        {"user_id": str(2**62), "at": "2024-01-05 08:03:04", "weight": "0.1", "photo": "00ff"},
        {"user_id": "a text in a number's column", "at": None, "weight": None, "photo": None},
        {"user_id": "3", "at": "x:y", "weight": "1e+300", "photo": ""},
    ]


def test_what_is_no_query_is_refused(sqlite_shop: str) -> None:
    with pytest.raises(database.DatabaseError, match="SELECT"):
        database.read(sqlite_shop, "DROP TABLE visits")
    assert database.read(sqlite_shop, "visits")[1].read_all().num_rows == 3


def test_an_address_that_is_none_is_not_repeated() -> None:
    with pytest.raises(database.DatabaseError) as error:
        database.read("secret-word", "visits")
    assert "secret-word" not in str(error.value)


def test_a_driver_that_is_missing_says_how_to_install_it() -> None:
    with pytest.raises(database.MissingPartError, match="pip install oracledb"):
        database.read("oracle+oracledb://u:p@host/x", "visits")
