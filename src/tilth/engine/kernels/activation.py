"""The activation kernel: how often people did each behaviour soon after they started, against whether they were retained."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel

START, RETAINED = np.uint32(1), np.uint32(2)


@kernel
def did(candidate, window, seen, active, count):
    """Count an event as one of a candidate in a window; returns how many candidates the person has by now."""
    new = True
    for k in range(seen.shape[1]):
        new &= seen[candidate, k] == 0
    if new:
        active[count] = candidate
        count += 1
    seen[candidate, window] += 1
    return count


@kernel
def activation(
    offsets, times, codes, heads, members, extra, size, marks, bits, keep, windows, counts, after, before, known, wanted, first, last
):  # fmt: skip
    """Look at everyone from person `first` up to `last` once, for all behaviours, windows and counts together.

    Parameters
    ----------
    offsets, times : ndarray
        The timeline's.
    codes : ndarray of int, shape (events,)
        Codes of names, below 0 for null.
    heads, members : ndarray of int32
        The candidates that a name counts for: ``members[heads[code]:heads[code + 1]]``.
    extra : ndarray of uint32, shape (events,)
        Bit j: counts for candidate ``size - 1 - j``, which is more than a name; empty where there are none.
    size : int
        Number of candidates.
    marks : ndarray of int, shape (events,)
        Codes of what each event fills.
    bits : ndarray of uint32
        Of each code: START (a person starts with their first such event, if it is looked at), RETAINED or both.
    keep : ndarray of bool, shape (events,)
        Events that are looked at; empty for all.
    windows : ndarray of int64, ascending
        Microseconds from the start up to which, not included, a behaviour counts.
    counts : ndarray of int64, ascending
        How often at least.
    after, before : int
        Microseconds from the start from which on, and before which, a person is looked for.
    known : int
        The instant up to which everything is known; whose time is not over by then is left out.
    wanted : (int, int, int)
        The candidate, window and count that `by_rule` is about; -1 for none.

    Returns
    -------
    table : ndarray of int64, shape (1, candidates, windows, counts, 2)
        People who did it, without and with being retained.
    people : ndarray of uint32, shape (started,)
    came, by_rule : ndarray of bool, shape (started,)
        Whether each was retained, and did what is wanted.
    recent : ndarray of int64, shape (1,)
        People left out.
    """
    table = np.zeros((1, size, len(windows), len(counts), 2), np.int64)
    seen, active = np.zeros((size, len(windows)), np.int64), np.empty(size, np.int64)
    people, came, by_rule = np.empty(last - first, np.uint32), np.zeros(last - first, np.bool_), np.zeros(last - first, np.bool_)
    found = recent = 0
    for person in range(first, last):
        start, high = offsets[person], offsets[person + 1]
        while start < high and not bits[marks[start]] & START:
            start += 1
        if start == high or (len(keep) and not keep[start]):
            continue
        if times[start] + before > known:
            recent += 1
            continue
        count, stayed = 0, 0
        for i in range(start + 1, high):
            if len(keep) and not keep[i]:
                continue
            age = times[i] - times[start]
            if age >= before:
                break
            if age >= after and bits[marks[i]] & RETAINED:
                stayed = 1
            if age >= windows[-1]:
                continue
            window = 0
            while age >= windows[window]:
                window += 1
            code = codes[i]
            if code >= 0:
                for k in range(heads[code], heads[code + 1]):
                    count = did(members[k], window, seen, active, count)
            if len(extra):
                left, j = extra[i], 0
                while left:
                    if left & np.uint32(1):
                        count = did(size - 1 - j, window, seen, active, count)
                    left, j = left >> np.uint32(1), j + 1
        for a in range(count):
            candidate, total = active[a], 0
            for w in range(len(windows)):
                total += seen[candidate, w]
                seen[candidate, w] = 0
                for k in range(len(counts)):
                    if total < counts[k]:
                        break
                    table[0, candidate, w, k, stayed] += 1
                    if candidate == wanted[0] and w == wanted[1] and k == wanted[2]:
                        by_rule[found] = True
        people[found], came[found] = person, stayed == 1
        found += 1
    return table, people[:found].copy(), came[:found].copy(), by_rule[:found].copy(), np.array([recent])
