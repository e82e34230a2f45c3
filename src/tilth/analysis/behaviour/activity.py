r"""Activity: how many people did something in each day, week or month, and how many of them for the first time.

With E_d the events looked at in period d and first(p) the time of person p's first event of all in the source,

.. math:: \text{people}_d = |\{p : \exists\, e \in E_d \text{ of } p\}| \qquad \text{new}_d = |\{p \text{ in } d : \text{first}(p) \in d\}|

People of several periods are counted once in each, and once in the whole: the sum of the periods is more than the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import periods
from tilth.analysis.result import NoSuchCell, Result, choice
from tilth.analysis.sampling import OFTEN, ONCE
from tilth.analysis.steps import AnyStep, as_step
from tilth.engine import clock, shards
from tilth.engine.kernels import activity as kernels
from tilth.engine.partial import PERSONS, TOTAL, Answer, Partial
from tilth.engine.people import PersonSet
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events


@dataclass(frozen=True)
class ActivityOptions:
    """What activity can be asked.

    Parameters
    ----------
    event : step or None
        What people have to do; None is any event.
    period : {"day", "week", "month"}
    """

    event: AnyStep | None = None
    period: Literal["day", "week", "month"] = "day"

    def __post_init__(self) -> None:
        choice(self.period, clock.PERIODS, "period")


@dataclass(frozen=True)
class Counted(Partial):
    """Figures of each period of the source.

    Attributes
    ----------
    people, new, events : ndarray of int64, shape (periods,)
    squares : ndarray of float64, shape (periods,)
        The sum over people of the square of their events.
    """

    people: NDArray[np.int64] = field(metadata=TOTAL)
    new: NDArray[np.int64] = field(metadata=TOTAL)
    events: NDArray[np.int64] = field(metadata=TOTAL)
    squares: NDArray[np.float64] = field(metadata=TOTAL)


@dataclass(frozen=True)
class Active(Partial):
    """Who was active in which period (its number), and whether it was their first of all."""

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    period: NDArray[np.int32]
    new: NDArray[np.bool_]


class Activity(Result):
    """The answer to activity.

    Attributes
    ----------
    frame : DataFrame
        period (first instant, with the time zone), people, new, events; one row a period, from the first event looked at to the last.
    """

    grows: ClassVar = {"frame": {"people": ONCE, "new": ONCE, "events": OFTEN}}

    def __init__(self, events: Events, options: ActivityOptions | None = None) -> None:
        self.options = options or ActivityOptions()
        self._events = events
        answer = events.ask(compute, self.options)
        self._counted, self.left_out = answer.found, answer.left_out
        self._calendar = periods.calendar(self.options.period, events, answer.span)
        done = np.flatnonzero(self._counted.events)
        self._rows = slice(int(done[0]), int(done[-1]) + 1) if len(done) else slice(0, 0)

    @property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        counted = self._counted
        rows = pd.DataFrame({"period": self._calendar.starts, "people": counted.people, "new": counted.new, "events": counted.events})
        return rows.iloc[self._rows].reset_index(drop=True)

    def _squares(self, table: str, column: str) -> NDArray[np.float64]:
        return self._counted.squares[self._rows]

    @cached_property
    def _active(self) -> Answer[Active]:
        return self._events.ask(active, self.options)

    def people(self, period: Any = None, new: bool = False) -> PersonSet:
        """Return the people of a period (a time in it; None: of all), only those who were new in it if `new`."""
        found = self._active.found
        chosen = found.new.copy() if new else np.ones(len(found.people), np.bool_)
        if period is not None:
            number = periods.number_of(period, self._calendar)
            if number not in range(self._rows.start, self._rows.stop):
                raise NoSuchCell(_("No period of the result holds {time}.").format(time=period))
            chosen &= found.period == number
        return PersonSet(np.unique(found.people[chosen]), self._active.directory)

    def title(self) -> str:  # noqa: D102
        return _("Activity: {event}").format(event=as_step(self.options.event).name if self.options.event is not None else _("any event"))

    def meaning(self) -> str:  # noqa: D102
        return paragraph(
            _("People are counted once in each period in which they did it, however often."),
            _("New is who had no event at all before that period."),
        )

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: people by period as a line, new people below it."""
        return draw(self.frame, self.options.period)


def compute(events: Events, options: ActivityOptions) -> Counted:
    """Return the figures of each period."""
    return Counted(*(sum(parts) for parts in zip(*_run(kernels.activity, events, options), strict=True)))


def active(events: Events, options: ActivityOptions) -> Active:
    """Return who was active when."""
    return Active(*shards.concatenated(_run(kernels.active, events, options)))


def _run(kernel: Any, events: Events, options: ActivityOptions) -> list[Any]:
    whole, marks = events.history.timeline, periods.marks(events, options.event)
    bounds = periods.calendar(options.period, events, whole.span).bounds

    def shard(first: int, last: int) -> Any:
        return kernel(whole.offsets, whole.times, marks.codes, marks.bits, marks.keep, bounds, first, last)

    return shards.run(shard, whole.offsets) or [shard(0, 0)]


def draw(frame: pd.DataFrame, period: str, before: pd.DataFrame | None = None) -> dict[str, Any]:
    """Return the ECharts option of people and new people by period, beside those of as many periods `before`."""
    days = [named(at, period) for at in frame["period"]]
    end = {"showSymbol": False, "labelLayout": {"moveOverlap": "shiftY"}}
    people = {"type": "line", "name": _("active"), "data": frame["people"].tolist(), "areaStyle": {"opacity": 0.06}} | end
    series = [people | _ended(_("active")), {"type": "line", "name": _("new"), "data": frame["new"].tolist()} | end | _ended(_("new"))]
    if before is not None and len(before):
        dashed = {"type": "dashed", "width": 1.25, "color": {"$token": "ink-3"}}
        earlier = {
            "type": "line",
            "name": _("before"),
            "data": before["people"].tolist()[: len(days)],
            "lineStyle": dashed,
            "color": {"$token": "ink-3"},
        }
        series.append(earlier | end | _ended(_("before")))
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 64, "top": 16, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "boundaryGap": False, "data": days},
        "yAxis": {"type": "value", "min": 0},
        "series": series,
    }


def named(at: pd.Timestamp, period: str) -> str:
    """Return what a period is called on an axis."""
    return f"{at:%Y-%m}" if period == "month" else f"{at:%m-%d}"


def _ended(name: str) -> dict[str, Any]:
    return {"endLabel": {"show": True, "formatter": name}}
