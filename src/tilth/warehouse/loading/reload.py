"""Mended rows come back: rows of the quarantine that were put right in an exported file are loaded, each once.

A row is known by its load and its number. Which rows are mended is told in the same act that brings them, so one file can be loaded again and
again while the mending goes on: what was accepted once is left out, what still does not fit stays in quarantine.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tilth.errors import InputError
from tilth.language import _
from tilth.warehouse.delta import ATTEMPTS, OvertakenError
from tilth.warehouse.loading import quarantine
from tilth.warehouse.loading.blocks import UNREADABLE
from tilth.warehouse.loading.faults import worded
from tilth.warehouse.loading.fitting import Fitting
from tilth.warehouse.loading.history import LoadRecord
from tilth.warehouse.loading.ingest import Ingest
from tilth.warehouse.loading.load import Commit, Load, alive, recorded
from tilth.warehouse.loading.mapping import Mapping
from tilth.warehouse.loading.reading import SURPLUS, Broken, Piece, reader_of
from tilth.warehouse.loading.sniff import sniff

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace

MEND_MARK = "tilth.mend:"


class NotExportedError(InputError):
    """A file that was not made by exporting the quarantine."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"{path}: {problem} " + _("Mend a file that was exported from the quarantine, and leave its tilth_ columns as they are."))


@dataclass(frozen=True)
class Reload:
    """What loading a mended file did.

    Attributes
    ----------
    rows : int
        Rows in the file.
    accepted : int
        Rows that fit now and are in their table.
    repeated : int
        Rows that had been mended before.
    faults : tuple of str
        What is still wrong with the others, in words.
    loads : tuple of Load
        The loads that brought the rows, one for each load that they had come with.
    """

    rows: int
    accepted: int
    repeated: int
    faults: tuple[str, ...]
    loads: tuple[Load, ...]


class MendedReader:
    """The mended rows of one earlier load."""

    json_lines = False

    def __init__(self, rows: pa.Table, numbers: Any, columns: tuple[str, ...]) -> None:
        self._rows, self._numbers, self.columns = rows, numbers, columns
        self.total = self.done = rows.num_rows

    def pieces(self) -> Iterator[pa.Table]:
        """Yield the rows, all at once: they are what people mend by hand."""
        yield self._rows

    def parse(self, piece: pa.Table) -> Piece:
        """Return the rows under their first numbers; one that still has more values than columns is broken."""
        beyond = piece.column(SURPLUS).to_pylist() if SURPLUS in piece.column_names else [None] * piece.num_rows
        broken = tuple(Broken(int(number) - 1, "surplus", values, "") for number, values in zip(self._numbers, beyond, strict=True) if values)
        surplus = np.array([bool(values) for values in beyond], dtype=bool)
        marked = any(pc.any(pc.match_substring(piece.column(name), UNREADABLE)).as_py() for name in self.columns)
        return Piece(
            piece.select(self.columns).filter(pa.array(~surplus)), self._numbers[~surplus] - 1, piece.num_rows, broken, marked, absolute=True
        )

    def view(self, name: str) -> str:
        """Return the table as it is: all its columns are text."""
        return name

    def digest(self) -> None:
        """Return None: not the file is loaded once, but each of its rows."""


