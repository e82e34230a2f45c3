r"""Lifecycle: who is new, who stays, who comes back and who falls silent, period by period.

With A_k the people with such an event among those looked at in period k, and first(p) the period of person p's first such event in the whole source,

.. math::

   \text{new}_k &= |\{p \in A_k : \text{first}(p) = k\}| \\
   \text{returning}_k &= |A_k \cap A_{k-1}| \\
   \text{resurrecting}_k &= |\{p \in A_k \setminus A_{k-1} : \text{first}(p) < k\}| \\
   \text{dormant}_k &= |A_{k-1} \setminus A_k|

so that the active people of a period are its new, returning and resurrecting ones, and each is exactly one of these.

Split by something, everybody is of one group: that of the first of the events looked at by which they are active. So each group is the question asked
of its own people, and the groups add up to the whole.

Source: the growth accounting of Jonathan Hsu, "Diligence at Social Capital, part 1: accounting for user growth" (2015); the definition in
docs/reference/questions/lifecycle.md is the project's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import lines, periods
from tilth.analysis.behaviour.activity import named
from tilth.analysis.result import Groups, Result, by_names, check_top, choice, drawn_groups
from tilth.analysis.sampling import ONCE
from tilth.analysis.split import Split
from tilth.analysis.steps import AnyStep
from tilth.engine import clock, shards
from tilth.engine.kernels import lifecycle as kernels
from tilth.engine.partial import PERSONS, TOTAL, Answer, Partial
from tilth.engine.people import PersonSet
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events

STATES = ("new", "returning", "resurrecting", "dormant")
COLUMNS = ("period", *STATES)
OWN = (*COLUMNS, "state", "active", "people")
"""Names that cannot be split by: those of figures, and of what a cell is asked by."""


@dataclass(frozen=True)
class LifecycleOptions:
    """What lifecycle can be asked.

    Parameters
    ----------
    event : step, optional
        By what people are active; None is any event.
    period : {"day", "week", "month"}
    by : column or columns, optional
        Split by the values on the first of the events looked at by which a person is active.
    top : int, optional
        Keep so many groups, those of most people, and put the others together.
    """

    event: AnyStep | None = None
    period: Literal["day", "week", "month"] = "day"
    by: str | Sequence[str] | None = None
    top: int | None = None

    def __post_init__(self) -> None:
        check_top(self.top, self.by)
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
    split : Split
        The values that the people are split by, a row for each of them in the order of their codes.
    events : int
        How many there are in the whole source.
    """

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    since: NDArray[np.int32]
    until: NDArray[np.int32]
    new: NDArray[np.bool_]
    split: Split
    events: int = field(metadata=TOTAL)

    @cached_property
    def member(self) -> NDArray[np.int64]:
        """The row of the split of each stay's person."""
        return np.cumsum(np.diff(self.people, prepend=self.people[:1]) != 0)

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
        After any `by` columns: period (first instant, with the time zone), new, returning, resurrecting, dormant; a row for each period from the
        source's first event to its last, in every group.
    left_out : int
        Rows of the source without a person or a time.
    """

    grows: ClassVar = {"frame": dict.fromkeys(STATES, ONCE)}

    def __init__(self, events: Events, options: LifecycleOptions) -> None:
        self.options, self._events = options, events
        self.by = by_names(options.by, OWN)
        answer: Answer[Any] = self._stays if self.by else events.ask(compute, options)
        self.left_out = answer.left_out
        self._counted = answer.found
        self._calendar = periods.calendar(options.period, events, answer.span)
        self._rows = len(self._calendar) if answer.found.events else 0

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        if not self.by:
            return tabulate(self._counted.counts[None], self._calendar, self._rows)
        figures = tabulate(counted(self._stays.found, self._groups, self._rows), self._calendar, self._rows)
        return pd.concat([self._groups.repeated(self._rows), figures], axis=1)

    @cached_property
    def looked_at(self) -> pd.DataFrame:
        """The rows of the periods that the events looked at span."""
        extent = self._events.ask(periods.extent).found
        if not len(extent.first):
            return self.frame.iloc[:0]
        first, last = self._calendar.number(np.array([extent.first.min(), extent.last.max()])).tolist()
        number = np.arange(len(self.frame)) % self._rows
        return self.frame[(first <= number) & (number <= last)]

    @cached_property
    def _stays(self) -> Answer[Stays]:
        return self._events.ask(stays, self.options)

    @cached_property
    def _groups(self) -> Groups:
        return self._stays.found.split.groups(self.options.top)

    def people(self, period: Any = None, state: str | None = None, **by: Any) -> PersonSet:
        """Return the people of a period (a time in it; None: of any) in a state (``"new"`` …; None: all who were active)."""
        if state is not None:
            choice(state, STATES, "state")
        number = None if period is None else periods.number_of(period, self._calendar)
        found = self._stays.found
        inside = found.inside(state, number)
        if state == "dormant" and number is None:
            inside &= found.until + 1 < self._rows  # after the last period nobody can tell
        if by:
            inside &= self._groups.chosen(by)[self._groups.number][found.member]
        return PersonSet(np.unique(found.people[inside]), self._stays.directory)

    def title(self) -> str:  # noqa: D102
        return _("Lifecycle: {event}").format(event=periods.name_of(self.options.event))

    def meaning(self) -> str:  # noqa: D102
        return define(self.options, self.left_out)

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: new, returning and resurrecting people as stacked bars, dormant ones below zero; split, active people as lines.

        It draws the periods of the events looked at; the frame has a row for every period of the source.
        """
        return draw_groups(self.looked_at, self.by, self.options.period) if self.by else draw(self.looked_at, self.options.period)


