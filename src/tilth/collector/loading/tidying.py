"""Keeping live tables in shape: small files are merged, and what repeats are recognised by is forgotten when the horizon has passed."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq

from tilth.collector.loading.loader import HORIZON
from tilth.warehouse.delta import Delta, OvertakenError
from tilth.warehouse.upkeep import merge
from tilth.warehouse.workspace import Workspace

EVERY = 600.0  # seconds
FILES = 60  # of a table, after which they are merged
TABLES = ("events",)
RECORDS = ("arrivals", "calls", "contacts", "quarantine", "loads")


class Tidying:
    """Looks after the tables of a workspace that gets live events."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._next = time.monotonic() + EVERY

    def look(self) -> None:
        """Tidy up, if it is time to."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY
            self.tidy()

    def tidy(self) -> None:
        """Forget old arrivals, and merge small files."""
        forget(self._workspace.record("arrivals"), datetime.now(UTC) - HORIZON - timedelta(days=1))
        for table in (*map(self._workspace.table, TABLES), *map(self._workspace.record, RECORDS)):
            if len(table.files()[1]) > FILES:
                merge(table)


def forget(arrivals: Delta, before: datetime) -> int:
    """Take the files out of the record of arrivals whose calls all arrived before a moment; return how many."""
    handle = arrivals.open()
    old = [] if handle is None else [file for file in arrivals.files_of(handle) if _last(file.path) < before]
    if handle is not None and old:
        try:
            arrivals.commit(handle, [], {}, instead=old, same_rows=False)
        except OvertakenError:  # the next time
            return 0
    return len(old)


def _last(file: str) -> datetime:
    footer = pq.read_metadata(file)
    place = footer.schema.to_arrow_schema().get_field_index("time")
    found = [footer.row_group(group).column(place).statistics for group in range(footer.num_row_groups)]
    return max((one.max for one in found if one is not None and one.has_min_max), default=datetime.now(UTC))
