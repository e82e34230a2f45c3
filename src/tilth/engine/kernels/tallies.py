"""The kernel of stickiness and frequency: for every person and window in which they were active, in how many periods, or by how many events."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel
from tilth.engine.kernels.marks import fills, seen
from tilth.engine.kernels.periods import period_of


@kernel
def tallies(offsets, times, codes, bits, keep, windows, periods, first, last):
    """Count everyone's active periods in each window, from person `first` up to `last`.

    Parameters
    ----------
    offsets, times : ndarray of int64
        Those of the whole history.
    codes, bits : ndarray
        Events that count; see :func:`tilth.engine.kernels.marks.fills`.
    keep : ndarray of bool, shape (events,) or (0,)
        Events that are looked at; empty: all.
    windows : ndarray of int64
        Bounds of the windows.
    periods : ndarray of int64
        Bounds of the periods that are counted, each once in a window; empty: every event is counted.

    Returns
    -------
    people : ndarray of uint32, shape (person-windows,)
    window : ndarray of int32, shape (person-windows,)
    counts : ndarray of int32, shape (person-windows,)
    """
    each_event = len(periods) == 0
    most = offsets[last] - offsets[first]  # memory that is never written to is never taken
    people, window, counts = np.empty(most, np.uint32), np.empty(most, np.int32), np.empty(most, np.int32)
    found = 0
    for person in range(first, last):
        here, period = -1, -1
        for i in range(offsets[person], offsets[person + 1]):
            if not (fills(codes, bits, 0, i) and seen(keep, i)):
                continue
            there = period_of(windows, here, times[i])
            now = -1 if each_event else period_of(periods, period, times[i])
            if there != here:
                people[found], window[found], counts[found] = person, there, 1
                found += 1
            elif each_event or now != period:
                counts[found - 1] += 1
            here, period = there, now
    return people[:found], window[:found], counts[:found]
