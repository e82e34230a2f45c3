"""Sets of people: the common currency of drill-down, segments, filters and holdouts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tilth.errors import InputError
from tilth.language import _


class Directory:
    """The ids of a source's people; a person's code is the place of their id.

    Attributes
    ----------
    ids : pyarrow.Array
        One id a person, all different, none null.
    """

    def __init__(self, ids: pa.Array) -> None:
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    def codes(self, ids: Iterable[Any]) -> NDArray[np.uint32]:
        """Return the codes of those of `ids` that are known, ascending, each once."""
        values = ids if isinstance(ids, pa.Array | pa.ChunkedArray) else pa.array(list(ids))
        if not len(self.ids) or not len(values):
            return np.empty(0, np.uint32)
        if values.type != self.ids.type:
            values = _castable(values, self.ids.type)
        found = pc.index_in(values, value_set=self.ids).drop_null()
        return np.unique(found.to_numpy(zero_copy_only=False)).astype(np.uint32)

    @cached_property
    def lottery(self) -> NDArray[np.float64]:
        """A number in [0, 1) for every person that depends on their id alone: the same person draws the same in every source and session."""
        import duckdb

        with duckdb.connect() as connection:
            drawn = connection.from_arrow(pa.table({"id": self.ids})).project("md5_number_lower(id::VARCHAR) AS hash").to_arrow_table()
        return (drawn["hash"].to_numpy() >> np.uint64(11)) * (1.0 / (1 << 53))


class PersonSet:
    """People as compact codes with the ids behind them.

    Has the operations of a set (``in``, ``len``, iteration, ``&``, ``|``, ``-``, ``==``), also between sets that came from different sources;
    ids are what counts then.

    Parameters
    ----------
    codes : ndarray of uint32
        Places in the directory, ascending, each once.
    directory : Directory
        The ids.

    Examples
    --------
    >>> someone = PersonSet.of(["ann", "bob"])
    >>> sorted(someone | PersonSet.of(["cy"])), "ann" in someone, len(someone - {"bob"})
    (['ann', 'bob', 'cy'], True, 1)
    """

    def __init__(self, codes: NDArray[np.uint32], directory: Directory) -> None:
        self.codes = codes
        self.directory = directory

    def __reduce__(self) -> tuple[Any, ...]:  # what travels is these people, not everybody whom the directory knows
        return PersonSet.of, (self.ids,)

    @classmethod
    def of(cls, ids: Iterable[Any]) -> PersonSet:
        """Return the set of the given ids."""
        values = ids if isinstance(ids, pa.Array | pa.ChunkedArray) else pa.array(list(ids))
        directory = Directory(_plain(pc.unique(values).drop_null()))
        return cls(np.arange(len(directory), dtype=np.uint32), directory)

    @property
    def ids(self) -> pa.Array:
        """The ids as an Arrow array."""
        return self.directory.ids.take(pa.array(self.codes))

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.ids.to_pylist())

    def __contains__(self, person: object) -> bool:
        try:
            code = self.directory.codes([person])
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):  # an id of another kind is nobody here
            return False
        return len(code) == 1 and bool(np.isin(code, self.codes)[0])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PersonSet) and len(self) == len(other) == len(self & other)

    def __hash__(self) -> int:
        return hash(frozenset(self))

    def __and__(self, other: PersonSet | Iterable[Any]) -> PersonSet:
        return PersonSet(np.intersect1d(self.codes, self._codes_of(other)), self.directory)

    def __sub__(self, other: PersonSet | Iterable[Any]) -> PersonSet:
        return PersonSet(np.setdiff1d(self.codes, self._codes_of(other)), self.directory)

    def __or__(self, other: PersonSet | Iterable[Any]) -> PersonSet:
        if isinstance(other, PersonSet) and other.directory is self.directory:
            return PersonSet(np.union1d(self.codes, other.codes), self.directory)
        others = other.ids if isinstance(other, PersonSet) else pa.array(list(other))
        return PersonSet.of(pa.concat_arrays([self.ids, _cast(others, self.ids.type)]) if len(self.ids) else others)

    def __repr__(self) -> str:
        few = ", ".join(repr(v) for v in self.directory.ids.take(pa.array(self.codes[:3])).to_pylist())
        return f"PersonSet({len(self):,}: {few}{' …' if len(self) > 3 else ''})"

    def codes_in(self, directory: Directory) -> NDArray[np.uint32]:
        """Return the codes that these people have in another source's directory; who is not in it has none."""
        return self.codes if directory is self.directory else directory.codes(self.ids)

    def _codes_of(self, other: PersonSet | Iterable[Any]) -> NDArray[np.uint32]:
        return other.codes_in(self.directory) if isinstance(other, PersonSet) else self.directory.codes(other)


def encode(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], pa.Array]:
    """Return the codes of a column's values (-1 for null and NaN) and the values, in the order in which they first occur."""
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
        small = pc.less(pc.abs(column), 2.0**53)  # and so finite, and exact as a whole number
        whole = pc.all(pc.and_(small, pc.equal(column, pc.floor(column)))).as_py()
        if whole in (True, None):  # whole numbers that a missing value turned into floats
            column = column.cast(pa.int64())
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    try:
        encoded = pc.dictionary_encode(_plain(column))
    except pa.ArrowNotImplementedError as fault:
        raise InputError(
            _("A column of type {kind} cannot name people, events or groups: take single values out of it first.").format(kind=column.type)
        ) from fault
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False), encoded.dictionary


def _plain(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def _castable(values: pa.Array | pa.ChunkedArray, kind: pa.DataType) -> pa.Array:
    """Return those values that can be of another type; the others name nobody there."""
    try:
        return _cast(values, kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        found = []
        for value in values:
            with suppress(pa.ArrowInvalid, pa.ArrowNotImplementedError):
                found.append(value.cast(kind).as_py())
        return pa.array(found, kind)


def _cast(values: pa.Array | pa.ChunkedArray, kind: pa.DataType) -> pa.Array:
    return pa.array([], kind) if len(values) == 0 else _plain(values.cast(kind))
