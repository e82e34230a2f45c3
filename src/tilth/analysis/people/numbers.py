"""Numbers that stay with people, also when calls arrive late and tell that somebody began earlier or otherwise than was thought.

A number is remembered by its founder: the id that the person began with, and which of the people whom this id founded it was. A person whom the same
founder began keeps the number. Otherwise a person takes the oldest number that was given to a founder among their own ids and that nobody has kept. A
number that nobody has kept leads to the person who has its founder. Numbers are never given twice, so those of erased people, whose founders have to
be forgotten by the caller, do not come back.

Examples
--------
>>> from tilth.analysis.people.identity import Call, resolve
>>> visit, login = Call(5, "m1", (("anonymous", "c"),)), Call(3, "m2", (("user", "li"), ("anonymous", "c")))
>>> first, kept = numbered(resolve([visit]))
>>> first.tolist(), kept.following
([1], 2)
>>> late, kept = numbered(resolve([visit, login]), kept)
>>> late.tolist(), kept.following
([1], 2)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tilth.analysis.people.kinds import Id
from tilth.analysis.people.people import People

Founder = tuple[Id, int]


@dataclass(frozen=True)
class Numbers:
    """Numbers that were given.

    Attributes
    ----------
    founders : mapping of (id, which of those it founded) to number
    leading : mapping of number to number
        Numbers that nobody has kept, and whose they are now.
    following : int
        The next number to give.
    """

    founders: Mapping[Founder, int] = field(default_factory=dict)
    leading: Mapping[int, int] = field(default_factory=dict)
    following: int = 1

    def without(self, ids: set[Id]) -> Numbers:
        """Return the numbers without those that erased ids founded."""
        gone = {number for (one, _), number in self.founders.items() if one in ids}
        return Numbers(
            {founder: number for founder, number in self.founders.items() if founder[0] not in ids},
            {old: new for old, new in self.leading.items() if old not in gone and new not in gone},
            self.following,
        )


def numbered(people: People, before: Numbers | None = None) -> tuple[np.ndarray, Numbers]:
    """Return the number of each person, by their place among the people, and all numbers given so far."""
    before = before or Numbers()
    founders = _founders(people)
    numbers = np.zeros(len(founders), np.int64)
    for person, founder in enumerate(founders):
        numbers[person] = before.founders.get(founder, 0)
    kept = set(numbers.tolist())
    free: dict[Id, list[int]] = {}
    for (one, _), number in before.founders.items():
        if number not in kept:
            free.setdefault(one, []).append(number)
    following = before.following
    ids = _ids(people, np.flatnonzero(numbers == 0)) if free else {}
    for person in np.flatnonzero(numbers == 0).tolist():
        old = min(((number, one) for one in ids.get(person, ()) for number in free.get(one, ())), default=None)
        if old is None:
            numbers[person], following = following, following + 1
        else:
            numbers[person] = old[0]
            free[old[1]].remove(old[0])
    taken = set(numbers.tolist())
    unkept = {founder: number for founder, number in before.founders.items() if number not in taken}
    owner = people.leading()
    leading = {number: int(numbers[owner[first]]) for (one, _), number in unkept.items() if (first := people.first(one)) is not None}
    return numbers, Numbers(unkept | dict(zip(founders, numbers.tolist(), strict=True)), leading, following)


def _founders(people: People) -> list[Founder]:
    """Return by person the id that they began with, and which of those whom it founded they are."""
    person, since = people.links["person"], people.links["since"]
    order = np.lexsort((since, person))
    firsts = order[np.flatnonzero(np.diff(person[order], prepend=-1))]
    seen: Counter[Id] = Counter()
    found = []
    for code in people.links["id"][firsts].tolist():
        one = people.calls.id(code)
        found.append((one, seen[one]))
        seen[one] += 1
    return found


def _ids(people: People, some: np.ndarray) -> dict[int, set[Id]]:
    """Return the ids that some people ever had of their own."""
    found: dict[int, set[Id]] = {}
    for row in np.flatnonzero(np.isin(people.links["person"], some)).tolist():
        found.setdefault(int(people.links["person"][row]), set()).add(people.calls.id(people.links["id"][row]))
    return found
