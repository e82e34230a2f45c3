"""A history that lies in an index: questions read mapped files, and properties are read from the rows when a question first needs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tilth.engine.conditions import Condition
from tilth.engine.history import History
from tilth.engine.index.layout import Index, width
from tilth.engine.kernels import index as kernels
from tilth.engine.people import encode
from tilth.engine.sources import Source
from tilth.engine.timeline import Timeline


class IndexedHistory(History):
    """Everything that happened, from an index.

    Parameters
    ----------
    index : Index
    source : callable
        Gives the same rows with all their columns, in any order, each with its ``seq``; called when a question needs more than the index has. Rows
        that came later may be among them.
    """

    def __init__(self, index: Index, source: Callable[[], Source]) -> None:
        self.index, self.event, self._source = index, "event", source
        self._codes: dict[str, tuple[NDArray[Any], pa.Array]] = {}

    @cached_property
    def source(self) -> Source:  # type: ignore[override]
        """The rows, for what the index does not have."""
        return self._source()

    @cached_property
    def timeline(self) -> Timeline:  # noqa: D102
        index = self.index
        timeline = Timeline(index.directory, index.offsets, index.times, index.rows, index.about.left_out)
        timeline.__dict__["span"] = tuple(index.about.span)  # known: no need to read all times for it
        return timeline

    def codes(self, column: str) -> tuple[NDArray[Any], pa.Array]:  # noqa: D102
        if column == self.event:
            return self.index.events, self.index.names
        if column not in self._codes:
            self._codes[column] = self.index.column(column) or self._read(column)
        return self._codes[column]

    def where(self, condition: Condition) -> NDArray[np.bool_]:
        """Return for every event whether `condition` holds; equalities of text by the codes of columns, which are kept, all else by reading rows."""
        if not isinstance(condition, Mapping) or not all(self._is_text(name, value) for name, value in condition.items()):
            return super().where(condition)
        found: NDArray[np.bool_] | None = None
        for name, value in condition.items():
            codes, values = self.codes(name)
            wanted = [value] if isinstance(value, str) else list(value)
            holds = np.append(pc.is_in(values, value_set=pa.array(wanted, values.type)).to_numpy(zero_copy_only=False).astype(np.bool_), False)[codes]
            found = holds if found is None else found & holds
        return np.ones(len(self.timeline), np.bool_) if found is None else found

    def _is_text(self, name: Any, value: Any) -> bool:
        """Whether a column holds text and is compared with text, so that its codes tell all."""
        self.source.column(name)
        few = value if isinstance(value, list | tuple | set | frozenset) else [value]
        return self.source.types[name] == "VARCHAR" and name != self.event and all(isinstance(one, str) for one in few)

    def _read(self, column: str) -> tuple[NDArray[Any], pa.Array]:
        read = self.source.scan({"value": self.source.column(column), "seq": '"seq"'})
        codes, values = encode(read["value"])
        return self.index.keep_column(column, self._placed(read["seq"], codes.astype(width(len(values)))), values)

    def _holds(self, condition: str) -> NDArray[np.bool_]:
        read = self.source.scan({"found": condition, "seq": '"seq"'})
        return self._placed(read["seq"], read["found"].to_numpy(zero_copy_only=False).astype(np.bool_))

    def _placed(self, seq: pa.ChunkedArray, values: NDArray[Any]) -> NDArray[Any]:
        """Return values of rows, given with their ``seq``, in the order of the timeline."""
        about = self.index.about
        by_row = np.zeros(about.rows, values.dtype)
        done = 0
        slots, bases = np.array(about.slots, np.int64), np.array(about.bases, np.int64)
        for chunk in seq.chunks:
            kernels.place(chunk.to_numpy(zero_copy_only=False), values[done : done + len(chunk)], slots, bases, by_row)
            done += len(chunk)
        return kernels.gathered(by_row, self.index.rows)
