"""Quarantined rows are mended one by one, each brought once, or dismissed and taken back; a file and the web do the same."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from tests.warehouse.loading.test_quarantine import broken_file, exported
from tests.warehouse.shop import COLUMNS, FIRST, MAPPING, stored, write

from tilth.errors import UnknownColumn, UnknownName
from tilth.warehouse.loading import quarantine
from tilth.warehouse.loading.mending import NotInQuarantineError
from tilth.warehouse.workspace import Workspace

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "shop")


@pytest.fixture
def load(tmp_path: Path, workspace: Workspace) -> str:
    """A load with good rows 1, 3, 5, 9, 10 and bad rows 2, 4, 6, 7, 8, 11, 12, 13."""
    return workspace.load(broken_file(tmp_path / "a.csv"), MAPPING).id


def states(workspace: Workspace) -> dict[int, str]:
    return workspace.quarantine().set_index("row")["state"].to_dict()


def test_rows_are_mended_and_what_is_still_wrong_is_told(workspace: Workspace, load: str) -> None:
    done = workspace.mend(load, {2: {"ts": "1730000001"}, 4: {"page": "p4"}, 6: {"action": "buy"}, 11: {"ts": "later"}}, who="ming")
    assert done.accepted == (2, 6)
    assert {row: refusal.reason for row, refusal in done.refused.items()} == {
        4: "person is required and user is empty",
        11: "'later' in ts cannot be read as time",
    }
    assert (done.refused[11].column, done.refused[11].source, done.refused[11].value) == ("time", "ts", "later")
    assert done.load is not None
    rows = {row["row"]: row for row in stored(workspace).to_pylist()}
    assert sorted(rows) == [1, 2, 3, 5, 6, 9, 10]
    assert (rows[2]["person"], rows[2]["time"].timestamp(), rows[2]["page"]) == ("u1", FIRST + 1, "p")
    assert (rows[6]["person"], rows[6]["event"], rows[6]["page"]) == ("u6", "buy", None)
    assert workspace.loads().set_index("load").loc[done.load.id, ["source", "who", "accepted"]].tolist() == ["a.csv", "ming", 2]
    assert states(workspace) == {2: "mended", 4: "waiting", 6: "mended", 7: "waiting", 8: "waiting", 11: "waiting", 12: "waiting", 13: "waiting"}


def test_a_row_is_brought_once_however_often_it_is_mended(workspace: Workspace, load: str) -> None:
    assert workspace.mend(load, {4: {"user": "u4"}}).accepted == (4,)
    again = workspace.mend(load, {4: {"user": "other"}, 8: {}})
    assert (again.accepted, again.repeated, again.refused) == ((8,), (4,), {})
    nothing = workspace.mend(load, {4: {"user": "u4"}})
    assert (nothing.accepted, nothing.repeated, nothing.load) == ((), (4,), None)
    assert [row["person"] for row in stored(workspace).to_pylist() if row["row"] == 4] == ["u4"]


def test_values_beyond_the_columns_and_bytes_that_are_no_text_are_mended(workspace: Workspace, load: str) -> None:
    refused = workspace.mend(load, {7: {}, 13: {}}).refused
    assert refused[7].reason == "it still has values beyond its columns: 'more,values'"
    assert refused[13].reason == "it holds bytes that are not text in the file's encoding"
    assert workspace.mend(load, {7: {"tilth_surplus": ""}, 13: {"action": "浏览"}}).accepted == (7, 13)
    assert stored(workspace).filter(stored(workspace)["row"].to_numpy() == 13)["event"].to_pylist() == ["浏览"]


def test_a_line_that_could_not_be_taken_apart_is_written_anew(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "a.jsonl").write_text('{"user":"u1","ts":1730000000,"action":"view","depth":3}\n{"user":\n', "utf-8")
    load = workspace.load(tmp_path / "a.jsonl", MAPPING).id
    assert workspace.mend(load, {2: {}}).accepted == ()
    assert workspace.mend(load, {2: {"user": "u2", "ts": str(FIRST), "action": "buy", "depth": "4"}}).accepted == (2,)
    assert stored(workspace).select(["person", "event", "depth"]).to_pylist()[1] == {"person": "u2", "event": "buy", "depth": "4"}


def test_what_is_not_there_cannot_be_mended(workspace: Workspace, load: str) -> None:
    with pytest.raises(UnknownName):
        workspace.mend("20200101", {2: {}})
    with pytest.raises(NotInQuarantineError, match="Row 1 of load"):
        workspace.mend(load, {2: {"ts": "1730000001"}, 1: {}})
    with pytest.raises(UnknownColumn, match="Did you mean 'page'"):
        workspace.mend(load, {2: {"pages": "x"}})
    assert stored(workspace).num_rows == 5
    assert workspace.mend(load, {}).load is None


def test_a_file_and_the_web_mend_the_same_rows(tmp_path: Path, workspace: Workspace, load: str) -> None:
    out = tmp_path / "mend.csv"
    workspace.export_quarantine(out)
    sheet = exported(out)
    for cells in sheet[1:]:
        cells[4:8] = ["u", str(FIRST), "view", ""]
        cells[8] = ""
    write(out, sheet[1:], header=sheet[0])
    assert workspace.mend(load, {4: {"user": "u4"}}).accepted == (4,)
    done = workspace.reload(out)
    assert (done.accepted, done.repeated, done.faults) == (7, 1, ())
    assert workspace.mend(load, {row: {} for row in states(workspace)}).repeated == (2, 4, 6, 7, 8, 11, 12, 13)
    assert sorted(stored(workspace)["row"].to_pylist()) == list(range(1, 14))


def test_rows_are_dismissed_kept_and_taken_back(tmp_path: Path, workspace: Workspace, load: str) -> None:
    assert workspace.dismiss(load, [7, 8, 8], who="ming", reason="test data") == 2
    assert workspace.dismiss(load, [7, 11], who="hong") == 1
    quarantine_ = workspace.quarantine(load).set_index("row")
    assert quarantine_.loc[7, ["state", "dismissed_by", "dismissed_why"]].tolist() == ["dismissed", "ming", "test data"]
    assert workspace.quarantine_counts()[["load", "table", "source", "waiting", "mended", "dismissed"]].values.tolist() == [
        [load, "events", "a.csv", 5, 0, 3]
    ]
    assert workspace.export_quarantine(tmp_path / "mend.csv") == 5
    assert workspace.put_back(load, [7, 2]) == 1
    assert [row for row, state in states(workspace).items() if state == "dismissed"] == [8, 11]
    assert workspace.dismiss(load, [7]) == 1
    with pytest.raises(NotInQuarantineError):
        workspace.dismiss(load, [7, 1])


def test_a_dismissed_row_that_is_mended_counts_as_mended(workspace: Workspace, load: str) -> None:
    workspace.dismiss(load, [4, 6])
    assert workspace.mend(load, {4: {"user": "u4"}}).accepted == (4,)
    assert workspace.dismiss(load, [4]) == 0
    assert workspace.put_back(load, [4]) == 0
    assert states(workspace)[4] == "mended"
    assert workspace.quarantine_counts()[["waiting", "mended", "dismissed"]].values.tolist() == [[6, 1, 1]]


def test_one_row_for_the_form(workspace: Workspace, load: str) -> None:
    [one] = [one for one in quarantine.rows(workspace, load) if one.row == 7]
    assert one.values() == {"user": "u7", "ts": "1730000000", "action": "view", "page": "p", "tilth_surplus": "more,values"}
    assert quarantine.row(workspace, load, 7) == one
    with pytest.raises(UnknownName):
        quarantine.row(workspace, load, 1)


def hands(root: Path, load: str, part: int) -> None:
    workspace = Workspace.open(root)
    for row in range(1, 25):
        workspace.mend(load, {row: {"user": f"of-{part}"}, row + 25: {"user": f"of-{part}"}})
        workspace.dismiss(load, [50 + row])
        if part:
            workspace.put_back(load, [50 + row])


def test_several_at_once_bring_each_row_once(tmp_path: Path, workspace: Workspace) -> None:
    rows = [("", str(FIRST + n), "view", f"p{n}") for n in range(100)]
    load = workspace.load(write(tmp_path / "a.csv", rows, header=COLUMNS), MAPPING).id
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=hands, args=(workspace.root, load, part)) for part in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    mended = [*range(1, 25), *range(26, 50)]
    assert sorted(stored(workspace)["row"].to_pylist()) == mended
    found = states(workspace)
    assert [row for row, state in found.items() if state == "mended"] == mended
    turns = [one["turn"] for one in quarantine.read(workspace.record("dismissals"))]
    assert len(turns) == len(set(turns)) >= 24  # every decision was made on what the one before had left
