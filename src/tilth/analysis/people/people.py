"""The people whom calls told of: whose an id is, whose each call was, who led to whom, at any time; and the lists that need a look."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from tilth.analysis.people.columns import Columns
from tilth.analysis.people.kinds import Id, Left
from tilth.analysis.people.records import Rule

NOW = np.iinfo(np.int32).max
LINKS = ("id", "person", "since", "rule", "until", "ended", "recorded", "superseded")
LEADS = ("person", "into", "since", "rule", "recorded", "superseded")
Table = dict[str, np.ndarray]


class Explained(NamedTuple):
    """One link as a person's page shows it; times in microseconds, `until` None while it holds."""

    id: Id
    number: int
    since: int
    until: int | None
    message: str
    together: tuple[Id, ...]
    rule: Rule
    ended: Rule | None


class Led(NamedTuple):
    """A person who was found to be another, elder one: when, by which call and rule."""

    person: int
    into: int
    time: int
    message: str
    rule: Rule


class Clash(NamedTuple):
    """An id that calls of `person` named while it was `holder`'s: how many calls, the first and the last time."""

    id: Id
    holder: int
    person: int
    calls: int
    first: int
    last: int


class Passing(NamedTuple):
    """A phone that went from one person to another, when, and by which call."""

    id: Id
    holder: int
    person: int
    time: int
    message: str


class Sharing(NamedTuple):
    """A device that owns nobody any more, since when, by which call, and whose it had been before."""

    id: Id
    time: int
    message: str
    people: tuple[int, ...]


class Leaving(NamedTuple):
    """An id that was named and not linked: why, on how many calls, the first and the last time."""

    id: Id
    why: Left
    calls: int
    first: int
    last: int


