"""The Parquet files of a load while it runs: rows go to one file a month and worker, and become part of the table only when the load commits.

A file's name carries its load, so that what an interrupted load left behind can be told from what belongs to the table. Rows are gathered until they
make a row group worth reading, whatever order their months come in.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tilth.warehouse.delta import DataFile, described, new_file

GROUP_ROWS = 256 * 1024
GATHERED_BYTES = 32 << 20  # rows held back by one worker, at most
OPEN_FILES = 48  # files one worker holds open: some systems allow a process no more than 256


class MonthFiles:
    """The files that one worker of a load writes.

    Parameters
    ----------
    root : Path
        The table's folder.
    load : str
        The load's id.
    worker : int
        Which of the load's workers.
    arrow : pyarrow.Schema
        The stored table, the month column among it.
    tz : str
        The time zone that months are cut in.

    Examples
    --------
    >>> months_between(datetime(2024, 12, 31, 15, tzinfo=UTC), datetime(2024, 12, 31, 16, tzinfo=UTC), "Asia/Shanghai")[0]
    ['2024-12', '2025-01']
    """

    def __init__(self, root: Path, load: str, worker: int, arrow: pa.Schema, tz: str) -> None:
        self._root, self._load, self._worker, self._tz = root, load, worker, tz
        fields = [field for field in arrow if field.name != "month"]
        once = pa.dictionary(pa.int32(), pa.string())  # all rows share the load: it is handed over once, and stored as text like the others
        self._arrow = pa.schema([field.with_type(once) if field.name == "load" else field for field in fields])
        self._gathered: dict[str, list[pa.Table]] = {}
        self._bytes: dict[str, int] = {}
        self._writers: OrderedDict[str, tuple[pq.ParquetWriter, str]] = OrderedDict()
        self._written: list[tuple[str, str]] = []

    def write(self, rows: pa.Table) -> None:
        """Take rows (with the stored columns except the month) in."""
        for month, part in by_month(rows, self._tz):
            self._gathered.setdefault(month, []).append(part)
            self._bytes[month] = self._bytes.get(month, 0) + part.get_total_buffer_size() * part.num_rows // max(rows.num_rows, 1)
            if sum(piece.num_rows for piece in self._gathered[month]) >= GROUP_ROWS:
                self._flush(month)
        while sum(self._bytes.values()) > GATHERED_BYTES:
            self._flush(max(self._bytes, key=lambda month: self._bytes[month]))

    def close(self) -> list[DataFile]:
        """Write what is left and return the finished files."""
        for month in list(self._gathered):
            self._flush(month)
        while self._writers:
            self._finish(next(iter(self._writers)))
        return [described(self._root, path, month) for path, month in self._written]

    def discard(self) -> None:
        """Remove every file written so far."""
        while self._writers:
            month, (writer, path) = self._writers.popitem()
            writer.close()
            self._written.append((path, month))
        for path, _month in self._written:
            (self._root / path).unlink(missing_ok=True)
        self._gathered.clear()
        self._written.clear()

    def _flush(self, month: str) -> None:
        rows = pa.concat_tables(self._gathered.pop(month))
        self._bytes.pop(month)
        self._writer(month).write_table(rows.select(self._arrow.names).cast(self._arrow), row_group_size=4 * GROUP_ROWS)

    def _writer(self, month: str) -> pq.ParquetWriter:
        if month in self._writers:
            self._writers.move_to_end(month)
        else:
            if len(self._writers) >= OPEN_FILES:
                self._finish(next(iter(self._writers)))
            number = len(self._written) + len(self._writers)
            path = f"month={month}/part-{self._load}-{self._worker}-{number}.parquet"
            (self._root / path).parent.mkdir(parents=True, exist_ok=True)
            self._writers[month] = (new_file(self._root / path, self._arrow), path)
        return self._writers[month][0]

    def _finish(self, month: str) -> None:
        writer, path = self._writers.pop(month)
        self._written.append((path, month))
        writer.close()


def by_month(rows: pa.Table, tz: str) -> list[tuple[str, pa.Table]]:
    """Cut rows by the month of their time in a time zone; each part keeps the order of the rows."""
    if not rows.num_rows:
        return []
    times = rows.column("time").cast(pa.timestamp("us")).combine_chunks().to_numpy(zero_copy_only=False).view(np.int64)
    names, starts = months_between(_moment(times.min()), _moment(times.max()), tz)
    if len(names) == 1:
        return [(names[0], rows)]
    of = np.searchsorted(starts, times, side="right") - 1
    order = np.argsort(of.astype(np.int16 if len(names) < 1 << 15 else np.int32), kind="stable")
    edges = np.searchsorted(of[order], np.arange(len(names) + 1))
    sorted_rows = rows if (np.diff(of) >= 0).all() else rows.take(order)
    return [(name, sorted_rows.slice(start, stop - start)) for name, start, stop in zip(names, edges[:-1], edges[1:], strict=True) if stop > start]


def months_between(first: datetime, last: datetime, tz: str) -> tuple[list[str], Any]:
    """Return the months from `first` to `last` in a time zone and the instant each begins, in microseconds."""
    zone = ZoneInfo(tz)
    start, stop = first.astimezone(zone), last.astimezone(zone)
    count = (stop.year - start.year) * 12 + stop.month - start.month + 1
    months = [divmod(start.year * 12 + start.month - 1 + k, 12) for k in range(count)]
    begin = [int(datetime(year, month + 1, 1, tzinfo=zone).timestamp()) * 1_000_000 for year, month in months]
    return [f"{year:04d}-{month + 1:02d}" for year, month in months], np.array(begin, dtype=np.int64)


def _moment(microseconds: np.int64) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(microseconds))
