"""Counting in the cells of a table."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel


@kernel
def people_of(cells, people, count):
    """Return how many different people stand in each of `count` cells; `people`, one beside each of `cells`, ascend."""
    found = np.zeros(count, np.int64)
    last = np.full(count, -1, np.int64)
    for i in range(len(cells)):
        if last[cells[i]] != people[i]:
            last[cells[i]] = people[i]
            found[cells[i]] += 1
    return found


@kernel
def bits_of(words, cells, count, bits):
    """Return how often each bit is set in the rows of `words` of each of `count` cells, shape (count, bits); row i belongs to ``cells[i]``."""
    found = np.zeros((count, bits), np.int64)
    for i in range(len(cells)):
        for k in range(bits):
            found[cells[i], k] += np.int64(words[i, k >> 6] >> np.uint64(k & 63) & np.uint64(1))
    return found


@kernel
def spans_of(starts, ends, sizes, people, bounds):
    """Count spans of time by their length.

    Parameters
    ----------
    starts, ends : ndarray of int64, shape (spans,)
    sizes : ndarray of int32, shape (spans,)
    people : ndarray of uint32, shape (spans,)
        Ascending.
    bounds : ndarray of int64, shape (cells - 1,)
        Ascending; a cell holds its lower bound and not its upper one.

    Returns
    -------
    spans, people, sizes : ndarray of int64, shape (cells,)
        How many spans, different people, and the sum of sizes.
    """
    cells = len(bounds) + 1
    spans, different, total = np.zeros(cells, np.int64), np.zeros(cells, np.int64), np.zeros(cells, np.int64)
    last = np.full(cells, -1, np.int64)
    for i in range(len(starts)):
        length = ends[i] - starts[i]
        cell = 0
        while cell < cells - 1 and bounds[cell] <= length:
            cell += 1
        spans[cell] += 1
        total[cell] += sizes[i]
        if last[cell] != people[i]:
            last[cell] = people[i]
            different[cell] += 1
    return spans, different, total
