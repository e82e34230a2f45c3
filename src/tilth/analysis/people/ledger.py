"""The rules, one call after the other, over plain dictionaries: the readable form, and the one that takes things back.

:mod:`tilth.engine.kernels.identity` does the same over arrays for calls that only ever link; a property test holds the two to each other. What was
left to decide where the rules meet:

- Two parties (a person, or an id that is nobody's) may not be joined when both hold a value of one one-per-person kind. A person made by an
  operator's merge may hold two of them, and goes on as any other.
- Of several ids of the highest rank the one that the call names first decides. When it is nobody's, it founds a person.
- In a conflict an id that is nobody's joins the call's person; one that would be its second value of a one-per-person kind founds a person of its
  own.
- Of two people found to be one the elder's number stays.
- Only a statement (identify, alias, bind) takes over a phone, and only from a person who cannot be one with the caller. An event that names
  somebody else's phone is a conflict: old installations go on sending the number that they know.
- A merge can bring a kind over its limit: the newest links end.
- A login is a person with a value of a one-per-person kind whose call named the device, or whose device it was.
- Unbinding with a named owner parts the id, and what hung on it alone, from that owner; without one, from everything.
"""

from __future__ import annotations

from collections.abc import Iterable

from tilth.analysis.people.calls import RARE, STATEMENTS, Call
from tilth.analysis.people.kinds import Id, Kind, Kinds, Left
from tilth.analysis.people.records import Conflict, Founding, Lead, LeftOut, Link, Passed, Rule, Shared
from tilth.analysis.people.ties import Tie, Ties, closed_over, components, within


