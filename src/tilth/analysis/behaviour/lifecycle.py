r"""Lifecycle: who is new, who stays, who comes back and who falls silent, period by period.

With A_k the people with such an event among those looked at in period k, and first(p) the period of person p's first such event in the whole source,

.. math::

   \text{new}_k &= |\{p \in A_k : \text{first}(p) = k\}| \\
   \text{returning}_k &= |A_k \cap A_{k-1}| \\
   \text{resurrecting}_k &= |\{p \in A_k \setminus A_{k-1} : \text{first}(p) < k\}| \\
   \text{dormant}_k &= |A_{k-1} \setminus A_k|

so that the active people of a period are its new, returning and resurrecting ones, and each is exactly one of these.

Source: the growth accounting of Jonathan Hsu, "Diligence at Social Capital, part 1: accounting for user growth" (2015); the definition in
docs/reference/questions/lifecycle.md is the project's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import periods
from tilth.analysis.behaviour.activity import named
from tilth.analysis.result import Result, choice
from tilth.analysis.sampling import ONCE
from tilth.analysis.steps import AnyStep
from tilth.engine import clock, shards
from tilth.engine.kernels import lifecycle as kernels
from tilth.engine.partial import PERSONS, TOTAL, Answer, Partial
from tilth.engine.people import PersonSet
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events

STATES = ("new", "returning", "resurrecting", "dormant")


@dataclass(frozen=True)
class LifecycleOptions:
    """What lifecycle can be asked.

    Parameters
    ----------
    event : step, optional
        By what people are active; None is any event.
    period : {"day", "week", "month"}
    """

    event: AnyStep | None = None
    period: Literal["day", "week", "month"] = "day"

    def __post_init__(self) -> None:
        choice(self.period, clock.PERIODS, "period")
        periods.refuse_optional(self.event)


@dataclass(frozen=True)
class Counted(Partial):
    """People by period and state.

    Attributes
    ----------
    counts : ndarray of int64, shape (periods + 1, 4)
        The row after the last period tells who would be dormant in it.
    events : int
        How many there are in the whole source.
    """

    counts: NDArray[np.int64] = field(metadata=TOTAL)
    events: int = field(metadata=TOTAL)


@dataclass(frozen=True)
class Stays(Partial):
    """Runs of periods without a gap in which people were active.

    Attributes
    ----------
    people : ndarray of uint32, shape (stays,)
        Person codes, ascending; a person's stays one after the other.
    since, until : ndarray of int32, shape (stays,)
        First and last period.
    new : ndarray of bool, shape (stays,)
        Whether the person's first such event in the whole source lies in the first period.
    """

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    since: NDArray[np.int32]
    until: NDArray[np.int32]
    new: NDArray[np.bool_]

    def inside(self, state: str | None, period: int | None) -> NDArray[np.bool_]:
        """Return which stays put their person into a state (None: active) in a period (None: in any)."""
        if state is None:
            return np.ones(len(self.people), np.bool_) if period is None else (self.since <= period) & (period <= self.until)
        if state == "returning":
            return self.since < self.until if period is None else (self.since < period) & (period <= self.until)
        if state == "dormant":
            return np.ones(len(self.people), np.bool_) if period is None else self.until + 1 == period
        chosen = self.new if state == "new" else ~self.new
        return chosen if period is None else chosen & (self.since == period)


class Lifecycle(Result):
    """The answer to lifecycle.

    Attributes
    ----------
    frame : DataFrame
        period (first instant, with the time zone), new, returning, resurrecting, dormant; a row for each period from the source's first event to
        its last.
    left_out : int
        Rows of the source without a person or a time.
    """

    grows: ClassVar = {"frame": dict.fromkeys(STATES, ONCE)}

    def __init__(self, events: Events, options: LifecycleOptions) -> None:
        self.options, self._events = options, events
        answer = events.ask(compute, options)
        self.left_out = answer.left_out
        self._counts = answer.found.counts
        self._calendar = periods.calendar(options.period, events, answer.span)
        self._rows = len(self._calendar) if answer.found.events else 0

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        return tabulate(self._counts, self._calendar, self._rows)

    @cached_property
    def looked_at(self) -> pd.DataFrame:
        """The rows of the periods that the events looked at span."""
        extent = self._events.ask(periods.extent).found
        if not len(extent.first):
            return self.frame.iloc[:0]
        first, last = self._calendar.number(np.array([extent.first.min(), extent.last.max()])).tolist()
        return self.frame.iloc[first : last + 1]

    @cached_property
    def _stays(self) -> Answer[Stays]:
        return self._events.ask(stays, self.options)

    def people(self, period: Any = None, state: str | None = None) -> PersonSet:
        """Return the people of a period (a time in it; None: of any) in a state (``"new"`` …; None: all who were active)."""
        if state is not None:
            choice(state, STATES, "state")
        number = None if period is None else periods.number_of(period, self._calendar)
        found = self._stays.found
        inside = found.inside(state, number)
        if state == "dormant" and number is None:
            inside &= found.until + 1 < self._rows  # after the last period nobody can tell
        return PersonSet(np.unique(found.people[inside]), self._stays.directory)

    def title(self) -> str:  # noqa: D102
        return _("Lifecycle: {event}").format(event=periods.name_of(self.options.event))

    def meaning(self) -> str:  # noqa: D102
        return define(self.options, self.left_out)

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: new, returning and resurrecting people as stacked bars, dormant ones below zero.

        It draws the periods of the events looked at; the frame has a row for every period of the source.
        """
        return draw(self.looked_at, self.options.period)


