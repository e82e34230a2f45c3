"""The kernels of stickiness and frequency: how often, for every person and window in which they did it. Arguments are as in :mod:`.periods`."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel
from tilth.engine.kernels.periods import periods_of, place, slots_of


@kernel
def room_for(offsets, bounds, every, first, last):
    """Return how many periods have to be kept at once, and one more."""
    most = np.int64(0)
    for person in range(first, last):
        most = max(most, offsets[person + 1] - offsets[person])
    return (most if every else min(most, len(bounds))) + 1


@kernel
def histogram(offsets, times, codes, bits, keep, bounds, windows, every, first, last):
    """Count the person-windows of the people `first` up to `last` by how much is counted in each.

    Parameters
    ----------
    offsets, times : ndarray of int64
        Those of the whole history.
    codes, bits, keep : ndarray
        Which events count, and which are looked at.
    bounds : ndarray of int64
        Of the periods that are counted, none of which lies in two windows.
    windows : ndarray of uint32, shape (periods,)
        The window that each lies in.
    every : bool
        Count every event rather than every period in which there is one.

    Returns
    -------
    numbers : ndarray of int64
        From 1 up; those that occur.
    counts : ndarray of int64
        How many person-windows have each.
    """
    numbers, shift = slots_of(bounds)
    found = np.empty(room_for(offsets, bounds, every, first, last), np.uint64)
    reached = np.zeros(len(found) + 1, np.int64)  # by how many person-windows; each that comes to a number came to all below it
    for person in range(place(first), place(last)):
        low, high = place(offsets[person]), place(offsets[person + place(1)])
        count = periods_of(times, codes, bits, keep, bounds, numbers, shift, every, low, high, found)
        here, number = np.uint32(len(windows)), place(0)
        for k in range(count):
            there = windows[found[k]]
            number = number + place(1) if there == here else place(1)
            reached[number] += 1
            here = there
    exactly = reached[1:-1] - reached[2:]
    occurring = np.flatnonzero(exactly)
    return occurring + 1, exactly[occurring]


@kernel
def tallies(offsets, times, codes, bits, keep, bounds, windows, every, first, last):
    """Count in each person-window of the people `first` up to `last`. Parameters are those of :func:`histogram`.

    Returns
    -------
    people : ndarray of uint32, shape (person-windows,)
    window : ndarray of uint32, shape (person-windows,)
    counts : ndarray of int32, shape (person-windows,)
    """
    most = offsets[last] - offsets[first]  # memory that is never written to is never taken
    people, window, counts = np.empty(most, np.uint32), np.empty(most, np.uint32), np.empty(most, np.int32)
    numbers, shift = slots_of(bounds)
    found = np.empty(room_for(offsets, bounds, every, first, last), np.uint64)
    made = 0
    for person in range(first, last):
        low, high = place(offsets[person]), place(offsets[person + 1])
        for k in range(periods_of(times, codes, bits, keep, bounds, numbers, shift, every, low, high, found)):
            there = windows[found[k]]
            if k == 0 or there != window[made - 1]:
                people[made], window[made], counts[made] = person, there, 0
                made += 1
            counts[made - 1] += 1
    return people[:made], window[:made], counts[:made]
