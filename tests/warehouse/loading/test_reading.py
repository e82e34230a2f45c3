"""Whatever a file looks like, the same rows come out of it."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.warehouse.shop import FIRST, stored

from tilth.warehouse.loading import blocks, reading
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.loading.sniff import Format
from tilth.warehouse.workspace import Workspace

HEADER = ["用户", "时间", "行为", "备注"]
ROWS = [
    ["u1", str(FIRST), "浏览", "第一行\n第二行"],
    ["u2", str(FIRST + 1), "加购", '他说"好"'],
    ["u1", str(FIRST + 2), "购买", "a,b;c\td"],
    ["u3", str(FIRST + 3), "浏览", ""],
]


def delimited(delimiter: str = ",", *, header: bool = True, end: str = "\r\n") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerows([*([HEADER] if header else []), *ROWS])
    return out.getvalue()


def sheet(path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in [HEADER, *([row[0], int(row[1]), *row[2:]] for row in ROWS)]:
        page.append(row)
    book.save(path)


def lines() -> str:
    return "".join(json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) + "\n" for row in ROWS)


WAYS: dict[str, Callable[[Path], object]] = {
    "plain.csv": lambda path: path.write_bytes(delimited().encode()),
    "mark.csv": lambda path: path.write_bytes(delimited().encode("utf-8-sig")),
    "gbk.csv": lambda path: path.write_bytes(delimited().encode("gbk")),
    "utf16.csv": lambda path: path.write_bytes(delimited().encode("utf-16")),
    "tabs.tsv": lambda path: path.write_bytes(delimited("\t").encode()),
    "semicolons.csv": lambda path: path.write_bytes(delimited(";").encode()),
    "packed.csv.gz": lambda path: path.write_bytes(gzip.compress(delimited().encode())),
    "two_members.csv.gz": lambda path: path.write_bytes(b"".join(gzip.compress(part.encode()) for part in (delimited()[:60], delimited()[60:]))),
    "title.csv": lambda path: path.write_bytes(("五月报表\r\n\r\n" + delimited()).encode()),
    "blank_lines.csv": lambda path: path.write_bytes(delimited().replace("\r\nu2", "\r\n\r\n  \r\nu2").encode()),
    "unix.csv": lambda path: path.write_bytes(delimited(end="\n").encode()),
    "no_last_end.csv": lambda path: path.write_bytes(delimited().strip().encode()),
    "lines.jsonl": lambda path: path.write_bytes(lines().encode()),
    "lines.jsonl.gz": lambda path: path.write_bytes(gzip.compress(lines().encode())),
    "table.parquet": lambda path: pq.write_table(
        pa.table({name: list(values) for name, values in zip(HEADER, zip(*ROWS, strict=True), strict=True)}), path
    ),
    "sheet.xlsx": sheet,
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "shop")


@pytest.mark.parametrize("name", WAYS)
def test_the_same_rows_come_out(name: str, tmp_path: Path, workspace: Workspace) -> None:
    WAYS[name](tmp_path / name)
    mapping = Mapping("events", {"person": Field("用户"), "time": Field("时间", "unix_s"), "event": Field("行为")})
    load = workspace.load(tmp_path / name, mapping)
    assert (load.rows, load.accepted) == (4, 4)
    rows = stored(workspace)
    assert rows.column("person").to_pylist() == [row[0] for row in ROWS]
    assert [int(time.timestamp()) for time in rows.column("time").to_pylist()] == [int(row[1]) for row in ROWS]
    assert rows.column("event").to_pylist() == [row[2] for row in ROWS]
    assert [value or "" for value in rows.column("备注").to_pylist()] == [row[3] for row in ROWS]
    assert rows.column("row").to_pylist() == [1, 2, 3, 4]


def test_without_a_header(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "a.csv").write_bytes(delimited(header=False).encode("gb18030"))
    mapping = Mapping("events", {"person": Field("column_1"), "time": Field("column_2", "unix_s"), "event": Field("column_3")})
    assert workspace.load(tmp_path / "a.csv", mapping).accepted == 4
    assert stored(workspace).column("column_4").to_pylist()[0] == ROWS[0][3]


def parsed(text: bytes, columns: tuple[str, ...] = ("a", "b", "c"), torn: tuple[str, ...] = ()) -> reading.Piece:
    reader = reading.TextReader.__new__(reading.TextReader)
    reader._path, reader._form, reader.columns, reader.json_lines = Path("x.csv"), Format("csv", columns), columns, False
    return reader.parse(blocks.Block(text, torn))


def test_row_numbers_count_broken_rows_and_not_blank_lines() -> None:
    piece = parsed(b"1,2,3\n\n4,5\n   \n6,7,8\n9,10,11,\n12,13,14,15\n16,17,18\n")
    assert piece.count == 6
    assert dict(zip(piece.rows.column("a").to_pylist(), piece.offsets.tolist(), strict=True)) == {"1": 0, "6": 2, "9": 3, "16": 5}
    assert [(one.offset, one.fault, one.value, one.line) for one in piece.broken] == [
        (1, "values", "2/3", "4,5"),
        (4, "values", "4/3", "12,13,14,15"),
    ]
    assert piece.broken[0].fields == {"a": "4", "b": "5"}
    assert piece.broken[1].fields == {"a": "12", "b": "13", "c": "14", reading.SURPLUS: "15"}


def test_a_row_longer_than_any_block_of_arrow_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ARROW_BLOCK", 32)
    piece = parsed(b"1,2,3\n4," + b"x" * 100 + b",6\n7,8\n9,10,11\n")
    assert piece.rows.column("b").to_pylist() == ["2", "x" * 100, "10"]
    assert [one.offset for one in piece.broken] == [2]


def test_nothing_but_a_header(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "a.csv").write_text("user,ts,action\n", "utf-8")
    mapping = Mapping("events", {"person": Field("user"), "time": Field("ts", "unix_s"), "event": Field("action")})
    load = workspace.load(tmp_path / "a.csv", mapping, format=Format("csv", ("user", "ts", "action")))
    assert (load.rows, load.accepted, load.already) == (0, 0, False)
    assert workspace.load(tmp_path / "a.csv", mapping, format=Format("csv", ("user", "ts", "action"))).already
