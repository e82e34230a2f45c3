"""The retention kernel: for every person and cohort, in which later periods they came back."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel
from tilth.engine.kernels.periods import period_at, periods_of, place, seen, slots_of

ON, ON_OR_AFTER, BRACKET = 0, 1, 2
START, BACK = np.uint32(1), np.uint32(2)
"""The bits of the events that make members, and of those that count as coming back."""


@kernel
def mark(words, entry, place):
    """Set bit `place` of an entry's row of 64-bit words."""
    words[entry, place >> 6] |= np.uint64(1) << np.uint64(place & 63)


@kernel
def mark_returns(words, entry, cohort, active, count, kind, rows, lows, highs):
    """Mark the rows after the first in which the person who joined `cohort` came back, in `count` periods that are `active`, ascending."""
    last = np.int64(active[count - place(1)]) - cohort if count > 0 else 0
    if kind == ON_OR_AFTER:
        for k in range(1, min(last, rows) + 1):
            mark(words, entry, k)
        return
    for a in range(count):
        away = np.int64(active[a]) - cohort
        if away <= 0:
            continue
        if kind == ON:
            if away <= rows:
                mark(words, entry, away)
        else:
            for k in range(rows):
                if lows[k] <= away <= highs[k]:
                    mark(words, entry, k + 1)


@kernel
def fills(codes, bits, keep, i):
    """Return the bits of event `i`; none if it is not looked at."""
    return bits[codes[i]] if seen(keep, i) else np.uint32(0)


@kernel
def came_back(times, codes, bits, keep, began, high, end):
    """Say whether there is a return from the place `began` on, before the instant `end`."""
    for i in range(began, high):
        if times[i] >= end:
            break
        if fills(codes, bits, keep, i) & BACK:
            return True
    return False


@kernel
def most_entries(offsets, periods, once, first, last):
    """Return how many cohorts the people `first` up to `last` can be in."""
    most = np.int64(0)
    for person in range(first, last):
        most += min(offsets[person + 1] - offsets[person], 1 if once else periods)
    return most


@kernel
def retention(offsets, times, codes, bits, keep, once, bounds, kind, rows, lows, highs, first, last):
    """Find everyone's cohorts, from person `first` up to `last`.

    Parameters
    ----------
    offsets, times : ndarray of int64
        The timeline's.
    codes : ndarray of int, shape (events,)
    bits : ndarray of uint32
        Of each code: 1 where such events make a member of their period's cohort, 2 where they count as coming back. The last one is that of -1.
    keep : ndarray of bool, shape (events,) or (0,)
        Events that are looked at; empty for all.
    once : bool
        Whether only a person's first start event of all makes them a member.
    bounds : ndarray of int64, shape (periods + 1,)
        Where periods begin and the last one ends.
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
    cohorts : ndarray of int32, shape (entries,)
        Number of the cohort's period.
    words : ndarray of uint64, shape (entries, rows // 64 + 1)
        Bit k: came back in row k.
    """
    numbers, shift = slots_of(bounds)
    active = np.empty(len(bounds), np.uint64)
    back_bits = bits >> np.uint32(1)
    back_codes = codes[:0] if np.all(back_bits & np.uint32(1) != 0) else codes
    most = most_entries(offsets, len(bounds), once, first, last)  # memory that is never written to is never taken
    people, events, cohorts = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int32)
    words = np.empty((most, rows // 64 + 1), np.uint64)
    entries = 0
    for person in range(first, last):
        i, high = place(offsets[person]), place(offsets[person + 1])
        while i < high and not (bits[codes[i]] & START and (once or seen(keep, i))):
            i += place(1)
        if i == high or not seen(keep, i):
            continue  # what comes before the first start is no return
        count = periods_of(times, back_codes, back_bits, keep, bounds, numbers, shift, False, i, high, active)
        cohort = -1
        while i < high:
            at = np.int64(period_at(bounds, numbers, shift, times[i]))
            if at != cohort and bits[codes[i]] & START and seen(keep, i):
                people[entries], events[entries], cohorts[entries] = person, i, at
                for k in range(words.shape[1]):
                    words[entries, k] = 0
                if bits[codes[i]] & BACK or came_back(times, codes, bits, keep, i, high, bounds[at + 1]):
                    mark(words, entries, 0)
                mark_returns(words, entries, at, active, count, kind, rows, lows, highs)
                entries, cohort = entries + 1, at
            i = high if once else i + place(1)
    return people[:entries], events[:entries], cohorts[:entries], words[:entries]


@kernel
def sums(people, began, cohorts, offsets, times, codes, bits, keep, value_codes, values, bounds, kind, rows, lows, highs, first, last):
    """Sum a value over what the members `first` up to `last` of cohorts did when they came back, row by row.

    Parameters
    ----------
    people, began, cohorts : ndarray
        What :func:`retention` returns.
    offsets, times, codes, bits, keep, bounds, kind, rows, lows, highs
        As there.
    value_codes : ndarray of int, shape (events,)
    values : ndarray of float64
        The value of each code; the last one, that of -1, is 0.

    Returns
    -------
    ndarray of float64, shape (last - first, rows + 1)
    """
    numbers, shift = slots_of(bounds)
    out = np.zeros((last - first, rows + 1))
    for entry in range(first, last):
        person, cohort = people[entry], cohorts[entry]
        row = out[entry - first]
        for i in range(began[entry], offsets[person + 1]):
            if not fills(codes, bits, keep, i) & BACK:
                continue
            away, value = np.int64(period_at(bounds, numbers, shift, times[i])) - cohort, values[value_codes[i]]
            if away == 0:
                row[0] += value
            elif kind == ON:
                if away <= rows:
                    row[away] += value
            elif kind == ON_OR_AFTER:
                for k in range(1, min(away, rows) + 1):
                    row[k] += value
            else:
                for k in range(rows):
                    if lows[k] <= away <= highs[k]:
                        row[k + 1] += value
    return out
