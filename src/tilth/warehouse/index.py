"""The event index of a workspace: made of the events and of who is who, kept up with both, thrown away at will.

It lies under ``cache/index`` in a folder named after the versions of the tables that it was made from. When these have moved on, what is new is
folded in: a question therefore sees every event that was committed when it began. Only what cannot be folded makes it anew: rows that were taken back
or changed, a load that began before others which are in already, ids that no longer belong together. One process makes it while others wait; those
that read an older one go on reading it.
"""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from tilth.engine.index.build import Rows, SlotError, build
from tilth.engine.index.fold import fold, relink
from tilth.engine.index.layout import FORMAT, About, Index
from tilth.engine.sources import connect
from tilth.warehouse import identities, scan, schema
from tilth.warehouse.delta import DataFile, StoreError
from tilth.warehouse.loading.history import UNDO_MARK
from tilth.warehouse.persons.register import links

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace

LONGEST_QUESTION = 600  # seconds: so long somebody may go on opening files of an index that has become obsolete
Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Status:
    """How a workspace's index stands.

    Attributes
    ----------
    state : {"none", "current", "behind"}
        Whether there is one, of the tables as they are now or as they were.
    events, people : int
        What it holds.
    bytes : int
        The size of its files.
    columns : int
        Properties that questions have asked for.
    behind : int
        Rows of the table that are not in it yet; below 0 when rows were taken back.
    """

    state: str
    events: int = 0
    people: int = 0
    bytes: int = 0
    columns: int = 0
    behind: int = 0


