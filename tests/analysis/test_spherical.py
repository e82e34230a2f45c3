"""Spherical k-means: directions planted around axes are found, and the silhouette is the one that its definition gives."""

from __future__ import annotations

from math import isnan, sqrt

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tilth.analysis.spherical import fit


def unit(rows: list[list[float]]) -> csr_matrix:
    made = np.array(rows, float)
    return csr_matrix(made / np.linalg.norm(made, axis=1, keepdims=True))


def bundles(count: int, each: int, spread: float, columns: int = 12) -> tuple[csr_matrix, np.ndarray]:
    """Rows around the first axes, in a mixed order."""
    drawn = np.random.default_rng(5)
    which = drawn.permutation(np.repeat(np.arange(count), each))
    return unit((np.eye(columns)[which] + spread * drawn.random((count * each, columns))).tolist()), which


def by_definition(rows: np.ndarray, labels: list[int]) -> float:
    """The mean silhouette, term by term; a row alone in its cluster has 0 (Rousseeuw 1987, page 56)."""
    values = []
    for i, own in enumerate(labels):
        apart = {c: [1 - float(rows[i] @ rows[j]) for j, other in enumerate(labels) if other == c and j != i] for c in set(labels)}
        if not apart[own]:
            values.append(0.0)
            continue
        a, b = sum(apart[own]) / len(apart[own]), min(sum(one) / len(one) for c, one in apart.items() if c != own)
        values.append((b - a) / max(a, b))
    return sum(values) / len(values)


@pytest.mark.parametrize("count", [2, 3, 5, 8])
def test_the_number_of_clusters_is_the_planted_one(count: int) -> None:
    rows, which = bundles(count, 30, 0.2)
    found = fit(rows, None)
    assert len(found.centres) == count
    assert sorted(found.tried) == list(range(2, 9))
    assert found.tried[count] == max(found.tried.values())
    labels = np.asarray(rows @ found.centres.T).argmax(axis=1)
    assert len({(a, b) for a, b in zip(which.tolist(), labels.tolist(), strict=True)}) == count  # one cluster each
    assert found.silhouette == pytest.approx(by_definition(rows.toarray(), labels.tolist()))


def test_centres_are_the_directions_of_their_rows() -> None:
    found = fit(unit([[1, 0, 0], [3, 4, 0], [0, 0, 1]]), 2)
    assert found.centres.tolist() == [pytest.approx([1.6 / sqrt(3.2), 0.8 / sqrt(3.2), 0]), [0, 0, 1]]  # (1, 0) + (0.6, 0.8)


def test_a_row_alone_has_no_silhouette() -> None:
    rows = unit([[1, 0.1, 0], [1, 0, 0], [0, 0, 1]])
    assert fit(rows, 2).silhouette == pytest.approx(by_definition(rows.toarray(), [0, 0, 1]))


def test_what_points_the_same_way_is_never_told_apart() -> None:
    for k in (None, 2, 5):
        one = fit(unit([[1, 2, 0]] * 4), k)
        assert len(one.centres) == 1
        assert isnan(one.silhouette)
    two = fit(unit([[1, 0, 0]] * 3 + [[0, 1, 1]] * 4), 6)
    assert two.silhouette == pytest.approx(1)
    assert two.centres.tolist() == [pytest.approx([0, sqrt(0.5), sqrt(0.5)]), pytest.approx([1, 0, 0])]  # those with most rows first


def test_the_smaller_number_of_equals_is_taken() -> None:
    found = fit(unit([[1, 0, 0]] * 3 + [[0, 1, 0]] * 3), None)
    assert found.tried == {number: pytest.approx(1) for number in range(2, 7)}
    assert len(found.centres) == 2


def test_the_same_rows_give_the_same_clusters() -> None:
    rows, _which = bundles(4, 200, 1.5)
    assert fit(rows, None).centres.tolist() == fit(rows, None).centres.tolist()
