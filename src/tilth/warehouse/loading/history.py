"""What was loaded: one record a load, which counts once the table's own log names the load.

A load writes its record and its quarantined rows first and then commits to the table, setting a mark with its id. Whoever reads records or quarantine
looks for that mark, so all three appear in one moment, and a load that was killed has never been.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset
from deltalake import DeltaTable

from tilth.warehouse.delta import Delta

FILE_MARK, LOAD_MARK, ROWS_MARK, UNDO_MARK = "tilth.file:", "tilth.load:", "tilth.rows", "tilth.undos"
STANDS, UNDONE = 1, 2  # numbers of a load's mark


@dataclass(frozen=True)
class LoadRecord:
    """The columns of the ``loads`` record; see :data:`tilth.warehouse.schema.RECORDS`."""

    load: str
    table: str
    source: str
    digest: str | None
    bytes: int | None
    time: datetime
    seconds: float
    who: str | None
    rows: int
    accepted: int
    quarantined: int
    skipped: int
    mapping: str
    columns: str
    properties: str


class History:
    """The records of a workspace's loads.

    Parameters
    ----------
    loads : Delta
        The record table.
    tables : callable
        Gives the Delta table of a name.
    """

    def __init__(self, loads: Delta, tables: Callable[[str], Delta]) -> None:
        self._loads, self._tables = loads, tables

    def write(self, record: LoadRecord) -> None:
        """Add a record; it does not count before the load's commit."""
        self._loads.append(pa.Table.from_pylist([asdict(record)], schema=self._loads.arrow))

    def all(self) -> list[LoadRecord]:
        """Return the records of all loads that were committed and not undone, in the order they began."""
        return self._those(lambda record: True)

    def undone(self) -> list[LoadRecord]:
        """Return the records of the loads that were undone, in the order they began."""
        return self._those(lambda record: True, UNDONE)

    def of_digest(self, digest: str, table: str) -> LoadRecord | None:
        """Return the load that brought a file with this digest to the table."""
        return next(iter(self._those(lambda record: record.digest == digest and record.table == table)), None)

    def of_size(self, size: int, table: str) -> list[LoadRecord]:
        """Return the loads of files of this size to the table."""
        return self._those(lambda record: record.bytes == size and record.table == table)

    def properties(self, table: str) -> list[str]:
        """Return what loads said of the properties they bring to a table, in the order they began; loads that never came to be do no harm here."""
        rows = [row for row in self._rows() if row["table"] == table]
        return [row["properties"] for row in sorted(rows, key=lambda row: (row["time"], row["load"]))]

    def _those(self, wanted: Callable[[LoadRecord], bool], state: int = STANDS) -> list[LoadRecord]:
        records = [LoadRecord(**{**row, "time": row["time"].astimezone(UTC)}) for row in self._rows()]
        last = {record.load: record for record in sorted(records, key=lambda record: record.seconds) if wanted(record)}  # told again: the later holds
        states = self._states((record.load, record.table) for record in last.values())
        return sorted((record for record in last.values() if states[record.load] == state), key=lambda record: (record.time, record.load))

    def _rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._loads.remembered("rows", lambda _handle: read(self._loads))
        return rows

    def _states(self, loads: Iterable[tuple[str, str]]) -> dict[str, int]:
        """Return what the mark of each load (id and table) says; 0 when it was never committed."""
        return {load: self._tables(table).remembered(LOAD_MARK + load, _state_of(load)) for load, table in loads}


def _state_of(load: str) -> Callable[[DeltaTable | None], int]:
    return lambda handle: 0 if handle is None else handle.transaction_version(LOAD_MARK + load) or 0


def read(record: Delta, load: str | None = None) -> list[dict[str, Any]]:
    """Return all rows of a record table, or those of one load."""
    files = [file.path for file in record.files()[1]]
    wanted = None if load is None else pc.field("load") == load
    return pa.dataset.dataset(files, schema=record.arrow, format="parquet").to_table(filter=wanted).to_pylist() if files else []
