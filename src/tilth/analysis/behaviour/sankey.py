"""Moves of paths counted, and drawn as a Sankey diagram: a column for every place in the path, a band for every move, as wide as it has people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.engine.kernels.paths import count_people
from tilth.language import _

MOST_DRAWN = 7
"""Names that a diagram tells apart; the palette has a colour for each, and grey for the rest."""


Counted = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Moves that occur, as (column of the source, source, target), and how many different people make each."""


def counted(people: NDArray[np.uint32], rows: NDArray[np.int32], size: int) -> Counted:
    """Return the moves that occur, as (column of the source, source, target), and how many different people make each.

    Parameters
    ----------
    people : ndarray, shape (paths,)
        In order.
    rows : ndarray, shape (paths, columns)
        Nodes below `size`; -1 where there is none.
    """
    moves, counts = [np.empty((0, 3), np.int64)], [np.empty(0, np.int64)]
    for column in range(rows.shape[1] - 1):  # one at a time: there may be as many paths as sessions
        there = np.flatnonzero((rows[:, column] >= 0) & (rows[:, column + 1] >= 0))
        cells, distinct = pd.factorize(rows[there, column].astype(np.int64) * size + rows[there, column + 1])
        moves.append(np.column_stack([np.full(len(distinct), column), distinct // max(size, 1), distinct % max(size, 1)]))
        counts.append(count_people(cells, people[there], len(distinct)))
    return np.concatenate(moves), np.concatenate(counts)


def right_aligned(rows: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return rows whose nodes end in the last column instead of beginning in the first.

    Examples
    --------
    >>> right_aligned(np.array([[4, 5, -1], [6, -1, -1]], np.int32)).tolist()
    [[-1, 4, 5], [-1, -1, 6]]
    """
    columns = np.arange(rows.shape[1]) - (rows < 0).sum(axis=1, keepdims=True)
    return np.where(columns >= 0, np.take_along_axis(rows, np.maximum(columns, 0), axis=1), -1).astype(np.int32)


def draw(count: Callable[[NDArray[np.int32]], Counted], labels: list[str], other: str) -> dict[str, Any]:
    """Return the ECharts option of the diagram; names beyond the most frequent of the moves are drawn as one.

    `count` returns the moves between what each node is drawn as, and how many people make each.
    """
    moves, counts = count(np.arange(len(labels), dtype=np.int32))
    weight = np.bincount(moves[:, 1:].ravel(), np.repeat(counts, 2), minlength=len(labels))
    largest = [int(node) for node in np.argsort(-weight, kind="stable") if labels[node] != other][:MOST_DRAWN]
    drawn = np.full(len(labels), len(largest), np.int32)
    drawn[largest] = np.arange(len(largest))
    moves, counts = count(drawn)
    names = [*(labels[node] for node in largest), _("other")]
    columns = sorted({(int(column), int(node)) for c, s, t in moves for column, node in ((c, s), (c + 1, t))})
    left = columns[0][0] if columns else 0

    def called(column: int, node: int) -> str:  # nodes are known by their names: what cannot be seen tells the columns' apart
        return names[node] + "\u200b" * column

    def colour(node: int) -> dict[str, Any]:
        return {"itemStyle": {"color": {"$token": f"cat-{node + 1 if node < len(largest) else MOST_DRAWN + 1}"}}}

    series = {
        "type": "sankey",
        "left": 8,
        "right": 96,
        "top": 8,
        "bottom": 8,
        "nodeWidth": 12,
        "nodeGap": 10,
        "emphasis": {"focus": "adjacency"},
        "lineStyle": {"color": "source", "opacity": 0.25},
        "data": [{"name": called(column, node), "depth": column - left} | colour(node) for column, node in columns],
        "links": [
            {"source": called(column, source), "target": called(column + 1, target), "value": int(count)}
            for (column, source, target), count in zip(moves.tolist(), counts.tolist(), strict=True)
        ],
    }
    return {"tooltip": {"trigger": "item"}, "series": [series]}
