"""One Delta Lake table of a workspace: opening it, adding files in one atomic commit, and telling its files.

Every commit that must happen exactly once goes through :meth:`Delta.commit`: it is made against the very version that was read, and fails with
:class:`OvertakenError` when another process came first. The caller then looks again, so a decision ("this file is not there yet") and its commit
can never be pulled apart. What was done is remembered by *marks*: Delta's application transactions, a name and a number that travel with the
commit.

Files are Parquet with types that every reader agrees on: timestamps in UTC microseconds, decimal(18, 4), plain UTF-8 text; statistics are kept
for times and numbers only, so that no person's id survives in the log after the rows are erased.
"""

from __future__ import annotations

import json
import os
import random
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, CommitProperties, RemoveAction, Transaction

from tilth.errors import TilthError
from tilth.language import _
from tilth.warehouse import schema

COLUMNS_MARK = "tilth.columns"  # set when columns were added to a table that had files
T = TypeVar("T")
KEPT = 64
"""Tables whose last state a process remembers: reading a table's log takes longer than most questions about it."""
_kept: dict[Path, tuple[tuple[str, int], DeltaTable, dict[str, Any]]] = {}
_kept_lock = Lock()
ATTEMPTS = 200  # commits tried before giving up: far more than processes there can be at once


class OvertakenError(TilthError):
    """Another process committed to the table since it was read; look again and retry."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(_("Another process changed the table {table} at the same moment. Try again.").format(table=table))


class StoreError(TilthError):
    """A table cannot be read or written."""

    def __init__(self, table: str, path: Path, fault: Exception) -> None:
        self.table, self.path = table, path
        super().__init__(
            _("The table {table} in {path} cannot be used: {fault}. Is the disk full, or a backup to be restored?").format(
                table=table, path=path, fault=str(fault).strip().rstrip(".")
            )
        )


@dataclass(frozen=True)
class DataFile:
    """A Parquet file of a table: where it is, its partition's month, rows, bytes and what is known of its values."""

    path: str
    month: str | None
    rows: int
    bytes: int
    stats: str = ""

    @property
    def partition(self) -> dict[str, str | None]:
        """The values of the table's partition columns."""
        return {} if self.month is None else {"month": self.month}

    def action(self, *, data_change: bool = True) -> AddAction:
        """Return the action that adds the file to the table; without `data_change` its rows were there before."""
        return AddAction(self.path, self.bytes, self.partition, int(time.time() * 1000), data_change, self.stats)


