"""Rows in several places at once: what a cluster is, without one. Everything travels pickled, as it does over a network."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any
from zlib import crc32

import pyarrow as pa
import pyarrow.compute as pc


class Dealt:
    """An Arrow table in parts, its people dealt out over them by their ids.

    Parameters
    ----------
    table : pyarrow.Table
    order : str, optional
        A column that says in which order rows of one time stand, nulls last; then their place.
    parts : int
    """

    def __init__(self, table: pa.Table, order: str | None = None, parts: int = 3) -> None:
        self.empty = table.slice(0, 0)
        self._table, self._order, self._parts = table, order, parts

    def lying(self, columns: Sequence[str], work: Callable[[pa.Table], Any]) -> list[Any]:
        size = -(-len(self._table) // self._parts) or 1
        return [_worked(work, self._table.select(columns).slice(at, size)) for at in range(0, len(self._table), size)]

    def dealt(self, columns: Sequence[str], person: str, work: Callable[[pa.Table], Any]) -> list[Any]:
        table = self._table
        if self._order is not None:
            ties = table[self._order].to_pylist()
            table = table.take(sorted(range(len(ties)), key=lambda row: (ties[row] is None, ties[row] or 0)))
        own = pa.array([-1 if who is None else crc32(str(who).encode()) % self._parts for who in table[person].to_pylist()])
        shares = [table.filter(pc.equal(own, part)).select(columns) for part in range(self._parts)]
        return [_worked(work, share) for share in shares if len(share)]


def _worked(work: Callable[[pa.Table], Any], table: pa.Table) -> Any:
    return pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(work))(table)))
