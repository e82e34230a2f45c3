"""Killed at any moment, a load has either happened or not; several at once do not step on each other; who reads meanwhile sees whole loads."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.warehouse.shop import COLUMNS, MAPPING, figures, row, stored, write

from tilth.warehouse.workspace import Workspace

LOAD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from tests.warehouse.shop import MAPPING
from tilth.warehouse.workspace import Workspace
workspace = Workspace.open(sys.argv[1])
print("ready", flush=True)
workspace.load(sys.argv[2], MAPPING)
print("done", flush=True)
"""
PROJECT = Path(__file__).parents[3]
ROWS, BROKEN = 120_000, 40


def start(workspace: Workspace, path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD, str(workspace.root), str(path), str(PROJECT)], stdout=subprocess.PIPE, text=True, cwd=PROJECT
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [row(n, step=300) for n in range(ROWS)]  # 416 days
    for place in range(0, ROWS, ROWS // BROKEN):
        rows[place] = ("", "soon", "", "")
    return write(tmp_path_factory.mktemp("source") / "big.csv", rows)


def storm(tmp_path: Path, big: Path, kills: int, seed: int) -> None:
    """Kill loads of one file again and again, at moments spread over the time that a load takes, until one gets through."""
    workspace = Workspace.create(tmp_path / "shop")
    workspace.load(write(tmp_path / "small.csv", [row(n) for n in range(10)]), MAPPING)
    began = time.monotonic()
    twin = Workspace.create(tmp_path / "twin")
    process = start(twin, big)
    ready = time.monotonic()
    process.wait()
    whole = time.monotonic() - ready
    assert time.monotonic() > began
    before = figures(workspace)
    rnd = random.Random(seed)
    survived = False
    for _kill in range(kills):
        process = start(workspace, big)
        time.sleep(rnd.uniform(0, whole * 1.1))
        process.kill()
        process.wait()
        now = figures(workspace)
        if now != before:
            survived = True
            break
        assert stored(workspace).num_rows == 10
    load = workspace.load(big, MAPPING)
    assert load.already is survived
    assert figures(workspace)[0][0]["rows"] == 10 + ROWS - BROKEN
    assert figures(workspace)[1:] == [2, BROKEN]
    rows = stored(workspace)
    assert rows.column("row").to_pylist()[10:] == [n + 1 for n in range(ROWS) if n % (ROWS // BROKEN)]
    orphans = {path.as_posix() for path in (workspace.root / "tables").rglob("*.parquet")} - {
        file.path for file in workspace.table("events").files()[1]
    }
    for path in [*orphans, *(workspace.root / "running").glob("*")]:
        os.utime(path, (0, 0))  # a week later
    assert workspace.vacuum() >= len(orphans)
    assert not any(Path(path).exists() for path in orphans)
    assert stored(workspace).num_rows == rows.num_rows


def test_a_killed_load_has_never_been(tmp_path: Path, big: Path) -> None:
    storm(tmp_path, big, kills=6, seed=1)


@pytest.mark.soak
def test_a_storm_of_kills(tmp_path: Path, big: Path) -> None:
    for seed in range(20):
        (tmp_path / str(seed)).mkdir()
        storm(tmp_path / str(seed), big, kills=12, seed=seed)


@pytest.mark.skipif(not hasattr(signal, "SIGINT") or os.name == "nt", reason="sends SIGINT to a process of its own")
def test_interrupted_by_hand_it_cleans_up(tmp_path: Path, big: Path) -> None:
    workspace = Workspace.create(tmp_path / "shop")
    process = start(workspace, big)
    time.sleep(0.15)
    process.send_signal(signal.SIGINT)
    process.wait()
    if not figures(workspace)[1]:  # it was quicker than the signal otherwise
        assert not list((workspace.root / "tables").rglob("part-*.parquet"))
    assert not list((workspace.root / "running").glob("*"))


DEATH = """
import os, sys
sys.path.insert(0, sys.argv[4])
from tilth.warehouse import delta
from tilth.warehouse.loading import history, load
def die(*given, **named):
    os._exit(9)
def die_after(self, *given, **named):
    committed(self, *given, **named)
    if self.name == "events":
        os._exit(9)
def die_before(self, *given, **named):
    return os._exit(9) if self.name == "events" else committed(self, *given, **named)
committed = delta.Delta.commit
place = sys.argv[3]
if place == "files are written":
    load.Commit.run = die
if place == "rows are quarantined":
    history.History.write = die
if place == "all is told":
    delta.Delta.commit = die_before
if place == "committed":
    delta.Delta.commit = die_after
from tests.warehouse.shop import MAPPING
from tilth.warehouse.workspace import Workspace
Workspace.open(sys.argv[1]).load(sys.argv[2], MAPPING)
"""


@pytest.mark.parametrize("place", ["files are written", "rows are quarantined", "all is told", "committed"])
def test_death_between_the_acts_of_a_load(place: str, tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "shop")
    workspace.load(write(tmp_path / "a.csv", [row(n) for n in range(10)]), MAPPING)
    before = figures(workspace)
    path = write(tmp_path / "b.csv", [*(row(n) for n in range(10, 30)), ("", "", "", "")])
    done = subprocess.run([sys.executable, "-c", DEATH, str(workspace.root), str(path), place, str(PROJECT)], cwd=PROJECT, check=False)
    assert done.returncode == 9
    happened = place == "committed"
    assert (figures(workspace) == before) is not happened
    assert stored(workspace).num_rows == (30 if happened else 10)
    assert workspace.load(path, MAPPING).already is happened
    assert (stored(workspace).num_rows, len(workspace.quarantine()), len(workspace.loads())) == (30, 1, 2)
    assert len(set(stored(workspace).column("seq").to_pylist())) == 30


def load_parts(root: Path, paths: list[Path]) -> None:
    workspace = Workspace.open(root)
    for path in paths:
        workspace.load(path, MAPPING)


def test_several_processes_load_at_once_while_others_read(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "shop")
    size, parts = 500, 12
    paths = [write(tmp_path / f"{part}.csv", [row(n) for n in range(part * size, (part + 1) * size)]) for part in range(parts)]
    shared = paths[:2]  # two files that every process tries to load
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=load_parts, args=(workspace.root, [*shared, *paths[2 + start :: 3]])) for start in range(3)]
    for writer in writers:
        writer.start()
    seen = []
    while any(writer.is_alive() for writer in writers):
        rows = stored(workspace)
        seen.append(rows.num_rows)
        assert rows.num_rows % size == 0  # whole loads only
        pages = rows.column("page").to_pylist() if "page" in rows.column_names else []
        assert len(set(pages)) == len(pages)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert seen == sorted(seen)
    rows = stored(workspace)
    assert sorted(rows.column("page").to_pylist()) == sorted(f"p{n}" for n in range(size * parts))
    assert len(set(rows.column("seq").to_pylist())) == size * parts
    for load in workspace.loads()["load"]:
        own = rows.filter(pa_equal(rows, load)).column("row").to_pylist()
        assert own == list(range(1, size + 1))
    assert len(workspace.loads()) == parts


def pa_equal(rows: object, load: str) -> object:
    import pyarrow.compute as pc

    return pc.equal(rows.column("load"), load)  # type: ignore[attr-defined]


def load_keyed(root: Path, path: Path) -> None:
    from tilth.warehouse.loading.mapping import Mapping

    keyed = Mapping("events", dict(MAPPING.fields), key=("page",))
    Workspace.open(root).load(path, keyed)


def test_overlapping_exports_loaded_at_once_bring_each_row_once(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "shop")
    paths = [write(tmp_path / f"{part}.csv", [row(n) for n in range(part * 500, part * 500 + 1000)], header=COLUMNS) for part in range(4)]
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=load_keyed, args=(workspace.root, path)) for path in paths]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert sorted(stored(workspace).column("page").to_pylist()) == sorted(f"p{n}" for n in range(2500))
    assert workspace.loads()[["accepted", "skipped"]].sum().tolist() == [2500, 1500]
