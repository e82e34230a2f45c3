"""How clusters of similar paths are found: everyone's names and moves counted, weighed, clustered over a sample and told apart for all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tilth.analysis.behaviour.path_clusters.options import FEWEST, MOST, PathClustersOptions
from tilth.analysis.behaviour.paths import OTHER, Names, PathsOptions, occurrences, prepare, ranked
from tilth.analysis.spherical import Fit, fit
from tilth.engine import shards
from tilth.engine.clock import length
from tilth.engine.kernels import path_clusters as kernels
from tilth.engine.partial import PERSONS, TOTAL, Partial
from tilth.engine.people import Directory

if TYPE_CHECKING:
    from tilth.analysis.events import Events

SAMPLE = 50_000
MOST_NAMES = 300
"""Names that tell people apart, the most frequent; all others are "other"."""
MOST_MOVES = 700
"""Moves that do: those that most people of the sample make."""


@dataclass(frozen=True)
class Described(Partial):
    """What the paths of a sample hold: of all who have a path with a name in it, those who draw the lowest numbers.

    Attributes
    ----------
    people, drawn : ndarray, shape (sample,)
        Person code, and the number that their id draws.
    sizes : ndarray of int64, shape (sample,)
        How many features each has.
    features, counts : ndarray of int32, shape (entries,)
        Those of each person one after the other, and how often they have each. A feature is a name, by its node, or a move: with n names
        n + n · source + target.
    """

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    drawn: NDArray[np.float64]
    sizes: NDArray[np.int64]
    features: NDArray[np.int32]
    counts: NDArray[np.int32]


@dataclass(frozen=True)
class Sorted(Partial):
    """Who is in which cluster.

    Attributes
    ----------
    people, clusters, lengths : ndarray, shape (people,)
        Person code, cluster from 0 as they were found, and how many names there are in their paths.
    having : ndarray of int64, shape (clusters, features)
        People of each cluster who have each feature.
    near : ndarray of float64, shape (examples, 4)
        Of paths next to a centre: the cluster, minus the cosine, how many names there are, the number drawn. The least is the nearest.
    places : ndarray of int64, shape (examples,)
    path : ndarray of int32
        Their nodes one after the other, `places` of them each; -1 where one path of a person ends and another begins.
    """

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    clusters: NDArray[np.uint8]
    lengths: NDArray[np.int32]
    having: NDArray[np.int64] = field(metadata=TOTAL)
    near: NDArray[np.float64]
    places: NDArray[np.int64]
    path: NDArray[np.int32]


@dataclass(frozen=True)
class Grouped:
    """What was found about everyone who has a path.

    Attributes
    ----------
    directory : Directory
    left_out : int
    people : ndarray of uint32, shape (people,)
        Person codes.
    clusters : ndarray of uint8, shape (people,)
        The cluster of each, from 0.
    medians : list of float
        Of each cluster the median number of names in a person's paths.
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

    directory: Directory
    left_out: int
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


def find(events: Events, options: PathClustersOptions) -> Grouped:
    """Find the clusters and who is in which."""
    names = fewer(ranked(events.ask(occurrences).found, options))
    answer = events.ask(described, options, names)
    if not len(answer.found.people):
        nobody = np.empty((0, 0)), np.empty(0, np.uint32), np.empty(0, np.uint8)
        return Grouped(answer.directory, answer.left_out, *nobody[1:], [], [], [], nobody[0].astype(np.int64), Fit(nobody[0], float("nan"), {}), 0)
    labels = names.labels
    rows, weights, moves, pairs = weighed(answer.found, len(labels))
    features = [*((name, None) for name in labels), *((labels[a], labels[b]) for a, b in pairs)]
    found = fit(rows, options.k, FEWEST, MOST)
    everybody = events.ask(sorted_by, options, names, moves, weights, np.ascontiguousarray(found.centres.T))
    told = everybody.found
    sizes = np.bincount(told.clusters, minlength=len(found.centres))
    order = np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)]  # the sample may have had them in another order
    place = np.zeros(len(sizes), np.uint8)
    place[order] = np.arange(len(order))
    heads = np.concatenate([[0], np.cumsum(told.places)])
    nearest = [min((i for i, near in enumerate(told.near) if near[0] == c), key=lambda i: tuple(told.near[i])) for c in order]
    return Grouped(
        everybody.directory,
        everybody.left_out,
        told.people,
        place[told.clusters],
        [float(np.median(told.lengths[told.clusters == c])) for c in order],
        [[None if node < 0 else labels[node] for node in told.path[heads[i] : heads[i + 1]].tolist()] for i in nearest],
        features,
        told.having[order],
        found,
        rows.shape[0],
    )