class Delta:
    """A table in a folder, made when it is first written.

    Parameters
    ----------
    path : Path
        The table's folder.
    name : str
        Its name, for messages.
    arrow : pyarrow.Schema
        What it stores.
    partitioned : bool
        Whether it is cut by month.
    """

    def __init__(self, path: Path, name: str, arrow: pa.Schema, *, partitioned: bool) -> None:
        self.path, self.name, self.arrow = path, name, arrow
        self.partitions = ["month"] if partitioned else []

    def open(self, version: int | None = None) -> DeltaTable | None:
        """Return the table as it is now, or as of a version; None while it has never been written."""
        try:
            return DeltaTable(self.path.as_posix(), version=version)
        except TableNotFoundError as fault:
            if self.partitions and any(self.path.glob("*/*.parquet")):  # facts are written after the table was made: its log is lost
                raise StoreError(self.name, self.path, fault) from fault
            return None
        except (DeltaError, OSError) as fault:
            raise StoreError(self.name, self.path, fault) from fault

    def now(self) -> DeltaTable | None:
        """Return the table as it is now, for reading: the handle is kept as long as no commit comes. To commit, :meth:`open` one of your own."""
        return self._newest()[0]

    def remembered(self, name: str, read: Callable[[DeltaTable | None], T]) -> T:
        """Return what `read` makes of the table as it is now; it is asked once for each state of the table and must not be changed."""
        handle, memory = self._newest()
        if name not in memory:
            memory[name] = read(handle)
        found: T = memory[name]
        return found

    def _newest(self) -> tuple[DeltaTable | None, dict[str, Any]]:
        log = self.path / "_delta_log"
        try:
            newest = max(entry.name for entry in os.scandir(log) if entry.name.endswith(".json"))
            state = (newest, (log / newest).stat().st_mtime_ns)
        except (OSError, ValueError):  # never written
            return self.open(), {}
        with _kept_lock:
            known = _kept.pop(self.path, None)
            if known is not None and known[0] == state:
                _kept[self.path] = known
                return known[1], known[2]
        found = self.open()
        memory: dict[str, Any] = {}
        if found is not None:
            with _kept_lock:
                _kept[self.path] = (state, found, memory)
                while len(_kept) > KEPT:
                    del _kept[next(iter(_kept))]
        return found, memory

    def made(self) -> DeltaTable:
        """Return the table, made empty if it is missing; several processes may do so at once."""
        for _attempt in range(ATTEMPTS):
            found = self.open()
            if found is not None:
                return found
            try:
                self.path.mkdir(parents=True, exist_ok=True)
                return DeltaTable.create(
                    self.path.as_posix(),
                    schema=self.arrow,
                    partition_by=self.partitions,
                    configuration={
                        "delta.dataSkippingStatsColumns": ",".join(statistics(self.arrow)),
                        "delta.logRetentionDuration": "interval 1000 weeks",  # as-of questions look back further than 30 days
                    },
                )
            except (CommitFailedError, DeltaError) as fault:  # another process made it meanwhile, or it cannot be made
                if self.open() is None:
                    raise StoreError(self.name, self.path, fault) from fault
        raise OvertakenError(self.name)

    def commit(
        self,
        handle: DeltaTable,
        files: Iterable[DataFile],
        marks: Mapping[str, int],
        about: Mapping[str, Any] | None = None,
        *,
        instead: Iterable[DataFile] = (),
        same_rows: bool = True,
    ) -> int:
        """Add `files` and set `marks` in one commit right after the version that `handle` read; return the new version.

        With `instead`, files of the table whose rows the added ones hold now, these leave it in the same commit; without `same_rows` they held more.

        Raises
        ------
        OvertakenError
            When another commit came between; nothing was changed.
        """
        read = handle.version()
        left = list(instead)
        changed = not (left and same_rows)
        now = int(time.time() * 1000)
        gone = [RemoveAction(Path(file.path).relative_to(self.path).as_posix(), changed, now, file.bytes, file.partition) for file in left]
        properties = CommitProperties(
            custom_metadata={key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for key, value in (about or {}).items()},
            max_commit_retries=0,
            app_transactions=[Transaction(name, number) for name, number in marks.items()],
        )
        try:
            handle.create_write_transaction(
                [*(file.action(data_change=changed) for file in files), *gone],
                mode="append",
                schema=handle.schema(),
                partition_by=self.partitions,
                commit_properties=properties,
            )
        except DeltaError as fault:
            current = self.open()
            if current is not None and current.version() > read:
                raise OvertakenError(self.name) from fault
            raise StoreError(self.name, self.path, fault) from fault
        return read + 1

    def committed(self, version: int) -> datetime | None:
        """Return when a version was committed; None where the log no longer tells."""
        handle = self.open()
        told = [] if handle is None else handle.history(handle.version() - version + 1)  # of an older handle it gives the newest versions' numbers
        at = next((one["timestamp"] for one in told if one.get("version") == version), None)
        return None if at is None else datetime.fromtimestamp(at / 1000, UTC)

    def standing(self, time: datetime) -> int:
        """Return the version that stood at a time, the first one for times before it; -1 where there is no table."""
        handle = self.open()
        if handle is None:
            return -1
        handle.load_as_version(time)
        return int(handle.version())

    def mark(self, name: str, handle: DeltaTable | None = None) -> int | None:
        """Return the number that a mark was last set to, or None."""
        found = handle or self.open()
        return None if found is None else found.transaction_version(name)

    def reserve(self, name: str) -> int:
        """Return the next number of a counter that no other process will ever get (1 the first time)."""
        for attempt in range(ATTEMPTS):
            handle = self.made()
            number = (handle.transaction_version(name) or 0) + 1
            try:
                self.commit(handle, [], {name: number})
            except OvertakenError:
                pause(attempt)
            else:
                return number
        raise OvertakenError(self.name)

    def append(self, rows: pa.Table) -> int:
        """Write `rows` as one file and add it, whatever others do meanwhile; return the version. For tables without partitions."""
        self.made()
        return self.add([self.written(rows)])

    def written(self, rows: pa.Table) -> DataFile:
        """Write `rows` as one file that does not belong to the table yet. For tables without partitions that are there."""
        name = f"part-{uuid.uuid4().hex}.parquet"
        with new_file(self.path / name, self.arrow) as out:
            out.write_table(rows.select(self.arrow.names).cast(self.arrow))
        return described(self.path, name, None)

    def add(self, files: Iterable[DataFile]) -> int:
        """Add finished files, whatever others do meanwhile; return the version."""
        files = list(files)
        for attempt in range(ATTEMPTS):
            try:
                return self.commit(self.made(), files, {})
            except OvertakenError:
                pause(attempt)
        raise OvertakenError(self.name)

    def files(self, version: int | None = None) -> tuple[int, list[DataFile]]:
        """Return the version and the files it consists of, in the order of their paths; version -1 while there is no table."""
        if version is None:
            return self.remembered("files", self._listed)
        return self._listed(self.open(version))

    def _listed(self, handle: DeltaTable | None) -> tuple[int, list[DataFile]]:
        return (-1, []) if handle is None else (handle.version(), self.files_of(handle))

    def files_of(self, handle: DeltaTable) -> list[DataFile]:
        """Return the files of the table as `handle` read it, with their whole paths, in the order of these."""
        found = pa.table(handle.get_add_actions(flatten=True)).to_pylist()
        files = [
            DataFile(str(Path(self.path, unquote(row["path"]))), row.get("partition.month"), row["num_records"], row["size_bytes"]) for row in found
        ]
        return sorted(files, key=lambda file: file.path)


