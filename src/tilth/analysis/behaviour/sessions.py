r"""Sessions: what a person did without a long pause.

The events of a person in time order, e_1, e_2 …, at the times t_1 ≤ t_2 ≤ …; event e_i begins a session when

.. math:: i = 1 \quad\text{or}\quad t_i - t_{i-1} > \text{timeout} \quad\text{or}\quad e_i \text{ fills the separator}

and belongs to the one before otherwise. A pause of exactly the timeout ends nothing, and neither does midnight. A session's length runs from its
first event to its last: with one event it is 0, because nobody knows how long a person stayed after the last thing they did.

Split by something, a session is of the group of its first event: a person may have sessions in several.

Source: the project's own definition, docs/reference/questions/sessions.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import periods
from tilth.analysis.behaviour.buckets import LADDER, Buckets, between_rungs, buckets_of, draw
from tilth.analysis.result import Groups, Result, by_names, check_top
from tilth.analysis.sampling import OFTEN, ONCE, squares_of
from tilth.analysis.split import Split
from tilth.analysis.steps import AnyStep
from tilth.engine import clock, shards
from tilth.engine.kernels import sessions as kernels
from tilth.engine.kernels.cells import people_of
from tilth.engine.partial import PERSONS, TOTAL, Answer, Partial
from tilth.engine.people import Directory, PersonSet
from tilth.errors import InputError
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events


COLUMNS = ("session", "person", "start", "end", "events", "seconds")
SUMMARY = ("bucket", "from_seconds", "to_seconds", "sessions", "people", "events")
OWN = (*COLUMNS, *SUMMARY, "median_seconds")
"""Names that cannot be split by: those of figures."""


@dataclass(frozen=True)
class SessionsOptions:
    """What sessions can be asked.

    Parameters
    ----------
    timeout : str, optional
        The longest pause inside a session, such as ``"30m"``; None for no bound.
    separator : step, optional
        Events that begin a session whatever came before, such as opening the app.
    by : column or columns, optional
        Split by the values on a session's first event.
    top : int, optional
        Keep so many groups, those of most sessions, and put the others together.
    """

    timeout: str | None = "30m"
    separator: AnyStep | None = None
    by: str | Sequence[str] | None = None
    top: int | None = None

    def __post_init__(self) -> None:
        check_top(self.top, self.by)
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
    split : Split
        The values that each session is split by.
    """

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    numbers: NDArray[np.int32]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    events: NDArray[np.int32]
    split: Split

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """How long each is, in microseconds."""
        return self.ends - self.starts


