"""The public face of behaviour: ``tl.Events``, on which every question about events is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from tilth.analysis.behaviour.activation import Activation, ActivationOptions
from tilth.analysis.behaviour.frequency import Frequency, FrequencyOptions
from tilth.analysis.behaviour.funnel import Funnel, FunnelOptions
from tilth.analysis.behaviour.intervals import Intervals, IntervalsOptions
from tilth.analysis.behaviour.lifecycle import Lifecycle, LifecycleOptions
from tilth.analysis.behaviour.paths import Paths, PathsOptions
from tilth.analysis.behaviour.retention import Retention, RetentionOptions
from tilth.analysis.behaviour.sessions import Sessions, SessionsOptions
from tilth.analysis.behaviour.stickiness import Stickiness, StickinessOptions
from tilth.analysis.behaviour.touchpoints import Touchpaths, TouchpointsOptions
from tilth.analysis.result import choice
from tilth.analysis.steps import AnyStep, Exclude, Step
from tilth.engine import ENGINES, clock, spark
from tilth.engine.conditions import Condition
from tilth.engine.history import History
from tilth.engine.partial import PERSONS, TOTAL, Answer, Partial
from tilth.engine.people import PersonSet
from tilth.engine.sources import open_source
from tilth.engine.timeline import Timeline
from tilth.errors import InputError
from tilth.language import _

T = TypeVar("T", bound=Partial)
Narrowing = tuple[tuple[str, tuple[Any, ...]], ...]
"""Methods of :class:`Events` that leave events out, one after the other, and their arguments."""


@dataclass(frozen=True)
class Size(Partial):
    """How many events are looked at."""

    events: int = field(metadata=TOTAL)


def size(events: Events) -> Size:
    """Count the events looked at."""
    return Size(len(events.timeline))


@dataclass(frozen=True)
class Everybody(Partial):
    """Who has an event among those looked at."""

    people: NDArray[np.uint32] = field(metadata=PERSONS)


def everybody(events: Events) -> Everybody:
    """Find who has an event."""
    return Everybody(np.flatnonzero(np.diff(events.timeline.offsets)).astype(np.uint32))


@dataclass(frozen=True)
class Firsts(Partial):
    """When everybody's first event of all was, in microseconds."""

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    times: NDArray[np.int64]


def firsts(events: Events) -> Firsts:
    """Find everybody's first event in the whole source."""
    whole = events.history.timeline
    people = np.flatnonzero(np.diff(whole.offsets))
    return Firsts(people.astype(np.uint32), whole.times[whole.offsets[people]])


