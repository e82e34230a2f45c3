"""Rows of the quarantine that were put right are loaded, each once.

A row is known by its load and its number. Which rows are mended is told in the same act that brings them, and that act is made only if nobody mended
rows of the same load meanwhile; so the same corrections can be given again and again, and what still does not fit stays in quarantine.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tilth.errors import InputError, UnknownColumn
from tilth.language import _
from tilth.warehouse.delta import ATTEMPTS, OvertakenError, pause
from tilth.warehouse.loading import mapping, quarantine
from tilth.warehouse.loading.blocks import UNREADABLE
from tilth.warehouse.loading.faults import reason, worded
from tilth.warehouse.loading.fitting import Fitting
from tilth.warehouse.loading.history import LoadRecord
from tilth.warehouse.loading.ingest import Ingest
from tilth.warehouse.loading.load import Commit, Load, alive, recorded
from tilth.warehouse.loading.reading import SURPLUS, Broken, Piece

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace

MEND_MARK = "tilth.mend:"
Corrections = Mapping[int, Mapping[str, str | None]]
"""New values of rows, by their number and the column of their source."""


class NotInQuarantineError(InputError):
    """A row that was never put aside."""

    def __init__(self, load: str, row: int) -> None:
        self.load, self.row = load, row
        super().__init__(_("Row {row} of load {load} is not in quarantine.").format(row=row, load=load))


@dataclass(frozen=True)
class Refusal:
    """What is still wrong with a row.

    Attributes
    ----------
    reason : str
        In words.
    column : str or None
        The column of the table that could not be filled.
    source : str or None
        The column of the source that was read for it.
    value : str or None
        What stands there.
    fault : dict
        All of that, as the quarantine records it.
    """

    reason: str
    column: str | None
    source: str | None
    value: str | None
    fault: dict[str, Any]


@dataclass(frozen=True)
class Mend:
    """What mending did.

    Attributes
    ----------
    accepted : tuple of int
        The rows that fit now and are in their table.
    repeated : tuple of int
        Those that had been mended before.
    refused : dict of int to Refusal
        Those that still do not fit, and why.
    load : Load or None
        The load that brought the rows; None when there were none.
    """

    accepted: tuple[int, ...]
    repeated: tuple[int, ...]
    refused: dict[int, Refusal]
    load: Load | None


def mend(workspace: Workspace, load: str, corrections: Corrections, who: str | None = None) -> Mend:
    """Put rows of one load right and load them.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    load : str
        The load that the rows came with.
    corrections : mapping of int to mapping of str to str
        For each row, by its number, the new values by column of its source; values that are not given stay as they are, None and an empty text empty
        one. An empty ``tilth_surplus`` drops the values that a row has beyond its columns.
    who : str, optional
        Who mends, for the history; by default the account's name.

    Raises
    ------
    UnknownName
        When there is no such load.
    UnknownColumn
        When its source has no such column.
    NotInQuarantineError
        When such a row was never put aside.
    """
    record = quarantine.record_of(workspace, load)
    aside = {one.row: one for one in quarantine.rows(workspace, load)}
    columns = json.loads(record.columns)
    rows = []
    for number, given in corrections.items():
        if number not in aside:
            raise NotInQuarantineError(load, number)
        values = {name: value for name, value in aside[number].values().items() if name != quarantine.LINE}
        known = dict.fromkeys((*columns, *values, SURPLUS))
        for name in given:
            if name not in known:
                raise UnknownColumn(name, known)
        rows.append({**values, **given})
    names = dict.fromkeys((*columns, *(name for row in rows for name in row)))
    table = pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in names]))
    return bring(workspace, record.source, record, list(corrections), table, who)


def bring(workspace: Workspace, source: str, first: LoadRecord, numbers: Sequence[int], rows: pa.Table, who: str | None) -> Mend:
    """Load the mended rows of one load.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    source : str
        What the history calls the rows' source.
    first : LoadRecord
        The load that they came with.
    numbers : sequence of int
        Their numbers; of those that occur again the first counts.
    rows : pyarrow.Table
        Their values as text, by column of the source.
    who : str or None
        Who mends.

    Raises
    ------
    NotInQuarantineError
        When such a row was never put aside.
    """
    for attempt in range(ATTEMPTS):
        try:
            return _bring(workspace, source, first, numbers, rows, who)
        except OvertakenError:
            pause(attempt)  # someone else mended rows of this load at the same moment: see what is left to do
    raise OvertakenError(first.table)


def _bring(workspace: Workspace, source: str, first: LoadRecord, numbers: Sequence[int], rows: pa.Table, who: str | None) -> Mend:
    began = time.monotonic()
    guard = MEND_MARK + first.load
    mark = workspace.table(first.table).mark(guard) or 0
    aside = {one.row: one for one in quarantine.rows(workspace, first.load)}
    for number in numbers:
        if number not in aside:
            raise NotInQuarantineError(first.load, number)
    places: dict[int, int] = {}
    for place, number in enumerate(numbers):
        places.setdefault(number, place)
    wanted = [number for number in places if aside[number].mended_by is None]
    repeated = tuple(number for number in places if aside[number].mended_by is not None)
    if not wanted:
        return Mend((), repeated, {}, None)
    rows = _unreadable_again(rows.take(pa.array([places[number] for number in wanted])), [aside[number] for number in wanted])
    columns = _columns(first, rows)
    load = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
    how = mapping.Mapping.from_json(first.mapping)
    fitting = Fitting(how, columns, workspace.tz, first.load)
    refusals = Refusals()
    with alive(workspace.root, load):
        ingest = Ingest(
            MendedReader(rows, np.array(wanted, dtype=np.int64), columns),
            fitting,
            table=workspace.table(first.table).path,
            aside=refusals,
            load=load,
            slot=workspace.record("loads").reserve(f"tilth.seq:{first.table}"),
            tz=workspace.tz,
        )
        outcome = ingest.run()
        refused = {row["row"]: Refusal(reason(row), row["column"], row["source"], row["value"], row) for row in refusals.rows}
        accepted = tuple(number for number in wanted if number not in refused)
        if not accepted:
            return Mend((), repeated, refused, None)
        kept = replace(outcome, rows=len(accepted), accepted=len(accepted), quarantined=0)
        record = recorded(source, how, fitting, load, datetime.now(UTC), kept)
        mends = [{"load": first.load, "row": number} for number in accepted]
        act = Commit(workspace, record, kept, fitting.key(), began, guard={guard: mark}, beside={"mends": mends})
        try:
            act.of_file(None, None, who)
            return Mend(accepted, repeated, refused, act.run())
        except BaseException:
            act.discard()
            raise


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


def _columns(first: LoadRecord, rows: pa.Table) -> tuple[str, ...]:
    """Return the columns of the load's source, and others that hold something for its rows."""
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
