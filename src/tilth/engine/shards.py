"""Run a kernel over shards of whole people on all local cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


def cut(offsets: NDArray[np.int64], pieces: int) -> list[tuple[int, int]]:
    """Cut people into at most `pieces` runs ``(first, last)`` of about as many events each; no person is ever cut.

    Examples
    --------
    >>> cut(np.array([0, 5, 6, 7, 10]), 2)
    [(0, 1), (1, 4)]
    """
    people = len(offsets) - 1
    if people <= 0:
        return []
    marks = np.searchsorted(offsets, np.linspace(0, offsets[-1], pieces + 1)[1:-1].astype(np.int64), side="left")  # fractions would copy the offsets
    bounds = np.unique(np.concatenate([[0], marks, [people]]))
    return [(int(a), int(b)) for a, b in pairwise(bounds)]


def cores() -> int:
    """Return how many cores questions may use: ``TILTH_CORES``, or all there are."""
    return max(1, int(os.environ.get("TILTH_CORES") or os.cpu_count() or 1))


def run(work: Callable[[int, int], T], offsets: NDArray[np.int64], small: int = 200_000, pieces: int | None = None) -> list[T]:
    """Call ``work(first, last)`` for every shard of people and return the results in the order of the people.

    Up to `small` events are one shard: starting threads would cost more than they save. More are cut into `pieces`, by default two a core.
    """
    shards = cut(offsets, 1 if offsets[-1] <= small else pieces or cores() * 2)
    if len(shards) <= 1:
        return [work(*shard) for shard in shards]
    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(lambda shard: work(*shard), shards))


def concatenated(parts: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Join the partial results of shards, array by array."""
    return tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))
