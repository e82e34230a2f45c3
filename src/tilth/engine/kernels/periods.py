"""Kernels of calendar periods: lifecycle, stickiness and frequency.

They are given the bounds of the periods; the number of a person's first one is looked up, the others are walked to, as a person's times ascend.
Events are told by their codes: an event does what is asked when bit 0 of ``bits[codes[i]]`` is set, the last of `bits` being that of code -1; with
empty `codes` every event does. It is looked at when ``keep[i]`` is, with empty `keep` always.
"""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel

BEFORE = np.iinfo(np.int64).min
NEW, RETURNING, RESURRECTING, DORMANT = 0, 1, 2, 3


@kernel
def does(codes, bits, i):
    """Say whether event `i` does what is asked."""
    return len(codes) == 0 or bits[codes[i]] & np.uint32(1) != 0


@kernel
def seen(keep, i):
    """Say whether event `i` is looked at."""
    return len(keep) == 0 or keep[i]


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
    """Return the instants of the first and the last event looked at, a later and an earlier one when there is none."""
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


@kernel
def lifecycle(offsets, times, codes, bits, keep, bounds, first, last):
    """Find everyone's stays, from person `first` up to `last`.

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
        began, period, end = -1, -1, BEFORE
        for i in range(offsets[person], offsets[person + 1]):
            if times[i] < end or not does(codes, bits, i):  # a period in which they are known to be active has nothing more to tell
                continue
            if began < 0:
                began = period_of(bounds, -1, times[i])
            if not seen(keep, i):
                continue
            now = period_of(bounds, max(period, began), times[i])
            end = bounds[now + 1]
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


@kernel
def tallies(offsets, times, codes, bits, keep, windows, periods, first, last):
    """Count everyone's active periods in each window, from person `first` up to `last`.

    Parameters
    ----------
    offsets, times : ndarray of int64
        Those of the whole history.
    codes, bits, keep : ndarray
        Which events count, and which are looked at.
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
        here, period, end = -1, -1, BEFORE
        for i in range(offsets[person], offsets[person + 1]):
            if times[i] < end or not (does(codes, bits, i) and seen(keep, i)):
                continue
            there = period_of(windows, here, times[i])
            now = -1 if each_event else period_of(periods, period, times[i])
            if there != here:
                people[found], window[found], counts[found] = person, there, 1
                found += 1
            else:
                counts[found - 1] += 1
            if not each_event:  # until either ends there is nothing more to count
                end = min(windows[there + 1], periods[now + 1])
            here, period = there, now
    return people[:found], window[:found], counts[:found]
