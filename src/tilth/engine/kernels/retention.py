"""The retention kernel: for every person and cohort, in which later periods they came back."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel

ON, ON_OR_AFTER, BRACKET = 0, 1, 2


@kernel
def mark(words, entry, place):
    """Set bit `place` of an entry's row of 64-bit words."""
    words[entry, place >> 6] |= np.uint64(1) << np.uint64(place & 63)


@kernel
def count_entries(offsets, period, starts, first, last):  # the memory a shard needs
    """Return the number of cohorts that all people belong to together, and the most events that one person has."""
    entries = longest = 0
    for person in range(first, last):
        longest = max(longest, offsets[person + 1] - offsets[person])
        cohort = -1
        for i in range(offsets[person], offsets[person + 1]):
            if starts[i] and period[i] != cohort:
                cohort = period[i]
                entries += 1
    return entries, longest


@kernel
def active_periods(low, high, period, back, active, until):
    """Write one person's periods with a `back` event into `active`, the place of the last such event in each into `until`; return how many."""
    count = 0
    for i in range(low, high):
        if back[i]:
            if count == 0 or active[count - 1] != period[i]:
                active[count] = period[i]
                count += 1
            until[count - 1] = i
    return count


@kernel
def mark_returns(words, entry, start, cohort, active, until, count, kind, rows, lows, highs):
    """Mark the rows in which the person who joined `cohort` with the event `start` came back."""
    for a in range(count):
        away = active[a] - cohort
        if away == 0:
            if until[a] >= start:
                mark(words, entry, 0)
        elif away > 0 and kind == ON:
            if away <= rows:
                mark(words, entry, away)
        elif away > 0 and kind == ON_OR_AFTER:
            if a == count - 1:
                for k in range(1, min(away, rows) + 1):
                    mark(words, entry, k)
        elif away > 0:
            for k in range(rows):
                if lows[k] <= away <= highs[k]:
                    mark(words, entry, k + 1)


@kernel
def retention(offsets, period, starts, back, kind, rows, lows, highs, first, last):
    """Find everyone's cohorts, from person `first` up to `last`.

    Parameters
    ----------
    offsets : ndarray of int64
        The timeline's.
    period : ndarray of int32, shape (events,)
        Number of the period that each event falls in.
    starts, back : ndarray of bool, shape (events,)
        Events that make a member of their period's cohort; events that count as coming back.
    kind : int
    rows : int
        Highest number of a row; row 0 is the cohort's own period.
    lows, highs : ndarray of int32, shape (rows,)
        For BRACKET, the first and last period of each row from 1 on.

    Returns
    -------
    people : ndarray of int64, shape (entries,)
    events : ndarray of int64, shape (entries,)
        Place of the person's first start event in the cohort.
    words : ndarray of uint64, shape (entries, rows // 64 + 1)
        Bit k: came back in row k.
    """
    entries, longest = count_entries(offsets, period, starts, first, last)
    people, events = np.empty(entries, np.int64), np.empty(entries, np.int64)
    words = np.zeros((entries, rows // 64 + 1), np.uint64)
    active, until = np.empty(longest, np.int32), np.empty(longest, np.int64)
    entry = 0
    for person in range(first, last):
        low, high = offsets[person], offsets[person + 1]
        count = active_periods(low, high, period, back, active, until)
        cohort = -1
        for i in range(low, high):
            if starts[i] and period[i] != cohort:
                cohort = period[i]
                people[entry], events[entry] = person, i
                mark_returns(words, entry, i, cohort, active, until, count, kind, rows, lows, highs)
                entry += 1
    return people, events, words
