"""People in order: the permutation that puts rows person by person, each person's rows by time, then by `ties`, then as they stood."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel


@kernel
def group_rows(codes, people):
    """Return ``(rows, offsets)``: row numbers grouped by person code, the order of the source kept inside a person.

    Rows of code -1 belong to nobody and are left out. A counting sort: linear in rows and people.
    """
    offsets = np.zeros(people + 1, np.int64)
    for code in codes:
        if code >= 0:
            offsets[code + 1] += 1
    for person in range(people):
        offsets[person + 1] += offsets[person]
    place = offsets[:-1].copy()
    rows = np.empty(offsets[people], np.int64)
    for row in range(len(codes)):
        code = codes[row]
        if code >= 0:
            rows[place[code]] = row
            place[code] += 1
    return rows, offsets


@kernel
def sort_each(rows, offsets, times, ties, first, last):
    """Sort `rows` in place for the people `first` up to `last`, by time, then by `ties` (empty where there are none), stably."""
    tied = len(ties) > 0
    for person in range(first, last):
        low, high = offsets[person], offsets[person + 1]
        in_order = True
        for i in range(low + 1, high):
            a, b = rows[i - 1], rows[i]
            if times[a] > times[b] or (tied and times[a] == times[b] and ties[a] > ties[b]):
                in_order = False
                break
        if in_order:
            continue
        mine = rows[low:high].copy()
        if tied:
            mine = mine[np.argsort(ties[mine], kind="mergesort")]
        rows[low:high] = mine[np.argsort(times[mine], kind="mergesort")]


@kernel
def first_of_each(flags, offsets):
    """Return `flags` with only each person's first True left."""
    out = np.zeros(len(flags), np.bool_)
    for person in range(len(offsets) - 1):
        for i in range(offsets[person], offsets[person + 1]):
            if flags[i]:
                out[i] = True
                break
    return out