class Sessions(Result):
    """The answer to sessions.

    Attributes
    ----------
    frame : DataFrame
        After any `by` columns: session (the person's number of it, from 1 in time order), person, start, end (instants of the first and the last
        event, with the time zone), events, seconds; a row a session.
    summary : DataFrame
        After any `by` columns: bucket (from 1), from_seconds, to_seconds, sessions, people, events; a row for each bucket of lengths in every group.
    left_out : int
        Rows of the source without a person or a time.
    """

    grows: ClassVar = {"summary": {"sessions": OFTEN, "people": ONCE, "events": OFTEN}}

    def __init__(self, events: Events, options: SessionsOptions) -> None:
        self.options, self._events = options, events
        self.by = by_names(options.by, OWN)
        if self.by:
            self.left_out = self._cuts.left_out
            self.buckets = buckets_of(self.cuts.lengths, None)
            return
        answer = events.ask(compute, options)
        self.left_out = answer.left_out
        self._lengths = answer.found
        rungs = np.flatnonzero(answer.found.sessions)
        self._rungs = (int(rungs[0]), int(rungs[-1])) if len(rungs) else None
        self.buckets = Buckets(LADDER[:1]) if self._rungs is None else between_rungs(*self._rungs)

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        rows = tabulate(self.cuts, self._cuts.directory, self._events.tz)
        return pd.concat([self.groups.frame.iloc[self.groups.number].reset_index(drop=True), rows], axis=1) if self.by else rows

    @cached_property
    def summary(self) -> pd.DataFrame:  # noqa: D102
        return summarise_groups(self.cuts, self.groups, self.buckets) if self.by else summarise(self._lengths, self._rungs, self.buckets)

    @cached_property
    def groups(self) -> Groups:
        """The groups that the sessions fall into."""
        return self.cuts.split.groups(self.options.top)

    @cached_property
    def _cuts(self) -> Answer[Cuts]:
        return self._events.ask(cuts, self.options)

    @property
    def cuts(self) -> Cuts:
        """Everyone's sessions as arrays: what the frame tells, without the ids."""
        return self._cuts.found

    @cached_property
    def by_group(self) -> pd.DataFrame:
        """A row a group: after the `by` columns sessions, people, median_seconds and events (of a session on average)."""
        number, sessions = self.groups.number, np.bincount(self.groups.number, minlength=len(self.groups))
        return self.groups.frame.assign(
            sessions=sessions,
            people=people_of(number, self.cuts.people, len(sessions)),
            median_seconds=pd.Series(self.cuts.lengths / 1e6).groupby(number).median(),
            events=np.bincount(number, self.cuts.events, minlength=len(sessions)) / sessions,
        )

    def people(self, session: int | None = None, bucket: int | None = None, **by: Any) -> PersonSet:
        """Return the people who have a session of this number, or one whose length lies in a bucket; without either, everyone who has one."""
        inside = np.ones(len(self.cuts.people), np.bool_)
        if session is not None:
            inside &= self.cuts.numbers == session
        if bucket is not None:
            inside &= self.buckets.numbers(self.cuts.lengths) == self.buckets.checked(bucket)
        if by:
            inside &= self.groups.chosen(by)[self.groups.number]
        return PersonSet(np.unique(self.cuts.people[inside]), self._cuts.directory)

    def _squares(self, table: str, column: str) -> NDArray[np.float64]:
        amounts = self.cuts.events if column == "events" else None
        cell = self.groups.number * len(self.buckets) + self.buckets.numbers(self.cuts.lengths) - 1
        return squares_of(cell, self.cuts.people, len(self.summary), amounts)

    def title(self) -> str:  # noqa: D102
        return _("Sessions")

    def meaning(self) -> str:  # noqa: D102
        return define(self.options, self.left_out)

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: sessions by length as bars, or, split by something, a line of shares a group."""
        return draw(self.summary, self.by, self.buckets.names(), "sessions", _("Sessions"))


def compute(events: Events, options: SessionsOptions) -> Lengths:
    """Count everyone's sessions by their length."""
    return Lengths(*(sum(parts) for parts in zip(*_run(kernels.by_length, events, options, Buckets(LADDER).bounds), strict=True)))


def cuts(events: Events, options: SessionsOptions) -> Cuts:
    """Return everyone's sessions."""
    people, numbers, starts, ends, counts = shards.concatenated(_run(kernels.sessions, events, options))
    by, places = by_names(options.by, OWN), starts  # without columns nobody looks which places they are
    if by:
        keep = np.empty(0, np.bool_) if events.keep is None else events.keep
        places = kernels.first_places(events.history.timeline.offsets, keep, people, counts)
    return Cuts(people, numbers, starts, ends, counts, Split.at(events.history, by, places))


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


def summarise_groups(cuts: Cuts, groups: Groups, buckets: Buckets) -> pd.DataFrame:
    """Return a row for each bucket of lengths in every group."""
    rows = len(groups) * len(buckets)
    cell = groups.number * len(buckets) + buckets.numbers(cuts.lengths) - 1
    low, high = np.tile(np.array(buckets.seconds).T, len(groups))
    return groups.repeated(len(buckets)).assign(
        bucket=np.tile(np.arange(1, len(buckets) + 1), len(groups)),
        from_seconds=low,
        to_seconds=high,
        sessions=np.bincount(cell, minlength=rows),
        people=people_of(cell, cuts.people, rows),
        events=np.bincount(cell, cuts.events, minlength=rows).astype(np.int64),
    )


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
        *([_("Its group is that of its first event.")] if options.by else []),
        _("Left out: {count} rows without a person or a time.").format(count=f"{left_out:,}"),
    )