class Refusals:
    """The rows that still do not fit; they are in quarantine already."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def write(self, rows: pa.Table) -> None:
        """Remember rows and what is wrong with them."""
        self.rows += rows.select(["row", "fault", "column", "source", "value"]).to_pylist()

    @property
    def first(self) -> list[str]:
        """What is wrong with the first rows, in words."""
        return [worded(row) for row in self.rows[:3]]

    def close(self) -> None:
        """Return None: there is no file."""

    def discard(self) -> None:
        """Forget the rows."""
        self.rows.clear()


def run(workspace: Workspace, path: str | Path, who: str | None = None) -> Reload:
    """Load a mended file.

    Raises
    ------
    NotExportedError
        When the file did not come from this workspace's quarantine.
    """
    path = Path(path)
    table = _read(path)
    known = {record.load: record for record in workspace.history.all()}
    loads: list[Load] = []
    faults: list[str] = []
    accepted = repeated = 0
    for load in dict.fromkeys(table.column(quarantine.LOAD).to_pylist()):
        if load not in known:
            raise NotExportedError(path, _("Load {load} is not one of this workspace's.").format(load=repr(load)))
        part = table.filter(pc.equal(table.column(quarantine.LOAD), load))
        for _attempt in range(ATTEMPTS):
            try:
                done, refused, before = _bring(workspace, path, known[load], part, who)
                break
            except OvertakenError:
                continue  # someone else mended rows of this load at the same moment: see what is left to do
        else:
            raise OvertakenError(known[load].table)
        repeated += before
        faults += refused
        if done is not None:
            accepted += done.accepted + done.skipped
            loads.append(done)
    return Reload(table.num_rows, accepted, repeated, tuple(faults), tuple(loads))


def _bring(workspace: Workspace, path: Path, first: LoadRecord, part: pa.Table, who: str | None) -> tuple[Load | None, list[str], int]:
    """Load the mended rows of one load; return what was done, what is still wrong, and how many rows had come back before."""
    began = time.monotonic()
    guard = MEND_MARK + first.load
    mark = workspace.table(first.table).mark(guard) or 0
    numbers = _numbers(path, part)
    waiting = {one.row: one for one in quarantine.rows(workspace, first.load)}
    unknown = [number for number in numbers if number not in waiting]
    if unknown:
        problem = _("Row {row} of load {load} is not in quarantine.").format(row=unknown[0], load=first.load)
        raise NotExportedError(path, problem)
    wanted = np.array([waiting[number].mended_by is None for number in numbers], dtype=bool)
    firsts = {number: place for place, number in reversed(list(enumerate(numbers)))}
    wanted &= np.array([firsts[number] == place for place, number in enumerate(numbers)], dtype=bool)
    before = int((~wanted).sum())
    if not wanted.any():
        return None, [], before
    rows = _unreadable_again(part.filter(pa.array(wanted)), [waiting[number] for number, want in zip(numbers, wanted, strict=True) if want])
    columns = _columns(first, rows)
    load = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
    mapping = Mapping.from_json(first.mapping)
    fitting = Fitting(mapping, columns, workspace.tz, first.load)
    refusals = Refusals()
    with alive(workspace.root, load):
        ingest = Ingest(
            MendedReader(rows, np.array(numbers, dtype=np.int64)[wanted], columns),
            fitting,
            table=workspace.table(first.table).path,
            aside=refusals,
            load=load,
            slot=workspace.record("loads").reserve(f"tilth.seq:{first.table}"),
            tz=workspace.tz,
        )
        outcome = ingest.run()
        refused = {row["row"] for row in refusals.rows}
        mended = [number for number, want in zip(numbers, wanted, strict=True) if want and number not in refused]
        faults = [worded(row) for row in refusals.rows]
        if not mended:
            return None, faults, before
        kept = replace(outcome, rows=len(mended), accepted=len(mended), quarantined=0)
        record = recorded(path.name, mapping, fitting, load, datetime.now(UTC), kept)
        act = Commit(workspace, record, kept, fitting.key(), began, guard={guard: mark}, mended=[(first.load, number) for number in mended])
        try:
            act.of_file(None, None, who)
            return act.run(), faults, before
        except BaseException:
            act.discard()
            raise


def _read(path: Path) -> pa.Table:
    """Return the file's rows as text, with apostrophes before would-be formulas taken off."""
    form = sniff(path, header=True, skip=0)
    reader = reader_of(path, form)
    pieces = [reader.parse(piece) for piece in reader.pieces()]
    names = [quarantine.restored(name) for name in form.columns]
    for name in (quarantine.LOAD, quarantine.ROW):
        if name not in names:
            raise NotExportedError(path, _("It has no column {column}.").format(column=name))
    broken = [one for piece in pieces for one in piece.broken]
    if broken:
        raise NotExportedError(path, worded({"row": broken[0].offset + 1, "fault": broken[0].fault, "value": broken[0].value}) + ".")
    columns = {
        name: pa.array(
            [None if cell is None else quarantine.restored(cell) for piece in pieces for cell in piece.rows.column(place).to_pylist()], pa.string()
        )
        for place, name in enumerate(names)
    }
    return pa.table(columns)


def _numbers(path: Path, part: pa.Table) -> list[int]:
    numbers = []
    for text in part.column(quarantine.ROW).to_pylist():
        if text is None or not text.strip().isdecimal():
            raise NotExportedError(path, _("{text} in column {column} is no row number.").format(text=repr(text), column=quarantine.ROW))
        numbers.append(int(text))
    return numbers


def _columns(first: LoadRecord, rows: pa.Table) -> tuple[str, ...]:
    """Return the columns of the load's source, and others of the file that hold something for its rows."""
    own = [name for name in json.loads(first.columns) if name in rows.column_names]
    aside = (*quarantine.ABOUT, quarantine.LINE, SURPLUS)
    others = [name for name in rows.column_names if name not in own and name not in aside and rows.column(name).null_count < rows.num_rows]
    return (*own, *others)


def _unreadable_again(rows: pa.Table, faults: list[quarantine.Quarantined]) -> pa.Table:
    """Put back the mark for unreadable bytes where a row that had them still shows the sign for them."""
    had = pa.array([one.fault["fault"] == "encoding" for one in faults])
    for place, name in enumerate(rows.column_names):
        column = rows.column(name)
        marked = pc.replace_substring(column, "\ufffd", UNREADABLE)
        rows = rows.set_column(place, name, pc.if_else(had, marked, column))
    return rows
