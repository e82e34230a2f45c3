"""Calendar periods inside a kernel: the number of the period in which an instant lies, found once and then walked on from as times ascend."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel


@kernel
def period_of(bounds, before, time):
    """Return the number of the period of an instant; `before` is that of an earlier instant of the same person, or -1 when there is none."""
    if before < 0:
        return np.searchsorted(bounds, time, side="right") - 1
    while bounds[before + 1] <= time:
        before += 1
    return before


@kernel
def first_times(offsets, times, done, first, last):
    """Return the instant of the first event that was `done` (empty: any) of each person from `first` up to `last`; who has none, the last of all."""
    every = len(done) == 0
    found = np.full(last - first, np.iinfo(np.int64).max, np.int64)
    for person in range(first, last):
        for i in range(offsets[person], offsets[person + 1]):
            if every or done[i]:
                found[person - first] = times[i]
                break
    return found
