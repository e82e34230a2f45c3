"""Only rows that do not fit are put aside, with the reason; mended, they come back once."""

from __future__ import annotations

import csv
import json
import multiprocessing
from pathlib import Path

import pytest
from tests.warehouse.shop import COLUMNS, FIRST, MAPPING, row, stored, write

from tilth.errors import UnknownName
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.loading.quarantine import neutral, restored
from tilth.warehouse.loading.reload import NotExportedError
from tilth.warehouse.workspace import Workspace

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "shop")


def exported(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def broken_file(path: Path) -> Path:
    """Good rows 1, 3, 5, 9 and 10 among bad ones of every kind."""
    lines = [
        ",".join(COLUMNS),
        ",".join(row(1)),
        "u1,soon,view,p",
        ",".join(row(3)),
        ",1730000000,view,p",
        '"u5",1730000000,"vi\new",p5',
        "u6,1730000000",
        "u7,1730000000,view,p,more,values",
        '"u8,1730000000,view,p',
        "u9,1730000000,view,p,,",
        "u10,1730000000,浏览,p",
        "u11,99999999999999,view,=1+1",
        "u12,17300000000000,view,p",
    ]
    path.write_bytes("\n".join(lines).encode() + b"\nu13,1730000000,\xff\xfe,p\n")
    return path


REASONS = {
    2: "'soon' in ts cannot be read as time",
    4: "person is required and user is empty",
    6: "it has 2 values, not 4",
    7: "it has 6 values, not 4",
    8: "a quote opens in it and does not close",
    11: "'99999999999999' in ts cannot be read as time",
    12: "'17300000000000' in ts cannot be read as time",
    13: "it holds bytes that are not text in the file's encoding",
}


def test_every_kind_of_fault_is_told_and_no_good_row_goes_with_it(tmp_path: Path, workspace: Workspace) -> None:
    load = workspace.load(broken_file(tmp_path / "a.csv"), MAPPING)
    assert (load.rows, load.accepted, load.quarantined) == (13, 5, 8)
    rows = stored(workspace)
    assert rows.column("row").to_pylist() == [1, 3, 5, 9, 10]
    assert rows.column("event").to_pylist()[2] == "vi\new"
    quarantine = workspace.quarantine()
    assert dict(zip(quarantine["row"], quarantine["reason"], strict=True)) == REASONS
    raw = dict(zip(quarantine["row"], quarantine["raw"], strict=True))
    assert json.loads(raw[2]) == {"user": "u1", "ts": "soon", "action": "view", "page": "p"}
    assert raw[7] == "u7,1730000000,view,p,more,values"
    assert raw[8] == '"u8,1730000000,view,p'
    assert set(quarantine["source"]) == {"a.csv"}
    assert quarantine["mended_by"].isna().all()


def test_a_time_out_of_this_world_is_a_fault(tmp_path: Path, workspace: Workspace) -> None:
    mapping = Mapping("events", {**MAPPING.fields, "time": Field("ts", "iso")})
    times = ["2024-02-30", "1850-01-01", "2500-01-01", "2024-02-29"]
    workspace.load(write(tmp_path / "a.csv", [("u", time, "view", "") for time in times]), mapping)
    assert workspace.quarantine()["reason"].tolist() == [
        "'2024-02-30' in ts cannot be read as time",
        "'1850-01-01' in ts gives a time before 1900 or after 2199; is it in seconds or milliseconds?",
        "'2500-01-01' in ts gives a time before 1900 or after 2199; is it in seconds or milliseconds?",
    ]


def test_an_optional_figure_that_cannot_be_read_is_a_fault_an_empty_one_is_none(tmp_path: Path, workspace: Workspace) -> None:
    mapping = Mapping("events", {**MAPPING.fields, "value": Field("page", "number")})
    rows = [("u", FIRST, "view", value) for value in ("1.5", "", "-", "NULL", "dear", "1e99")]
    load = workspace.load(write(tmp_path / "a.csv", rows), mapping)
    assert (load.accepted, load.quarantined) == (4, 2)
    assert [value and float(value) for value in stored(workspace).column("value").to_pylist()] == [1.5, None, None, None]
    assert workspace.quarantine()["row"].tolist() == [5, 6]


def test_mended_rows_come_back_once(tmp_path: Path, workspace: Workspace) -> None:
    first = workspace.load(broken_file(tmp_path / "a.csv"), MAPPING)
    out = tmp_path / "mend.csv"
    assert workspace.export_quarantine(out) == 8
    sheet = exported(out)
    assert sheet[0] == ["tilth_load", "tilth_row", "tilth_reason", "tilth_column", *COLUMNS, "tilth_surplus"]
    by_row = {int(cells[1]): cells for cells in sheet[1:]}
    assert by_row[2][3] == "time"
    assert by_row[6][4:] == ["u6", "1730000000", "", "", ""]
    assert by_row[7][4:] == ["u7", "1730000000", "view", "p", "more,values"]
    by_row[2][5] = "1730000001"
    by_row[4][4] = "u4"
    by_row[6][6] = "buy"
    by_row[13][6] = "浏览"
    write(out, sheet[1:], header=sheet[0])
    done = workspace.reload(out)
    assert (done.rows, done.accepted, done.repeated) == (8, 5, 0)  # the four mended, and row 8, whose values need no mending
    assert sorted(done.faults) == [
        "row 11: '99999999999999' in ts cannot be read as time",
        "row 12: '17300000000000' in ts cannot be read as time",
        "row 7: it still has values beyond its columns: 'more,values'",
    ]
    assert sorted(stored(workspace).column("row").to_pylist()) == [1, 2, 3, 4, 5, 6, 8, 9, 10, 13]
    quarantine = workspace.quarantine(first.id).set_index("row")["mended_by"]
    assert quarantine.dropna().to_dict() == dict.fromkeys((2, 4, 6, 8, 13), done.loads[0].id)
    again = workspace.reload(out)
    assert (again.accepted, again.repeated, len(again.faults), again.loads) == (0, 5, 3, ())
    by_row[7][8] = ""
    write(out, sheet[1:], header=sheet[0])
    assert workspace.reload(out).accepted == 1
    assert stored(workspace).num_rows == 11
    assert workspace.export_quarantine(out) == 2


def test_bytes_that_were_no_text_must_be_replaced(tmp_path: Path, workspace: Workspace) -> None:
    workspace.load(broken_file(tmp_path / "a.csv"), MAPPING)
    workspace.export_quarantine(tmp_path / "mend.csv")
    sheet = [cells for cells in exported(tmp_path / "mend.csv") if cells[1] in ("tilth_row", "13")]
    assert "\ufffd" in sheet[1][6]
    write(tmp_path / "mend.csv", sheet[1:], header=sheet[0])
    assert workspace.reload(tmp_path / "mend.csv").accepted == 0


def test_rows_of_several_loads_are_mended_in_one_file(tmp_path: Path, workspace: Workspace) -> None:
    workspace.load(write(tmp_path / "a.csv", [("u1", "?", "view", "p")]), MAPPING)
    other = Mapping("orders", {"time": Field("日期", "iso"), "order": Field("单号"), "amount": Field("金额", "number")})
    workspace.load(write(tmp_path / "b.csv", [("2024-05-01", "", "3")], header=("日期", "单号", "金额")), other)
    workspace.export_quarantine(tmp_path / "mend.csv")
    sheet = exported(tmp_path / "mend.csv")
    assert sheet[0][4:] == [*COLUMNS, "日期", "单号", "金额"]
    sheet[1][5] = str(FIRST)
    sheet[2][9] = "A1"
    write(tmp_path / "mend.csv", sheet[1:], header=sheet[0], encoding="gb18030")  # as a Chinese spreadsheet saves it
    assert workspace.reload(tmp_path / "mend.csv").accepted == 2
    assert workspace.relation("orders").project('"order", amount').fetchall() == [("A1", 3)]


def test_rows_of_json_lines_are_mended(tmp_path: Path, workspace: Workspace) -> None:
    lines = ['{"user":"u1","ts":1730000000,"action":"view","depth":3}', '{"user":"u2","ts":"?","action":"view","depth":4}', '{"user":']
    (tmp_path / "a.jsonl").write_text("\n".join(lines), "utf-8")
    load = workspace.load(tmp_path / "a.jsonl", MAPPING)
    assert (load.accepted, load.quarantined) == (1, 2)
    assert workspace.quarantine()["reason"].tolist() == ["'?' in ts cannot be read as time", "it is no JSON object"]
    workspace.export_quarantine(tmp_path / "mend.csv")
    sheet = exported(tmp_path / "mend.csv")
    columns = sheet[0]
    sheet[1][columns.index("ts")] = str(FIRST)
    for name, value in (("user", "u3"), ("ts", str(FIRST)), ("action", "buy")):
        sheet[2][columns.index(name)] = value
    assert sheet[2][columns.index("tilth_line")] == '{"user":'
    write(tmp_path / "mend.csv", sheet[1:], header=columns)
    assert workspace.reload(tmp_path / "mend.csv").accepted == 2
    assert sorted(stored(workspace).column("person").to_pylist()) == ["u1", "u2", "u3"]
    assert stored(workspace).column("depth").to_pylist() == ["3", "4", None]


@pytest.mark.parametrize("cell", ["=1+1", "+86 13800000000", "-5", "@sum", "\tx", "'=1", "''@", "'", "plain", "", "a=b", "-"])
def test_cells_that_look_like_formulas_go_out_harmless_and_come_back(cell: str) -> None:
    assert neutral(cell)[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert restored(neutral(cell)) == cell


def test_formulas_in_an_export_are_harmless_and_reload_as_they_were(tmp_path: Path, workspace: Workspace) -> None:
    header = ("user", "ts", "action", "=cmd")
    mapping = Mapping("events", MAPPING.fields)
    workspace.load(write(tmp_path / "a.csv", [("@u", "?", "-5", "=HYPERLINK(1)")], header=header), mapping)
    workspace.export_quarantine(tmp_path / "mend.csv")
    sheet = exported(tmp_path / "mend.csv")
    assert not [cell for line in sheet for cell in line if cell[:1] in ("=", "+", "-", "@")]
    sheet[1][5] = str(FIRST)
    write(tmp_path / "mend.csv", sheet[1:], header=sheet[0])
    assert workspace.reload(tmp_path / "mend.csv").accepted == 1
    assert workspace.relation("events").project('person, event, "=cmd"').fetchall() == [("@u", "-5", "=HYPERLINK(1)")]


def test_a_file_from_elsewhere_is_refused(tmp_path: Path, workspace: Workspace) -> None:
    with pytest.raises(NotExportedError, match="has no column tilth_load"):
        workspace.reload(write(tmp_path / "a.csv", [row(1)]))
    header = ("tilth_load", "tilth_row", *COLUMNS)
    with pytest.raises(NotExportedError, match="is not one of this workspace's"):
        workspace.reload(write(tmp_path / "a.csv", [("x", "1", *row(1))], header=header))
    load = workspace.load(write(tmp_path / "b.csv", [row(1), ("", "", "", "")]), MAPPING)
    with pytest.raises(NotExportedError, match="Row 1 of load"):
        workspace.reload(write(tmp_path / "a.csv", [(load.id, "1", *row(1))], header=header))
    with pytest.raises(UnknownName):
        workspace.quarantine("20200101")


def bring_back(root: Path, path: Path) -> None:
    Workspace.open(root).reload(path)


def test_a_mended_file_loaded_by_several_at_once_comes_back_once(tmp_path: Path, workspace: Workspace) -> None:
    workspace.load(write(tmp_path / "a.csv", [("", str(FIRST + n), "view", f"p{n}") for n in range(200)]), MAPPING)
    workspace.export_quarantine(tmp_path / "mend.csv")
    sheet = exported(tmp_path / "mend.csv")
    for part in range(3):  # each mends half, every two share some
        mended = [[*cells[:4], "u", *cells[5:]] for cells in sheet[1 + part * 50 : 101 + part * 50]]
        write(tmp_path / f"mend-{part}.csv", mended, header=sheet[0])
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=bring_back, args=(workspace.root, tmp_path / f"mend-{part}.csv")) for part in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert sorted(stored(workspace).column("row").to_pylist()) == list(range(1, 201))
    assert workspace.quarantine()["mended_by"].notna().all()
