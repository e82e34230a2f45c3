"""The values that a question is split by, as they stand on events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tilth.analysis.result import Groups
from tilth.engine.history import History
from tilth.engine.partial import SHARED, Partial, put_together
from tilth.engine.people import encode


@dataclass(frozen=True)
class Split(Partial):
    """The values of some columns, a row a member.

    Attributes
    ----------
    columns : list of str
    codes : ndarray of int32, shape (members, columns)
        -1 for null.
    values : list of pyarrow.Array
        The values behind the codes, a column each.
    """

    columns: list[str] = field(metadata=SHARED)
    codes: NDArray[np.int32]
    values: list[pa.Array]

    @classmethod
    def at(cls, history: History, columns: list[str], places: NDArray[np.int64]) -> Split:
        """Return the values of columns on the events at some places of a history."""
        read = [history.codes(column) for column in columns]
        codes = np.empty((len(places), len(columns)), np.int32)
        for k, (column_codes, _values) in enumerate(read):
            codes[:, k] = column_codes[places]
        return cls(columns, codes, [values for _codes, values in read])

    @classmethod
    def joined(cls, parts: Sequence[Split]) -> Split:
        """Return the members of several parts, the same value with the same code."""
        codes = np.concatenate([part.codes for part in parts])
        values = []
        for k in range(len(parts[0].columns)):
            number, distinct = encode(pa.chunked_array([put_together([part.values[k] for part in parts])]))
            bases = np.cumsum([0, *(len(part.values[k]) for part in parts)])
            base = np.repeat(bases[:-1], [len(part.codes) for part in parts])
            known = codes[:, k] >= 0
            codes[known, k] = number[codes[known, k] + base[known]]
            values.append(distinct)
        return cls(parts[0].columns, codes, values)

    def lean(self) -> Split:
        """Return the same with those values only that a member has."""
        codes, values = self.codes.copy(), []
        for k, known in enumerate(self.values):
            used = np.unique(codes[codes[:, k] >= 0, k])
            codes[:, k] = np.where(codes[:, k] < 0, -1, np.searchsorted(used, codes[:, k]))
            values.append(known.take(pa.array(used)))
        return Split(self.columns, codes, values)

    def taken(self, members: NDArray[Any]) -> Split:
        """Return some of the members."""
        return Split(self.columns, self.codes[members], self.values)

    def groups(self, top: int | None = None) -> Groups:
        """Return the groups of equal values that the members fall into."""
        return Groups(self.columns, self.codes, self.values, top)