def compute(events: Events, options: LifecycleOptions) -> Counted:
    """Count the people of each period."""
    return Counted(sum(_run(kernels.states, events, options)), len(events.history.timeline))


def stays(events: Events, options: LifecycleOptions) -> Stays:
    """Return everyone's stays."""
    people, since, until, new = shards.concatenated(_run(kernels.stays, events, options))
    whole = events.history.timeline
    everybody, first = np.unique(people, return_index=True)
    begins = periods.calendar(options.period, events, whole.span).bounds[since[first]]
    by = by_names(options.by, OWN)
    split = periods.split(events, by, periods.marks(events, options.event), everybody, begins)
    return Stays(people, since, until, new, split, len(whole))


def counted(stays: Stays, groups: Groups, rows: int) -> NDArray[np.int64]:
    """Return the people of every group by period and state, shape (groups, rows + 1, 4); the row after the last tells who would be dormant in it."""
    width = rows + 1
    base = groups.number[stays.member] * width
    since, after = base + stays.since, base + stays.until + 1

    def at(places: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(places, minlength=len(groups) * width)

    active = np.cumsum(at(since) - at(after))  # whoever is active has come and not gone
    new, dormant = at(since[stays.new]), at(after)
    counts = np.stack([new, active - at(since), at(since) - new, dormant], axis=1)
    return counts.reshape(len(groups), width, len(STATES))


def _run(kernel: Any, events: Events, options: LifecycleOptions) -> list[Any]:
    whole, marks = events.history.timeline, periods.marks(events, options.event)
    bounds = periods.calendar(options.period, events, whole.span).bounds

    def shard(first: int, last: int) -> Any:
        return kernel(whole.offsets, whole.times, marks.codes, marks.bits, marks.keep, bounds, first, last)

    return shards.run(shard, whole.offsets) or [shard(0, 0)]


def tabulate(counts: NDArray[np.int64], calendar: clock.Calendar, rows: int) -> pd.DataFrame:
    """Return the figures of each of the first `rows` periods, group by group."""
    figures = counts[:, :rows].reshape(-1, len(STATES))
    starts = calendar.starts[np.tile(np.arange(rows), len(counts))]
    return pd.DataFrame({"period": starts, **{state: figures[:, k] for k, state in enumerate(STATES)}})


def define(options: LifecycleOptions, left_out: int) -> str:
    """Return in plain words what the figures count."""
    return paragraph(
        _("A person is active in a {period} in which they did it at least once.").format(period=periods.called(options.period)),
        _("New: they did it for the first time ever. Returning: active in the {period} before too.").format(period=periods.called(options.period)),
        _("Resurrecting: not active in the {period} before, but earlier.").format(period=periods.called(options.period)),
        _("Dormant: active in the {period} before and not in this one.").format(period=periods.called(options.period)),
        *([_("A person is of one group: that of their first such event among those looked at.")] if options.by else []),
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


def active(frame: pd.DataFrame) -> pd.Series:
    """Return the active people of each row."""
    return frame["new"] + frame["returning"] + frame["resurrecting"]


def draw_groups(frame: pd.DataFrame, by: list[str], period: str) -> dict[str, Any]:
    """Return the ECharts option of one line a group: its active people by period."""
    groups = drawn_groups(frame.assign(active=active(frame)), by, "active")
    axis = [named(at, period) for at in frame["period"].unique()]
    return lines.draw(axis, [(name, rows["active"].tolist()) for name, rows in groups], shares=False)
