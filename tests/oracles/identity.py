"""Ids to people by brute force, from the words of docs/reference/identity.md: people are bags of ids, ties and calls, poured together or taken apart.

Nothing is kept from one question to the next: people as of a time are made anew from the calls up to then, a merge that was undone among them is
skipped, ids that were erased are struck out first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tilth.analysis.people.calls import Call
from tilth.analysis.people.kinds import Id, Kinds


@dataclass(eq=False)
class Person:
    born: tuple[int, int]
    ids: dict[Id, int] = field(default_factory=dict)  # when it came, counted over all ids
    ties: list[set[Id]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)


class World:
    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self.people: list[Person] = []
        self.seen_on: dict[Id, list[Person]] = {}
        self.shared: list[Id] = []
        self.joined = 0
        self.absorbed: dict[Person, Person] = {}

    # small questions

    def declared(self, i: Id):
        return next(k for k in self.kinds.kinds if k.name == i[0].split(":")[0])

    def rank(self, i: Id) -> int:
        return self.kinds.kinds.index(self.declared(i))

    def holder(self, i: Id) -> Person | None:
        return next((p for p in self.people if i in p.ids), None)

    def single(self, ids) -> set[str]:
        return {i[0] for i in ids if self.declared(i).one_per_person}

    def present(self, person: Person) -> Person:
        return self.present(self.absorbed[person]) if person in self.absorbed else person

    def full(self, person: Person, i: Id) -> bool:
        limit = self.declared(i).limit
        return limit is not None and len([j for j in person.ids if j[0] == i[0]]) >= limit

    # small changes

    def born(self, at: int) -> Person:
        person = Person((at, sum(p.born[0] == at for p in [*self.people, *self.absorbed])))
        self.people.append(person)
        return person

    def give(self, person: Person, i: Id) -> None:
        self.joined += 1
        person.ids[i] = self.joined

    def take_quietly(self, i: Id) -> None:
        """Take an id from its person; what it held together stays together."""
        person = self.holder(i)
        assert person is not None
        self.note_users(person, [i])
        del person.ids[i]
        around = set().union(*[t for t in person.ties if i in t]) - {i}
        person.ties = [t for t in person.ties if i not in t] + [around]

    def note_users(self, person: Person, ids) -> None:
        if self.single(person.ids):
            for i in ids:
                if self.declared(i).lent:
                    self.seen_on.setdefault(i, []).append(person)

    def pour(self, people: list[Person]) -> Person:
        people = sorted(people, key=lambda p: p.born)
        elder = people[0]
        for other in people[1:]:
            elder.ids |= other.ids
            elder.ties += other.ties
            elder.calls += other.calls
            self.people.remove(other)
            self.absorbed[other] = elder
        return elder

    def cut_to_limits(self, person: Person) -> None:
        for kind in {i[0] for i in person.ids}:
            mine = sorted((i for i in person.ids if i[0] == kind), key=person.ids.__getitem__)
            limit = self.declared(mine[0]).limit
            while limit is not None and len(mine) > limit:
                self.take_quietly(mine.pop())

    # calls

    def call(self, at: int, call: Call) -> None:
        ids = [i for i in call.ids if i not in self.shared]
        if not ids or call.says in ("undo", "erase"):
            return
        if call.says == "unbind":
            person = self.unbind(at, ids)
        elif call.says == "merge":
            there = [p for p in self.people if any(i in p.ids for i in ids)]
            person = self.pour(there) if there else None
            if person:
                person.ties.append({i for i in ids if i in person.ids})
                self.cut_to_limits(person)
        else:
            person = self.ordinary(at, ids, call.says)
            self.count_users(ids, person)
        if person is not None:
            person.calls.append(call.message)

    def ordinary(self, at: int, ids: list[Id], says: str) -> Person:
        top = sorted(ids, key=self.rank)[0]
        there = [p for p in self.people if any(i in p.ids for i in ids)]
        parties = [set(p.ids) for p in there] + [{i} for i in ids if self.holder(i) is None]
        two_known = any(self.single(a) & self.single(b) for n, a in enumerate(parties) for b in parties[:n])
        person = self.pour(there) if there and not two_known else self.holder(top)
        if person is None:
            person = self.born(at)
            self.give(person, top)
        for i in ids:
            held = self.holder(i)
            if held is person:
                continue
            if held is None:
                if self.single([i]) & self.single(person.ids):
                    self.give(self.born(at), i)
                elif not self.full(person, i):
                    self.give(person, i)
            elif (
                self.declared(i).passes
                and says in ("identify", "alias", "bind")
                and self.single(held.ids) & self.single(person.ids)
                and not self.full(person, i)
            ):
                self.take_quietly(i)
                self.give(person, i)
        person.ties.append({i for i in ids if i in person.ids})
        self.cut_to_limits(person)
        return person

    def count_users(self, ids: list[Id], person: Person) -> None:
        for i in ids:
            if self.declared(i).lent:
                if self.single(person.ids):
                    self.seen_on.setdefault(i, []).append(person)
                users = {id(self.present(p)) for p in self.seen_on.get(i, [])}
                held = self.holder(i)
                if held is not None and self.single(held.ids):
                    users.add(id(held))
                if len(users) > self.kinds.logins:
                    self.shared.append(i)
                    if held is not None:
                        self.take_quietly(i)

    def unbind(self, at: int, ids: list[Id]) -> Person | None:
        top = sorted(ids, key=self.rank)[0]
        person = self.holder(top)
        if len(ids) == 1:
            if person is not None:
                self.part(at, top, person, None)
            return person
        for i in ids:
            if i != top and person is not None and i in person.ids:
                self.part(at, i, person, top)
        return person

    def part(self, at: int, gone: Id, person: Person, keeper: Id | None) -> None:
        rest = sorted((i for i in person.ids if i != gone), key=person.ids.__getitem__)
        if not rest:
            return
        self.note_users(person, [gone, *rest])
        stay = keeper or sorted(rest, key=self.rank)[0]
        heaps = [{i} for i in rest]
        for tie in person.ties:
            touched = [h for h in heaps if h & tie]
            heaps = [h for h in heaps if not h & tie] + ([set().union(*touched)] if touched else [])
        heaps.sort(key=lambda h: min(person.ids[i] for i in h))
        away = [h for h in heaps if stay not in h]
        new = [{gone}, *away] if keeper is None else [{gone}.union(*away)]
        for heap in new:
            fresh = self.born(at)
            for i in sorted(heap, key=lambda i: (i != gone, self.place(heaps, i), person.ids[i])):
                self.give(fresh, i)
            fresh.ties = [t & heap for t in person.ties]
        for heap in new:
            for i in heap:
                del person.ids[i]
        person.ties = [t & set(person.ids) for t in person.ties]

    @staticmethod
    def place(heaps: list[set[Id]], i: Id) -> int:
        return next((n for n, h in enumerate(heaps) if i in h), -1)


def world(calls: Sequence[Call], kinds: Kinds, upto: int | None = None) -> World:
    """Return the world after the calls up to and with a time. Ids must be usable and normalised already."""
    ordered = sorted(calls, key=lambda c: (c.time, c.message))
    struck: dict[int, set[Id]] = {}

    def without(position: int, call: Call) -> Call:
        gone = set().union(*[ids for erased, ids in struck.items() if position <= erased])
        return Call(call.time, call.message, tuple(i for i in call.ids if i not in gone), call.says, call.of)

    def run(last: int) -> World:
        cancelled = set()
        merged = set()
        for call in ordered[:last]:
            if call.says == "merge":
                merged.add(call.message)
            if call.says == "undo" and call.of in merged:
                cancelled.add(call.of)
        made = World(kinds)
        for position, call in enumerate(ordered[:last]):
            if call.message not in cancelled:
                made.call(position, without(position, call))
        return made

    for position, call in enumerate(ordered):
        if call.says == "erase":
            then = run(position)
            struck[position] = set(call.ids).union(*[p.ids for p in then.people if any(i in p.ids for i in call.ids)])
    return run(len([c for c in ordered if upto is None or c.time <= upto]))


def ids_of(found: World) -> set[frozenset[Id]]:
    return {frozenset(p.ids) for p in found.people if p.ids}


def calls_of(found: World) -> set[frozenset[str]]:
    return {frozenset(p.calls) for p in found.people if p.calls}
