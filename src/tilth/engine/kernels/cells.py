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
        row = found[cells[i]]
        for w in range(words.shape[1]):
            word, low = words[i, w], 64 * w
            for k in range(min(64, bits - low)):
                row[low + k] += np.int64(word >> np.uint64(k) & np.uint64(1))
    return found
