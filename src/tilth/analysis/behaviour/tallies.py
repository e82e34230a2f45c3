"""What stickiness and frequency share: for every person and window in which they were active, a count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import periods
from tilth.analysis.steps import AnyStep
from tilth.engine import shards
from tilth.engine.kernels import periods as kernels

if TYPE_CHECKING:
    from tilth.analysis.events import Events


@dataclass(frozen=True)
class Tallies:
    """Counts of person-windows.

    Attributes
    ----------
    people : ndarray of uint32, shape (person-windows,)
        Person codes, ascending.
    window, counts : ndarray of int32, shape (person-windows,)
        Number of the window, and what was counted in it, from 1.
    """

    people: NDArray[np.uint32]
    window: NDArray[np.int32]
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

    def frame(self, column: str) -> pd.DataFrame:
        """Return how many person-windows have each count that occurs."""
        found = np.bincount(self.counts)
        numbers = np.flatnonzero(found)
        return pd.DataFrame({column: numbers, "people": found[numbers]})


def compute(events: Events, event: AnyStep | None, windows: NDArray[np.int64], each: NDArray[np.int64]) -> Tallies:
    """Count, for every person and window (given by bounds), the periods of bounds `each` in which they did `event`; without any, the events."""
    whole, marks = events.history.timeline, periods.marks(events, event)

    def shard(first: int, last: int) -> tuple[Any, ...]:
        return kernels.tallies(whole.offsets, whole.times, marks.codes, marks.bits, marks.keep, windows, each, first, last)  # type: ignore[no-any-return]

    return Tallies(*shards.concatenated(shards.run(shard, whole.offsets) or [shard(0, 0)]))