def statistics(arrow: pa.Schema) -> list[str]:
    """Return the columns that statistics are kept for: times and whole numbers, nothing that says who somebody is."""
    personal = {column.name for table in schema.TABLES.values() for column in table.columns if column.personal}
    return [field.name for field in arrow if (pa.types.is_timestamp(field.type) or pa.types.is_integer(field.type)) and field.name not in personal]


def new_file(path: Path, arrow: pa.Schema) -> pq.ParquetWriter:
    """Return a writer of one Parquet file in the form that the whole house reads."""
    return pq.ParquetWriter(
        path,
        arrow,
        compression="zstd",
        compression_level=1,
        use_dictionary=[field.name for field in arrow if pa.types.is_string(field.type)],
        write_statistics=statistics(arrow),
        store_schema=False,
    )


def described(root: Path, path: str, month: str | None) -> DataFile:
    """Return what a finished file under the table's folder `root` holds, from its footer."""
    footer = pq.read_metadata(root / path)
    low: dict[str, Any] = {}
    high: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    for group in (footer.row_group(g) for g in range(footer.num_row_groups)):
        for column in (group.column(c) for c in range(group.num_columns)):
            found = column.statistics
            if found is None:
                continue
            nulls[column.path_in_schema] = nulls.get(column.path_in_schema, 0) + found.null_count
            if found.has_min_max:
                name = column.path_in_schema
                low[name] = min(low.get(name, found.min), found.min)
                high[name] = max(high.get(name, found.max), found.max)
    stats = {
        "numRecords": footer.num_rows,
        "minValues": {name: _written(value) for name, value in low.items()},
        "maxValues": {name: _written(value) for name, value in high.items()},
        "nullCount": nulls,
    }
    return DataFile(path, month, footer.num_rows, (root / path).stat().st_size, json.dumps(stats))


def pause(attempt: int) -> None:
    """Wait a moment before trying again: a little longer each time, and never in step with others."""
    time.sleep(random.uniform(0.001, 0.01 * min(attempt + 1, 20)))  # noqa: S311  (nothing secret about it)


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value
