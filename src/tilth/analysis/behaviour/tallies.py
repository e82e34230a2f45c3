"""What stickiness and frequency share: for every person and window in which they were active, a count.

Split by something, a person is in each window of one group: that of the first of the events looked at by which they are active there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import lines, periods
from tilth.analysis.result import Groups, Result, by_names, drawn_groups
from tilth.analysis.sampling import OFTEN, squares_of
from tilth.analysis.split import Split
from tilth.analysis.steps import AnyStep
from tilth.engine import shards
from tilth.engine.kernels import tallies as kernels
from tilth.engine.kernels.cells import people_of
from tilth.engine.partial import PERSONS, Answer, Partial
from tilth.engine.people import PersonSet

if TYPE_CHECKING:
    from tilth.analysis.events import Events


@dataclass(frozen=True)
class Histogram(Partial):
    """How many person-windows have each count.

    Attributes
    ----------
    numbers, counts : ndarray of int64
        Counts, of every shard those that occur in it, and how many person-windows of it have each.
    """

    numbers: NDArray[np.int64]
    counts: NDArray[np.int64]

    def found(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return each count that occurs, and how many person-windows have it."""
        numbers, place = np.unique(self.numbers, return_inverse=True)
        people = np.zeros(len(numbers), np.int64)
        np.add.at(people, place, self.counts)
        return numbers, people


@dataclass(frozen=True)
class Tallies(Partial):
    """Counts of person-windows.

    Attributes
    ----------
    people : ndarray of uint32, shape (person-windows,)
        Person codes, ascending.
    window : ndarray of uint32, shape (person-windows,)
        Number of the window.
    counts : ndarray of int32, shape (person-windows,)
        What was counted in it, from 1.
    split : Split
        The values that each person-window is split by.
    """

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    window: NDArray[np.uint32]
    counts: NDArray[np.int32]
    split: Split

    def chosen(self, count: int | None, at_least: int | None, window: int | None) -> NDArray[np.bool_]:
        """Return which have a given count, or one of `at_least` so much, in a window; None is any."""
        inside = np.ones(len(self.people), np.bool_)
        if count is not None:
            inside &= self.counts == count
        if at_least is not None:
            inside &= self.counts >= at_least
        if window is not None:
            inside &= self.window == window
        return inside

    def cells(self, groups: Groups) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the place of each person-window's group and count among those that occur, and the groups and counts at these places."""
        width = int(self.counts.max(initial=0)) + 1
        cells, place = np.unique(groups.number * width + self.counts, return_inverse=True)
        return place, *np.divmod(cells, width)


