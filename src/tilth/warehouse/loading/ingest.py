"""One pass over a source: rows that fit are written to the files of the load, the others are put aside.

One thread reads; workers take the pieces apart, ask DuckDB which rows fit, and write. Row numbers are known as soon as all earlier pieces are
taken apart, which is long before they are written: workers pass a turnstile in the order of the source there, and are free again after it.

Nothing that is written here belongs to the table yet: that is the act of :mod:`tilth.warehouse.loading.load`.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tilth.engine.sources import database
from tilth.errors import InputError, TilthError
from tilth.language import _
from tilth.warehouse.delta import DataFile, described, new_file
from tilth.warehouse.loading.faults import worded
from tilth.warehouse.loading.files import MonthFiles
from tilth.warehouse.loading.fitting import FIT, REFUND, ROW, Fitting
from tilth.warehouse.loading.reading import Piece, Reader
from tilth.warehouse.schema import RECORDS

WORKERS = min(os.cpu_count() or 1, 4)  # each holds some 200 MB while it works
SLOT_BITS = 32  # a load numbers its rows within a slot of the table's seq that is its own
HOPELESS = 10_000  # so many rows of which none fits: the mapping is wrong, not the rows


class CancelledError(TilthError):
    """The load was cancelled; the table is as it was."""

    def __init__(self) -> None:
        super().__init__(_("Cancelled. Nothing was loaded."))


class NothingFitsError(InputError):
    """Not one row fits: the mapping is not for this source."""

    def __init__(self, rows: int, reasons: list[str]) -> None:
        self.rows, self.reasons = rows, reasons
        super().__init__(
            _("None of the first {rows} rows fits, so nothing was loaded. The first faults: {reasons}. Check the mapping.").format(
                rows=rows, reasons="; ".join(reasons)
            )
        )


@dataclass(frozen=True)
class Progress:
    """How far a load is.

    Attributes
    ----------
    phase : str
        ``"reading"``, then ``"committing"``.
    done, total : int
        Bytes of the file, or rows of what is no file; `total` is 0 when it is not known.
    rows : int
        Rows taken in so far.
    """

    phase: str
    done: int
    total: int
    rows: int


@dataclass(frozen=True)
class Outcome:
    """What a pass over a source gave."""

    files: list[DataFile]
    quarantine: DataFile | None
    rows: int
    accepted: int
    quarantined: int


class Aside:
    """The rows of a load that do not fit, written to a file of the quarantine as they are found."""

    def __init__(self, root: Path, load: str, table: str) -> None:
        self._root, self._load, self._table = root, load, table
        self._name = f"part-{load}-{uuid.uuid4().hex[:8]}.parquet"
        self._lock = threading.Lock()
        self._writer: pq.ParquetWriter | None = None
        self._first: list[str] = []

    def write(self, rows: pa.Table) -> None:
        """Keep rows with the columns row, fault, column, source, value, fields, line."""
        arrow = RECORDS["quarantine"].arrow
        rows = rows.append_column("load", pa.array([self._load] * rows.num_rows, pa.string()))
        rows = rows.append_column("table", pa.array([self._table] * rows.num_rows, pa.string()))
        with self._lock:
            if self._writer is None:
                self._root.mkdir(parents=True, exist_ok=True)
                self._writer = new_file(self._root / self._name, arrow)
            self._writer.write_table(rows.select(arrow.names).cast(arrow))
            if not self._first:
                self._first = [worded(row) for row in rows.slice(0, 3).to_pylist()]

    @property
    def first(self) -> list[str]:
        """What is wrong with the first rows, in words."""
        return self._first

    def close(self) -> DataFile | None:
        """Return the finished file, or None when every row fitted."""
        if self._writer is None:
            return None
        self._writer.close()
        return described(self._root, self._name, None)

    def discard(self) -> None:
        """Remove what was written."""
        if self._writer is not None:
            self._writer.close()
            (self._root / self._name).unlink(missing_ok=True)


class Refused(Protocol):
    """Where rows go that do not fit."""

    @property
    def first(self) -> list[str]:
        """What is wrong with the first of them, in words."""

    def write(self, rows: pa.Table) -> None:
        """Take rows with the columns row, fault, column, source, value, fields, line."""

    def close(self) -> DataFile | None:
        """Return the file they are in, if any."""

    def discard(self) -> None:
        """Remove them."""


class JammedError(TilthError):
    """A piece failed, so no other can be let through any more."""


class Turnstile:
    """Lets workers through in the order of their pieces and tells each how many rows came before."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._next = self._rows = 0
        self.fault: BaseException | None = None

    def enter(self, place: int, count: int) -> int:
        """Wait for the turn of the piece at `place`, which has `count` rows; return the number of rows before it."""
        with self._turn:
            self._turn.wait_for(lambda: self.fault is not None or self._next == place)
            if self.fault is not None:
                raise JammedError
            before = self._rows
            self._rows += count
            self._next += 1
            self._turn.notify_all()
            return before

    def jam(self, fault: BaseException) -> None:
        """Let nobody through any more: a piece failed, so no later one will ever know its place."""
        with self._turn:
            self.fault = self.fault or fault
            self._turn.notify_all()


