"""Partial results: what a question finds over some people, and how what was found over others joins it.

A question is a function of the events of some people that returns a dataclass of this kind. On one machine these are all people; on a cluster every
part of it answers for its own, and the parts are joined. Fields say by what they are how they join:

* arrays: one after the other;
* ``field(metadata=PERSONS)``: arrays of person codes, which are numbered on from part to part;
* ``field(metadata=TOTAL)``: numbers and arrays, which are added;
* ``field(metadata=SHARED)``: what is the same in every part, such as a calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import accumulate
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tilth.engine.people import Directory

PERSONS: dict[str, str] = {"joins": "persons"}
TOTAL: dict[str, str] = {"joins": "total"}
SHARED: dict[str, str] = {"joins": "shared"}


@dataclass(frozen=True)
class Partial:
    """What a question finds over some people."""

    @classmethod
    def joined(cls, parts: Sequence[Any]) -> Any:
        """Return one result of several, whose person codes are of one directory already."""
        found: dict[str, Any] = {}
        for one in fields(cls):
            values, joins = [getattr(part, one.name) for part in parts], one.metadata.get("joins")
            if values[0] is None or joins == "shared":
                found[one.name] = values[0]
            elif isinstance(values[0], Partial):
                found[one.name] = type(values[0]).joined(values)
            elif joins == "total":
                found[one.name] = sum(values[1:], start=values[0])
            else:
                found[one.name] = np.concatenate(values)
        return cls(**found)

    def lean(self) -> Any:
        """Return the same without what nothing in it refers to."""
        inner = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(self, **{name: value.lean() for name, value in inner.items() if isinstance(value, Partial)})

    def persons(self) -> list[NDArray[Any]]:
        """Return every array of person codes in it."""
        found = []
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, Partial):
                found += value.persons()
            elif one.metadata.get("joins") == "persons" and value is not None:
                found.append(value)
        return found

    def recoded(self, code: Callable[[NDArray[Any]], NDArray[Any]]) -> Any:
        """Return the same with other person codes."""
        changed: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, Partial):
                changed[one.name] = value.recoded(code)
            elif one.metadata.get("joins") == "persons" and value is not None:
                changed[one.name] = code(value).astype(value.dtype)
        return replace(self, **changed)


T = TypeVar("T", bound=Partial)


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What a question found over everybody.

    Attributes
    ----------
    found : Partial
    directory : Directory
        Whom its person codes stand for.
    left_out : int
        Rows of the source without a person or a time.
    span : (int, int)
        Instants of the source's first event and of its last, in microseconds; 0 where there is none.
    """

    found: T
    directory: Directory
    left_out: int
    span: tuple[int, int]


def named(found: T, directory: Directory) -> tuple[T, pa.Array]:
    """Return a result that knows only the people in it, and their ids in the order of its codes."""
    arrays = found.persons()
    used = np.unique(np.concatenate(arrays)) if arrays else np.empty(0, np.uint32)
    return found.lean().recoded(lambda codes: np.searchsorted(used, codes)), directory.ids.take(pa.array(used))


def join(parts: Sequence[tuple[T, pa.Array]]) -> tuple[T, Directory]:
    """Return the results of several parts, each with the ids of its people, as one.

    Examples
    --------
    >>> from dataclasses import field
    >>> @dataclass(frozen=True)
    ... class Found(Partial):
    ...     people: NDArray[np.uint32] = field(metadata=PERSONS)
    ...     events: int = field(metadata=TOTAL)
    >>> ours, theirs = Found(np.array([0, 1], np.uint32), 5), Found(np.array([0], np.uint32), 2)
    >>> found, directory = join([(ours, pa.array(["ann", "bob"])), (theirs, pa.array(["cy"]))])
    >>> found.people.tolist(), found.events, directory.ids.to_pylist()
    ([0, 1, 2], 7, ['ann', 'bob', 'cy'])
    """
    bases = [0, *accumulate(len(ids) for _found, ids in parts)]
    moved = [found.recoded(partial(np.add, base)) for (found, _ids), base in zip(parts, bases, strict=False)]
    return type(moved[0]).joined(moved), Directory(put_together([ids for _found, ids in parts]))


def put_together(arrays: Sequence[pa.Array]) -> pa.Array:
    """Return arrays one after the other, in a type that holds them all: whole numbers and fractions as fractions, else text."""
    kinds = {array.type for array in arrays if not pa.types.is_null(array.type)} or {arrays[0].type}
    if len(kinds) > 1:
        numbers = all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in kinds)
        kinds = {pa.float64() if numbers else pa.string()}
    kind = kinds.pop()
    return pa.concat_arrays([array.cast(kind) for array in arrays])
