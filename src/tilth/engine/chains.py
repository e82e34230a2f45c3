"""Funnels as graphs: how a chain of events may grow, and the run of the kernel over all shards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tilth.engine import shards
from tilth.engine.kernels.funnel import funnel
from tilth.engine.kernels.ordered import NEVER, ordered
from tilth.engine.timeline import Timeline


@dataclass(frozen=True)
class Graph:
    """How a chain may grow.

    Attributes
    ----------
    levels, optionals : ndarray of int32, shape (nodes,)
        The row of the result that a node stands for, and the number of optional steps filled there.
    entries : ndarray of int32, shape (steps,)
        The node at which a chain begins with a step, or -1.
    following : ndarray of int32, shape (nodes, steps)
        The node to which a step leads from a node, or -1.
    any_order : bool
        Whether a node is the set of its steps.
    """

    levels: NDArray[np.int32]
    optionals: NDArray[np.int32]
    entries: NDArray[np.int32]
    following: NDArray[np.int32]
    any_order: bool = False


def in_order(optional: Sequence[bool]) -> Graph:
    """Return the graph of steps that come one after the other, those of `optional` may be left out.

    >>> in_order([False, True, False]).following.tolist()  # nodes: 1, 1-2, 1-3, 1-2-3
    [[-1, 1, 2], [-1, -1, 3], [-1, -1, -1], [-1, -1, -1]]
    """
    nodes = [(0, 0)]
    for step in range(1, len(optional)):
        nodes += [(step, count) for count in range(int(optional[step]), sum(optional[: step + 1]) + 1)]
    place = {node: k for k, node in enumerate(nodes)}
    following = np.full((len(nodes), len(optional)), -1, np.int32)
    for (step, count), source in place.items():
        for later in range(step + 1, len(optional)):
            following[source, later] = place.get((later, count + int(optional[later])), -1)
            if not optional[later]:
                break
    entries = np.array([0] + [-1] * (len(optional) - 1), np.int32)
    return Graph(np.array([step + 1 for step, _ in nodes], np.int32), np.array([count for _, count in nodes], np.int32), entries, following)


def in_any_order(steps: int) -> Graph:
    """Return the graph of steps that come in any order: a node for every set of steps.

    >>> in_any_order(2).following.tolist()  # nodes: {1}, {2}, {1, 2}
    [[-1, 2], [2, -1], [-1, -1]]
    """
    sets, bit = np.arange(1, 1 << steps)[:, None], 1 << np.arange(steps)
    levels = (sets & bit > 0).sum(axis=1)
    following = np.where(sets & bit, -1, (sets | bit) - 1)
    return Graph(levels.astype(np.int32), np.zeros(len(sets), np.int32), (bit - 1).astype(np.int32), following.astype(np.int32), True)


@dataclass(frozen=True)
class Chains:
    """The chain that counts of everyone who has one.

    Attributes
    ----------
    people : ndarray of int64, shape (found,)
        Person codes, ascending.
    events, times : ndarray of int64, shape (found, levels)
        Places in the timeline, and instants; -1 and :data:`NEVER` where a level has no event.
    """

    people: NDArray[np.int64]
    events: NDArray[np.int64]
    times: NDArray[np.int64]

    @classmethod
    def at(cls, timeline: Timeline, people: NDArray[np.int64], events: NDArray[np.int64]) -> Chains:
        """Return the chains of events at some places."""
        times, filled = np.full(events.shape, NEVER), events >= 0
        times[filled] = timeline.times[events[filled]]
        return cls(people, events, times)


def find(
    timeline: Timeline,
    graph: Graph,
    steps: NDArray[np.uint32],
    may_start: NDArray[np.bool_],
    *,
    within: int | None,
    strict: bool = False,
    excluded: NDArray[np.uint32] | None = None,
    spans: Sequence[tuple[int, int]] = (),
    holds: NDArray[np.int32] | None = None,
) -> Chains:
    """Find everyone's chain; the arrays are those of :func:`tilth.engine.kernels.funnel.funnel`, `spans` the levels of each exclusion."""
    opens, closes = np.array(list(spans), np.int32).reshape(-1, 2).T.copy()
    if excluded is None:
        excluded = np.zeros(len(timeline) if strict else 0, np.uint32)
    if holds is None:
        holds = np.empty(0, np.int32)
    width = int(graph.levels.max())
    bound = -1 if within is None else within

    def shard(first: int, last: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return funnel(  # type: ignore[no-any-return]
            timeline.offsets, timeline.times, steps, may_start, excluded, holds, bound, int(strict), int(graph.any_order),
            graph.levels, graph.optionals,
            graph.entries, graph.following, opens, closes, width, first, last,
        )  # fmt: skip

    parts = shards.run(shard, timeline.offsets)
    if not parts:
        parts = [(np.empty(0, np.int64), np.empty((0, width), np.int64))]
    return Chains.at(timeline, *shards.concatenated(parts))


def find_ordered(
    timeline: Timeline, codes: NDArray[Any], bits: NDArray[np.uint32], keep: NDArray[np.bool_] | None, *, within: int | None, steps: int
) -> Chains:
    """Find everyone's chain of plain steps in order; the arrays are those of :func:`tilth.engine.kernels.ordered.ordered`."""
    bound = -1 if within is None else within
    kept = np.empty(0, np.bool_) if keep is None else keep

    def shard(first: int, last: int) -> tuple[NDArray[np.int64], ...]:
        return ordered(timeline.offsets, timeline.times, codes, bits, kept, bound, steps, first, last)  # type: ignore[no-any-return]

    parts = shards.run(shard, timeline.offsets)
    if not parts:
        parts = [(np.empty(0, np.int64), np.empty((0, steps), np.int64), np.empty((0, steps), np.int64))]
    return Chains(*shards.concatenated(parts))
