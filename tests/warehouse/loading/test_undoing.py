"""An undone load leaves the table as if it had never been, in one step; history keeps it, and what cannot be undone says why."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.warehouse.loading.test_quarantine import broken_file
from tests.warehouse.shop import MAPPING, row, stored, write

from tilth.errors import UnknownName
from tilth.warehouse.loading.quarantine import UndoneError
from tilth.warehouse.loading.undoing import UndoError
from tilth.warehouse.workspace import Workspace

pytestmark = pytest.mark.usefixtures("english")
PROJECT = Path(__file__).parents[3]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "shop")


def numbers(workspace: Workspace) -> list[int]:
    """Return the numbers of the shop's rows that are stored."""
    return sorted(int(page[1:]) for page in stored(workspace)["page"].to_pylist())


def test_the_rows_of_a_load_go_and_no_others(tmp_path: Path, workspace: Workspace) -> None:
    months = 40 * 86_400  # seconds between two rows: every load is in several months
    for part in range(3):
        workspace.load(write(tmp_path / f"{part}.csv", [row(n, step=months) for n in range(part * 4, part * 4 + 4)]), MAPPING)
    [first, second, third] = workspace.loads()["load"]
    workspace.compact()
    done = workspace.undo(second, who="ming")
    assert (done.rows, done.mends, done.load) == (4, (), second)
    assert numbers(workspace) == [0, 1, 2, 3, 8, 9, 10, 11]
    loads = workspace.loads().set_index("load")
    assert loads.index.tolist() == [first, second, third]
    assert loads["undone"].isna().tolist() == [True, False, True]
    assert loads.loc[second, "undone_by"] == "ming"
    assert numbers_at(workspace, done.version - 1) == list(range(12))
    workspace.compact()
    assert numbers(workspace) == [0, 1, 2, 3, 8, 9, 10, 11]


def numbers_at(workspace: Workspace, version: int) -> list[int]:
    return sorted(int(page[1:]) for page in stored(workspace, version=version)["page"].to_pylist())


def test_the_same_file_can_be_loaded_again(tmp_path: Path, workspace: Workspace) -> None:
    path = write(tmp_path / "a.csv", [row(n) for n in range(10)])
    first = workspace.load(path, MAPPING)
    workspace.undo(first.id)
    assert stored(workspace).num_rows == 0
    again = workspace.load(path, MAPPING)
    assert (again.already, again.accepted) == (False, 10)
    assert workspace.load(path, MAPPING).already
    assert workspace.loads()["undone"].isna().tolist() == [False, True]


def test_mended_rows_and_the_quarantine_go_with_their_load(tmp_path: Path, workspace: Workspace) -> None:
    workspace.load(write(tmp_path / "good.csv", [row(n) for n in range(5)]), MAPPING)
    load = workspace.load(broken_file(tmp_path / "a.csv"), MAPPING).id
    mend = workspace.mend(load, {4: {"user": "u4"}, 8: {}}).load
    assert mend is not None
    done = workspace.undo(load)
    assert (done.rows, done.mends) == (7, (mend.id,))
    assert numbers(workspace) == list(range(5))
    assert workspace.quarantine().empty
    assert workspace.quarantine_counts().empty
    with pytest.raises(UndoneError, match="was undone"):
        workspace.mend(load, {2: {"ts": "1730000001"}})
    with pytest.raises(UndoneError):
        workspace.quarantine(load)


def test_undoing_a_mend_leaves_its_rows_waiting(tmp_path: Path, workspace: Workspace) -> None:
    load = workspace.load(broken_file(tmp_path / "a.csv"), MAPPING).id
    mend = workspace.mend(load, {4: {"user": "wrong"}}).load
    assert mend is not None
    assert workspace.undo(mend.id).rows == 1
    assert workspace.quarantine().set_index("row")["state"].eq("waiting").all()
    assert workspace.mend(load, {4: {"user": "right"}}).accepted == (4,)
    assert [one["person"] for one in stored(workspace).to_pylist() if one["row"] == 4] == ["right"]


def test_what_cannot_be_undone_says_why(tmp_path: Path, workspace: Workspace) -> None:
    keyed = replace(MAPPING, key=("page",))
    first = workspace.load(write(tmp_path / "a.csv", [row(n) for n in range(10)]), keyed)
    second = workspace.load(write(tmp_path / "b.csv", [row(n) for n in range(5, 15)]), keyed)
    with pytest.raises(UndoError, match=r"b\.csv .* left out 5 rows"):
        workspace.undo(first.id)
    assert numbers(workspace) == list(range(15))
    workspace.undo(second.id)
    workspace.undo(first.id)
    assert numbers(workspace) == []
    assert workspace.load(tmp_path / "b.csv", keyed).accepted == 10
    with pytest.raises(UndoneError):
        workspace.undo(first.id)
    with pytest.raises(UnknownName):
        workspace.undo("20200101")


DEATH = """
import os, sys
sys.path.insert(0, sys.argv[4])
from tilth.warehouse import delta
from tilth.warehouse.workspace import Workspace
committed = delta.Delta.commit
def die(self, *given, **named):
    if self.name == "events" and sys.argv[3] == "told":
        os._exit(9)
    committed(self, *given, **named)
    if self.name == "events":
        os._exit(9)
delta.Delta.commit = die
Workspace.open(sys.argv[1]).undo(sys.argv[2])
"""


@pytest.mark.parametrize("place", ["told", "committed"])
def test_killed_it_was_undone_or_not(tmp_path: Path, workspace: Workspace, place: str) -> None:
    load = workspace.load(broken_file(tmp_path / "a.csv"), MAPPING).id
    workspace.load(write(tmp_path / "b.csv", [row(n) for n in range(5)]), MAPPING)
    workspace.compact()
    done = subprocess.run([sys.executable, "-c", DEATH, str(workspace.root), load, place, str(PROJECT)], cwd=PROJECT, check=False)
    assert done.returncode == 9
    happened = place == "committed"
    assert stored(workspace).num_rows == (5 if happened else 10)
    assert workspace.quarantine().empty is happened
    assert workspace.loads()["undone"].notna().tolist() == [happened, False]
    if not happened:
        workspace.undo(load)
    assert numbers(workspace) == list(range(5))
    for path in [*(workspace.root / "tables").rglob("*.parquet"), *(workspace.root / "running").glob("*")]:
        os.utime(path, (0, 0))
    workspace.vacuum("1h")
    assert numbers(workspace) == list(range(5))


def take_back(root: Path, loads: list[str]) -> None:
    workspace = Workspace.open(root)
    for load in loads:
        workspace.undo(load)


def bring(root: Path, paths: list[Path]) -> None:
    workspace = Workspace.open(root)
    for path in paths:
        workspace.load(path, MAPPING)


def test_loads_and_undos_at_once(tmp_path: Path, workspace: Workspace) -> None:
    paths = [write(tmp_path / f"{part}.csv", [row(n) for n in range(part * 100, part * 100 + 100)]) for part in range(12)]
    loads = [workspace.load(path, MAPPING).id for path in paths[:6]]
    workspace.compact()
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=take_back, args=(workspace.root, loads[:2])),
        context.Process(target=take_back, args=(workspace.root, loads[2:4])),
        context.Process(target=bring, args=(workspace.root, paths[6:])),
    ]
    for process in processes:
        process.start()
    while any(process.is_alive() for process in processes):
        assert stored(workspace).num_rows % 100 == 0  # whole loads come and go
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert numbers(workspace) == list(range(400, 1200))
