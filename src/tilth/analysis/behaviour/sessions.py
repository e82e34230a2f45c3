r"""Sessions: what a person did without a long pause.

The events of a person in time order, e_1, e_2 …, at the times t_1 ≤ t_2 ≤ …; event e_i begins a session when

.. math:: i = 1 \quad\text{or}\quad t_i - t_{i-1} > \text{timeout} \quad\text{or}\quad e_i \text{ fills the separator}

and belongs to the one before otherwise. A pause of exactly the timeout ends nothing, and neither does midnight. A session's length runs from its
first event to its last: with one event it is 0, because nobody knows how long a person stayed after the last thing they did.

Source: the project's own definition, docs/reference/questions/sessions.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import periods
from tilth.analysis.behaviour.buckets import LADDER, Buckets, between_rungs
from tilth.analysis.result import Result
from tilth.analysis.sampling import OFTEN, ONCE, squares_of
from tilth.analysis.steps import AnyStep
from tilth.engine import clock, shards
from tilth.engine.kernels import sessions as kernels
from tilth.engine.partial import PERSONS, TOTAL, Answer, Partial
from tilth.engine.people import Directory, PersonSet
from tilth.errors import InputError
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events


@dataclass(frozen=True)
class SessionsOptions:
    """What sessions can be asked.

    Parameters
    ----------
    timeout : str, optional
        The longest pause inside a session, such as ``"30m"``; None for no bound.
    separator : step, optional
        Events that begin a session whatever came before, such as opening the app.
    """

    timeout: str | None = "30m"
    separator: AnyStep | None = None

    def __post_init__(self) -> None:
        clock.length(self.timeout)
        if self.timeout is None and self.separator is None:
            raise InputError(_("Sessions end by a pause or begin with an event: give a timeout such as '30m', or a separator."))
        periods.refuse_optional(self.separator)


@dataclass(frozen=True)
class Lengths(Partial):
    """How many sessions have a length between two rungs of the ladder, different people who have one, and events in them."""

    sessions: NDArray[np.int64] = field(metadata=TOTAL)
    people: NDArray[np.int64] = field(metadata=TOTAL)
    events: NDArray[np.int64] = field(metadata=TOTAL)


@dataclass(frozen=True)
class Cuts(Partial):
    """Everyone's sessions, those of a person in time order.

    Attributes
    ----------
    people : ndarray of uint32, shape (sessions,)
        Person codes, ascending.
    numbers : ndarray of int32, shape (sessions,)
        From 1 for each person.
    starts, ends : ndarray of int64, shape (sessions,)
        Instants of the first and the last event.
    events : ndarray of int32, shape (sessions,)
        How many.
    """

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    numbers: NDArray[np.int32]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    events: NDArray[np.int32]

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """How long each is, in microseconds."""
        return self.ends - self.starts


class Sessions(Result):
    """The answer to sessions.

    Attributes
    ----------
    frame : DataFrame
        session (the person's number of it, from 1 in time order), person, start, end (instants of the first and the last event, with the time zone),
        events, seconds; a row a session.
    summary : DataFrame
        bucket (from 1), from_seconds, to_seconds, sessions, people, events; a row for each bucket of lengths.
    left_out : int
        Rows of the source without a person or a time.
    """

    grows: ClassVar = {"summary": {"sessions": OFTEN, "people": ONCE, "events": OFTEN}}

    def __init__(self, events: Events, options: SessionsOptions) -> None:
        self.options, self._events = options, events
        answer = events.ask(compute, options)
        self.left_out = answer.left_out
        self._lengths = answer.found
        rungs = np.flatnonzero(answer.found.sessions)
        self._rungs = (int(rungs[0]), int(rungs[-1])) if len(rungs) else None
        self.buckets = Buckets(LADDER[:1]) if self._rungs is None else between_rungs(*self._rungs)

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        return tabulate(self.cuts, self._cuts.directory, self._events.tz)

    @cached_property
    def summary(self) -> pd.DataFrame:  # noqa: D102
        return summarise(self._lengths, self._rungs, self.buckets)

    @cached_property
    def _cuts(self) -> Answer[Cuts]:
        return self._events.ask(cuts, self.options)

    @property
    def cuts(self) -> Cuts:
        """Everyone's sessions as arrays: what the frame tells, without the ids."""
        return self._cuts.found

    def people(self, session: int | None = None, bucket: int | None = None) -> PersonSet:
        """Return the people who have a session of this number, or one whose length lies in a bucket; without either, everyone who has one."""
        inside = np.ones(len(self.cuts.people), np.bool_)
        if session is not None:
            inside &= self.cuts.numbers == session
        if bucket is not None:
            inside &= self.buckets.numbers(self.cuts.lengths) == self.buckets.checked(bucket)
        return PersonSet(np.unique(self.cuts.people[inside]), self._cuts.directory)

    def _squares(self, table: str, column: str) -> NDArray[np.float64]:
        amounts = self.cuts.events if column == "events" else None
        return squares_of(self.buckets.numbers(self.cuts.lengths) - 1, self.cuts.people, len(self.buckets), amounts)[: len(self.summary)]

    def title(self) -> str:  # noqa: D102
        return _("Sessions")

    def meaning(self) -> str:  # noqa: D102
        return define(self.options, self.left_out)

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: sessions by length as bars."""
        return draw(self.summary, self.buckets.names())


def compute(events: Events, options: SessionsOptions) -> Lengths:
    """Count everyone's sessions by their length."""
    return Lengths(*(sum(parts) for parts in zip(*_run(kernels.by_length, events, options, Buckets(LADDER).bounds), strict=True)))


def cuts(events: Events, options: SessionsOptions) -> Cuts:
    """Return everyone's sessions."""
    return Cuts(*shards.concatenated(_run(kernels.sessions, events, options)))


def _run(kernel: Any, events: Events, options: SessionsOptions, *given: Any) -> list[tuple[Any, ...]]:
    whole, marks = events.history.timeline, periods.marks(events, options.separator)
    timeout = -1 if options.timeout is None else clock.length(options.timeout)

    def shard(first: int, last: int) -> tuple[Any, ...]:
        return kernel(whole.offsets, whole.times, marks.codes, marks.bits, marks.keep, timeout, *given, first, last)  # type: ignore[no-any-return]

    return shards.run(shard, whole.offsets) or [shard(0, 0)]


def tabulate(cuts: Cuts, directory: Directory, tz: Any) -> pd.DataFrame:
    """Return the result's frame: a row a session."""
    return pd.DataFrame(
        {
            "session": cuts.numbers,
            "person": directory.ids.take(cuts.people).to_pandas(),
            "start": clock.stamps(cuts.starts, tz),
            "end": clock.stamps(cuts.ends, tz),
            "events": cuts.events,
            "seconds": cuts.lengths / 1e6,
        }
    )


def summarise(lengths: Lengths, rungs: tuple[int, int] | None, buckets: Buckets) -> pd.DataFrame:
    """Return a row for each bucket of lengths; `rungs` are the places of the first and the last among those of the whole ladder."""
    inside = slice(0) if rungs is None else slice(rungs[0], rungs[1] + 1)
    counts = {"sessions": lengths.sessions[inside], "people": lengths.people[inside], "events": lengths.events[inside]}
    low, high = np.array(buckets.seconds[: len(counts["people"])]).reshape(-1, 2).T
    return pd.DataFrame({"bucket": np.arange(1, len(low) + 1), "from_seconds": low, "to_seconds": high, **counts})


def define(options: SessionsOptions, left_out: int) -> str:
    """Return in plain words what the figures count."""
    told = []
    if options.timeout is not None:
        told.append(_("A session ends with a pause of more than {timeout}.").format(timeout=clock.in_words(options.timeout)))
    if options.separator is not None:
        told.append(_("Each {event} begins a session, whatever came before it.").format(event=periods.name_of(options.separator)))
    return paragraph(
        *told,
        _("Its length runs from its first event to its last: 0 with one event."),
        _("Left out: {count} rows without a person or a time.").format(count=f"{left_out:,}"),
    )


def draw(summary: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    """Return the ECharts option of sessions by length."""
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": names[: len(summary)]},
        "yAxis": {"type": "value", "min": 0},
        "series": [{"type": "bar", "name": _("Sessions"), "data": summary["sessions"].tolist()}],
    }
