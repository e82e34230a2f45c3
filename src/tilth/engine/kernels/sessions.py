"""The sessions kernel: cuts everyone's events where they paused for too long, and where an event begins a session by what it is."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel


@kernel
def sessions(offsets, times, codes, bits, keep, timeout, first, last):
    """Find everyone's sessions, from person `first` up to `last`.

    Parameters
    ----------
    offsets, times : ndarray of int64
        Those of the whole history.
    codes, bits : ndarray
        An event begins a session whatever came before when bit 0 of ``bits[codes[i]]`` is set, the last of `bits` being that of code -1; with empty
        `codes` none does.
    keep : ndarray of bool, shape (events,) or (0,)
        Events that are looked at; empty: all.
    timeout : int
        Longest pause inside a session, in microseconds; -1 for no bound.

    Returns
    -------
    people : ndarray of uint32, shape (sessions,)
    numbers : ndarray of int32, shape (sessions,)
        From 1 for each person.
    starts, ends : ndarray of int64, shape (sessions,)
        Instants of the first and the last event.
    events : ndarray of int32, shape (sessions,)
    """
    marked, narrowed = len(codes) > 0, len(keep) > 0
    most = offsets[last] - offsets[first]  # memory that is never written to is never taken
    people, numbers, events = np.empty(most, np.uint32), np.empty(most, np.int32), np.empty(most, np.int32)
    starts, ends = np.empty(most, np.int64), np.empty(most, np.int64)
    found = 0
    for person in range(first, last):
        number = count = 0
        before = np.int64(0)  # the instant of the person's event before
        for i in range(offsets[person], offsets[person + 1]):
            if narrowed and not keep[i]:
                continue
            time = times[i]
            if number == 0 or (timeout >= 0 and time - before > timeout) or (marked and bits[codes[i]] & np.uint32(1) != 0):
                if number > 0:
                    ends[found - 1], events[found - 1] = before, count
                number += 1
                people[found], numbers[found], starts[found] = person, number, time
                found += 1
                count = 0
            before = time
            count += 1
        if number > 0:
            ends[found - 1], events[found - 1] = before, count
    return people[:found], numbers[:found], starts[:found], ends[:found], events[:found]


@kernel
def number_sessions(offsets, times, timeout, first, last):
    """Return the number, from 0 for each person, of the session that each event of the people `first` up to `last` lies in."""
    base = offsets[first]
    numbers = np.empty(offsets[last] - base, np.int32)
    for person in range(first, last):
        number = 0
        for i in range(offsets[person], offsets[person + 1]):
            if i > offsets[person] and times[i] - times[i - 1] > timeout:
                number += 1
            numbers[i - base] = number
    return numbers