class Ledger:
    """Everything known after the calls so far.

    Parameters
    ----------
    kinds : Kinds
    undone : collection of str, optional
        Message ids of merges that count as if they had never been.
    """

    def __init__(self, kinds: Kinds, undone: Iterable[str] = ()) -> None:
        self.kinds = kinds
        self.undone = frozenset(undone)
        self.links: list[Link] = []
        self.leads: dict[Founding, Lead] = {}
        self.whose: dict[int, Founding | None] = {}
        self.conflicts: list[Conflict] = []
        self.passed: list[Passed] = []
        self.shared: dict[Id, Shared] = {}
        self.left: list[LeftOut] = []
        self._open: dict[Id, int] = {}
        self._ids: dict[Founding, list[Id]] = {}
        self._ties: dict[Founding, Ties] = {}
        self._logins: dict[Id, set[Founding]] = {}
        self._founded: dict[int, int] = {}

    def take(self, at: int, call: Call) -> None:
        """Take in the call at a place among all calls, its ids already read; places ascend."""
        ids = [i for i in call.ids if i not in self.shared]
        self.whose[at] = None
        if call.says == "unbind" and ids:
            self.whose[at] = self._unbind(at, ids)
        elif call.says == "merge" and call.message not in self.undone:
            self.whose[at] = self._merge(at, ids)
        elif call.says not in RARE and ids:
            person = self._link(at, ids, call.says in STATEMENTS)
            self._log_in(at, ids, person)
            self.whose[at] = person

    def root(self, person: Founding) -> Founding:
        """Return who a person is now known to be."""
        while person in self.leads:
            person = self.leads[person].into
        return person

    def owner(self, one: Id) -> Founding | None:
        """Return whose an id is."""
        place = self._open.get(one)
        return None if place is None else self.root(self.links[place].person)

    def ids(self, person: Founding) -> list[Id]:
        """Return a person's ids, in the order in which they came to them."""
        return sorted(self._ids.get(person, ()), key=self._open.__getitem__)

    def _link(self, at: int, ids: list[Id], statement: bool) -> Founding:
        parties = sorted({owner for i in ids if (owner := self.owner(i)) is not None})
        fresh = [i for i in ids if i not in self._open]
        claims = [name for party in parties for name in self._known(party)] + [i[0] for i in fresh if self._kind(i).one_per_person]
        highest = self._highest(ids)
        if len(set(claims)) == len(claims):
            return self._together(at, ids, parties, fresh, highest)
        person = self.owner(highest) or self._found(at, highest, Rule.FIRST)
        for i in ids:
            holder = self.owner(i)
            if holder == person:
                continue
            if holder is None and self._kind(i).one_per_person and i[0] in self._known(person):
                self.conflicts.append(Conflict(at, i, self._found(at, i, Rule.APART), person))
            elif holder is None:
                self._join(at, i, person, Rule.JOINED)
            elif statement and self._kind(i).passes and self._known(holder) & self._known(person) and self._room(i, person):
                self.passed.append(Passed(at, i, holder, person))
                self._close_over(at, i, Rule.PASSED)
                self._join(at, i, person, Rule.PASSED)
            else:
                self.conflicts.append(Conflict(at, i, holder, person))
        self._tie(person, ids)
        return person

    def _together(self, at: int, ids: list[Id], parties: list[Founding], fresh: list[Id], highest: Id) -> Founding:
        person = parties[0] if parties else self._found(at, highest, Rule.FIRST)
        for other in parties[1:]:
            self._lead(at, other, person, Rule.TOGETHER)
        for i in fresh:
            if i not in self._open:
                self._join(at, i, person, Rule.TOGETHER)
        self._tie(person, ids)
        if len(parties) > 1:
            self._trim(at, person)
        return person

    def _merge(self, at: int, ids: list[Id]) -> Founding | None:
        parties = sorted({owner for i in ids if (owner := self.owner(i)) is not None})
        for other in parties[1:]:
            self._lead(at, other, parties[0], Rule.MERGE)
        if parties:
            self._tie(parties[0], ids)
            self._trim(at, parties[0])
        return parties[0] if parties else None

    def _unbind(self, at: int, ids: list[Id]) -> Founding | None:
        highest = self._highest(ids)
        named = len(ids) > 1
        person = self.owner(highest)
        for i in ids:
            owner = self.owner(i)
            if owner is not None and (not named or (i != highest and owner == person)):
                self._part(at, i, owner, highest if named else None)
        return self.owner(highest) if named else person

    def _part(self, at: int, gone: Id, person: Founding, keeper: Id | None) -> None:
        others = [i for i in self.ids(person) if i != gone]
        if not others:
            return
        ties = self._ties[person]
        self._remember([gone, *others], person)
        parts = components(others, ties)
        kept = keeper or self._highest(others)
        away = [part for part in parts if kept not in part]
        groups = [[gone], *away] if keeper is None else [[gone, *(i for part in away for i in part)]]
        for group in groups:
            own = within(ties, group)
            for i in group:
                self._end(at, i, Rule.UNBOUND if i == gone else Rule.PARTED)
            new = self._new(at)
            for i in group:
                self._begin(at, i, new, Rule.PARTED)
            self._ties[new] = own
        self._ties[person] = within(ties, self._ids[person])

    def _log_in(self, at: int, ids: list[Id], person: Founding) -> None:
        for i in ids:
            if not self._kind(i).lent:
                continue
            logins = self._logins.setdefault(i, set())
            if self._known(person):
                logins.add(person)
            holder = self.owner(i)
            people = {self.root(p) for p in logins} | ({holder} if holder is not None and self._known(holder) else set())
            if len(people) > self.kinds.logins:
                self.shared[i] = Shared(at, i)
                if holder is not None:
                    self._close_over(at, i, Rule.SHARED)

    def _remember(self, ids: list[Id], person: Founding) -> None:
        """Keep a known person among the logins of devices that are about to be somebody else's."""
        if self._known(person):
            for i in ids:
                if self._kind(i).lent:
                    self._logins.setdefault(i, set()).add(person)

    def _trim(self, at: int, person: Founding) -> None:
        by_kind: dict[str, list[Id]] = {}
        for i in self.ids(person):
            by_kind.setdefault(i[0], []).append(i)
        for some in by_kind.values():
            limit = self._kind(some[0]).limit
            for i in some[limit:] if limit is not None else ():
                self.left.append(LeftOut(at, i, Left.LIMIT))
                self._close_over(at, i, Rule.LIMIT)

    def _join(self, at: int, one: Id, person: Founding, rule: Rule) -> None:
        if self._room(one, person):
            self._begin(at, one, person, rule)
        else:
            self.left.append(LeftOut(at, one, Left.LIMIT))

    def _room(self, one: Id, person: Founding) -> bool:
        limit = self._kind(one).limit
        return limit is None or sum(i[0] == one[0] for i in self._ids[person]) < limit

    def _found(self, at: int, one: Id, rule: Rule) -> Founding:
        person = self._new(at)
        self._begin(at, one, person, rule)
        return person

    def _new(self, at: int) -> Founding:
        person = (at, self._founded.get(at, 0))
        self._founded[at] = person[1] + 1
        self._ids[person] = []
        self._ties[person] = {}
        return person

    def _begin(self, at: int, one: Id, person: Founding, rule: Rule) -> None:
        self._open[one] = len(self.links)
        self.links.append(Link(one, person, at, rule))
        self._ids[person].append(one)

    def _end(self, at: int, one: Id, rule: Rule) -> None:
        place = self._open.pop(one)
        link = self.links[place]
        self.links[place] = link._replace(until=at, ended=rule)
        self._ids[self.root(link.person)].remove(one)

    def _close_over(self, at: int, one: Id, rule: Rule) -> None:
        person = self.owner(one)
        assert person is not None
        self._remember([one], person)
        self._end(at, one, rule)
        self._ties[person] = closed_over(self._ties[person], one)

    def _lead(self, at: int, other: Founding, person: Founding, rule: Rule) -> None:
        self.leads[other] = Lead(other, person, at, rule)
        self._ids[person] += self._ids.pop(other)
        self._ties[person].update(self._ties.pop(other))

    def _tie(self, person: Founding, ids: list[Id]) -> None:
        tie: Tie = frozenset(i for i in ids if self.owner(i) == person)
        if len(tie) > 1:
            self._ties[person][tie] = None

    def _highest(self, ids: list[Id]) -> Id:
        return min(ids, key=lambda i: self.kinds.rank(i[0]))

    def _kind(self, one: Id) -> Kind:
        return self.kinds.kinds[self.kinds.rank(one[0])]

    def _known(self, person: Founding) -> set[str]:
        return {i[0] for i in self._ids[person] if self._kind(i).one_per_person}
