"""Funnels as graphs: how a chain of events may grow, and the run of the kernel over all shards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilth.engine import shards
from tilth.engine.kernels.funnel import funnel
from tilth.engine.timeline import Timeline


@dataclass(frozen=True)
class Graph:
    """How a chain may grow: nodes with their level and number of optional steps, and edges ``(source or -1, step bit, target)``."""

    levels: NDArray[np.int32]
    optionals: NDArray[np.int32]
    edges: NDArray[np.int32]


def in_order(optional: Sequence[bool]) -> Graph:
    """Return the graph of steps that come one after the other, those of `optional` may be left out.

    >>> in_order([False, True, False]).edges.tolist()  # nodes: 1, 1-2, 1-3, 1-2-3
    [[0, 2, 2], [1, 2, 3], [0, 1, 1], [-1, 0, 0]]
    """
    nodes = [(0, 0)]
    for step in range(1, len(optional)):
        most = sum(optional[: step + 1])
        nodes += [(step, count) for count in range(int(optional[step]), most + 1)]
    place = {node: k for k, node in enumerate(nodes)}
    edges = [(-1, 0, 0)]
    for (step, count), source in place.items():
        for later in range(step + 1, len(optional)):
            target = place.get((later, count + int(optional[later])))
            if target is not None:
                edges.append((source, later, target))
            if not optional[later]:
                break
    return _graph([step + 1 for step, _ in nodes], [count for _, count in nodes], edges)


def in_any_order(steps: int) -> Graph:
    """Return the graph of steps that come in any order: a node for every set of steps.

    >>> in_any_order(2).edges.tolist()  # nodes: {1}, {2}, {1, 2}
    [[0, 1, 2], [1, 0, 2], [-1, 0, 0], [-1, 1, 1]]
    """
    sets = range(1, 1 << steps)
    edges = [
        ((chosen & ~(1 << step)) - 1, step, chosen - 1)  # the empty set is no node: -1, a chain begins
        for chosen in sets
        for step in range(steps)
        if chosen >> step & 1
    ]
    return _graph([chosen.bit_count() for chosen in sets], [0] * len(sets), edges)


def _graph(levels: list[int], optionals: list[int], edges: list[tuple[int, int, int]]) -> Graph:
    ordered = sorted(edges, key=lambda edge: (-levels[edge[2]], edge))
    return Graph(np.array(levels, np.int32), np.array(optionals, np.int32), np.array(ordered, np.int32))


@dataclass(frozen=True)
class Chains:
    """The chain that counts of everyone who has one.

    Attributes
    ----------
    people : ndarray of int64, shape (found,)
        Person codes, ascending.
    events : ndarray of int64, shape (found, levels)
        Places in the timeline; -1 where a level has no event.
    """

    people: NDArray[np.int64]
    events: NDArray[np.int64]


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
            timeline.offsets, timeline.times, steps, may_start, excluded, holds, bound, int(strict), graph.levels, graph.optionals, graph.edges,
            opens, closes, width, first, last,
        )  # fmt: skip

    parts = shards.run(shard, timeline.offsets)
    if not parts:
        return Chains(np.empty(0, np.int64), np.empty((0, width), np.int64))
    return Chains(*shards.concatenated(parts))
