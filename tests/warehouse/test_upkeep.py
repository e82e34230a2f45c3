"""Upkeep changes how rows are stored, never which there are; and it never takes what a running load is about to commit."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.warehouse.shop import DAY, MAPPING, row, stored, write

from tilth.language import using
from tilth.warehouse import upkeep
from tilth.warehouse.loading.load import RUNNING
from tilth.warehouse.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace.create(tmp_path / "shop")
    numbers = list(range(600))
    random.Random(3).shuffle(numbers)
    for part in range(6):
        rows = [row(n, step=DAY // 10) for n in numbers[part * 100 : part * 100 + 100]]
        workspace.load(write(tmp_path / f"{part}.csv", [*rows, ("", "", "", "")]), MAPPING)
    return workspace


def test_compaction_keeps_rows_and_their_order(workspace: Workspace) -> None:
    before, version = stored(workspace), workspace.status().set_index("table").loc["events", "version"]
    done = workspace.compact().set_index("table")
    assert done.loc["events", "before"] > 3 * done.loc["events", "after"]
    assert done.loc["events", "after"] == 3  # one a month
    assert (done.loc["loads", "before"], done.loc["loads", "after"]) == (6, 1)
    assert stored(workspace).equals(before)
    assert stored(workspace, version=int(version)).equals(before)
    for file in workspace.table("events").files()[1]:
        assert pq.read_table(file.path, columns=["seq"], partitioning=None).column("seq").to_pylist() == sorted(
            pq.read_table(file.path, columns=["seq"], partitioning=None).column("seq").to_pylist()
        )
        group = pq.read_metadata(file.path).row_group(0)
        assert "person" not in {group.column(n).path_in_schema for n in range(group.num_columns) if group.column(n).is_stats_set}
    assert (len(workspace.loads()), len(workspace.quarantine())) == (6, 6)
    assert workspace.compact().query("before != after").empty


def test_a_file_is_still_known_after_compaction_and_vacuum(tmp_path: Path, workspace: Workspace) -> None:
    workspace.compact()
    old = set((workspace.root / "tables").rglob("part-*.parquet"))
    for path in workspace.root.rglob("*.parquet"):
        os.utime(path, (0, 0))
    assert workspace.vacuum("1h") == 0  # they left the table just now
    handle = workspace.table("events").open()
    assert handle is not None
    handle.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True)
    handle.create_checkpoint()
    assert set((workspace.root / "tables").rglob("part-*.parquet")) < old
    assert workspace.load(tmp_path / "3.csv", MAPPING).already
    assert stored(workspace).num_rows == 600


def test_vacuum_takes_orphans_by_age(workspace: Workspace) -> None:
    folder = workspace.root / "tables" / "events" / "month=2024-10"
    young, old = folder / "part-young.parquet", folder / "part-old.parquet"
    for path, age in ((young, 30 * 60), (old, 3 * 3600)):
        path.write_bytes(b"orphan")
        os.utime(path, (time.time() - age,) * 2)
    assert workspace.vacuum("2h") == 1
    assert (young.exists(), old.exists()) == (True, False)
    assert stored(workspace).num_rows == 600


def test_vacuum_leaves_the_files_of_running_loads(workspace: Workspace) -> None:
    began = time.time() - 5 * 3600
    sign = workspace.root / RUNNING / f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(began))}-abc"
    sign.parent.mkdir(exist_ok=True)
    sign.touch()
    theirs = workspace.root / "tables" / "events" / "month=2024-10" / "part-theirs.parquet"
    theirs.write_bytes(b"not committed yet")
    os.utime(theirs, (began + 60, began + 60))
    assert workspace.vacuum("1h") == 0
    assert theirs.exists()
    os.utime(sign, (began, began))  # no sign of life for five hours: it is dead
    assert workspace.vacuum("1h") == 1
    assert not sign.exists()


def test_too_short_a_time_is_refused(workspace: Workspace) -> None:
    with using("en"), pytest.raises(upkeep.RetainError, match="'59m' is too short; give '1h'"):
        workspace.vacuum("59m")


def keep_loading(root: Path, folder: Path) -> None:
    workspace = Workspace.open(root)
    for part in range(10):
        workspace.load(write(folder / f"more-{part}.csv", [row(n) for n in range(1000 + part * 10, 1010 + part * 10)]), MAPPING)


def test_compaction_while_a_load_runs_loses_nothing(tmp_path: Path, workspace: Workspace) -> None:
    process = multiprocessing.get_context("spawn").Process(target=keep_loading, args=(workspace.root, tmp_path))
    process.start()
    while process.is_alive():
        workspace.compact()
    process.join()
    assert process.exitcode == 0
    pages = stored(workspace).column("page").to_pylist()
    assert sorted(pages) == sorted([f"p{n}" for n in range(600)] + [f"p{n}" for n in range(1000, 1100)])
