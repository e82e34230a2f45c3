"""What holds a person's ids together: the sets of ids that were named on one call.

Two ids are connected when a chain of ties leads from one to the other. An id can go in two ways. It is *cut out* when it is unbound: what only it
connected falls apart. It is *closed over* when it goes to somebody else, is marked shared or left out: that says nothing against what it connected.
"""

from __future__ import annotations

from collections.abc import Iterable

from tilth.analysis.people.kinds import Id

Tie = frozenset[Id]
Ties = dict[Tie, None]


def closed_over(ties: Ties, gone: Id) -> Ties:
    """Return the ties without an id, those it was in made one."""
    with_it = [tie for tie in ties if gone in tie]
    one = frozenset().union(*with_it) - {gone}
    return {**{tie: None for tie in ties if gone not in tie}, **({one: None} if len(one) > 1 else {})}


def within(ties: Ties, ids: Iterable[Id]) -> Ties:
    """Return what the ties say of some ids alone."""
    some = frozenset(ids)
    return {tie & some: None for tie in ties if len(tie & some) > 1}


def components(ids: Iterable[Id], ties: Ties) -> list[list[Id]]:
    """Return the ids in sets that are connected, in the order in which their first ids were given."""
    ids = list(ids)
    touching: dict[Id, list[Tie]] = {i: [] for i in ids}
    for tie in within(ties, ids):
        for i in tie:
            touching[i].append(tie)
    seen: set[Id] = set()
    found = []
    for start in ids:
        if start in seen:
            continue
        seen.add(start)
        reached = [start]
        for i in reached:
            for tie in touching[i]:
                fresh = [j for j in tie if j not in seen]
                seen.update(fresh)
                reached.extend(fresh)
        together = set(reached)
        found.append([i for i in ids if i in together])
    return found