class Tallied(Result):
    """How many people have each count.

    Attributes
    ----------
    column : str
        What the counts are called in the frame.
    own : tuple of str
        Names that cannot be split by, besides those of the other figures.
    left_out : int
        Rows of the source without a person or a time.
    """

    grows: ClassVar = {"frame": {"people": OFTEN}}
    column: ClassVar[str]
    own: ClassVar[tuple[str, ...]]

    def _ask(self, events: Events, asked: tuple[AnyStep | None, str | None, str | None], by: str | Sequence[str] | None, top: int | None) -> None:
        """Ask :func:`compute` or :func:`each` with the arguments `asked`."""
        self._events, self._asked, self._top = events, asked, top
        self.by = by_names(by, (*self.own, "people", "people_windows", "mean", "again"))
        self._histogram = None if self.by else events.ask(compute, *self._asked)
        self.left_out = (self._histogram or self._each).left_out

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        if self._histogram is not None:
            numbers, people = self._histogram.found.found()
            return pd.DataFrame({self.column: numbers, "people": people})
        place, group, number = self._each.found.cells(self._groups)
        rows = self._groups.frame.iloc[group].reset_index(drop=True)
        return rows.assign(**{self.column: number, "people": np.bincount(place, minlength=len(number))})

    @cached_property
    def by_group(self) -> pd.DataFrame:
        """A row a group: after the `by` columns people_windows (a person once for each window), people, mean (count), again (share with 2 up)."""
        groups, found = self._groups, self._each.found
        windows = np.bincount(groups.number, minlength=len(groups))
        return groups.frame.assign(
            people_windows=windows,
            people=people_of(groups.number, found.people, len(groups)),
            mean=np.bincount(groups.number, found.counts, minlength=len(groups)) / windows,
            again=np.bincount(groups.number[found.counts > 1], minlength=len(groups)) / windows,
        )

    @cached_property
    def _each(self) -> Answer[Tallies]:
        return self._events.ask(each, *self._asked, self.by)

    @cached_property
    def _groups(self) -> Groups:
        return self._each.found.split.groups(self._top)

    def _people(self, count: int | None, at_least: int | None, window: Any, by: dict[str, Any]) -> PersonSet:
        found = self._each.found
        _event, over, _period = self._asked
        calendar = None if over is None else periods.calendar(over, self._events, self._each.span)
        number = None if window is None or calendar is None else periods.number_of(window, calendar)
        inside = found.chosen(count, at_least, number)
        if by:
            inside &= self._groups.chosen(by)[self._groups.number]
        return PersonSet(np.unique(found.people[inside]), self._each.directory)

    def _squares(self, table: str, column: str) -> NDArray[np.float64]:
        found = self._each.found
        return squares_of(found.cells(self._groups)[0], found.people, len(self.frame))


def shares(frame: pd.DataFrame, column: str, numbers: Sequence[int]) -> list[float | None]:
    """Return the share of a group's people that has each of some numbers, the last of which stands for all from it on."""
    folded = frame.groupby(np.minimum(frame[column], numbers[-1]))["people"].sum().reindex(numbers, fill_value=0)
    return (folded / folded.sum()).tolist()


def draw_shares(frame: pd.DataFrame, by: list[str], column: str, bars: Sequence[str]) -> dict[str, Any]:
    """Return the ECharts option of one line a group: which shares of it have 1, 2, 3 …, the last of them standing for all from it on."""
    numbers = range(1, len(bars) + 1)
    groups = drawn_groups(frame, by, "people")
    return lines.draw(bars, [(name, shares(rows, column, numbers)) for name, rows in groups])


def compute(events: Events, event: AnyStep | None, over: str | None, period: str | None) -> Histogram:
    """Count, over everybody and every window, the periods in which they did `event`; without a period, how often.

    Windows are days, weeks or months; None is all the time.
    """
    return Histogram(*_run(kernels.histogram, events, periods.marks(events, event), over, period))


def each(events: Events, event: AnyStep | None, over: str | None, period: str | None, by: list[str]) -> Tallies:
    """Return the same for every person and window, with the values of the columns `by` on the first event that counts in it."""
    marks = periods.marks(events, event)
    people, window, counts = _run(kernels.tallies, events, marks, over, period)
    return Tallies(people, window, counts, periods.split(events, by, marks, people, _windows(events, over)[window]))


def _windows(events: Events, over: str | None) -> NDArray[np.int64]:
    first, last = events.history.timeline.span
    return np.array([first, last + 1]) if over is None else periods.calendar(over, events, (first, last)).bounds


def _run(kernel: Any, events: Events, marks: periods.Marks, over: str | None, period: str | None) -> tuple[Any, ...]:
    whole, windows = events.history.timeline, _windows(events, over)
    # a week that two months share is one in each of them
    bounds = windows if period is None else np.union1d(windows, periods.calendar(period, events, whole.span).bounds)
    window = np.maximum(np.searchsorted(windows, bounds[:-1], side="right") - 1, 0).astype(np.uint32)

    def shard(first: int, last: int) -> tuple[Any, ...]:
        return kernel(  # type: ignore[no-any-return]
            whole.offsets, whole.times, marks.codes, marks.bits, marks.keep, bounds, window, period is None, first, last
        )

    return shards.concatenated(shards.run(shard, whole.offsets) or [shard(0, 0)])
