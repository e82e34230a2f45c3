"""The lifecycle kernels: the people of every period by what they are in it, and everyone's stays. Arguments are as in :mod:`.periods`."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel
from tilth.engine.kernels.periods import does, period_at, periods_of, place, slots_of

NEW, RETURNING, RESURRECTING, DORMANT = 0, 1, 2, 3


@kernel
def first_period(times, codes, bits, bounds, numbers, shift, low, high):
    """Return the period in which a person, whose events are those from `low` up to `high`, first did it at all: there is such an event."""
    while not does(codes, bits, low):
        low += place(1)
    return period_at(bounds, numbers, shift, times[low])


@kernel
def states(offsets, times, codes, bits, keep, bounds, first, last):
    """Count the people `first` up to `last` by period and state.

    Parameters
    ----------
    offsets, times : ndarray of int64
        Those of the whole history.
    codes, bits, keep : ndarray
        By which events a person is active, and which are looked at.
    bounds : ndarray of int64
        The calendar's.

    Returns
    -------
    ndarray of int64, shape (periods + 1, 4)
        New, returning, resurrecting and dormant people of each period, and of the one after the last.
    """
    numbers, shift = slots_of(bounds)
    active, returning, new = np.zeros(len(bounds), np.int64), np.zeros(len(bounds), np.int64), np.zeros(len(bounds), np.int64)
    found = np.empty(len(bounds), np.uint64)
    for person in range(place(first), place(last)):
        low, high = place(offsets[person]), place(offsets[person + place(1)])
        count = periods_of(times, codes, bits, keep, bounds, numbers, shift, False, low, high, found)
        if count > 0:
            began = found[place(0)]
            new[began] += len(keep) == 0 or first_period(times, codes, bits, bounds, numbers, shift, low, high) == began
        before = place(len(bounds))
        for k in range(count):
            active[found[k]] += 1
            returning[found[k]] += found[k] == before + place(1)
            before = found[k]
    counts = np.empty((len(bounds), 4), np.int64)
    for k in range(len(bounds)):
        counts[k, NEW], counts[k, RETURNING] = new[k], returning[k]
        counts[k, RESURRECTING] = active[k] - new[k] - returning[k]
        counts[k, DORMANT] = active[k - 1] - returning[k] if k > 0 else 0
    return counts


@kernel
def stays(offsets, times, codes, bits, keep, bounds, first, last):
    """Find everyone's stays, from person `first` up to `last`. Parameters are those of :func:`states`.

    Returns
    -------
    people : ndarray of uint32, shape (stays,)
    since, until : ndarray of int32, shape (stays,)
        First and last period of each stay.
    new : ndarray of bool, shape (stays,)
        Whether the person's first such event of all lies in the stay's first period.
    """
    most = offsets[last] - offsets[first]  # memory that is never written to is never taken
    people, since, until, new = np.empty(most, np.uint32), np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.bool_)
    numbers, shift = slots_of(bounds)
    found = np.empty(len(bounds), np.uint64)
    count = 0
    for person in range(first, last):
        low, high = place(offsets[person]), place(offsets[person + 1])
        active = periods_of(times, codes, bits, keep, bounds, numbers, shift, False, low, high, found)
        for k in range(active):
            now = np.int64(found[k])
            if k > 0 and now == until[count - 1] + 1:
                until[count - 1] = now
                continue
            people[count], since[count], until[count] = person, now, now
            new[count] = k == 0 and first_period(times, codes, bits, bounds, numbers, shift, low, high) == place(now)
            count += 1
    return people[:count], since[:count], until[:count], new[:count]
