"""Rows that did not fit: seen with their reasons, and taken out to a file where they can be mended.

An exported file is CSV that a spreadsheet opens: columns that say which row it is and why it is there, then the columns of its source. Cells that
a spreadsheet would take for a formula get an apostrophe in front, which loading them again takes off.

>>> neutral("=1+1"), restored(neutral("=1+1")), neutral("'-5"), restored(neutral("'-5")), neutral("5-3")
("'=1+1", '=1+1', "''-5", "'-5", '5-3')
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tilth.errors import InputError, UnknownName
from tilth.language import _
from tilth.warehouse.loading.blocks import UNREADABLE
from tilth.warehouse.loading.faults import reason
from tilth.warehouse.loading.history import LoadRecord, read
from tilth.warehouse.loading.reading import SURPLUS

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace

LOAD, ROW, REASON, COLUMN, LINE = "tilth_load", "tilth_row", "tilth_reason", "tilth_column", "tilth_line"
ABOUT = (LOAD, ROW, REASON, COLUMN)
FRAME = ("load", "table", "source", "row", "reason", "column", "value", "raw", "mended_by", "state", "dismissed_by", "dismissed_why")
FORMULA = re.compile(r"'*[=+\-@\t\r]")


Shown = Callable[["Quarantined"], "Quarantined"]
"""How a row is shown to somebody: the same row with values of it masked."""


class UndoneError(InputError):
    """A load that was undone: nothing can be done with it any more."""

    def __init__(self, load: str) -> None:
        self.load = load
        super().__init__(_("Load {load} was undone, and its quarantined rows with it. Load the file again.").format(load=load))


@dataclass(frozen=True)
class Quarantined:
    """A row in quarantine.

    Attributes
    ----------
    record : LoadRecord
        The load that it came with.
    row : int
        Its number in the source.
    fault : dict
        What is wrong, by the columns of the ``quarantine`` record.
    mended_by : str or None
        The load that brought it mended.
    dismissal : dict or None
        Who dismissed it, when and why, by the columns of the ``dismissals`` record; None when nobody did.
    """

    record: LoadRecord
    row: int
    fault: dict[str, Any]
    mended_by: str | None
    dismissal: dict[str, Any] | None = None

    @property
    def state(self) -> str:
        """``"mended"``, ``"dismissed"``, or ``"waiting"`` to be either."""
        if self.mended_by is not None:
            return "mended"
        return "dismissed" if self.dismissal else "waiting"

    @property
    def raw(self) -> str:
        """The row as it was: its line where there is one, or its values as JSON."""
        return readable(str(self.fault["line"] or self.fault["fields"]))

    def values(self) -> dict[str, str]:
        """Return the row's values by column of its source; its whole line where it could not be taken apart."""
        if self.fault["fields"] is None:
            return {LINE: readable(str(self.fault["line"]))}
        given = json.loads(self.fault["fields"])
        return {
            name: readable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
            for name, value in given.items()
            if value is not None
        }


def rows(workspace: Workspace, load: str | None = None) -> list[Quarantined]:
    """Return the quarantined rows of all committed loads, or of one, by load and row.

    Raises
    ------
    UnknownName
        When there was no such load.
    """
    records = {record.load: record for record in workspace.history.all()}
    if load is not None:
        records = {load: record_of(workspace, load)}
    mended, put_aside = mends(workspace), dismissals(workspace, load)
    found = [
        Quarantined(records[one["load"]], one["row"], one, mended.get((one["load"], one["row"])), put_aside.get((one["load"], one["row"])))
        for one in read(workspace.record("quarantine"), load)
        if one["load"] in records
    ]
    return sorted(found, key=lambda one: (one.record.time, one.record.load, one.row))


def row(workspace: Workspace, load: str, number: int) -> Quarantined:
    """Return one quarantined row; UnknownName when there is no such load, or no such row of it."""
    found = {one.row: one for one in rows(workspace, load)}
    if number not in found:
        raise UnknownName(_("quarantined row"), number, found)
    return found[number]


