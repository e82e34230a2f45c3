r"""Spherical k-means: clusters of directions.

Rows x of unit length are put into k clusters with centres m of unit length, so that

.. math:: \sum_x m_{c(x)} \cdot x \qquad c(x) = \arg\max_j \; m_j \cdot x \qquad m_j = \frac{\sum_{c(x) = j} x}{\lVert \sum_{c(x) = j} x \rVert}

is as large as the best of a few beginnings makes it. How well clusters are told apart is the mean silhouette over cosine distances: with a(x) the
mean distance of x to its own cluster, b(x) that to the nearest other one,

.. math:: s(x) = \frac{b(x) - a(x)}{\max(a(x), b(x))}

The same rows in the same order give the same clusters: beginnings are drawn by a fixed seed, and sums are made by one thread.

Source: Dhillon & Modha, "Concept decompositions for large sparse text data using clustering", Machine Learning 42 (2001), 143-175; Rousseeuw,
"Silhouettes", Journal of Computational and Applied Mathematics 20 (1987), 53-65.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEED = 20_011_987
BEGINNINGS = 5
MOST_ROUNDS = 100
CHOOSING = 5_000
"""Rows, the first ones, by which beginnings are compared and the number of clusters is chosen."""
JUDGED = 2_000
"""Rows, the first ones, over which the silhouette is taken: each is held against each."""


@dataclass(frozen=True)
class Fit:
    """Clusters that were found.

    Attributes
    ----------
    centres : ndarray of float64, shape (clusters, columns)
        Of unit length, those with most rows first.
    silhouette : float
        From -1 to 1; NaN where there is but one cluster, or one a row.
    tried : dict of int to float
        The silhouette of each number of clusters that was tried.
    """

    centres: NDArray[np.float64]
    silhouette: float
    tried: dict[int, float]


def fit(rows: Any, k: int | None, fewest: int = 2, most: int = 8) -> Fit:
    """Find `k` clusters, or as many from `fewest` to `most` as have the largest silhouette; the smaller number where two are alike.

    There may be fewer than `k`: rows that point the same way are never told apart.

    Parameters
    ----------
    rows : scipy.sparse.csr_matrix
        At least one row, each of unit length, in an order that says nothing: the first rows stand for all.
    """
    few = rows[:CHOOSING]
    beginnings = {number: _begun(few, number) for number in ([k] if k is not None else range(fewest, min(most, few.shape[0]) + 1))}
    apart = _distances(rows[:JUDGED])
    tried = {number: _silhouette(apart, _labels(rows[:JUDGED], centres)) for number, centres in beginnings.items()}
    known = {number: round(value, 9) for number, value in tried.items() if value == value}
    number = k if k is not None else max(known, key=lambda one: (known[one], -one), default=None)
    centres = beginnings[number] if number is not None else _mean(few)
    labels, centres = _settled(rows, centres)
    sizes = np.bincount(labels, minlength=len(centres))
    centres = centres[[c for c in np.argsort(-sizes, kind="stable") if sizes[c]]]
    return Fit(centres, _silhouette(apart, _labels(rows[:JUDGED], centres)), tried)


def _begun(rows: Any, k: int) -> NDArray[np.float64]:
    """Return the centres of the best of several beginnings."""
    from sklearn.cluster import kmeans_plusplus

    if k >= rows.shape[0]:
        return np.asarray(rows.todense())
    found = (_settled(rows, kmeans_plusplus(rows, k, random_state=SEED + number)[0])[1] for number in range(BEGINNINGS))
    return max(found, key=lambda centres: round(float((rows @ centres.T).max(axis=1).sum()), 6))


def _settled(rows: Any, centres: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return each row's cluster and the centres, moved until no row changes its cluster; a centre that no row is near stays where it is."""
    from scipy.sparse import csr_matrix

    labels = _labels(rows, centres)
    for _round in range(MOST_ROUNDS):
        members = csr_matrix((np.ones(len(labels)), (labels, np.arange(len(labels)))), shape=(len(centres), len(labels)))
        sums = np.asarray((members @ rows).todense())
        sizes = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(sizes > 0, sums / np.where(sizes > 0, sizes, 1.0), centres)
        before, labels = labels, _labels(rows, centres)
        if (labels == before).all():
            break
    return labels, centres


def _labels(rows: Any, centres: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray(rows @ np.ascontiguousarray(centres.T)).argmax(axis=1)  # type: ignore[no-any-return]


def _mean(rows: Any) -> NDArray[np.float64]:
    total = np.asarray(rows.sum(axis=0)).reshape(1, -1)
    return total / np.linalg.norm(total)  # type: ignore[no-any-return]


def _distances(rows: Any) -> NDArray[np.float64]:
    """Return the cosine distances of rows of unit length; those that are equal but for rounding are 0 apart."""
    apart = 1.0 - np.asarray((rows @ rows.T).todense())
    return np.where(apart < 1e-9, 0.0, apart)  # type: ignore[no-any-return]


def _silhouette(apart: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    from sklearn.metrics import silhouette_score

    if not 2 <= len(np.unique(labels)) <= len(labels) - 1:
        return float("nan")
    return float(silhouette_score(apart, labels, metric="precomputed"))
