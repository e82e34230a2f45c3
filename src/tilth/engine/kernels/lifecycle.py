"""The lifecycle kernel: everyone's stays, which are runs of calendar periods without a gap in which they were active."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel
from tilth.engine.kernels.marks import fills, seen
from tilth.engine.kernels.periods import period_of

NEW, RETURNING, RESURRECTING, DORMANT = 0, 1, 2, 3


@kernel
def lifecycle(offsets, times, codes, bits, keep, bounds, first, last):
    """Find everyone's stays, from person `first` up to `last`.

    Parameters
    ----------
    offsets, times : ndarray of int64
        Those of the whole history.
    codes, bits : ndarray
        Events by which a person is active; see :func:`tilth.engine.kernels.marks.fills`.
    keep : ndarray of bool, shape (events,) or (0,)
        Events that are looked at; empty: all.
    bounds : ndarray of int64
        The calendar's.

    Returns
    -------
    people : ndarray of uint32, shape (stays,)
    since, until : ndarray of int32, shape (stays,)
        First and last period of each stay.
    new : ndarray of bool, shape (stays,)
        Whether the person's first such event of all lies in the stay's first period.
    counts : ndarray of int64, shape (periods + 1, 4)
        New, returning, resurrecting and dormant people of each period, and of the one after the last.
    """
    most = offsets[last] - offsets[first]  # memory that is never written to is never taken
    people, since, until, new = np.empty(most, np.uint32), np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.bool_)
    counts = np.zeros((len(bounds), 4), np.int64)
    stays = 0
    for person in range(first, last):
        began, period = -1, -1
        for i in range(offsets[person], offsets[person + 1]):
            if not fills(codes, bits, 0, i):
                continue
            if began < 0:
                began = period_of(bounds, -1, times[i])
            if not seen(keep, i):
                continue
            now = period_of(bounds, max(period, began), times[i])
            if now == period:
                continue
            if period >= 0 and now == period + 1:
                until[stays - 1] = now
                counts[now, RETURNING] += 1
            else:
                if period >= 0:
                    counts[period + 1, DORMANT] += 1
                people[stays], since[stays], until[stays], new[stays] = person, now, now, now == began
                counts[now, NEW if now == began else RESURRECTING] += 1
                stays += 1
            period = now
        if period >= 0:
            counts[period + 1, DORMANT] += 1
    return people[:stays], since[:stays], until[:stays], new[:stays], counts