def compute(events: Events, options: LifecycleOptions) -> Counted:
    """Count the people of each period."""
    return Counted(sum(_run(kernels.states, events, options)), len(events.history.timeline))


def stays(events: Events, options: LifecycleOptions) -> Stays:
    """Return everyone's stays."""
    return Stays(*shards.concatenated(_run(kernels.stays, events, options)))


def _run(kernel: Any, events: Events, options: LifecycleOptions) -> list[Any]:
    whole, marks = events.history.timeline, periods.marks(events, options.event)
    bounds = periods.calendar(options.period, events, whole.span).bounds

    def shard(first: int, last: int) -> Any:
        return kernel(whole.offsets, whole.times, marks.codes, marks.bits, marks.keep, bounds, first, last)

    return shards.run(shard, whole.offsets) or [shard(0, 0)]


def tabulate(counts: NDArray[np.int64], calendar: clock.Calendar, rows: int) -> pd.DataFrame:
    """Return the result's frame: a row for each of the first `rows` periods."""
    return pd.DataFrame({"period": calendar.starts[:rows], **{state: counts[:rows, k] for k, state in enumerate(STATES)}})


def define(options: LifecycleOptions, left_out: int) -> str:
    """Return in plain words what the figures count."""
    return paragraph(
        _("A person is active in a {period} in which they did it at least once.").format(period=periods.called(options.period)),
        _("New: they did it for the first time ever. Returning: active in the {period} before too.").format(period=periods.called(options.period)),
        _("Resurrecting: not active in the {period} before, but earlier.").format(period=periods.called(options.period)),
        _("Dormant: active in the {period} before and not in this one.").format(period=periods.called(options.period)),
        _("Left out: {count} rows without a person or a time.").format(count=f"{left_out:,}"),
    )


def labels() -> dict[str, str]:
    """Return what the states are called."""
    return {"new": _("New"), "returning": _("Returning"), "resurrecting": _("Resurrecting"), "dormant": _("Dormant")}


def draw(frame: pd.DataFrame, period: str) -> dict[str, Any]:
    """Return the ECharts option of the states by period."""
    series: list[dict[str, Any]] = []
    for state, name in labels().items():
        gone = state == "dormant"
        bar = {"type": "bar", "name": name, "stack": "people", "data": [-int(count) if gone else int(count) for count in frame[state]]}
        series.append(bar | ({"itemStyle": {"color": {"$token": "ink-3"}}} if gone else {}))
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": True},
        "grid": {"left": 8, "right": 16, "top": 32, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [named(at, period) for at in frame["period"]]},
        "yAxis": {"type": "value"},
        "series": series,
    }
