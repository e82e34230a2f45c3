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
