"""The lifecycle kernel: everyone's stays, which are runs of calendar periods without a gap in which they were active."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel
from tilth.engine.kernels.periods import period_of


@kernel
def lifecycle(offsets, times, done, bounds, first, last):
    """Find everyone's stays, from person `first` up to `last`.

    Parameters
    ----------
    offsets, times : ndarray of int64
        The timeline's.
    done : ndarray of bool, shape (events,) or (0,)
        Events by which a person is active; empty: all.
    bounds : ndarray of int64
        The calendar's.

    Returns
    -------
    people : ndarray of uint32, shape (stays,)
    since, until : ndarray of int32, shape (stays,)
        First and last period of each stay.
    """
    every = len(done) == 0
    most = offsets[last] - offsets[first]  # memory that is never written to is never taken
    people, since, until = np.empty(most, np.uint32), np.empty(most, np.int32), np.empty(most, np.int32)
    stays = 0
    for person in range(first, last):
        period = -1
        for i in range(offsets[person], offsets[person + 1]):
            if not (every or done[i]):
                continue
            now = period_of(bounds, period, times[i])
            if now == period:
                continue
            if period >= 0 and now == period + 1:
                until[stays - 1] = now
            else:
                people[stays], since[stays], until[stays] = person, now, now
                stays += 1
            period = now
    return people[:stays].copy(), since[:stays].copy(), until[:stays].copy()
