"""Upkeep of a workspace's tables: merging small files, and deleting those that nothing needs any more."""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING

import pyarrow as pa
from deltalake.exceptions import DeltaError

from tilth.engine.clock import length
from tilth.engine.conditions import literal
from tilth.engine.sources import database
from tilth.errors import InputError
from tilth.language import _
from tilth.warehouse import scan, schema
from tilth.warehouse.delta import ATTEMPTS, DataFile, Delta, OvertakenError, StoreError, described, new_file, pause
from tilth.warehouse.loading.ingest import Progress
from tilth.warehouse.loading.load import RUNNING

if TYPE_CHECKING:
    import pandas as pd

    from tilth.warehouse.workspace import Workspace

SMALL = 64 << 20  # files of fewer bytes are merged
MEMORY = "512MB"  # beyond it sorting spills to disk
SHORTEST = 60 * 60 * 1_000_000  # microseconds: what runs now may still need what is younger
BREATH = 60 * 60  # seconds without a sign of life after which a load is taken for dead


class RetainError(InputError):
    """Too short a time to keep files for."""

    def __init__(self, retain: str) -> None:
        self.retain = retain
        super().__init__(
            _("Files younger than an hour may be in use by a load or a question, so {retain} is too short; give '1h' or more.").format(
                retain=repr(retain)
            )
        )


def compact(workspace: Workspace, progress: Callable[[Progress], object] | None = None) -> pd.DataFrame:
    """Merge the small files of every table; see :meth:`~tilth.warehouse.workspace.Workspace.compact`."""
    tables = [*(workspace.table(name) for name in schema.TABLES), *(workspace.record(name) for name in schema.RECORDS)]
    rows = []
    for number, table in enumerate(tables, 1):
        before = len(table.files()[1])
        merge(table)
        rows.append((table.name, before, len(table.files()[1])))
        if progress is not None:
            progress(Progress("compacting", number, len(tables), 0))
    import pandas as pd

    return pd.DataFrame(rows, columns=["table", "before", "after"])


def merge(table: Delta) -> None:
    """Merge the small files of each month of a table; loads may go on meanwhile."""
    months: dict[str | None, list[DataFile]] = {}
    for file in table.files()[1]:
        if file.bytes < SMALL:
            months.setdefault(file.month, []).append(file)
    for month, files in months.items():
        if len(files) > 1:
            _swap(table, files, _merged(table, month, files))


def _merged(table: Delta, month: str | None, files: list[DataFile]) -> DataFile:
    """Write the rows of some files of a month to one, in the order of their seq."""
    connection = database()
    connection.execute(f"SET memory_limit = '{MEMORY}'; SET temp_directory = {literal(tempfile.gettempdir())}")
    arrow = pa.schema([field for field in table.arrow if field.name != "month"])
    rows = scan.of_files(connection, [file.path for file in files], table.arrow)
    order = " ORDER BY seq" if "seq" in arrow.names else ""
    name = f"part-{uuid.uuid4().hex}.parquet"
    path = name if month is None else f"month={month}/{name}"
    with new_file(table.path / path, arrow) as out:
        columns = ", ".join(f'"{name}"' for name in arrow.names)
        for batch in connection.sql(f"SELECT {columns} FROM {rows}{order}").to_arrow_reader(1 << 18):
            out.write_table(pa.Table.from_batches([batch]).cast(arrow))
    return described(table.path, path, month)


def _swap(table: Delta, files: list[DataFile], merged: DataFile) -> None:
    """Put the merged file in the place of the files; when one of them is gone meanwhile, leave all as it is."""
    for attempt in range(ATTEMPTS):
        handle = table.made()
        current = {file.path for file in table.files_of(handle)}
        if not all(file.path in current for file in files):
            break
        try:
            table.commit(handle, [merged], {}, instead=files)
        except OvertakenError:
            pause(attempt)
        else:
            return
    (table.path / merged.path).unlink(missing_ok=True)


def vacuum(workspace: Workspace, retain: str = "7d") -> int:
    """Delete files that nothing needs any more; see :meth:`~tilth.warehouse.workspace.Workspace.vacuum`."""
    kept = length(retain) or 0
    if kept < SHORTEST:
        raise RetainError(retain)
    seconds = max(kept / 1_000_000, longest_running(workspace) + BREATH)
    deleted = 0
    for table in (*(workspace.table(name) for name in schema.TABLES), *(workspace.record(name) for name in schema.RECORDS)):
        handle = table.open()
        if handle is None:
            continue
        try:
            deleted += len(handle.vacuum(retention_hours=ceil(seconds / 3600), dry_run=False, enforce_retention_duration=False, full=True))
        except DeltaError as fault:
            raise StoreError(table.name, table.path, fault) from fault
    return deleted


def longest_running(workspace: Workspace) -> float:
    """Return how many seconds ago the load that runs longest began, 0 when none runs; signs of dead loads are taken away."""
    longest = 0.0
    for sign in (workspace.root / RUNNING).glob("*"):
        try:
            silent = time.time() - sign.stat().st_mtime
        except FileNotFoundError:  # it has ended just now
            continue
        if silent > BREATH:
            sign.unlink(missing_ok=True)
            continue
        began = datetime.strptime(sign.name.partition("-")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        longest = max(longest, time.time() - began.timestamp())
    return longest
