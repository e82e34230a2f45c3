"""The retention kernel: for every person and cohort, in which later periods they came back."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel
from tilth.engine.kernels.periods import period_of

ON, ON_OR_AFTER, BRACKET = 0, 1, 2


@kernel
def mark(words, entry, place):
    """Set bit `place` of an entry's row of 64-bit words."""
    words[entry, place >> 6] |= np.uint64(1) << np.uint64(place & 63)


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
def longer(array, room):
    """Return `array` with room for more."""
    out = np.empty(room, array.dtype)
    out[: len(array)] = array
    return out


@kernel
def longer_rows(array, room):
    """Return `array` with room for more rows, which are 0."""
    out = np.zeros((room, array.shape[1]), array.dtype)
    out[: len(array)] = array
    return out


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
    narrowed = len(keep) > 0
    periods = len(bounds) - 1
    active, until = np.empty(periods, np.int32), np.empty(periods, np.int64)  # periods with a return, the place of the last one in each
    cohorts_of, began = np.empty(periods, np.int32), np.empty(periods, np.int64)
    entries, room = 0, 1024
    people, events, cohorts = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int32)
    words = np.zeros((room, rows // 64 + 1), np.uint64)
    for person in range(first, last):
        count = joined = 0
        at = -1
        started = False
        end = bounds[0]  # of the period `at`; at first before any event
        returned = cohort = -1  # the last period with a return, the last with a start
        for i in range(offsets[person], offsets[person + 1]):
            fills = bits[codes[i]]
            if fills & np.uint32(1) and once:
                if started:
                    fills &= ~np.uint32(1)
                started = True
            if fills == 0 or (joined == 0 and not fills & np.uint32(1)) or (narrowed and not keep[i]):
                continue  # what comes before the first start is no return
            if times[i] >= end:
                at = period_of(bounds, at, times[i])
                end = bounds[at + 1]
            if fills & np.uint32(2):
                if returned != at:
                    active[count] = returned = at
                    count += 1
                until[count - 1] = i
            if fills & np.uint32(1) and cohort != at:
                cohorts_of[joined] = cohort = at
                began[joined] = i
                joined += 1
        if entries + joined > room:
            room = max(2 * room, entries + joined)
            people, events, cohorts, words = longer(people, room), longer(events, room), longer(cohorts, room), longer_rows(words, room)
        for a in range(joined):
            people[entries], events[entries], cohorts[entries] = person, began[a], cohorts_of[a]
            mark_returns(words, entries, began[a], cohorts_of[a], active, until, count, kind, rows, lows, highs)
            entries += 1
    return people[:entries].copy(), events[:entries].copy(), cohorts[:entries].copy(), words[:entries].copy()


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
    narrowed = len(keep) > 0
    out = np.zeros((last - first, rows + 1))
    for entry in range(first, last):
        person, cohort = people[entry], cohorts[entry]
        row, at = out[entry - first], cohort
        for i in range(began[entry], offsets[person + 1]):
            if not bits[codes[i]] & np.uint32(2) or (narrowed and not keep[i]):
                continue
            at = period_of(bounds, at, times[i])
            away, value = at - cohort, values[value_codes[i]]
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