class Ingest:
    """A pass over a source for one load.

    Parameters
    ----------
    reader : Reader
        The source.
    fitting : Fitting
        Which rows fit.
    table : Path
        The folder of the table's files.
    aside : Refused
        Where rows go that do not fit.
    load : str
        The load's id.
    slot : int
        The load's own part of the table's seq.
    tz : str
        The time zone that months are cut in.
    progress : callable, optional
        Called with a :class:`Progress` after every piece.
    cancel : callable, optional
        Asked before every piece; true ends the load.
    """

    def __init__(
        self,
        reader: Reader,
        fitting: Fitting,
        *,
        table: Path,
        aside: Refused,
        load: str,
        slot: int,
        tz: str,
        progress: Callable[[Progress], object] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> None:
        self._reader, self._fitting = reader, fitting
        self._load, self._slot = load, slot
        self._progress, self._cancel = progress, cancel
        self._turnstile = Turnstile()
        self._aside = aside
        connection = database()
        connection.execute("SET threads = 1")  # the workers are the threads
        self._files = [MonthFiles(table, load, worker, fitting.table.arrow, tz) for worker in range(WORKERS)]
        self._idle: SimpleQueue[tuple[Any, MonthFiles]] = SimpleQueue()
        for files in self._files:
            cursor = connection.cursor()
            cursor.execute("PRAGMA disable_optimizer")  # it would pull costly readings out of the CASE branches that are hardly ever taken
            self._idle.put((cursor, files))
        self._rows = self._accepted = self._quarantined = 0

    def run(self) -> Outcome:
        """Read the source to its end. When that fails nothing is left behind.

        Raises
        ------
        CancelledError
            When `cancel` said so.
        NothingFitsError
            When many rows were read and none fits.
        """
        pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="load")
        try:
            pending: deque[tuple[Future[tuple[int, int, int]], int]] = deque()
            for place, piece in enumerate(self._reader.pieces()):
                self.check_cancel()
                pending.append((pool.submit(self._work, place, piece), self._reader.done))
                while len(pending) > WORKERS:
                    self._take(*pending.popleft())
            while pending:
                self._take(*pending.popleft())
                self.check_cancel()
            closed = list(pool.map(MonthFiles.close, self._files))
            return Outcome([file for files in closed for file in files], self._aside.close(), self._rows, self._accepted, self._quarantined)
        except BaseException as fault:
            self._turnstile.jam(fault)
            pool.shutdown(wait=True, cancel_futures=True)
            self.discard()
            if isinstance(fault, JammedError) and self._turnstile.fault is not None:
                raise self._turnstile.fault from None  # what happened, rather than who had to wait for it
            raise
        finally:
            pool.shutdown(wait=True)

    def discard(self) -> None:
        """Remove what was written."""
        for files in self._files:
            files.discard()
        self._aside.discard()

    def check_cancel(self) -> None:
        """Raise :class:`CancelledError` when the caller wants no more."""
        if self._cancel is not None and self._cancel():
            raise CancelledError

    def _take(self, future: Future[tuple[int, int, int]], done: int) -> None:
        rows, accepted, quarantined = future.result()
        self._rows += rows
        self._accepted += accepted
        self._quarantined += quarantined
        if not self._accepted and self._rows >= HOPELESS:
            raise NothingFitsError(self._rows, self._aside.first)
        if self._progress is not None:
            self._progress(Progress("reading", done, self._reader.total, self._rows))

    def _work(self, place: int, given: Any) -> tuple[int, int, int]:
        cursor, files = self._idle.get()
        try:
            piece = self._reader.parse(given)
            before = self._turnstile.enter(place, piece.count)
            if before + piece.count >= 1 << (SLOT_BITS - 1):
                raise InputError(_("A source can have at most {rows} rows. Split it.").format(rows=(1 << (SLOT_BITS - 1)) - 1))
            return self._sort_out(cursor, files, piece, before)
        except BaseException as fault:
            self._turnstile.jam(fault)
            raise
        finally:
            self._idle.put((cursor, files))

    def _sort_out(self, cursor: Any, files: MonthFiles, piece: Piece, before: int) -> tuple[int, int, int]:
        rows = piece.numbered(before)
        cursor.register("piece", rows)
        view = self._reader.view("piece")
        if self._reader.json_lines:
            rows = cursor.sql(self._fitting.apart(view)).to_arrow_table()
        elif view != "piece":
            rows = cursor.sql(f"FROM {view}").to_arrow_table()
        cursor.register("tidy", self._fitting.tidy(rows))
        fit = cursor.sql(self._fitting.accepted("tidy", marked=piece.marked)).to_arrow_table()
        if not pc.all(fit.column(FIT)).as_py():
            others = fit.filter(pc.invert(fit.column(FIT))).column(ROW)
            cursor.register("others", rows.filter(pc.is_in(rows.column(ROW), value_set=others.combine_chunks())))
            self._aside.write(cursor.sql(self._fitting.refused("others", marked=piece.marked)).to_arrow_table())
            cursor.unregister("others")
            fit = fit.filter(fit.column(FIT))
        cursor.unregister("piece")
        cursor.unregister("tidy")
        if piece.broken:
            self._aside.write(_broken(piece, before))
        for line, part in enumerate(self._lines(fit)):
            files.write(self._stored(part, line))
        return piece.count, fit.num_rows, piece.count - fit.num_rows

    def _lines(self, fit: pa.Table) -> list[pa.Table]:
        """Return the rows' own lines and, if the mapping has refunds, the lines of those that were refunded."""
        refund = self._fitting.mapping.refund
        if not refund:
            return [fit]
        amount = fit.column(REFUND + "amount")
        given = fit.filter(pc.fill_null(pc.not_equal(amount, pa.scalar(0, amount.type)), False))
        lines = given
        for name in refund:
            column = given.column(REFUND + name)
            if self._fitting.table.column(name).required:
                column = pc.coalesce(column, given.column(name))
            lines = lines.set_column(lines.schema.get_field_index(name), name, column)
        return [fit, lines]

    def _stored(self, rows: pa.Table, line: int) -> pa.Table:
        numbers = rows.column(ROW).to_numpy()
        lines = 2 if self._fitting.mapping.refund else 1
        seq = (np.int64(self._slot) << SLOT_BITS) + numbers * lines + line
        load = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(numbers), dtype=np.int32)), pa.array([self._load]))
        columns = {name: rows.column(name) for name in rows.column_names if not name.startswith(REFUND) and name not in (ROW, FIT)}
        return pa.table({"seq": pa.array(seq), **columns, "load": load, "row": pa.array(numbers)})


def _broken(piece: Piece, before: int) -> pa.Table:
    first = piece.first(before)
    rows = [
        {
            "row": first + one.offset,
            "fault": one.fault,
            "value": one.value,
            "fields": None if one.fields is None else json.dumps(one.fields, ensure_ascii=False),
            "line": one.line,
        }
        for one in piece.broken
    ]
    arrow = RECORDS["quarantine"].arrow
    return pa.Table.from_pylist(rows, schema=pa.schema([field for field in arrow if field.name not in ("load", "table")]))
