"""Commits happen once and one after the other; every reader agrees on what the files hold."""

from __future__ import annotations

import json
import multiprocessing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from tests.warehouse.shop import FIRST, stored, write

from tilth.warehouse.delta import Delta, OvertakenError
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.schema import RECORDS, TABLES
from tilth.warehouse.workspace import Workspace

ORDERS = Mapping(
    "orders",
    {
        "person": Field("客户"),
        "time": Field("ts", "unix_s"),
        "order": Field("id"),
        "amount": Field("amount", "number"),
    },
)


def table(root: Path) -> Delta:
    return Delta(root / "mends", "mends", RECORDS["mends"].arrow, partitioned=False)


def reserve(root: Path, times: int, out: str) -> None:
    Path(out).write_text(json.dumps([table(root).reserve("counter") for _time in range(times)]), "utf-8")


def test_reserved_numbers_are_never_given_twice_by_processes_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    outs = [tmp_path / f"{n}.json" for n in range(4)]
    processes = [context.Process(target=reserve, args=(tmp_path, 15, str(out))) for out in outs]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    numbers = sorted(number for out in outs for number in json.loads(out.read_text("utf-8")))
    assert numbers == list(range(1, 61))


def test_a_commit_against_an_old_version_is_refused(tmp_path: Path) -> None:
    first, second = table(tmp_path).made(), table(tmp_path).made()
    table(tmp_path).commit(first, [], {"seen": 1})
    with pytest.raises(OvertakenError):
        table(tmp_path).commit(second, [], {"seen": 1})
    assert table(tmp_path).mark("seen") == 1


@pytest.fixture
def orders(tmp_path: Path) -> Workspace:
    workspace = Workspace.create(tmp_path / "shop")
    rows = [("张三", FIRST, "A1", "19.90"), ("", FIRST + 40 * 86_400, "A2", "-0.0001"), ("李 四", FIRST, "A3", "99999999999999.9999")]
    workspace.load(write(tmp_path / "a.csv", rows, header=("客户", "ts", "id", "amount")), ORDERS)
    return workspace


EXPECTED = [
    ("2024-10", "张三", datetime(2024, 10, 27, 3, 33, 20, tzinfo=UTC), Decimal("19.9000")),
    ("2024-12", None, datetime(2024, 12, 6, 3, 33, 20, tzinfo=UTC), Decimal("-0.0001")),
    ("2024-10", "李 四", datetime(2024, 10, 27, 3, 33, 20, tzinfo=UTC), Decimal("99999999999999.9999")),
]


def test_delta_and_duckdb_read_the_same(orders: Workspace) -> None:
    by_delta = DeltaTable((orders.root / "tables" / "orders").as_posix()).to_pyarrow_table().sort_by("seq")
    assert by_delta.schema.field("amount").type == pa.decimal128(18, 4)
    assert by_delta.schema.field("time").type == pa.timestamp("us", tz="UTC")
    ours = stored(orders, "orders")
    for read in (by_delta, ours):
        rows = zip(*(read.column(name).to_pylist() for name in ("month", "person", "time", "amount")), strict=True)
        assert [(m, p, t.astimezone(UTC), a) for m, p, t, a in rows] == EXPECTED
    assert ours.column("load").to_pylist() == by_delta.column("load").to_pylist()


def test_spark_reads_the_same(orders: Workspace) -> None:
    pytest.importorskip("pyspark")
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    try:
        root = (orders.root / "tables" / "orders").as_posix()
        files = [file.path for file in orders.table("orders").files()[1]]
        frame = spark.read.option("basePath", root).parquet(*files).orderBy("seq")
        assert dict(frame.dtypes)["amount"] == "decimal(18,4)"
        assert dict(frame.dtypes)["time"] == "timestamp"
        rows = frame.selectExpr("cast(month as string)", "person", "unix_micros(time)", "amount", "`order`", "row").collect()
        wanted = [(month, person, int(time.timestamp()) * 1_000_000, amount) for month, person, time, amount in EXPECTED]
        assert [tuple(row)[:4] for row in rows] == wanted
        assert [tuple(row)[4:] for row in rows] == [("A1", 1), ("A2", 2), ("A3", 3)]
    finally:
        spark.stop()


def test_no_statistics_of_what_says_who_somebody_is(orders: Workspace) -> None:
    root = orders.root / "tables" / "orders"
    log = "".join(file.read_text("utf-8") for file in (root / "_delta_log").glob("*.json"))
    assert "张三" not in log
    assert '\\"numRecords\\":' in log or '\\"numRecords\\": ' in log
    for file in root.rglob("part-*.parquet"):
        group = pq.read_metadata(file).row_group(0)
        kept = {group.column(n).path_in_schema for n in range(group.num_columns) if group.column(n).is_stats_set}
        assert kept == {"seq", "time", "row"}


def test_statistics_in_the_log_bound_the_values(orders: Workspace) -> None:
    found = pa.table(DeltaTable((orders.root / "tables" / "orders").as_posix()).get_add_actions(flatten=True)).to_pylist()
    by_month = {one["partition.month"]: one for one in found}
    assert {month: one["num_records"] for month, one in by_month.items()} == {"2024-10": 2, "2024-12": 1}
    assert by_month["2024-12"]["min.time"].astimezone(UTC) == EXPECTED[1][2]
    assert (by_month["2024-10"]["min.row"], by_month["2024-10"]["max.row"]) == (1, 3)


def test_files_are_read_by_their_partition(orders: Workspace) -> None:
    files = orders.table("orders").files()[1]
    assert {file.month for file in files} == {"2024-10", "2024-12"}
    assert sum(file.rows for file in files) == 3
    only = [file.path for file in files if file.month == "2024-12"]
    assert duckdb.sql(f'SELECT "order" FROM read_parquet({only!r}, hive_partitioning = false)').fetchall() == [("A2",)]
    assert TABLES["orders"].arrow.names[0] == "month"