def opened(workspace: Workspace, progress: Progress | None = None, version: int | None = None) -> Index:
    """Return the index of the events as they are now; made, or brought up to date, first.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    progress : callable, optional
        Called with the rows read so far and all rows to be read; may raise to stop.
    version : int, optional
        Of the table: the events as they were then, of the people that ids stood for then.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    then = version is not None and version != workspace.table_version("events")
    state = _State.of(workspace, version if then else None)
    found = _open(state.folder)
    if found is not None:
        return found
    with _alone(state.folder.parent):
        if then:
            return _open(state.folder) or build(_rows(workspace, state, state.files), state.folder, state.source, progress)
        state = _State.of(workspace)
        found = _open(state.folder)
        if found is None:
            found = _brought_up(workspace, state, progress) or build(_rows(workspace, state, state.files), state.folder, state.source, progress)
            _tidy(state.folder)
        return found


def status(workspace: Workspace) -> Status:
    """Return how the index stands, without making anything."""
    state = _State.of(workspace)
    index = _open(state.folder) or _latest(workspace)
    if index is None:
        return Status("none", behind=state.rows)
    behind = state.rows - index.about.events - index.about.left_out
    columns = len([*(index.folder / "columns").glob("*.arrow")]) if (index.folder / "columns").exists() else 0
    kind = "current" if index.folder == state.folder else "behind"
    return Status(kind, index.about.events, len(index.directory), index.bytes, columns, behind)


def drop(workspace: Workspace) -> int:
    """Throw the index away; return the bytes that were freed. The next question makes it anew."""
    folder = _home(workspace)
    if not folder.exists():
        return 0
    with _alone(folder):
        freed = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        for one in folder.iterdir():
            if one.is_dir():
                shutil.rmtree(one, ignore_errors=True)
        return freed


@dataclass(frozen=True)
class _State:
    """The tables as they are now, or were."""

    folder: Path
    files: list[DataFile]
    source: dict[str, Any]

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @classmethod
    def of(cls, workspace: Workspace, version: int | None = None) -> _State:
        table = workspace.table("events")
        people = identities.version(workspace) if version is None else identities_then(workspace, version)
        at, files = table.files(version)
        source = {
            "events": at,
            "identities": people,
            "files": [os.path.relpath(file.path, table.path) for file in files],
            "undone": table.remembered("undone", _undone) if version is None else _undone(table.open(version)),
        }
        return cls(_home(workspace) / f"{at}_{people}.{schema.VERSION}.{FORMAT}", files, source)


def _undone(handle: DeltaTable | None) -> int:
    return 0 if handle is None else int(handle.transaction_version(UNDO_MARK) or 0)


def identities_then(workspace: Workspace, version: int) -> int:
    """Return the version of the identities that stood when a version of the events was committed; the present one where the log no longer tells."""
    time = workspace.table("events").committed(version)
    return identities.version(workspace, time)


def _home(workspace: Workspace) -> Path:
    return workspace.root / "cache" / "index"


def _open(folder: Path) -> Index | None:
    try:
        os.utime(folder)  # in use, and not to be removed for a while
        return Index.open(folder)
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def _latest(workspace: Workspace) -> Index | None:
    """Return the newest index that this version of Tilth can read."""
    found = []
    for folder in _home(workspace).glob(f"*.{schema.VERSION}.{FORMAT}"):
        versions = folder.name.partition(".")[0].split("_")
        if not folder.name.startswith(".") and (index := _open(folder)) is not None:
            found.append((int(versions[0]), int(versions[1]), index))
    return max(found, key=lambda one: one[:2])[2] if found else None


def _brought_up(workspace: Workspace, state: _State, progress: Progress | None) -> Index | None:
    """Return the newest index with all that has come since; None when it has to be made anew."""
    index = _latest(workspace)
    if index is None or index.about.source["undone"] != state.source["undone"]:
        return None
    joined = _joined(workspace, index, state)
    if joined is None:
        return None
    known = set(index.about.source["files"])
    files = [file for file, path in zip(state.files, state.source["files"], strict=True) if path not in known]
    rows = _rows(workspace, state, files, known=index.about)
    new = rows.ask("SELECT count(*) AS rows FROM given")["rows"][0].as_py() if files else 0
    if index.about.events + index.about.left_out + new != state.rows:
        return None  # rows were taken back
    if not new and not joined:
        return relink(index, state.folder, state.source)
    try:
        return fold(index, rows, state.folder, state.source, joined, progress)
    except SlotError:
        return None


def _joined(workspace: Workspace, index: Index, state: _State) -> dict[str, str] | None:
    """Return whom people of an index turned out to be since; None when some of its people are no longer one."""
    if index.about.source["identities"] == state.source["identities"]:
        return {}
    try:
        before = _links(workspace, index.about.source["identities"])
    except StoreError:  # that version is gone
        return None
    now = _links(workspace, state.source["identities"])
    if not identities.past(workspace, index.about.source["identities"]).equals(identities.past(workspace, state.source["identities"])):
        return None
    if any(now.get(value, value) != now.get(person, person) for value, person in before.items()):
        return None
    there = index.directory.codes(pa.array(list(now), pa.string()))
    return {person: now[person] for person in index.directory.ids.take(pa.array(there)).to_pylist()}


def _links(workspace: Workspace, version: int) -> dict[str, str]:
    found = held(workspace, version)
    return dict(zip(found["value"].to_pylist(), found["person"].to_pylist(), strict=True))


def held(workspace: Workspace, version: int) -> pa.Table:
    """Return whose rows the rows of an id are: value, person."""
    connection = connect(workspace.tz)
    if version < 0:
        return pa.table({"value": pa.array([], pa.string()), "person": pa.array([], pa.string())})
    identities.view(connection, workspace, version)
    table = links(connection)
    return table.filter(pc.invert(table["shared"])).select(["value", "person"])


def _rows(workspace: Workspace, state: _State, files: list[DataFile], known: About | None = None) -> Rows:
    """Return the rows of some files, without those that an index already holds."""
    connection = connect(workspace.tz)
    table = workspace.table("events")
    given = scan.of_files(connection, [file.path for file in files], table.arrow) if files else scan.none(table.arrow)
    given = identities.applied(connection, workspace, state.source["identities"], given)
    new = ""
    if known is not None and known.slots:
        end = (known.slots[-1] << 32) + known.rows - known.bases[-1]  # the last slot may have grown since
        new = f"WHERE seq >= {end} OR (seq >> 32) NOT IN ({', '.join(map(str, known.slots))})"
    return Rows(connection, f"SELECT person, time, event, seq FROM {given} {new}", held(workspace, state.source["identities"]))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time make an index here."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _tidy(current: Path) -> None:
    """Remove indexes that nobody can be opening any more, and what processes that died left."""
    for other in current.parent.iterdir():
        if other != current and other.is_dir() and time.time() - other.stat().st_mtime > LONGEST_QUESTION:
            shutil.rmtree(other, ignore_errors=True)
