"""A load is whole, in order and once: the loader's own promises, on small files that can be checked by eye."""

from __future__ import annotations

import gzip
import random
import shutil
import sqlite3
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.warehouse.shop import COLUMNS, DAY, FIRST, MAPPING, figures, row, stored, write

from tilth.errors import InputError, UnknownColumn
from tilth.warehouse.loading import blocks, database, reading
from tilth.warehouse.loading.blocks import DamagedFileError
from tilth.warehouse.loading.ingest import CancelledError, NothingFitsError, Progress
from tilth.warehouse.loading.mapping import Field, Mapping, MappingError
from tilth.warehouse.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "shop")


def test_rows_come_in_typed_numbered_and_in_order(tmp_path: Path, workspace: Workspace) -> None:
    load = workspace.load(write(tmp_path / "a.csv", [row(n) for n in range(100)]), MAPPING)
    assert (load.rows, load.accepted, load.quarantined, load.skipped, load.repeated, load.already) == (100, 100, 0, 0, 0, False)
    rows = stored(workspace)
    assert rows.column("row").to_pylist() == list(range(1, 101))
    assert rows.column("person").to_pylist() == [f"u{n % 7}" for n in range(100)]
    assert [int(t.timestamp()) for t in rows.column("time").to_pylist()] == [FIRST + n * 60 for n in range(100)]
    assert rows.column("page").to_pylist() == [f"p{n}" for n in range(100)]
    assert set(rows.column("load").to_pylist()) == {load.id}


def test_order_and_numbers_hold_across_blocks_and_months(tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks.text_blocks, "__kwdefaults__", {**blocks.text_blocks.__kwdefaults__, "size": 4096})
    days = list(range(400))
    random.Random(5).shuffle(days)
    rows = [(f"u{n}", str(FIRST + day * DAY), "view", f"p{n}") for n, day in enumerate(days * 10)]
    workspace.load(write(tmp_path / "a.csv", rows), MAPPING)
    got = stored(workspace)
    assert got.column("row").to_pylist() == list(range(1, 4001))
    assert got.column("page").to_pylist() == [values[3] for values in rows]
    assert len(set(got.column("month").to_pylist())) == 14


def test_later_loads_come_later_in_seq(tmp_path: Path, workspace: Workspace) -> None:
    for part in range(3):
        workspace.load(write(tmp_path / f"{part}.csv", [row(n) for n in range(part * 10, part * 10 + 10)]), MAPPING)
    assert stored(workspace).column("page").to_pylist() == [f"p{n}" for n in range(30)]


def test_equal_rows_of_one_file_are_all_real(tmp_path: Path, workspace: Workspace) -> None:
    load = workspace.load(write(tmp_path / "a.csv", [row(1)] * 5), MAPPING)
    assert load.accepted == 5
    assert stored(workspace).num_rows == 5


def test_the_same_file_adds_nothing_whatever_its_name(tmp_path: Path, workspace: Workspace) -> None:
    path = write(tmp_path / "a.csv", [row(n) for n in range(50)])
    first = workspace.load(path, MAPPING)
    before = figures(workspace)
    shutil.copy(path, tmp_path / "copy of a.csv")
    again = workspace.load(tmp_path / "copy of a.csv", MAPPING)
    assert (again.already, again.id, again.accepted, again.repeated) == (True, first.id, 0, 50)
    assert figures(workspace) == before


def test_a_file_that_grew_is_another_file(tmp_path: Path, workspace: Workspace) -> None:
    workspace.load(write(tmp_path / "a.csv", [row(n) for n in range(50)]), MAPPING)
    load = workspace.load(write(tmp_path / "a.csv", [row(n) for n in range(60)]), MAPPING)
    assert (load.already, load.accepted) == (False, 60)


def test_the_same_file_may_fill_two_tables(tmp_path: Path, workspace: Workspace) -> None:
    path = write(tmp_path / "a.csv", [row(n) for n in range(5)])
    workspace.load(path, MAPPING)
    people = Mapping("people", {"person": Field("user"), "time": Field("ts", "unix_s")}, rest="drop")
    assert workspace.load(path, people).accepted == 5
    assert stored(workspace, "people").column("properties").to_pylist() == [None] * 5


