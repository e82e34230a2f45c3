"""Rows on many machines: each part is given whole people and runs there what runs here.

Rows are dealt out by person, in the order of the source. What a part gets becomes a :class:`~tilth.engine.history.History` like any other;
what has to be the same in all parts, such as the names of events and the time that the source spans, is found out beforehand and handed to each. A
part's partial result travels back with the ids of its people, and the parts are joined (see :mod:`tilth.engine.partial`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tilth.engine.conditions import Condition, columns_of, quoted
from tilth.engine.history import History
from tilth.engine.people import encode
from tilth.engine.sources import Source, open_source
from tilth.engine.timeline import Timeline, instants, is_days, time_sql


@dataclass(frozen=True)
class Survey:
    """What every part has to know of the whole source.

    Attributes
    ----------
    span : (int, int)
        Instants of the first event and of the last, in microseconds; 0 where there is none.
    names : list of str
        The names of all events, the most frequent first.
    events : int
        Rows with a person and a time.
    left_out : int
        The other rows.
    days : bool
        Whether the column of times holds whole numbers that are all days like 19970131.
    """

    span: tuple[int, int]
    names: list[str]
    events: int
    left_out: int
    days: bool


@dataclass(frozen=True)
class Offered:
    """A column that is made of a stored one where the rows are read: its name, the stored one, and SQL."""

    name: str
    stored: str
    sql: str


@dataclass(frozen=True)
class Columns:
    """Which columns say who, when and what, the time zone of times without an offset, and which further columns there are."""

    person: str
    time: str
    event: str | None
    tz: ZoneInfo
    offered: tuple[Offered, ...] = ()

    def opened(self, table: pa.Table) -> Source:
        """Return rows as a source, with those further columns that can be made of them."""
        source = open_source(table, tz=self.tz.key)
        made = [f"{one.sql} AS {quoted(one.name)}" for one in self.offered if one.stored in table.column_names]
        return Source(source.relation.project(", ".join(["*", *made])), source) if made else source


class Part(History):
    """What happened to the people of one part.

    Parameters
    ----------
    source : Source
    columns : Columns
    survey : Survey
    """

    def __init__(self, source: Source, columns: Columns, survey: Survey) -> None:
        super().__init__(source, columns.person, columns.time, columns.event, None, columns.tz)
        self.survey = survey

    @cached_property
    def timeline(self) -> Timeline:
        """People in order; its span is that of the whole source."""
        timeline = self._built(self.survey.days)
        timeline.__dict__["span"] = self.survey.span
        return timeline

    def codes(self, column: str) -> tuple[NDArray[np.int32], pa.Array]:
        """Return a column as codes and values; names of events have the same codes in every part."""
        codes, values = super().codes(column)
        if column != self.event:
            return codes, values
        place = {name: code for code, name in enumerate(self.survey.names)}
        table = np.array([place.get(name, -1) for name in values.to_pylist()] + [-1], np.int32)  # rows that are left out may have others
        return table[codes], pa.array(self.survey.names, pa.string())

    def names(self) -> list[str]:
        """Return the names of all events in the whole source, the most frequent first."""
        return self.survey.names


class _Noted(Source):
    """A source that notes which columns it is asked for."""

    def __init__(self, source: Source) -> None:
        super().__init__(source.relation, source)
        self.asked: set[str] = set()

    def column(self, name: object) -> str:
        quoted = super().column(name)
        self.asked.add(str(name))
        return quoted

    def condition(self, given: Condition) -> str:
        sql = super().condition(given)
        self.asked |= set(given) if isinstance(given, Mapping) else columns_of(sql)  # SQL does not name a column that is compared with null
        return sql


class Rows(Protocol):
    """Rows that lie on many machines."""

    empty: pa.Table
    """None of them, in their columns."""

    def lying(self, columns: Sequence[str], work: Callable[[pa.Table], Any]) -> list[Any]:
        """Return what `work` makes of the rows in each place where there are any."""

    def dealt(self, columns: Sequence[str], person: str, work: Callable[[pa.Table], Any]) -> list[Any]:
        """Return what `work` makes of the rows of whole people, in the order of the source; who is null may be left out."""


class Cluster:
    """Events that lie on many machines.

    Parameters
    ----------
    rows : Rows
    columns : Columns
    """

    def __init__(self, rows: Rows, columns: Columns) -> None:
        self.rows, self.columns = rows, columns
        source = columns.opened(rows.empty)
        for name in (columns.person, columns.time, columns.event):
            if name is not None:
                source.column(name)

    def outline(self) -> Part:
        """Return a history without anybody in it, that knows the columns and what is the same in all parts."""
        return Part(_Noted(self.columns.opened(self.rows.empty)), self.columns, self.survey)

    @cached_property
    def survey(self) -> Survey:
        """What every part has to know."""
        columns = self.columns
        names = list(dict.fromkeys(name for name in (columns.person, columns.time, columns.event) if name is not None))
        parts = self.rows.lying(names, partial(_surveyed, columns, None))
        if len({part.days for part in parts if part.events}) > 1:  # what looks like days in one part does not in another
            parts = self.rows.lying(names, partial(_surveyed, columns, False))
        told = [part for part in parts if part.events]
        span = (min(part.span[0] for part in told), max(part.span[1] for part in told)) if told else (0, 0)
        counts: dict[str, int] = {}
        for part in parts:
            for name, count in part.counts.items():
                counts[name] = counts.get(name, 0) + count
        ranked = sorted(counts, key=lambda name: (-counts[name], name))
        return Survey(span, ranked, sum(part.events for part in parts), sum(part.left_out for part in parts), all(part.days for part in told))

    def ask(self, question: Callable[[Part], Any]) -> list[Any]:
        """Return what `question`, which has to be picklable, finds in each part that has rows; without any, in one that has none.

        Raises
        ------
        TilthError
            What the question raised in a part, and what kept it from being asked there.
        """
        outline = self.outline()
        empty = question(outline)
        assert isinstance(outline.source, _Noted)
        asked = outline.source.asked | {one.stored for one in self.columns.offered if one.name in outline.source.asked}
        needed = [name for name in self.rows.empty.column_names if name in asked]
        return self.rows.dealt(needed, self.columns.person, partial(_answered, question, self.columns, self.survey)) or [empty]


@dataclass(frozen=True)
class _Surveyed:
    span: tuple[int, int]
    counts: dict[str, int]
    events: int
    left_out: int
    days: bool


def _surveyed(columns: Columns, days: bool | None, table: pa.Table) -> _Surveyed:
    source = columns.opened(table)
    wanted = {"person": source.column(columns.person), **time_sql(source.column(columns.time), source.types[columns.time])}
    if columns.event is not None:
        wanted["event"] = f"{source.column(columns.event)}::VARCHAR"
    scanned = source.scan(wanted)
    found_days = is_days(scanned) if days is None else days
    times, known = instants(scanned, columns.tz, columns.time, found_days)
    known &= encode(scanned["person"])[0] >= 0
    times = times[known]
    counts: dict[str, int] = {}
    if columns.event is not None:
        codes, values = encode(scanned["event"])
        codes = codes[known]
        counts = dict(zip(values.to_pylist(), np.bincount(codes[codes >= 0], minlength=len(values)).tolist(), strict=True))
    span = (int(times.min()), int(times.max())) if len(times) else (0, 0)
    return _Surveyed(span, {name: count for name, count in counts.items() if count}, len(times), len(table) - len(times), found_days)


def _answered(question: Callable[[Part], Any], columns: Columns, survey: Survey, table: pa.Table) -> Any:
    return question(Part(columns.opened(table), columns, survey))
