"""A source in the order of people and time, with the columns that questions have asked for so far."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tilth.engine.conditions import BadCondition, Condition
from tilth.engine.people import encode
from tilth.engine.sources import Source, SourceError, first_line
from tilth.engine.timeline import Timeline, build
from tilth.language import _


class History:
    """Everything that happened in a source: its timeline, built at the first question, and its columns, each read when first needed.

    Parameters
    ----------
    source : Source
    person, time, event : str
        Columns. `event` may be None for sources in which all rows are of one kind.
    order : str or None
        A column that breaks ties in time.
    tz : ZoneInfo
        Of times without an offset.
    """

    def __init__(self, source: Source, person: str, time: str, event: str | None, order: str | None, tz: ZoneInfo) -> None:
        self.source = source
        self.event = event
        self._timeline_of = (person, time, order, tz)
        self._codes: dict[str, tuple[NDArray[np.int32], pa.Array]] = {}
        for column in (person, time, event, order):
            if column is not None:
                source.column(column)

    @cached_property
    def timeline(self) -> Timeline:
        """People in order; see :class:`~tilth.engine.timeline.Timeline`. The events' names are read along: every question needs them."""
        return self._built()

    def _built(self, are_days: bool | None = None) -> Timeline:
        also = {} if self.event is None else {"event": self._sql(self.event)}
        timeline, read = build(self.source, *self._timeline_of, also, are_days)
        if self.event is not None:
            codes, values = encode(read["event"])
            self._codes[self.event] = codes[timeline.rows], values
        return timeline

    def codes(self, column: str) -> tuple[NDArray[np.int32], pa.Array]:
        """Return a column in the order of the timeline as codes (-1 for null) and the values behind them."""
        rows = self.timeline.rows
        if column not in self._codes:
            codes, values = encode(self.source.scan({"value": self._sql(column)})["value"])
            self._codes[column] = codes[rows], values
        return self._codes[column]

    def _sql(self, column: str) -> str:
        return f"{self.source.column(column)}::VARCHAR" if column == self.event else self.source.column(column)

    def where(self, condition: Condition) -> NDArray[np.bool_]:
        """Return for every event of the timeline whether `condition` holds."""
        try:
            return self._holds(self.source.condition(condition))
        except SourceError as fault:
            raise BadCondition(
                _("The condition {condition} cannot be used: {fault}").format(condition=repr(condition), fault=first_line(fault.__cause__ or fault))
            ) from fault

    def _holds(self, condition: str) -> NDArray[np.bool_]:
        found: Any = self.source.scan({"found": condition})["found"]
        return found.to_numpy(zero_copy_only=False).astype(np.bool_, copy=False)[self.timeline.rows]  # type: ignore[no-any-return]

    def names(self) -> list[str]:
        """Return the names of all events that occur, the most frequent first."""
        assert self.event is not None
        codes, values = self.codes(self.event)
        counts = np.bincount(codes[codes >= 0], minlength=len(values))
        return [values[int(i)].as_py() for i in np.argsort(-counts, kind="stable") if counts[i]]