def test_overlapping_exports_with_a_key(tmp_path: Path, workspace: Workspace) -> None:
    keyed = Mapping("events", dict(MAPPING.fields), key=("user", "page"))
    workspace.load(write(tmp_path / "mon.csv", [row(n) for n in range(50)] + [row(49)]), keyed)
    load = workspace.load(write(tmp_path / "tue.csv", [row(n) for n in range(40, 70)]), keyed)
    assert (load.rows, load.accepted, load.skipped) == (30, 20, 10)
    pages = Counter(stored(workspace).column("page").to_pylist())
    assert pages.pop("p49") == 2  # twice in the first file: both are real
    assert pages == Counter({f"p{n}": 1 for n in range(70) if n != 49})
    assert workspace.loads()["skipped"].tolist() == [0, 10]
    nothing_new = workspace.load(write(tmp_path / "wed.csv", [row(n) for n in range(45, 55)]), keyed)
    assert (nothing_new.accepted, nothing_new.skipped) == (0, 10)


def test_a_key_must_be_kept(tmp_path: Path, workspace: Workspace) -> None:
    keyed = Mapping("events", dict(MAPPING.fields), rest="drop", key=("page",))
    with pytest.raises(MappingError, match="page"):
        workspace.load(write(tmp_path / "a.csv", [row(1)]), keyed)


def test_a_mapping_for_other_columns_is_refused_before_anything_happens(tmp_path: Path, workspace: Workspace) -> None:
    path = write(tmp_path / "a.csv", [row(1)], header=("usr", "ts", "action", "page"))
    with pytest.raises(UnknownColumn, match="usr"):
        workspace.load(path, MAPPING)
    assert not (workspace.root / "tables").exists()


def test_a_refund_is_a_second_line_of_its_row(tmp_path: Path, workspace: Workspace) -> None:
    mapping = Mapping(
        "orders",
        {"time": Field("ts", "unix_s"), "order": Field("id"), "amount": Field("paid", "number")},
        refund={"amount": Field("back", "number", negative=True), "time": Field("back_ts", "unix_s"), "status": Field(constant="refunded")},
    )
    header = ("id", "ts", "paid", "back", "back_ts")
    rows = [("A", FIRST, "10", "", ""), ("B", FIRST, "20", "5", FIRST + 60), ("C", FIRST, "30", "30", ""), ("D", FIRST, "7", "0", "")]
    load = workspace.load(write(tmp_path / "a.csv", rows, header=header), mapping)
    assert load.accepted == 4
    lines = stored(workspace, "orders")
    read = zip(*(lines.column(name).to_pylist() for name in ("order", "amount", "status", "row")), strict=True)
    assert list(read) == [
        ("A", Decimal(10), None, 1),
        ("B", Decimal(20), None, 2),
        ("B", Decimal(-5), "refunded", 2),
        ("C", Decimal(30), None, 3),
        ("C", Decimal(-30), "refunded", 3),
        ("D", Decimal(7), None, 4),
    ]
    seconds = [int(time.timestamp()) - FIRST for time in lines.column("time").to_pylist()]
    assert seconds == [0, 0, 60, 0, 0, 0]  # C's refund has no time of its own, so it has the sale's
    broken = write(tmp_path / "b.csv", [("E", FIRST, "10", "some", "")], header=header)
    assert workspace.load(broken, mapping).quarantined == 1


def test_rows_from_memory(workspace: Workspace) -> None:
    columns = dict(zip(COLUMNS, zip(*(row(n) for n in range(30)), strict=True), strict=True))
    table = pa.table({name: list(values) for name, values in columns.items()})
    assert workspace.load(table, MAPPING, name="a table").accepted == 30
    assert workspace.load(table.to_pandas(), MAPPING).accepted == 30
    assert workspace.load(pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=7)), MAPPING).accepted == 30
    assert workspace.loads()["source"].tolist()[0] == "a table"
    with pytest.raises(InputError, match=r"builtins\.int"):
        workspace.load(5, MAPPING)


def test_progress_is_told_and_reaches_the_end(tmp_path: Path, workspace: Workspace) -> None:
    told: list[Progress] = []
    path = write(tmp_path / "a.csv", [row(n) for n in range(2000)])
    workspace.load(path, MAPPING, progress=told.append)
    assert told[0].phase == "reading"
    assert told[-1] == Progress("committing", path.stat().st_size, path.stat().st_size, 2000)


def test_cancel_leaves_the_table_as_it_was(tmp_path: Path, workspace: Workspace) -> None:
    workspace.load(write(tmp_path / "a.csv", [row(n) for n in range(10)]), MAPPING)
    before = figures(workspace), sorted(workspace.root.rglob("*.parquet"))
    path = write(tmp_path / "b.csv", [row(n) for n in range(10, 20)] + [("", "", "", "")])
    for answers in ([True], [False, True], [False, False, True]):  # before the first piece, while reading, and right before the commit
        asked = iter(answers)
        with pytest.raises(CancelledError):
            workspace.load(path, MAPPING, cancel=lambda asked=asked: next(asked, True))
        assert (figures(workspace), sorted(workspace.root.rglob("*.parquet"))) == before
    assert workspace.load(path, MAPPING).accepted == 10