def record_of(workspace: Workspace, load: str) -> LoadRecord:
    """Return the record of a load that stands.

    Raises
    ------
    UnknownName
        When there was none of that id.
    UndoneError
        When it was undone.
    """
    records = {record.load: record for record in workspace.history.all()}
    if load in records:
        return records[load]
    if load in {record.load for record in workspace.history.undone()}:
        raise UndoneError(load)
    raise UnknownName(_("load"), load, records)


def mends(workspace: Workspace) -> dict[tuple[str, int], str]:
    """Return the rows that were mended and the load that brought each."""
    records = {record.load for record in workspace.history.all()}
    return {(row["load"], row["row"]): row["by"] for row in read(workspace.record("mends")) if row["by"] in records}


def dismissals(workspace: Workspace, load: str | None = None) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the rows that stand dismissed, and by whom, when and why."""
    latest: dict[tuple[str, int], dict[str, Any]] = {}
    for one in sorted(read(workspace.record("dismissals"), load), key=lambda one: one["turn"]):
        latest[one["load"], one["row"]] = one
    return {row: one for row, one in latest.items() if one["dismissed"]}


def counts(workspace: Workspace) -> pd.DataFrame:
    """Return one row a load that put rows aside: load, table, source, waiting, mended, dismissed."""
    brought = mends(workspace)
    mended = Counter(load for load, _row in brought)
    dismissed = Counter(load for load, _row in dismissals(workspace).keys() - brought.keys())
    counted = [
        (one.load, one.table, one.source, one.quarantined - mended[one.load] - dismissed[one.load], mended[one.load], dismissed[one.load])
        for one in workspace.history.all()
        if one.quarantined
    ]
    return pd.DataFrame(counted, columns=["load", "table", "source", "waiting", "mended", "dismissed"])


def frame(workspace: Workspace, load: str | None = None) -> pd.DataFrame:
    """Return the quarantine as a data frame, a row each.

    load, table, source, row, reason, column, value, raw, mended_by (None while it waits), state (``"waiting"``, ``"mended"`` or ``"dismissed"``),
    dismissed_by, dismissed_why.
    """
    return pd.DataFrame(
        [
            (
                one.record.load,
                one.record.table,
                one.record.source,
                one.row,
                reason(one.fault),
                one.fault["column"],
                one.fault["value"],
                one.raw,
                one.mended_by,
                one.state,
                one.dismissal and one.dismissal["who"],
                one.dismissal and one.dismissal["reason"],
            )
            for one in rows(workspace, load)
        ],
        columns=list(FRAME),
    )


def export(workspace: Workspace, path: str | Path, load: str | None = None, shown: Shown | None = None) -> int:
    """Write the rows that wait in quarantine to a CSV file, to be mended there; return how many.

    Each row carries its load, its number, the reason and the column at fault, then the values of its source's columns. The file is UTF-8 with the
    mark that spreadsheets know it by. With `shown` the rows are written as that shows them; give it again when the file comes back.
    """
    path = Path(path)
    found = (one for one in rows(workspace, load) if one.state == "waiting")
    waiting = [(one, one.values()) for one in (map(shown, found) if shown else found)]
    columns = _columns(waiting)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with aside.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(map(neutral, (*ABOUT, *columns)))
        for one, values in waiting:
            about = (one.record.load, str(one.row), reason(one.fault), one.fault["column"] or "")
            writer.writerow(map(neutral, (*about, *(values.get(name, "") for name in columns))))
    aside.replace(path)
    return len(waiting)


def _columns(waiting: Iterable[tuple[Quarantined, dict[str, str]]]) -> list[str]:
    """Return the columns of all rows: those of their sources in order, then what stands beside them."""
    named: dict[str, None] = {}
    beside: dict[str, None] = {}
    loads: set[str] = set()
    for one, values in waiting:
        if one.record.load not in loads:
            loads.add(one.record.load)
            named.update(dict.fromkeys(json.loads(one.record.columns)))
        for name in values:
            (beside if name in (SURPLUS, LINE) else named)[name] = None
    return [*named, *beside]


def neutral(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return "'" + cell if FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """Return what :func:`neutral` was given."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def readable(text: str) -> str:
    """Return a text for people: what could not be read shows as the usual sign for that."""
    return text.replace(UNREADABLE, "\ufffd")
