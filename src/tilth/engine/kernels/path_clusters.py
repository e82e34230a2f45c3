"""The kernels of similar paths: which names and moves the whole paths of a person hold, and which cluster's centre points the same way.

What people walk over is the tuple ``walk``: offsets, times, codes, nodes, marks, bits, asked, mode, timeout and fold, as the paths kernels take them.
A *feature* is a name, numbered as its node, or a move, numbered after the names by the table ``moves`` (source, target); -1 is none.
"""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel
from tilth.engine.kernels.paths import NONE, session_end, stretch


@kernel
def written(walk, person, names):
    """Write the nodes of a person's whole paths into `names`, -1 after each path; return how many places that takes and how many are nodes."""
    offsets, times, codes, nodes, marks, bits, asked, mode, timeout, fold = walk
    low, high = offsets[person], offsets[person + 1]
    place = found = 0
    while low < high:
        end = session_end(times, low, high, timeout)
        begin, anchor, stop = stretch(low, end, mode, marks, bits, asked)
        low = end
        if anchor < 0:
            continue
        before = NONE
        for i in range(begin, stop + 1):
            node = nodes[codes[i]]
            if node >= 0 and not (fold and node == before):
                names[place] = before = node
                place += 1
                found += 1
        names[place] = NONE
        place += 1
    return place, found


@kernel
def room(offsets, first, last):
    """Return an array in which the paths of each person from `first` up to `last` have room: every event could be a path."""
    most = 0
    for person in range(first, last):
        most = max(most, offsets[person + 1] - offsets[person])
    return np.empty(2 * most, np.int32)


@kernel
def lengths(walk, first, last):
    """Return how many nodes the whole paths of each person from `first` up to `last` have; 0 where there is no path."""
    names = room(walk[0], first, last)
    found = np.empty(last - first, np.int32)
    for person in range(first, last):
        found[person - first] = written(walk, person, names)[1]
    return found


@kernel
def gathered(names, places, moves, counts, features):
    """Count the features of the paths in the first `places` of `names`; write those that occur into `features` and return how many they are.

    `counts` has a place for each feature: zero before, and to be made so again by who calls.
    """
    found = 0
    before = NONE
    for i in range(places):
        node = names[i]
        if node >= 0:
            if counts[node] == 0:
                features[found] = node
                found += 1
            counts[node] += 1
            move = moves[before, node] if before >= 0 else NONE
            if move >= 0:
                if counts[move] == 0:
                    features[found] = move
                    found += 1
                counts[move] += 1
        before = node
    return found


@kernel
def vectors(walk, moves, size, people, most):
    """Count the features of some people.

    Parameters
    ----------
    walk : tuple
    moves : ndarray of int32, shape (nodes, nodes)
    size : int
        How many features there are.
    people : ndarray of int
    most : int
        How many nodes their paths have together.

    Returns
    -------
    sizes : ndarray of int64, shape (people,)
        How many features each has.
    features, counts : ndarray of int32, shape (entries,)
        Those of the people one after the other, each feature of a person once.
    """
    sizes = np.zeros(len(people), np.int64)
    out_features, out_counts = np.empty(2 * most, np.int32), np.empty(2 * most, np.int32)
    counts, features = np.zeros(size, np.int32), np.empty(size, np.int32)
    names = room(walk[0], 0, len(walk[0]) - 1)
    place = 0
    for k in range(len(people)):
        found = gathered(names, written(walk, people[k], names)[0], moves, counts, features)
        for j in range(found):
            feature = features[j]
            out_features[place], out_counts[place] = feature, counts[feature]
            counts[feature] = 0
            place += 1
        sizes[k] = found
    return sizes, out_features[:place].copy(), out_counts[:place].copy()


@kernel
def nearest(walk, moves, weights, centres, first, last):
    """Find the cluster of everyone from person `first` up to `last` who has a path.

    Parameters
    ----------
    walk : tuple
    moves : ndarray of int32, shape (nodes, nodes)
    weights : ndarray of float64, shape (features,)
        What a feature counts.
    centres : ndarray of float64, shape (features, clusters)
        The clusters' centres, of unit length.

    Returns
    -------
    people : ndarray of uint32, shape (found,)
    clusters : ndarray of uint8, shape (found,)
    lengths : ndarray of int32, shape (found,)
        How many nodes their paths have.
    likeness : ndarray of float32, shape (found,)
        The cosine of the angle between a person and their centre.
    having : ndarray of int64, shape (clusters, features)
        People of each cluster who have each feature.
    """
    size, k = centres.shape
    names = room(walk[0], first, last)
    counts, features = np.zeros(size, np.int32), np.empty(size, np.int32)
    people, clusters = np.empty(last - first, np.uint32), np.empty(last - first, np.uint8)
    lengths, likeness = np.empty(last - first, np.int32), np.empty(last - first, np.float32)
    having = np.zeros((k, size), np.int64)
    along = np.empty(k, np.float64)
    there = 0
    for person in range(first, last):
        places, nodes = written(walk, person, names)
        if nodes == 0:
            continue
        found = gathered(names, places, moves, counts, features)
        along[:] = 0.0
        square = 0.0
        for j in range(found):
            feature = features[j]
            value = (1.0 + np.log(counts[feature])) * weights[feature]
            counts[feature] = 0
            square += value * value
            for c in range(k):
                along[c] += value * centres[feature, c]
        best = 0
        for c in range(1, k):
            if along[c] > along[best]:
                best = c
        for j in range(found):
            having[best, features[j]] += 1
        people[there], clusters[there], lengths[there], likeness[there] = person, best, nodes, along[best] / np.sqrt(square)
        there += 1
    return people[:there].copy(), clusters[:there].copy(), lengths[:there].copy(), likeness[:there].copy(), having