def test_a_damaged_archive_brings_nothing(tmp_path: Path, workspace: Workspace) -> None:
    rows = "\n".join(",".join(row(n)) for n in range(200_000))
    whole = gzip.compress(f"{','.join(COLUMNS)}\n{rows}\n".encode(), mtime=0)
    (tmp_path / "a.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DamagedFileError, match=r"a\.csv\.gz"):
        workspace.load(tmp_path / "a.csv.gz", MAPPING)
    assert not list(workspace.root.rglob("part-*.parquet"))
    assert figures(workspace)[1] == 0


def test_the_fault_is_told_not_who_had_to_wait_for_it(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table(dict(zip(COLUMNS, zip(*(row(n) for n in range(30)), strict=True), strict=True)))
    parse = reading.ArrowReader.parse

    def slow_first_and_broken_second(self: reading.ArrowReader, piece: pa.Table) -> reading.Piece:
        number = int(piece.column("page")[0].as_py()[1:])
        if number == 10:
            raise DamagedFileError("rows", "cut short")
        time.sleep(0.3 if number == 0 else 0)
        return parse(self, piece)

    monkeypatch.setattr(reading, "PIECE_ROWS", 10)
    monkeypatch.setattr(reading.ArrowReader, "parse", slow_first_and_broken_second)
    batches = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=10))
    with pytest.raises(DamagedFileError, match="cut short"):
        workspace.load(batches, MAPPING)
    assert not list(workspace.root.rglob("part-*.parquet"))


def test_columns_that_differ_only_in_case(tmp_path: Path, workspace: Workspace) -> None:
    table = pa.table({"user": ["u1"], "User": ["其他"], "ts": [FIRST], "action": ["view"]})
    pq.write_table(table, tmp_path / "a.parquet")
    for source in (table, tmp_path / "a.parquet"):
        assert workspace.load(source, MAPPING).accepted == 1
    assert stored(workspace).column("person").to_pylist() == ["u1", "u1"]
    assert all("其他" in properties for properties in stored(workspace).column("properties").to_pylist())


def test_a_wrong_mapping_is_told_before_all_is_quarantined(tmp_path: Path, workspace: Workspace) -> None:
    wrong = Mapping("events", {"person": Field("user"), "time": Field("page", "unix_s"), "event": Field("action")})
    path = write(tmp_path / "a.csv", [row(n) for n in range(20_000)])
    with pytest.raises(NothingFitsError, match="20000"):
        workspace.load(path, wrong)
    assert figures(workspace)[2] == 0
    assert workspace.load(path, MAPPING).accepted == 20_000


def test_a_parquet_file_is_read_by_its_values(tmp_path: Path, workspace: Workspace) -> None:
    table = pa.table(
        {
            "user": pa.array([1, 2, None], pa.int64()),
            "ts": pa.array([FIRST * 1_000_000] * 3, pa.timestamp("us", tz="UTC")),
            "action": pa.array(["a", "b", "c"]).dictionary_encode(),
            "tags": pa.array([["x", "y"], [], None]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    mapping = Mapping("events", {"person": Field("user", "id"), "time": Field("ts", "iso"), "event": Field("action")})
    load = workspace.load(tmp_path / "a.parquet", mapping)
    assert (load.accepted, load.quarantined) == (2, 1)
    rows = stored(workspace)
    assert rows.column("person").to_pylist() == ["1", "2"]
    assert int(rows.column("time").to_pylist()[0].timestamp()) == FIRST
    assert rows.column("tags").to_pylist() == ['["x","y"]', "[]"]
    assert workspace.load(tmp_path / "a.parquet", mapping).already


def test_rows_of_a_database(tmp_path: Path, workspace: Workspace) -> None:
    pytest.importorskip("sqlalchemy")
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE steps (user TEXT, ts INTEGER, action TEXT, page TEXT)")
        connection.executemany("INSERT INTO steps VALUES (?, ?, ?, ?)", [row(n) for n in range(1000)])
    connection.close()
    keyed = Mapping("events", dict(MAPPING.fields), key=("user", "page"))
    url = f"sqlite:///{(tmp_path / 'shop.db').as_posix()}"
    form, rows = database.read(url, "SELECT * FROM steps WHERE ts < 1730030000", batch_rows=64)
    assert workspace.load(rows, keyed, name="shop.steps", format=form).accepted == 500
    form, rows = database.read(url, "steps", batch_rows=64)
    load = workspace.load(rows, keyed, name="shop.steps", format=form)
    assert (load.rows, load.accepted, load.skipped, load.digest) == (1000, 500, 500, None)
    assert sorted(stored(workspace).column("page").to_pylist()) == sorted(f"p{n}" for n in range(1000))