@dataclass(frozen=True)
class People:
    """What the calls tell. People are numbered from 0 in the order in which they were founded; :mod:`numbers` gives them numbers that stay.

    Attributes
    ----------
    calls : Columns
    founded : int32 array
        By person: the founding call.
    whose : int32 array
        By call: whose it was, before any merge that came later; -1 for nobody's.
    links, leads : dict of arrays
        Rows by column: ``LINKS``, ``LEADS``. A link's person is who it was made with; leads say who that is now. Calls are places; `until` and
        `ended` are -1 while a link holds. A row was known from call `recorded` on (-1: since it happened) up to call `superseded`: only the undoing
        of a merge supersedes.
    clashes, passings : arrays of call, id, holder, person
    shares, lefts : arrays of call, id
    known : array of call, person, recorded, superseded
        Whose calls were thought to be before an undoing, and since.
    """

    calls: Columns
    founded: np.ndarray
    whose: np.ndarray
    links: Table
    leads: Table
    clashes: np.ndarray
    passings: np.ndarray
    shares: np.ndarray
    lefts: np.ndarray
    known: np.ndarray = field(default_factory=lambda: np.empty((0, 4), np.int32))

    def leading(self, at: int | None = None) -> np.ndarray:
        """Return by person who they are, as of a time (None: now)."""
        return self._leading(self.calls.upto(at))

    def who(self, one: Id, at: int | None = None) -> int | None:
        """Return whose an id is as of a time, all calls of that time counted (None: now); None when it is nobody's.

        The id is written as :meth:`Kinds.read` gives it.
        """
        code = self._code.get(one)
        if code is None:
            return None
        upto = self.calls.upto(at)
        rows = self._rows_of(code)
        seen = rows[self._visible(self.links, rows, upto) & (self._until[rows] >= upto)]
        return int(self._leading(upto)[self.links["person"][seen[0]]]) if len(seen) else None

    def assign(self, at: int | None = None) -> np.ndarray:
        """Return by call whose it is, as known at a time (None: now); -1 for nobody's, and for calls after that time."""
        upto = self.calls.upto(at)
        whose = self.whose.copy()
        seen = self.known[(self.known[:, 2] < upto) & (self.known[:, 3] >= upto)]
        whose[seen[:, 0]] = seen[:, 1]
        whose[upto:] = -1
        return np.where(whose >= 0, self._leading(upto)[whose], -1) if len(self.founded) else whose

    def first(self, one: Id) -> int | None:
        """Return whom an id was first linked with, before any merge; None when it never was."""
        code = self._code.get(one)
        rows = self._rows_of(code) if code is not None else np.empty(0, np.int64)
        rows = rows[self.links["superseded"][rows] == NOW]
        return int(self.links["person"][rows[np.argmin(self.links["since"][rows])]]) if len(rows) else None

    def groups(self, at: int | None = None) -> list[frozenset[Id]]:
        """Return the ids of each person as of a time, the eldest person first; people without ids left out."""
        upto = self.calls.upto(at)
        every = np.arange(len(self.links["id"]))
        seen = every[self._visible(self.links, every, upto) & (self._until >= upto)]
        owners = self._leading(upto)[self.links["person"][seen]] if len(seen) else seen
        found: dict[int, set[Id]] = {}
        for owner, code in zip(owners.tolist(), self.links["id"][seen].tolist(), strict=True):
            found.setdefault(owner, set()).add(self.calls.id(code))
        return [frozenset(found[owner]) for owner in sorted(found)]

    def explain(self, person: int) -> list[Explained]:
        """Return every link that a person ever had, as known now: which ids, which call, when, which rule."""
        links, lead = self.links, self.leading()
        rows = np.flatnonzero((lead[links["person"]] == lead[person]) & (links["superseded"] == NOW))
        return [self._explained(int(row)) for row in rows[np.argsort(links["since"][rows], kind="stable")]]

    def merged(self, person: int) -> list[Led]:
        """Return who was found to be this person, as known now, by time."""
        leads, lead = self.leads, self.leading()
        rows = np.flatnonzero((lead[leads["person"]] == lead[person]) & (leads["superseded"] == NOW))
        rows = rows[np.argsort(leads["since"][rows], kind="stable")]
        return [
            Led(int(leads["person"][row]), int(leads["into"][row]), *self._when(leads["since"][row]), Rule(int(leads["rule"][row]))) for row in rows
        ]

    def conflicts(self) -> list[Clash]:
        """Return the ids that calls named while they were somebody else's and had to stay: one row for an id and two people who are still two."""
        return [
            Clash(self.calls.id(code), holder, person, *when) for (code, holder, person), when in self._gathered(self.clashes) if holder != person
        ]

    def passed(self) -> list[Passing]:
        """Return the phones that went to somebody else, by time."""
        rows = self.passings[np.argsort(self.passings[:, 0], kind="stable")].tolist()
        return [Passing(self.calls.id(code), holder, person, *self._when(at)) for at, code, holder, person in rows]

    def shared(self) -> list[Sharing]:
        """Return the devices that are shared, by time."""
        found = []
        for at, code in self.shares[np.argsort(self.shares[:, 0], kind="stable")].tolist():
            rows = self._rows_of(code)
            had = rows[self._visible(self.links, rows, len(self.calls))]
            people = tuple(dict.fromkeys(self.leading()[self.links["person"][had]].tolist()))
            found.append(Sharing(self.calls.id(code), *self._when(at), people))
        return found

    def left_out(self) -> list[Leaving]:
        """Return the ids that were named and not linked, and why."""
        found = [Leaving(self.calls.id(code), Left.LIMIT, *when) for (code,), when in self._gathered(self.lefts)]
        calls: dict[tuple[Id, Left], list[int]] = {}
        for at, one, why in self.calls.left:
            calls.setdefault((one, why), []).append(int(self.calls.times[at]))
        return [*found, *(Leaving(one, why, len(times), min(times), max(times)) for (one, why), times in calls.items())]

    @cached_property
    def _code(self) -> dict[Id, int]:
        return {self.calls.id(code): code for code in range(len(self.calls.kind))}

    @cached_property
    def _by_id(self) -> np.ndarray:
        return np.argsort(self.links["id"], kind="stable")

    @cached_property
    def _until(self) -> np.ndarray:
        return np.where(self.links["until"] < 0, NOW, self.links["until"])

    def _rows_of(self, code: int) -> np.ndarray:
        low, high = np.searchsorted(self.links["id"], [code, code + 1], sorter=self._by_id)
        return self._by_id[low:high]

    @staticmethod
    def _visible(table: Table, rows: np.ndarray, upto: int) -> np.ndarray:
        """Say which rows had begun and were known when so many calls had counted."""
        return (table["since"][rows] < upto) & (table["recorded"][rows] < upto) & (table["superseded"][rows] >= upto)

    def _leading(self, upto: int) -> np.ndarray:
        rows = np.arange(len(self.leads["person"]))
        rows = rows[self._visible(self.leads, rows, upto)]
        into = np.arange(len(self.founded))
        into[self.leads["person"][rows]] = self.leads["into"][rows]
        while True:
            further = into[into]
            if np.array_equal(further, into):
                return into
            into = further

    def _when(self, place: int) -> tuple[int, str]:
        return int(self.calls.times[place]), self.calls.messages[place]

    def _explained(self, row: int) -> Explained:
        links, calls = self.links, self.calls
        since, until, ended = int(links["since"][row]), int(links["until"][row]), int(links["ended"][row])
        code = int(links["id"][row])
        together = tuple(calls.id(other) for other in calls.ids(since) if other != code)
        return Explained(
            calls.id(code), int(links["person"][row]), int(calls.times[since]), None if until < 0 else int(calls.times[until]), calls.messages[since],
            together, Rule(int(links["rule"][row])), None if ended < 0 else Rule(ended),
        )  # fmt: skip

    def _gathered(self, rows: np.ndarray) -> list[tuple[tuple[int, ...], tuple[int, int, int]]]:
        """Return the different rows without their calls, people as they are now, with how many calls there were, the first and the last time."""
        what = rows[:, 1:].copy()
        if len(self.founded):
            what[:, 1:] = self.leading()[what[:, 1:]]
        found, place, count = np.unique(what, axis=0, return_inverse=True, return_counts=True)
        place = place.ravel()
        first, last = np.full(len(found), NOW), np.full(len(found), -1)
        np.minimum.at(first, place, rows[:, 0])
        np.maximum.at(last, place, rows[:, 0])
        times = self.calls.times
        return [(tuple(row), (int(n), int(times[a]), int(times[b]))) for row, n, a, b in zip(found.tolist(), count, first, last, strict=True)]
