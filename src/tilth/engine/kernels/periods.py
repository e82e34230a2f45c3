"""Calendar periods inside a kernel: the number of the period in which an instant lies, found once and then walked on from as times ascend."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel
from tilth.engine.kernels.marks import seen


@kernel
def period_of(bounds, before, time):
    """Return the number of the period of an instant; `before` is that of an earlier instant of the same person, or -1 when there is none."""
    if before < 0:
        return np.searchsorted(bounds, time, side="right") - 1
    while bounds[before + 1] <= time:
        before += 1
    return before


@kernel
def extent(offsets, times, keep, first, last):
    """Return the instants of the first and the last event looked at (`keep`; empty: all), a later and an earlier one when there is none."""
    earliest, latest = np.iinfo(np.int64).max, np.iinfo(np.int64).min
    for person in range(first, last):
        for i in range(offsets[person], offsets[person + 1]):
            if seen(keep, i):
                earliest = min(earliest, times[i])
                break
        for i in range(offsets[person + 1] - 1, offsets[person] - 1, -1):
            if seen(keep, i):
                latest = max(latest, times[i])
                break
    return earliest, latest
