"""A load taken back: its rows leave the table in one commit, those that were mended later with them.

The history keeps the load and says who undid it; its quarantine is closed, and the same file can be loaded again. Older versions of the table still
have the rows until they are vacuumed.
"""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

import tempfile
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tilth.engine.conditions import literal
from tilth.engine.sources import database
from tilth.errors import InputError
from tilth.language import _
from tilth.warehouse import scan
from tilth.warehouse.delta import ATTEMPTS, DataFile, Delta, OvertakenError, described, new_file, pause
from tilth.warehouse.loading import quarantine
from tilth.warehouse.loading.history import FILE_MARK, LOAD_MARK, ROWS_MARK, UNDO_MARK, UNDONE, LoadRecord, read
from tilth.warehouse.loading.load import account, alive
from tilth.warehouse.loading.mending import MEND_MARK

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace

MEMORY = "512MB"  # beyond it DuckDB spills to disk


class UndoError(InputError):
    """A load that cannot be undone."""


@dataclass(frozen=True)
class Undone:
    """What undoing a load did.

    Attributes
    ----------
    load : str
        The load.
    mends : tuple of str
        The loads that had brought its mended rows, undone with it.
    rows : int
        Rows that left the table.
    version : int
        The table's version after it.
    """

    load: str
    mends: tuple[str, ...]
    rows: int
    version: int


def undo(workspace: Workspace, load: str, who: str | None = None) -> Undone:
    """Take the rows of a load out of its table. A load that brought mended rows leaves these to wait in quarantine again.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    load : str
        The load.
    who : str, optional
        Who undoes it, for the history; by default the account's name.

    Raises
    ------
    UnknownName
        When there is no such load.
    UndoneError
        When it was undone before.
    UndoError
        When a later load left rows out because the table had them from this one.
    """
    record = quarantine.record_of(workspace, load)
    table = workspace.table(record.table)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
    with alive(workspace.root, name):
        for attempt in range(ATTEMPTS):
            handle = table.made()
            record = quarantine.record_of(workspace, load)
            mends = _mends(workspace, record)
            _check(workspace, record, mends)
            gone = [record, *mends]
            affected, kept, rows = _without(table, table.files_of(handle), [one.load for one in gone])
            marks = {mark: (handle.transaction_version(mark) or 0) + 1 for mark in (ROWS_MARK, UNDO_MARK, MEND_MARK + load)}
            marks |= {LOAD_MARK + one.load: UNDONE for one in gone}
            marks |= {FILE_MARK + one.digest: 0 for one in gone if one.digest is not None}
            try:
                _tell(workspace, gone, who)
                version = table.commit(handle, kept, marks, {"tilth.undo": load}, instead=affected, same_rows=False)
            except OvertakenError:
                _discard(table, kept)
                pause(attempt)
            except BaseException:
                if table.mark(LOAD_MARK + load) != UNDONE:
                    _discard(table, kept)
                raise
            else:
                return Undone(load, tuple(one.load for one in mends), rows, version)
    raise OvertakenError(table.name)


def undone(workspace: Workspace) -> dict[str, tuple[LoadRecord, dict[str, Any]]]:
    """Return the loads that were undone with who did it and when."""
    told = {one["load"]: one for one in sorted(read(workspace.record("undos")), key=lambda one: one["time"])}
    return {record.load: (record, told[record.load]) for record in workspace.history.undone()}


def _mends(workspace: Workspace, record: LoadRecord) -> list[LoadRecord]:
    """Return the loads that brought rows of the load back mended."""
    by = {mended for (load, _row), mended in quarantine.mends(workspace).items() if load == record.load}
    return [one for one in workspace.history.all() if one.load in by]


def _check(workspace: Workspace, record: LoadRecord, mends: list[LoadRecord]) -> None:
    """Raise UndoError when rows of other files may be missing because the table had them from this load."""
    own = {record.load, *(one.load for one in mends)}
    for later in workspace.history.all():
        if later.table == record.table and later.time > record.time and later.skipped and later.load not in own:
            problem = _(
                "{file} ({load}) was loaded after it and left out {rows} rows that the table had already. Undo that load first, then this one, and "
                "load what is still wanted again."
            )
            raise UndoError(problem.format(file=later.source, load=later.load, rows=later.skipped))


def _tell(workspace: Workspace, gone: list[LoadRecord], who: str | None) -> None:
    """Write who undoes the loads; it counts when the commit has been made."""
    told = {"time": datetime.now(UTC), "who": who or account()}
    record = workspace.record("undos")
    record.append(pa.Table.from_pylist([{"load": one.load, **told} for one in gone], schema=record.arrow))


def _without(table: Delta, files: list[DataFile], loads: list[str]) -> tuple[list[DataFile], list[DataFile], int]:
    """Return the files that hold rows of some loads, new files with what is left of them, and how many rows go."""
    if not files:
        return [], [], 0
    connection = database()
    connection.execute(f"SET memory_limit = '{MEMORY}'; SET temp_directory = {literal(tempfile.gettempdir())}")
    own = f"load IN ({', '.join(map(literal, loads))})"
    arrow = pa.schema([field for field in table.arrow if field.name != "month"])
    affected, kept, gone = [], [], 0
    for file in files:
        rows = scan.of_files(connection, [file.path], table.arrow)
        count = connection.sql(f"SELECT count(*) FROM {rows} WHERE {own}").fetchall()[0][0]
        if not count:
            continue
        affected.append(file)
        gone += count
        if count == file.rows:
            continue
        path = f"month={file.month}/part-{uuid.uuid4().hex}.parquet"
        with new_file(table.path / path, arrow) as out:
            columns = ", ".join(f'"{name}"' for name in arrow.names)
            for batch in connection.sql(f"SELECT {columns} FROM {rows} WHERE NOT {own} ORDER BY seq").to_arrow_reader(1 << 18):
                out.write_table(pa.Table.from_batches([batch]).cast(arrow))
        kept.append(described(table.path, path, file.month))
    return affected, kept, gone


def _discard(table: Delta, files: list[DataFile]) -> None:
    for file in files:
        (table.path / file.path).unlink(missing_ok=True)
