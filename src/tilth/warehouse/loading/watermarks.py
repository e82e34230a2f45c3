"""How far a database source was loaded: the highest value of its column, told in the commit that brought the rows up to it.

A watermark counts once its load was committed, and no two loads can move the same one: the commit is made only if the source's mark still has the
number that was seen.

>>> written(7), read_back(written(7)), read_back(written(datetime(2025, 11, 11, 20, 30)))
('["int", "7"]', 7, datetime.datetime(2025, 11, 11, 20, 30))
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tilth.language import _
from tilth.warehouse import schema
from tilth.warehouse.loading.history import read
from tilth.warehouse.loading.order import Beside, Guard
from tilth.warehouse.loading.watched import DatabaseSource, SourceError

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace

WATER_MARK = "tilth.water:"
KINDS: dict[str, tuple[type, Any]] = {
    "int": (int, int),
    "float": (float, float),
    "decimal": (Decimal, Decimal),
    "datetime": (datetime, datetime.fromisoformat),
    "date": (date, date.fromisoformat),
    "text": (str, str),
}


@dataclass(frozen=True)
class Watermark:
    """How far a source was loaded.

    Attributes
    ----------
    source : str
        Its name.
    marks : dict of str to int
        How often it moved, by table, when the records were read.
    turn : int
        How often it moved in all.
    value : object
        The highest value; None while there was none.
    ties : int
        How many rows had it.
    """

    source: str
    marks: dict[str, int]
    turn: int
    value: Any
    ties: int

    def moved(self, table: str, value: Any, ties: int) -> tuple[Guard, Beside]:
        """Return what moves it up to a value in the commit of a load to a table."""
        row = {"source": self.source, "turn": self.turn + 1, "value": written(value, self.source), "ties": ties}
        return {WATER_MARK + self.source: self.marks[table]}, {"watermarks": [row]}


def of(workspace: Workspace, source: DatabaseSource, *, again: bool) -> Watermark:
    """Return a source's watermark; `again`: as if the loads that were undone had never been."""
    marks = {name: workspace.table(name).mark(WATER_MARK + source.name) or 0 for name in schema.TABLES}  # before the records: these may be newer
    standing = {record.load for record in workspace.history.all()}
    ever = standing | {record.load for record in workspace.history.undone()}
    stored = [row for row in read(workspace.record("watermarks")) if row["source"] == source.name and row["by"] in ever]
    turn = max((row["turn"] for row in stored), default=0)
    counted = [row for row in stored if not again or row["by"] in standing]
    if not counted:
        return Watermark(source.name, marks, turn, None, 0)
    last = max(counted, key=lambda row: row["turn"])
    return Watermark(source.name, marks, turn, read_back(last["value"]), last["ties"])


def written(value: Any, source: str = "") -> str:
    """Return a value as JSON text that keeps its kind; SourceError for one that rows do not grow by."""
    for kind, (type_, _read) in KINDS.items():
        if isinstance(value, type_) and not isinstance(value, bool):
            return json.dumps([kind, value.isoformat() if isinstance(value, date) else str(value)])
    problem = _("Rows cannot grow by a {kind}; choose a column of numbers, times or text.")
    raise SourceError(source, problem.format(kind=type(value).__name__))


def read_back(text: str) -> Any:
    """Return the value that :func:`written` was given."""
    kind, value = json.loads(text)
    return KINDS[kind][1](value)
