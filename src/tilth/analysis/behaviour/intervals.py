r"""Intervals: how long it takes from one event to the next of another kind, or to the next of the same.

The events of a person in time order, e_1, e_2 …, at the times t_1 ≤ t_2 ≤ …. For each e_i that fills ``a``,

.. math:: j(i) = \min\{j > i : e_j \text{ fills } b\}, \qquad d_i = t_{j(i)} - t_i

is an interval if there is such a j and d_i is at most ``within``. Without ``b``, it is ``a`` itself: the time between consecutive ones. Several ``a``
before one ``b`` each have their interval to it; with ``starts="nearest"`` only the last of them does, and the others are not counted at all.

Quantiles are those of Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996), type 7: linear between the
two nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import periods
from tilth.analysis.behaviour.buckets import Buckets, buckets_of, check_ends, draw
from tilth.analysis.result import Groups, Result, by_names, check_top, choice
from tilth.analysis.sampling import OFTEN, ONCE, squares_of
from tilth.analysis.split import Split
from tilth.analysis.steps import AnyStep
from tilth.engine import clock, shards
from tilth.engine.kernels import intervals as kernels
from tilth.engine.kernels.cells import people_of
from tilth.engine.partial import PERSONS, Partial
from tilth.engine.people import PersonSet
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events

COLUMNS = ("bucket", "from_seconds", "to_seconds", "intervals", "people", "share")
QUANTILES = {"p10_seconds": 0.1, "p25_seconds": 0.25, "median_seconds": 0.5, "p75_seconds": 0.75, "p90_seconds": 0.9}
SUMMARY = ("starts", "intervals", "people", "mean_seconds", *QUANTILES)


@dataclass(frozen=True)
class IntervalsOptions:
    """What intervals can be asked.

    Parameters
    ----------
    a : step
        From which events time is taken.
    b : step, optional
        To which; None takes it to the next `a`.
    within : str, optional
        Longest interval that counts; None for no bound.
    starts : {"every", "nearest"}
        Whether of several `a` before one `b` each has its interval, or the last of them alone.
    buckets : sequence of str, optional
        Where the buckets of the distribution end, such as ``["1h", "1d", "7d"]``.
    by : column or columns, optional
        Split by the values on the event `a`.
    top : int, optional
        Keep so many groups, those with most `a`, and put the others together.
    """

    a: AnyStep
    b: AnyStep | None = None
    within: str | None = None
    starts: Literal["every", "nearest"] = "every"
    buckets: Sequence[str] | None = None
    by: str | Sequence[str] | None = None
    top: int | None = None

    def __post_init__(self) -> None:
        clock.length(self.within)
        choice(self.starts, ("every", "nearest"), "starts")
        if self.buckets is not None:
            check_ends(self.buckets)
        check_top(self.top, self.by)
        periods.refuse_optional(self.a, self.b)


@dataclass(frozen=True)
class Waits(Partial):
    """From every start, how long until its end.

    Attributes
    ----------
    people : ndarray of uint32, shape (starts,)
        Person codes, ascending.
    lengths : ndarray of int64, shape (starts,)
        Microseconds; -1 where no end follows in time.
    split : Split
        The values that each start is split by.
    """

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    lengths: NDArray[np.int64]
    split: Split

    @property
    def ended(self) -> NDArray[np.bool_]:
        """Which have an end."""
        return self.lengths >= 0


class Intervals(Result):
    """The answer to intervals.

    Attributes
    ----------
    frame : DataFrame
        After any `by` columns: bucket (from 1), from_seconds (the length from which it holds), to_seconds (up to which it holds), intervals, people
        (who have one), share (of the group's intervals).
    summary : DataFrame
        After any `by` columns: starts, intervals, people, mean_seconds, p10_seconds, p25_seconds, median_seconds, p75_seconds, p90_seconds; seconds
        are null where there is no interval.
    left_out : int
        Rows of the source without a person or a time.
    """

    grows: ClassVar = {
        "frame": {"intervals": OFTEN, "people": ONCE},
        "summary": {"starts": OFTEN, "intervals": OFTEN, "people": ONCE},
    }

    def __init__(self, events: Events, options: IntervalsOptions) -> None:
        self.options = options
        self.by = by_names(options.by, (*COLUMNS, *SUMMARY))
        answer = events.ask(compute, options)
        self._waits, self._directory, self.left_out = answer.found, answer.directory, answer.left_out
        self._groups = self._waits.split.groups(options.top)
        ended = self._waits.ended
        self.buckets = buckets_of(self._waits.lengths[ended], options.buckets)

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        return tabulate(self._waits, self._groups, self.buckets)

    @cached_property
    def summary(self) -> pd.DataFrame:  # noqa: D102
        return summarise(self._waits, self._groups)

    def people(self, bucket: int | None = None, ended: bool = True, **by: Any) -> PersonSet:
        """Return the people who have an interval in a bucket (None: any); with ``ended=False`` those who have a start that no end follows."""
        inside = self._waits.ended == (ended or bucket is not None)
        if bucket is not None:
            inside &= self.buckets.numbers(self._waits.lengths) == self.buckets.checked(bucket)
        if by:
            inside &= self._groups.chosen(by)[self._groups.number]
        return PersonSet(np.unique(self._waits.people[inside]), self._directory)

    def _squares(self, table: str, column: str) -> NDArray[np.float64]:
        waits, number, rows = self._waits, self._groups.number, len(getattr(self, table))
        chosen = waits.ended if column == "intervals" else np.ones(len(number), np.bool_)
        cell = number if table == "summary" else number * len(self.buckets) + self.buckets.numbers(waits.lengths) - 1
        return squares_of(cell[chosen], waits.people[chosen], rows)

    def title(self) -> str:  # noqa: D102
        a, b = periods.name_of(self.options.a), self.options.b
        if b is None:
            return _("Time between: {event}").format(event=a)
        return _("Time: {start} → {end}").format(start=a, end=periods.name_of(b))

    def meaning(self) -> str:  # noqa: D102
        return define(self.options, self.left_out)

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: intervals by length as bars, or, split by something, a line of shares a group."""
        return draw(self.frame, self.by, self.buckets.names(), "intervals", _("Intervals"))


def compute(events: Events, options: IntervalsOptions) -> Waits:
    """Return from every start how long it took."""
    whole, marks = events.history.timeline, periods.marks(events, options.a, options.a if options.b is None else options.b)
    micros = clock.length(options.within)
    within, nearest = -1 if micros is None else micros, int(options.starts == "nearest")

    def shard(first: int, last: int) -> tuple[Any, ...]:
        return kernels.intervals(whole.offsets, whole.times, marks.codes, marks.bits, marks.keep, within, nearest, first, last)  # type: ignore[no-any-return]

    people, places, lengths = shards.concatenated(shards.run(shard, whole.offsets) or [shard(0, 0)])
    return Waits(people, lengths, Split.at(events.history, by_names(options.by, (*COLUMNS, *SUMMARY)), places))


def tabulate(waits: Waits, groups: Groups, buckets: Buckets) -> pd.DataFrame:
    """Return the result's frame: a row for every group and bucket."""
    ended, rows = waits.ended, len(buckets)
    groups_there = len(groups) if len(waits.lengths) else 0
    cell = groups.number[ended] * rows + buckets.numbers(waits.lengths[ended]) - 1
    counts = np.bincount(cell, minlength=groups_there * rows).reshape(groups_there, rows)
    with np.errstate(invalid="ignore"):
        shares = counts / counts.sum(axis=1, keepdims=True)
    low, high = np.array(buckets.seconds).T
    return (
        groups.repeated(rows)
        .iloc[: groups_there * rows]
        .assign(
            bucket=np.tile(np.arange(1, rows + 1), groups_there),
            from_seconds=np.tile(low, groups_there),
            to_seconds=np.tile(high, groups_there),
            intervals=counts.ravel(),
            people=people_of(cell, waits.people[ended], groups_there * rows),
            share=shares.ravel(),
        )
    )


def summarise(waits: Waits, groups: Groups) -> pd.DataFrame:
    """Return a row for every group: how many, and their mean and quantiles."""
    ended = waits.ended
    rows = []
    order = np.argsort(groups.number, kind="stable")
    for part in np.split(order, np.searchsorted(groups.number[order], np.arange(1, len(groups))))[: len(groups)]:
        chosen = part[ended[part]]
        seconds = waits.lengths[chosen] / 1e6
        quantiles = np.quantile(seconds, list(QUANTILES.values())) if len(seconds) else [np.nan] * len(QUANTILES)
        rows.append((len(part), len(seconds), len(np.unique(waits.people[chosen])), seconds.mean() if len(seconds) else np.nan, *quantiles))
    return pd.concat([groups.frame, pd.DataFrame(rows, columns=list(SUMMARY))], axis=1)


def define(options: IntervalsOptions, left_out: int) -> str:
    """Return in plain words what the figures count."""
    a = periods.name_of(options.a)
    told = _("The time from each {start} to the same person's next one.").format(start=a)
    if options.b is not None:
        told = _("The time from each {start} to the same person's next {end}.").format(start=a, end=periods.name_of(options.b))
    nearest = {
        "every": _("Where several stand before it, each has its own."),
        "nearest": _("Where several stand before it, the last alone counts."),
    }[options.starts]
    return paragraph(
        told,
        *([nearest] if options.b is not None else []),
        *([_("Longer ones than {within} do not count.").format(within=clock.in_words(options.within))] if options.within else []),
        _("Left out: {count} rows without a person or a time.").format(count=f"{left_out:,}"),
    )
