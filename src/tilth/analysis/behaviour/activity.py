r"""Activity: how many people did something in each day, week or month, and how many of them for the first time.

With E_d the events looked at in period d and first(p) the time of person p's first event of all in the source,

.. math:: \text{people}_d = |\{p : \exists\, e \in E_d \text{ of } p\}| \qquad \text{new}_d = |\{p \text{ in } d : \text{first}(p) \in d\}|

People of several periods are counted once in each, and once in the whole: the sum of the periods is more than the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.result import NoSuchCell, Result, choice
from tilth.analysis.sampling import OFTEN, ONCE
from tilth.analysis.steps import AnyStep, as_step, matches
from tilth.engine import clock
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
        timeline = events.timeline
        self._directory = timeline.directory
        times, person = timeline.times, timeline.person
        first = _first_ever(events)
        if self.options.event is not None:
            done = events.kept(matches(events.history, as_step(self.options.event)))
            times, person = times[done], person[done]
        if not len(times):
            self._calendar, self._person, self._period = None, person, np.zeros(0, np.int32)
            self._new, self._events, self._squared = np.zeros(0, np.bool_), np.zeros(0, np.int64), np.zeros(0)
            return
        calendar = clock.Calendar(self.options.period, events.tz, int(times.min()), int(times.max()), events.week_start)
        number = calendar.number(times)
        pairs, each = np.unique(person.astype(np.int64) * len(calendar) + number, return_counts=True)
        self._calendar, self._person, self._period = calendar, (pairs // len(calendar)).astype(np.uint32), (pairs % len(calendar)).astype(np.int32)
        self._new = calendar.number(first[self._person]) == self._period
        self._events = np.bincount(number, minlength=len(calendar))
        self._squared = np.bincount(self._period, each**2, minlength=len(calendar)).astype(np.float64)

    @property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        if self._calendar is None:
            return pd.DataFrame({"period": pd.DatetimeIndex([], tz="UTC"), "people": [], "new": [], "events": []})
        periods = len(self._calendar)
        return pd.DataFrame(
            {
                "period": self._calendar.starts,
                "people": np.bincount(self._period, minlength=periods),
                "new": np.bincount(self._period[self._new], minlength=periods),
                "events": self._events,
            }
        )

    def _squares(self, table: str, column: str) -> NDArray[np.float64]:
        return self._squared

    def people(self, period: Any = None, new: bool = False) -> PersonSet:
        """Return the people of a period (a time in it; None: of all), only those who were new in it if `new`."""
        chosen = self._new.copy() if new else np.ones(len(self._person), np.bool_)
        if period is not None:
            at = clock.instant(period, self._calendar.tz) if self._calendar is not None else 0
            if self._calendar is None or not self._calendar.bounds[0] <= at < self._calendar.bounds[-1]:
                raise NoSuchCell(_("No period of the result holds {time}.").format(time=period))
            chosen &= self._period == self._calendar.number(np.array([at]))[0]
        return PersonSet(np.unique(self._person[chosen]), self._directory)

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


def _first_ever(events: Events) -> NDArray[np.int64]:
    """Return the time of every person's first event in the whole source."""
    whole = events.history.timeline
    first = np.full(len(whole.directory), np.iinfo(np.int64).max, np.int64)
    there = np.flatnonzero(np.diff(whole.offsets))
    first[there] = whole.times[whole.offsets[there]]
    return first