def described(events: Events, options: PathsOptions, names: Names) -> Described:
    """Describe a sample."""
    timeline, walk, size = events.timeline, walk_of(events, options, names), len(names.labels)
    lengths = np.concatenate([np.empty(0, np.int32), *shards.run(lambda first, last: kernels.lengths(walk, first, last), timeline.offsets)])
    there = np.flatnonzero(lengths)
    drawn = timeline.directory.lottery[there] if len(there) else np.empty(0)
    few = np.argpartition(drawn, SAMPLE)[:SAMPLE] if len(drawn) > SAMPLE else np.arange(len(drawn))
    chosen = there[few]
    moves = (size + np.arange(size * size, dtype=np.int32)).reshape(size, size)
    sizes, features, counts = kernels.vectors(walk, moves, size + size * size, chosen, int(lengths[chosen].sum()))
    return Described(chosen.astype(np.uint32), drawn[few], sizes, features, counts)


def sorted_by(
    events: Events, options: PathsOptions, names: Names, moves: NDArray[np.int32], weights: NDArray[np.float64], centres: NDArray[np.float64]
) -> Sorted:
    """Put everyone into the cluster whose centre is nearest."""
    timeline, walk = events.timeline, walk_of(events, options, names)
    parts: list[Any] = shards.run(lambda first, last: kernels.nearest(walk, moves, weights, centres, first, last), timeline.offsets)
    parts = parts or [kernels.nearest(walk, moves, weights, centres, 0, 0)]
    people, clusters, lengths, likeness = shards.concatenated([part[:4] for part in parts])
    drawn = timeline.directory.lottery[people] if len(people) else np.empty(0)
    near, paths = [np.empty((0, 4))], [np.empty(0, np.int32)]
    for c in np.unique(clusters):
        own = np.flatnonzero(clusters == c)
        order = np.column_stack([np.full(len(own), c), -likeness[own].round(5), lengths[own], drawn[own]])
        first = np.lexsort(order.T[::-1])[0]
        near.append(order[first : first + 1])
        paths.append(path_of(walk, int(people[own[first]])))
    places = np.array([len(path) for path in paths[1:]], np.int64)
    return Sorted(people, clusters, lengths, sum(part[4] for part in parts), np.concatenate(near), places, np.concatenate(paths))


def walk_of(events: Events, options: PathsOptions, names: Names) -> tuple[Any, ...]:
    """Return what the kernels walk over."""
    timeline, known = events.timeline, prepare(events, options, names)
    timeout = -1 if options.sessions is None else int(length(options.sessions) or 0)
    return (
        timeline.offsets, timeline.times, known.codes, known.nodes, known.marks, known.bits, known.asked, options.mode, timeout, options.fold,
    )  # fmt: skip


def path_of(walk: tuple[Any, ...], person: int) -> NDArray[np.int32]:
    """Return the nodes of a person's paths, -1 where one ends and another begins."""
    room: NDArray[np.int32] = kernels.room(walk[0], person, person + 1)
    return room[: kernels.written(walk, person, room)[0] - 1]


def fewer(names: Names) -> Names:
    """Return the names, all but the first :data:`MOST_NAMES` made one."""
    if len(names.labels) <= MOST_NAMES + 1:
        return names
    labels = names.labels[:MOST_NAMES]
    labels += [] if OTHER in labels else [OTHER]
    return Names(np.where(names.nodes >= MOST_NAMES, np.int32(labels.index(OTHER)), names.nodes), labels)


def weighed(found: Described, size: int) -> tuple[Any, NDArray[np.float64], NDArray[np.int32], list[tuple[int, int]]]:
    """Weigh what the paths of a sample hold.

    Returns
    -------
    rows : scipy.sparse.csr_matrix
        Of unit length, a row a person in the order of the numbers drawn; the columns are names, then moves.
    weights : ndarray of float64
        What a feature counts.
    moves : ndarray of int32, shape (names, names)
        The features of moves, -1 for those that few make.
    pairs : list of (int, int)
        Source and target of each move that has a feature.
    """
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfTransformer

    heads = np.concatenate([[0], np.cumsum(found.sizes)])
    counted = csr_matrix((found.counts.astype(np.float64), found.features, heads), shape=(len(found.sizes), size + size * size))
    counted = counted[np.argsort(found.drawn, kind="stable")[:SAMPLE]]
    people = np.bincount(counted.indices, minlength=counted.shape[1])[size:]
    made = np.flatnonzero(people)
    kept = np.sort(made[np.argsort(-people[made], kind="stable")][:MOST_MOVES])
    moves = np.full(size * size, -1, np.int32)
    moves[kept] = size + np.arange(len(kept))
    scale = TfidfTransformer(sublinear_tf=True)
    rows = scale.fit_transform(counted[:, np.concatenate([np.arange(size), size + kept])].sorted_indices())
    return rows, np.ascontiguousarray(scale.idf_), moves.reshape(size, size), [(int(move) // size, int(move) % size) for move in kept]
