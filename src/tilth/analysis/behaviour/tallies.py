"""What stickiness and frequency share: for every person and window in which they were active, a count."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import periods
from tilth.analysis.sampling import squares_of
from tilth.analysis.steps import AnyStep
from tilth.engine import shards
from tilth.engine.kernels import tallies as kernels
from tilth.engine.partial import PERSONS, Partial

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

    def frame(self, column: str) -> pd.DataFrame:
        """Return how many person-windows have each count that occurs."""
        numbers, place = np.unique(self.numbers, return_inverse=True)
        people = np.zeros(len(numbers), np.int64)
        np.add.at(people, place, self.counts)
        return pd.DataFrame({column: numbers, "people": people})


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
    """

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    window: NDArray[np.uint32]
    counts: NDArray[np.int32]

    def chosen(self, count: int | None, at_least: int | None, window: int | None) -> NDArray[np.uint32]:
        """Return the people with a given count, or one of `at_least` so much, in a window; None is any."""
        inside = np.ones(len(self.people), np.bool_)
        if count is not None:
            inside &= self.counts == count
        if at_least is not None:
            inside &= self.counts >= at_least
        if window is not None:
            inside &= self.window == window
        return np.unique(self.people[inside])

    def squares(self, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return for each of some counts, ascending, the sum over people of the square of in how many windows they have it."""
        return squares_of(np.searchsorted(numbers, self.counts), self.people, len(numbers))


def compute(events: Events, event: AnyStep | None, over: str | None, period: str | None) -> Histogram:
    """Count, over everybody and every window, the periods in which they did `event`; without a period, how often.

    Windows are days, weeks or months; None is all the time.
    """
    return Histogram(*_run(kernels.histogram, events, event, over, period))


def each(events: Events, event: AnyStep | None, over: str | None, period: str | None) -> Tallies:
    """Return the same for every person and window."""
    return Tallies(*_run(kernels.tallies, events, event, over, period))


def _run(kernel: Any, events: Events, event: AnyStep | None, over: str | None, period: str | None) -> tuple[Any, ...]:
    whole, marks = events.history.timeline, periods.marks(events, event)
    first, last = whole.span
    windows = np.array([first, last + 1]) if over is None else periods.calendar(over, events, whole.span).bounds
    # a week that two months share is one in each of them
    bounds = windows if period is None else np.union1d(windows, periods.calendar(period, events, whole.span).bounds)
    window = np.maximum(np.searchsorted(windows, bounds[:-1], side="right") - 1, 0).astype(np.uint32)

    def shard(first: int, last: int) -> tuple[Any, ...]:
        return kernel(  # type: ignore[no-any-return]
            whole.offsets, whole.times, marks.codes, marks.bits, marks.keep, bounds, window, period is None, first, last
        )

    return shards.concatenated(shards.run(shard, whole.offsets) or [shard(0, 0)])