class Events:
    """Events of people, from anything that has rows.

    Parameters
    ----------
    source : path or glob, data frame or relation
        csv, csv.gz, tsv, jsonl, parquet; pandas, polars, Arrow; a DuckDB relation, an Ibis table; a dict of columns; a Spark data frame, which stays
        where it is: questions go to its executors (see :class:`~tilth.analysis.clustered.ClusterEvents`).
    person : str
        The column that says whose event it is.
    time : str
        The column that says when.
    event : str
        The column with the event's name.
    order : str, optional
        A column that breaks ties in time; without it the place in the source does.
    tz : str
        Time zone of times without an offset, of calendar periods and of times in results.
    week_start : str
        ``"monday"`` … ``"sunday"``.

    Notes
    -----
    Times: timestamps, dates, ISO 8601 text, unix seconds, or milliseconds from 1e11 up; a column of whole numbers that are all days like 19970131
    holds days. Rows without a person or a time are left out and counted in a result's ``left_out``. What a question read and sorted is kept for
    the next.

    Examples
    --------
    >>> events = Events({"user_id": ["a", "a", "b"], "ts": [0, 60, 30], "event": ["view", "buy", "view"]})
    >>> events.funnel(["view", "buy"], within="1h").frame[["label", "people", "from_start"]]
      label  people  from_start
    0  view       2         1.0
    1   buy       1         0.5
    """

    def __new__(cls, source: Any = None, *_given: Any, **_named: Any) -> Events:
        """Return events on Spark where `source` is there."""
        if cls is Events and spark.is_spark(source):
            from tilth.analysis.clustered import ClusterEvents

            return super().__new__(ClusterEvents)
        return super().__new__(cls)

    def __init__(
        self,
        source: Any,
        person: str = "user_id",
        time: str = "ts",
        event: str = "event",
        order: str | None = None,
        tz: str = "Asia/Shanghai",
        week_start: str = "monday",
    ) -> None:
        self.tz = clock.zone(tz)
        clock.weekday(week_start)
        self.week_start = week_start
        self.history = History(open_source(source, text=(person, event), tz=tz), person, time, event, order, self.tz)
        self._columns = person, time, event, order
        self._keep: NDArray[np.bool_] | None = None
        self._narrowing: Narrowing = ()
        self.elsewhere: Callable[[str], Events] | None = None

    engine = "local"

    @classmethod
    def over(cls, history: History, tz: str = "Asia/Shanghai", week_start: str = "monday") -> Events:
        """Return the events of a history that is there already, such as one in an index."""
        made = cls.__new__(cls)
        made.tz, made.week_start = clock.zone(tz), week_start
        made.history, made._keep, made._narrowing, made.elsewhere = history, None, (), None
        return made

    def on(self, engine: str | None) -> Events:
        """Return the same events where another engine answers: ``"local"`` or ``"spark"``; None where they are.

        Raises
        ------
        SourceError
            When Spark is not there.
        """
        choice(engine, (None, *ENGINES), "engine")
        if engine is None or engine == self.engine:
            return self
        found = self.elsewhere(engine) if self.elsewhere is not None else self._moved()
        for method, how in self._narrowing:
            found = getattr(found, method)(*how)
        return found

    def _moved(self) -> Events:
        """Return the same rows on Spark."""
        source = self.history.source
        rows = source.scan({name: source.column(name) for name in source.types})
        return Events(spark.session().createDataFrame(rows), *self._columns, tz=self.tz.key, week_start=self.week_start)

    def __repr__(self) -> str:
        return f"Events({len(self.timeline):,} events of {len(self.people()):,} people)"

    def __len__(self) -> int:
        return int(self.ask(size).found.events)

    @cached_property
    def timeline(self) -> Timeline:
        """The events that are looked at, in the order of people and time."""
        whole = self.history.timeline
        return whole if self._keep is None else whole.narrowed(self._keep)

    def kept(self, flags: NDArray[Any]) -> NDArray[Any]:
        """Return the part of an array over the whole history that belongs to the events looked at."""
        return flags if self._keep is None else flags[self._keep]

    @property
    def keep(self) -> NDArray[np.bool_] | None:
        """Which events of the whole history are looked at; None for all."""
        return self._keep

    def places(self, narrowed: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where in the whole history events stand, given where they stand among those looked at; -1 stays."""
        if self._keep is None:
            return narrowed
        return np.where(narrowed < 0, np.int64(-1), np.append(np.flatnonzero(self._keep), -1)[narrowed])

    def ask(self, question: Callable[..., T], *given: Any) -> Answer[T]:
        """Return what ``question(events, *given)`` finds over the events of everybody."""
        whole = self.history.timeline
        return Answer(question(self, *given), whole.directory, whole.left_out, whole.span)

    def people(self) -> PersonSet:
        """Return everyone who has an event here."""
        answer = self.ask(everybody)
        return PersonSet(answer.found.people, answer.directory)

    def newcomers(self, start: Any = None, end: Any = None) -> PersonSet:
        """Return those whose first event in the whole source lies from `start` up to `end`, which are read as by :meth:`during`.

        Examples
        --------
        >>> events = Events({"user_id": ["a", "a", "b"], "ts": ["2024-01-01", "2024-01-05", "2024-01-05"], "event": ["open"] * 3})
        >>> sorted(events.newcomers("2024-01-02", "2024-01-31"))
        ['b']
        """
        answer = self.ask(firsts)
        times = answer.found.times
        chosen = np.ones(len(times), np.bool_)
        if start is not None:
            chosen &= times >= clock.instant(start, self.tz)
        if end is not None:
            chosen &= times < clock.instant(end, self.tz, end=True)
        return PersonSet(answer.found.people[chosen], answer.directory)

    def names(self) -> list[str]:
        """Return the names of all events in the source, the most frequent first."""
        return self.history.names()

    def vocabulary(self) -> list[str]:
        """Return the names of all events in the source, in the order of their codes."""
        assert self.history.event is not None
        values: list[str] = self.history.codes(self.history.event)[1].to_pylist()
        return values

    # Narrowing: other events to look at, the same history behind them ("first ever" still sees all of it).

    def during(self, start: Any = None, end: Any = None) -> Events:
        """Return the events from `start` up to but not including `end`; a date as `end` includes that whole day, None leaves a side open.

        Examples
        --------
        >>> events = Events({"user_id": ["a"] * 3, "ts": ["2024-01-01 08:00", "2024-01-31 23:59", "2024-02-01"], "event": ["open"] * 3})
        >>> len(events.during("2024-01-01", "2024-01-31")), len(events.during("2024-01-01 08:00", "2024-01-31 23:59"))
        (2, 1)
        """
        times = self.history.timeline.times
        keep = np.ones(len(times), np.bool_)
        if start is not None:
            keep &= times >= clock.instant(start, self.tz)
        if end is not None:
            keep &= times < clock.instant(end, self.tz, end=True)
        return self._narrowed(keep, "during", start, end)

    def where(self, condition: Condition) -> Events:
        """Return the events for which a dict of equalities or an Ibis expression holds; a null equals nothing."""
        return self._narrowed(self.history.where(condition), "where", condition)

    def within(self, people: PersonSet | Iterable[Any]) -> Events:
        """Return the events of some people: a PersonSet, of this source or any other, or ids."""
        whole = self.history.timeline
        if isinstance(people, str | bytes):
            raise InputError(_("People are given as a PersonSet or a list of ids, not as the single text {given}.").format(given=repr(people)))
        chosen = people if isinstance(people, PersonSet) else PersonSet.of(people)
        inside = np.zeros(len(whole.directory), np.bool_)
        inside[chosen.codes_in(whole.directory)] = True
        return self._narrowed(np.repeat(inside, np.diff(whole.offsets)), "within", chosen)

    def sample(self, share: float) -> Events:
        """Return all events of a share of the people, drawn by their ids: the same people every time, and a part of any larger share's."""
        if not 0 < share <= 1:
            raise InputError(_("A sample is a share above 0 and up to 1, not {share}.").format(share=share))
        whole = self.history.timeline
        return self._narrowed(np.repeat(whole.directory.lottery < share, np.diff(whole.offsets)), "sample", share)

    @property
    def share(self) -> float:
        """The share of the people that is looked at: that of the smallest sample, which is a part of the others, or 1."""
        return min((float(how[0]) for method, how in self._narrowing if method == "sample"), default=1.0)

    def _narrowed(self, keep: NDArray[np.bool_], method: str, *how: Any) -> Events:
        narrowed = copy(self)
        narrowed._narrowing = (*self._narrowing, (method, how))
        narrowed.__dict__.pop("timeline", None)
        narrowed._keep = keep if self._keep is None else keep & self._keep
        return narrowed

    # Questions: one method line each.

    def funnel(
        self,
        steps: Sequence[AnyStep],
        within: str | None = "14d",
        order: Literal["ordered", "strict", "any"] = "ordered",
        exclude: str | Exclude | Sequence[str | Exclude] = (),
        by: str | Sequence[str] | None = None,
        by_touch: Literal["first", "last", "all"] | int = "first",
        hold: str | Sequence[str] | None = None,
        start_is: Literal["every", "first"] = "every",
        engine: str | None = None,
        sessions: str | None = None,
        top: int | None = None,
    ) -> Funnel:
        """Ask how many people go through `steps`, and how long it takes them; see :mod:`tilth.analysis.behaviour.funnel`."""
        return Funnel(
            self.on(engine),
            FunnelOptions(
                steps if isinstance(steps, str | Step) else tuple(steps), within, order, exclude, by, by_touch, hold, start_is, engine, sessions, top
            ),
        )

    def retention(
        self,
        start: AnyStep,
        back: AnyStep | None = None,
        period: Literal["day", "week", "month"] = "day",
        periods: int = 12,
        kind: Literal["on", "on_or_after", "bracket"] = "on",
        brackets: Sequence[tuple[int, int]] | None = None,
        start_is: Literal["first", "recurring"] = "first",
        until: Any = None,
        by: str | Sequence[str] | None = None,
        tz: str | None = None,
        week_start: str | None = None,
        value: str | None = None,
        top: int | None = None,
    ) -> Retention:
        """Ask how many of those who started come back, period by period; see :mod:`tilth.analysis.behaviour.retention`."""
        return Retention(self, RetentionOptions(start, back, period, periods, kind, brackets, start_is, until, by, tz, week_start, value, top))

    def lifecycle(
        self,
        event: AnyStep | None = None,
        period: Literal["day", "week", "month"] = "day",
        by: str | Sequence[str] | None = None,
        top: int | None = None,
    ) -> Lifecycle:
        """Ask who is new, returning, resurrecting or dormant, period by period; see :mod:`tilth.analysis.behaviour.lifecycle`."""
        return Lifecycle(self, LifecycleOptions(event, period, by, top))

    def stickiness(
        self,
        event: AnyStep | None = None,
        period: Literal["day", "week"] = "day",
        over: Literal["week", "month"] = "week",
        by: str | Sequence[str] | None = None,
        top: int | None = None,
    ) -> Stickiness:
        """Ask in how many periods of a window people are active; see :mod:`tilth.analysis.behaviour.stickiness`."""
        return Stickiness(self, StickinessOptions(event, period, over, by, top))

    def sessions(
        self,
        timeout: str | None = "30m",
        separator: AnyStep | None = None,
        by: str | Sequence[str] | None = None,
        top: int | None = None,
    ) -> Sessions:
        """Cut what people did into sessions; see :mod:`tilth.analysis.behaviour.sessions`."""
        return Sessions(self, SessionsOptions(timeout, separator, by, top))

    def intervals(
        self,
        a: AnyStep,
        b: AnyStep | None = None,
        within: str | None = None,
        starts: Literal["every", "nearest"] = "every",
        buckets: Sequence[str] | None = None,
        by: str | Sequence[str] | None = None,
        top: int | None = None,
    ) -> Intervals:
        """Ask how long it takes from each `a` to the next `b`, or to the next `a`; see :mod:`tilth.analysis.behaviour.intervals`."""
        return Intervals(self, IntervalsOptions(a, b, within, starts, buckets, by, top))

    def frequency(
        self,
        event: AnyStep | None = None,
        period: Literal["day", "week", "month"] | None = None,
        by: str | Sequence[str] | None = None,
        top: int | None = None,
    ) -> Frequency:
        """Ask how many people did it once, twice, three times; see :mod:`tilth.analysis.behaviour.frequency`."""
        return Frequency(self, FrequencyOptions(event, period, by, top))

    def paths(
        self,
        start: AnyStep | None = None,
        end: AnyStep | None = None,
        depth: int = 5,
        sessions: str | None = None,
        fold: bool = False,
        top: int | None = None,
        around: AnyStep | None = None,
    ) -> Paths:
        """Ask what people do one after the other, from, to or around an event; see :mod:`tilth.analysis.behaviour.paths`."""
        return Paths(self, PathsOptions(start, end, depth, sessions, fold, top, around))

    def touchpoints(
        self,
        channel: str,
        conversion: AnyStep,
        value: str | None = None,
        lookback: str | None = "30d",
        touch: AnyStep | None = None,
        fold: bool = False,
        longest: int = 100,
    ) -> Touchpaths:
        """Ask by which channels people came before they converted; see :mod:`tilth.analysis.behaviour.touchpoints`."""
        return Touchpaths.of(self, TouchpointsOptions(channel, conversion, value, lookback, touch, fold, longest))

    def activation(
        self,
        retained: AnyStep | None = None,
        start: AnyStep | None = None,
        candidates: Sequence[AnyStep] | None = None,
        counts: Sequence[int] = (1, 2, 3, 5),
        windows: Sequence[str] = ("1d", "7d"),
        between: tuple[str, str] = ("7d", "14d"),
        until: Any = None,
    ) -> Activation:
        """Ask which early behaviour goes along with being retained; see :mod:`tilth.analysis.behaviour.activation`."""
        return Activation(self, ActivationOptions(retained, start, candidates, counts, windows, between, until))
