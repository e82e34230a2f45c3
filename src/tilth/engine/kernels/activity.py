"""The kernels of activity: how many people did something in each period, how many of them for the first time, and how often."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel
from tilth.engine.kernels.periods import period_at, periods_of, slots_of


@kernel
def activity(offsets, times, codes, bits, keep, bounds, first, last):
    """Count what the people `first` up to `last` did in each period.

    Parameters
    ----------
    offsets, times : ndarray of int64
        Those of the whole history.
    codes, bits, keep : ndarray
        Which events count, and which are looked at.
    bounds : ndarray of int64
        The calendar's.

    Returns
    -------
    people, new, events : ndarray of int64, shape (periods,)
        New is whose first event of all lies in the period.
    squares : ndarray of float64, shape (periods,)
        The sum over people of the square of their events there.
    """
    periods = len(bounds) - 1
    people, new, events = np.zeros(periods, np.int64), np.zeros(periods, np.int64), np.zeros(periods, np.int64)
    squares = np.zeros(periods)
    if last > first and offsets[last] > offsets[first]:
        numbers, shift = slots_of(bounds)
        found = np.empty(most_of_anybody(offsets, first, last) + 1, np.uint32)
        for person in range(first, last):
            low, high = np.uint64(offsets[person]), np.uint64(offsets[person + 1])
            count = periods_of(times, codes, bits, keep, bounds, numbers, shift, True, low, high, found)
            a = 0
            while a < count:
                number, b = found[a], a + 1
                while b < count and found[b] == number:
                    b += 1
                people[number] += 1
                events[number] += b - a
                squares[number] += (b - a) * (b - a)
                new[number] += number == period_at(bounds, numbers, shift, times[low])
                a = b
    return people, new, events, squares


@kernel
def active(offsets, times, codes, bits, keep, bounds, first, last):
    """Find in which periods the people `first` up to `last` did something; the arguments are those of :func:`activity`.

    Returns
    -------
    people : ndarray of uint32, shape (person-periods,)
    period : ndarray of int32, shape (person-periods,)
    new : ndarray of bool, shape (person-periods,)
        Whether the person's first event of all lies in it.
    """
    most = offsets[last] - offsets[first]  # memory that is never written to is never taken
    people, period, new = np.empty(most, np.uint32), np.empty(most, np.int32), np.empty(most, np.bool_)
    entries = 0
    if most:
        numbers, shift = slots_of(bounds)
        found = np.empty(most_of_anybody(offsets, first, last) + 1, np.uint32)
        for person in range(first, last):
            low, high = np.uint64(offsets[person]), np.uint64(offsets[person + 1])
            count = periods_of(times, codes, bits, keep, bounds, numbers, shift, False, low, high, found)
            for a in range(count):
                people[entries], period[entries] = person, found[a]
                new[entries] = found[a] == period_at(bounds, numbers, shift, times[low])
                entries += 1
    return people[:entries], period[:entries], new[:entries]


@kernel
def most_of_anybody(offsets, first, last):
    """Return how many events the person with most of them has."""
    most = 0
    for person in range(first, last):
        most = max(most, offsets[person + 1] - offsets[person])
    return most
