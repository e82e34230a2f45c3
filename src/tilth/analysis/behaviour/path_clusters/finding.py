"""How clusters of similar paths are found: everyone's names and moves counted, weighed, clustered over a sample and told apart for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tilth.analysis.behaviour.path_clusters.options import FEWEST, MOST, PathClustersOptions
from tilth.analysis.behaviour.paths import OTHER, PathsOptions, prepare
from tilth.analysis.spherical import Fit, fit
from tilth.engine import shards
from tilth.engine.clock import length
from tilth.engine.kernels import path_clusters as kernels

if TYPE_CHECKING:
    from tilth.analysis.events import Events

SAMPLE = 50_000
MOST_NAMES = 300
"""Names that tell people apart, the most frequent; all others are "other"."""
MOST_MOVES = 700
"""Moves that do: those that most people of the sample make."""


@dataclass(frozen=True)
class Grouped:
    """What was found about everyone who has a path.

    Attributes
    ----------
    people : ndarray of uint32, shape (people,)
        Person codes, ascending.
    clusters : ndarray of uint8, shape (people,)
        The cluster of each, from 0.
    medians : list of float
        Of each cluster the median number of events in a person's paths.
    examples : list of list of (str or None)
        The path of the person next to each centre, None where one path ends and another begins.
    features : list of (str, str or None)
        The names (with None), then the moves.
    having : ndarray of int64, shape (clusters, features)
        People of each cluster who have each feature.
    fit : Fit
    sample : int
        People from whom the clusters were found.
    """

    people: NDArray[np.uint32]
    clusters: NDArray[np.uint8]
    medians: list[float]
    examples: list[list[str | None]]
    features: list[tuple[str, str | None]]
    having: NDArray[np.int64]
    fit: Fit
    sample: int

    @property
    def sizes(self) -> NDArray[np.int64]:
        """People of each cluster."""
        return np.bincount(self.clusters, minlength=len(self.having))


def compute(events: Events, options: PathClustersOptions) -> Grouped:
    """Find the clusters and who is in which."""
    timeline, (walk, names) = events.timeline, walk_of(events, options)
    lengths = np.concatenate([np.empty(0, np.int32), *shards.run(lambda first, last: kernels.lengths(walk, first, last), timeline.offsets)])
    there = np.flatnonzero(lengths)
    if not len(there):
        nobody = Fit(np.empty((0, 0)), float("nan"), {})
        return Grouped(np.empty(0, np.uint32), np.empty(0, np.uint8), [], [], [], np.empty((0, 0), np.int64), nobody, 0)
    drawn = timeline.directory.lottery[there]
    few = np.argpartition(drawn, SAMPLE)[:SAMPLE] if len(drawn) > SAMPLE else np.arange(len(drawn))
    sample = there[few[np.argsort(drawn[few], kind="stable")]]
    moves, pairs = frequent(kernels.movers(walk, len(names), sample))
    features = [*((name, None) for name in names), *((names[a], names[b]) for a, b in pairs)]
    rows, weights = weighed(kernels.vectors(walk, moves, len(features), sample, int(lengths[sample].sum())), len(features))
    found = fit(rows, options.k, FEWEST, MOST)
    centres = np.ascontiguousarray(found.centres.T)
    parts: list[Any] = shards.run(lambda first, last: kernels.nearest(walk, moves, weights, centres, first, last), timeline.offsets)
    people, clusters, likeness = shards.concatenated([part[:3] for part in parts])
    sizes, having = np.bincount(clusters, minlength=len(found.centres)), np.sum([part[3] for part in parts], axis=0)
    order = np.argsort(-sizes, kind="stable")  # the sample may have had them in another order
    clusters, having = np.argsort(order).astype(np.uint8)[clusters], having[order][: np.count_nonzero(sizes)]
    own = [np.flatnonzero(clusters == c) for c in range(len(having))]
    lengths = lengths[there]
    middles = [one[np.lexsort((drawn[one], lengths[one], -likeness[one].round(5)))[0]] for one in own]
    examples = [path_of(walk, int(people[middle]), names) for middle in middles]
    return Grouped(people, clusters, [float(np.median(lengths[one])) for one in own], examples, features, having, found, len(sample))


def walk_of(events: Events, options: PathsOptions) -> tuple[tuple[Any, ...], list[str]]:
    """Return what the kernels walk over, and what its nodes are called."""
    timeline, known = events.timeline, prepare(events, options)
    nodes, names = fewer(known.nodes, known.labels)
    timeout = -1 if options.sessions is None else int(length(options.sessions) or 0)
    walk = (
        timeline.offsets, timeline.times, known.codes, nodes, known.marks, known.bits, known.asked, options.mode, timeout, options.fold,
    )  # fmt: skip
    return walk, names


def fewer(nodes: NDArray[np.int32], labels: list[str]) -> tuple[NDArray[np.int32], list[str]]:
    """Return the nodes and what they are called, all but the first :data:`MOST_NAMES` made one."""
    if len(labels) <= MOST_NAMES + 1:
        return nodes, labels
    names = labels[:MOST_NAMES]
    names += [] if OTHER in names else [OTHER]
    return np.where(nodes >= MOST_NAMES, np.int32(names.index(OTHER)), nodes), names


def frequent(counts: NDArray[np.int32]) -> tuple[NDArray[np.int32], list[tuple[int, int]]]:
    """Return the features of moves by (source, target), numbered after the names, and which moves they are: those that most people make."""
    size = len(counts)
    made = np.flatnonzero(counts)
    kept = np.sort(made[np.argsort(-counts.ravel()[made], kind="stable")][:MOST_MOVES])
    moves = np.full(size * size, -1, np.int32)
    moves[kept] = size + np.arange(len(kept))
    return moves.reshape(size, size), [(int(move) // size, int(move) % size) for move in kept]


def weighed(counted: tuple[NDArray[Any], ...], size: int) -> tuple[Any, NDArray[np.float64]]:
    """Return the sample's rows of unit length, and what each feature counts, by what the kernel counted."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfTransformer

    heads, features, counts = counted
    occurring = csr_matrix((counts.astype(np.float64), features, heads), shape=(len(heads) - 1, size))
    occurring.sort_indices()
    scale = TfidfTransformer(sublinear_tf=True)
    return scale.fit_transform(occurring), np.ascontiguousarray(scale.idf_)


def path_of(walk: tuple[Any, ...], person: int, names: list[str]) -> list[str | None]:
    """Return the names of a person's paths, None where one ends and another begins."""
    room = kernels.room(walk[0], person, person + 1)
    places, _nodes = kernels.written(walk, person, room)
    return [None if node < 0 else names[node] for node in room[: max(places - 1, 0)].tolist()]
