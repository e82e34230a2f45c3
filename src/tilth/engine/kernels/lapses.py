"""Kernels of the time between the events of chains: how long each step took, and the middle and the mean of it by group."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel
from tilth.engine.kernels.ordered import NEVER


@kernel
def lapses(times):
    """Return for every chain and step, of instants of shape (chains, steps), the seconds since the chain's previous event; NaN where there is none.

    The first step is always filled, or nothing before the chain's first event is.
    """
    out = np.full(times.shape, np.nan)
    for chain in range(times.shape[0]):
        before = times[chain, 0]
        for step in range(1, times.shape[1]):
            if times[chain, step] != NEVER:
                out[chain, step] = (times[chain, step] - before) / 1e6
                before = times[chain, step]
    return out


@kernel
def middles(values, groups, count):
    """Return of each of `count` groups how many of the `values` are its own, their median and their mean; NaN where there is none.

    Parameters
    ----------
    values : ndarray of float64, shape (members,)
    groups : ndarray of int64, shape (members,)
    count : int

    Returns
    -------
    members : ndarray of int64, shape (count,)
    median, mean : ndarray of float64, shape (count,)
    """
    members, median, mean = np.zeros(count, np.int64), np.full(count, np.nan), np.full(count, np.nan)
    for group in groups:
        members[group] += 1
    ends = np.cumsum(members)
    place = ends - members
    own = np.empty(len(values))
    for i in range(len(values)):
        own[place[groups[i]]] = values[i]
        place[groups[i]] += 1
    for group in range(count):
        if members[group]:
            inside = own[ends[group] - members[group] : ends[group]]
            mean[group] = inside.mean()
            median[group] = np.median(inside)
    return members, median, mean
