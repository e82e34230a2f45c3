"""Calls as columns: what the kernel reads and what millions of calls are held in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from tilth.analysis.people.calls import STATEMENTS, TAKING_BACK, Call, Says, in_order
from tilth.analysis.people.kinds import Id, Kind, Kinds, Left
from tilth.engine.kernels import identity as kernel

SAYS: tuple[str, ...] = get_args(Says)


@dataclass(frozen=True)
class Columns:
    """Calls in the order in which they count, their ids as codes.

    Attributes
    ----------
    times : int64 array
        Microseconds since 1970 in UTC, ascending; calls of one time stand by their message ids.
    says : int8 array
        Places in ``SAYS``.
    offsets, codes : int64 and int32 arrays
        The ids of call c: ``codes[offsets[c]:offsets[c + 1]]``, each once, in the order in which the call names them.
    kind : int16 array
        By id code, its place in `names`.
    names : tuple of str
        Full names of the declared kinds that occur.
    values : sequence of str
        By id code, the value, normalised.
    messages : sequence of str
        By call.
    rare : dict
        The calls themselves, by place, of operators.
    left : tuple of (place, id, why)
        Ids that the calls named and that cannot be used.
    """

    times: np.ndarray
    says: np.ndarray
    offsets: np.ndarray
    codes: np.ndarray
    kind: np.ndarray
    names: tuple[str, ...]
    values: Sequence[str]
    messages: Sequence[str]
    rare: dict[int, Call]
    left: tuple[tuple[int, Id, Left], ...] = ()

    def __len__(self) -> int:
        return len(self.times)

    def id(self, code: int) -> Id:
        """Return the id of a code."""
        return self.names[self.kind[code]], self.values[code]

    def ids(self, call: int) -> np.ndarray:
        """Return the codes of a call's ids."""
        return self.codes[self.offsets[call] : self.offsets[call + 1]]

    def call(self, place: int) -> Call:
        """Return a call, its ids as they were read."""
        ids = tuple(self.id(code) for code in self.ids(place))
        if place in self.rare:
            return replace(self.rare[place], ids=ids)
        return Call(int(self.times[place]), self.messages[place], ids, SAYS[self.says[place]])  # type: ignore[arg-type]

    def upto(self, time: int | None) -> int:
        """Return how many calls there are up to and with a time; all of them for None."""
        return len(self) if time is None else int(np.searchsorted(self.times, time, "right"))


def columns(calls: Iterable[Call], kinds: Kinds) -> Columns:
    """Return calls, in whatever order they arrived, as columns."""
    codes: dict[Id, int] = {}
    ordered = in_order(calls)
    flat: list[int] = []
    ends = [0]
    left: list[tuple[int, Id, Left]] = []
    rare = {}
    for place, call in enumerate(ordered):
        mine: dict[int, None] = {}
        for name, value in call.ids:
            one = kinds.read(name, value)
            if isinstance(one, Left):
                left.append((place, (name, value), one))
            else:
                mine[codes.setdefault(one, len(codes))] = None
        flat.extend(mine)
        ends.append(len(flat))
        if call.says in ("merge", *TAKING_BACK):
            rare[place] = call
    names = {name: number for number, name in enumerate(dict.fromkeys(name for name, _ in codes))}
    return Columns(
        times=np.array([call.time for call in ordered], np.int64),
        says=np.array([SAYS.index(call.says) for call in ordered], np.int8),
        offsets=np.array(ends, np.int64),
        codes=np.array(flat, np.int32),
        kind=np.array([names[name] for name, _ in codes], np.int16),
        names=tuple(names),
        values=[value for _, value in codes],
        messages=[call.message for call in ordered],
        rare=rare,
        left=tuple(left),
    )


@dataclass(frozen=True)
class Declared:
    """What is declared of each kind that occurs, as the kernel reads it."""

    rank: np.ndarray
    bit: np.ndarray
    slot: np.ndarray
    passes: np.ndarray
    lent: np.ndarray
    limits: np.ndarray


def declared(names: Sequence[str], kinds: Kinds) -> Declared:
    """Return what is declared of kinds, by their place in `names`."""
    found = [kinds.kinds[kinds.rank(name)] for name in names]
    limits = [kind.limit for kind in found if kind.limit is not None]
    return Declared(
        rank=np.array([kinds.rank(name) for name in names], np.int64),
        bit=_counted(found, lambda kind: kind.one_per_person, lambda number: 1 << number, 0, np.uint64),
        slot=_counted(found, lambda kind: kind.limit is not None, lambda number: number, -1, np.int64),
        passes=np.array([kind.passes for kind in found], np.bool_),
        lent=np.array([kind.lent for kind in found], np.bool_),
        limits=np.array(limits, np.int64),
    )


def _counted(found: Sequence[Kind], those: Callable[[Kind], bool], value: Callable[[int], int], otherwise: int, of: type) -> np.ndarray:
    number = -1
    values = []
    for kind in found:
        number += those(kind)
        values.append(value(number) if those(kind) else otherwise)
    return np.array(values, of)


def does(says: np.ndarray) -> np.ndarray:
    """Return what the kernel does with each call."""
    acts = {"unbind": kernel.UNBIND, "merge": kernel.JOIN, "undo": kernel.NOTHING, "erase": kernel.NOTHING, **dict.fromkeys(STATEMENTS, kernel.STATE)}
    return np.array([acts.get(one, kernel.LINK) for one in SAYS], np.int8)[says]
