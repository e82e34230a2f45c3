"""Ids to people over arrays: calls in order, each with a few id codes, for calls that only ever link.

The rules and their words are in :mod:`tilth.analysis.people.ledger`; this is the same walk, with a union of people by pointers to the elder, a bit
mask of the one-per-person kinds that a person holds, a counter of each limited kind, and a ring of ids through each person. People are numbered as
they are founded, so the elder is the smaller number. Two parties are never joined when their masks meet.
"""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel
from tilth.engine.kernels.identity_links import (
    APART,
    FIRST,
    JOINED,
    LIMIT,
    MERGE,
    PASSED,
    SHARED,
    TOGETHER,
    begin,
    end,
    into_ring,
    logged_in,
    logins_of,
    longer,
    newest,
    noted,
    one_ring,
    opened,
    part,
    ring,
    root,
)

# what a call does
LINK, STATE, UNBIND, JOIN, NOTHING = 0, 1, 2, 3, 4


@kernel
def logged(chain, chained, head, into, one, person):
    """Add a person to an id's logins, if they are not among them; return the chain and how much of it is used."""
    if logged_in(chain, head, into, one, person):
        return chain, chained
    if chained == chain.shape[0]:
        chain = longer(chain)
    chain[chained, 0], chain[chained, 1] = person, head[one]
    head[one] = chained
    return chain, chained + 1


@kernel
def resolve(order, offsets, ids, does, kind, rank, bit, slot, passes, lent, limits, most):
    """Resolve the calls at the places of `order`.

    Parameters
    ----------
    order : int64 array
        Places of the calls, in the order in which they count.
    offsets, ids : int64 and int32 arrays
        The id codes of the call at place c: ``ids[offsets[c]:offsets[c + 1]]``, each once.
    does : int8 array
        By call: LINK, STATE (it may take a phone over), UNBIND, JOIN (an operator's merge), NOTHING.
    kind : int16 array
        Kind by id code. By kind: `rank`, `bit` (uint64, 0 where a person may have several), `slot` (of its limit, -1 for none), `passes`, `lent`.
    limits : int64 array
        By slot.
    most : int
        Logins that a lent id may have.

    Returns
    -------
    tuple of int32 arrays
        ``whose`` by call (-1 nobody); by person: the founding call; who it led to at first (-1 nobody), since which call, by which rule; links (id,
        person, since, rule, until, ended; -1 where open); conflicts and passed (call, id, holder, person); shared (call, id); left out over a limit
        (call, id).
    """
    n = len(kind)
    whose = np.full(len(offsets) - 1, -1, np.int32)
    owner, link_of, following, head = np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    off = np.zeros(n, np.bool_)
    chain, chained = np.zeros((64, 2), np.int32), 0
    links, linked = np.zeros((n + 64, 6), np.int32), 0
    founded, into, tail = np.zeros((n + 64, 1), np.int32), np.zeros((n + 64, 1), np.int32), np.zeros((n + 64, 1), np.int32)
    led, known, counts = np.zeros((n + 64, 3), np.int32), np.zeros((n + 64, 1), np.uint64), np.zeros((n + 64, len(limits)), np.int32)
    parting = (does == UNBIND).any()  # only then is what holds people together remembered
    ties_tail = np.full((n + 64, 1), -1, np.int32)
    ties_next, tie_row = np.full(len(does) if parting else 0, -1, np.int32), np.full(len(ids) if parting else 0, -1, np.int32)
    up, home = np.full(n + 64 if parting else 0, -1, np.int32), np.full(n + 64 if parting else 0, -1, np.int32)
    about = (kind, rank, bit, slot)
    people = 0
    conflicts, clashes = np.zeros((64, 4), np.int32), 0
    passed, passings = np.zeros((64, 4), np.int32), 0
    shared, shares = np.zeros((64, 4), np.int32), 0
    left, lefts = np.zeros((64, 4), np.int32), 0
    parties = np.empty(64, np.int32)
    nothing = np.uint64(0)

    for call in order:
        low, high = offsets[call], offsets[call + 1]
        act = does[call]
        need = high - low
        if act == UNBIND:
            for place in range(low, high):
                if owner[ids[place]] >= 0:
                    need += len(ring(tail, following, root(into, owner[ids[place]]))) + 1
        while linked + need > links.shape[0]:
            links = longer(links)
        while people + need > founded.shape[0]:
            founded, into, tail, led = longer(founded), longer(into), longer(tail), longer(led)
            known, counts, ties_tail = longer(known), longer(counts), longer(ties_tail)
        if parting and len(up) < links.shape[0]:
            up, home = np.full(links.shape[0], -1, np.int32), np.full(links.shape[0], -1, np.int32)
        folk = (founded, into, tail, led, known, counts, ties_tail)
        if high - low > len(parties):
            parties = np.empty(high - low, np.int32)
        if act == NOTHING:
            continue

        highest, meeting, present, clash, person = -1, 0, 0, False, -1
        seen = nothing
        for place in range(low, high):
            one = ids[place]
            if off[one]:
                continue
            if highest < 0 or rank[kind[one]] < rank[kind[highest]]:
                highest = one
            mask = bit[kind[one]]
            present += 1
            if owner[one] >= 0:
                holder = root(into, owner[one])
                owner[one] = holder
                met = False
                for k in range(meeting):
                    met = met or parties[k] == holder
                if met:
                    continue
                parties[meeting] = holder
                meeting += 1
                mask = known[holder, 0]
                if person < 0 or holder < person:
                    person = holder
            clash = clash or (seen & mask) != nothing
            seen |= mask
        if highest < 0 or (act == JOIN and person < 0):
            continue

        if act == UNBIND:
            named = present > 1
            keeper = highest if named else -1
            person = owner[highest]
            whose[call] = person
            for place in range(low, high):
                one = ids[place]
                if off[one] or owner[one] < 0 or (named and (one == highest or owner[one] != person)):
                    continue
                holder = owner[one]
                mine = ring(tail, following, holder)
                for k in range(len(mine)):
                    if len(mine) > 1 and lent[kind[mine[k]]] and known[holder, 0] != nothing:
                        chain, chained = logged(chain, chained, head, into, mine[k], holder)
                linked, people = part(
                    call, one, holder, keeper, links, linked, people, owner, link_of, following, (ties_next, tie_row, offsets), up, home, folk, about
                )  # fmt: skip
            continue

        if act == JOIN:
            clash = False
        if clash:
            person = owner[highest]
        if person < 0:
            person = people
            people = opened(person, call, folk)
            known[person, 0] = bit[kind[highest]]
            begin(links, linked, highest, person, call, FIRST, owner, link_of, following, tail, counts, slot[kind[highest]])
            linked += 1
        whose[call] = person

        if not clash:
            for k in range(meeting):
                other = parties[k]
                if other == person:
                    continue
                into[other, 0], led[other, 0], led[other, 1], led[other, 2] = person, person, call, MERGE if act == JOIN else TOGETHER
                known[person, 0] |= known[other, 0]
                for s in range(len(limits)):
                    counts[person, s] += counts[other, s]
                one_ring(tail, following, person, other)
                if parting:
                    one_ring(ties_tail, ties_next, person, other)
        for place in range(low, high):
            one = ids[place]
            if off[one] or (act == JOIN and owner[one] < 0):
                continue
            which = kind[one]
            room = slot[which] < 0 or counts[person, slot[which]] < limits[slot[which]]
            if owner[one] >= 0:
                holder = root(into, owner[one])
                owner[one] = holder
                if holder == person:
                    continue
                if act == STATE and passes[which] and (known[holder, 0] & known[person, 0]) != nothing and room:
                    passed = noted(passed, passings, call, one, holder, person)
                    passings += 1
                    end(links, one, holder, call, PASSED, owner, link_of, following, tail, counts, slot[which])
                    begin(links, linked, one, person, call, PASSED, owner, link_of, following, tail, counts, slot[which])
                    linked += 1
                else:
                    conflicts = noted(conflicts, clashes, call, one, holder, person)
                    clashes += 1
            elif clash and (bit[which] & known[person, 0]) != nothing:
                conflicts = noted(conflicts, clashes, call, one, people, person)
                clashes += 1
                alone = people
                people = opened(alone, call, folk)
                known[alone, 0] = bit[which]
                begin(links, linked, one, alone, call, APART, owner, link_of, following, tail, counts, slot[which])
                linked += 1
            elif room:
                known[person, 0] |= bit[which]
                begin(links, linked, one, person, call, JOINED if clash else TOGETHER, owner, link_of, following, tail, counts, slot[which])
                linked += 1
            else:
                left = noted(left, lefts, call, one, -1, -1)
                lefts += 1
        if parting:
            size = 0
            for place in range(low, high):
                one = ids[place]
                if owner[one] >= 0 and root(into, owner[one]) == person:
                    tie_row[place] = link_of[one]
                    size += 1
            if size > 1:
                into_ring(ties_tail, ties_next, person, call)
        if meeting > 1 and not clash:
            for s in range(len(limits)):
                while counts[person, s] > limits[s]:
                    one = newest(tail, following, link_of, kind, slot, person, s)
                    left = noted(left, lefts, call, one, -1, -1)
                    lefts += 1
                    if lent[kind[one]] and known[person, 0] != nothing:
                        chain, chained = logged(chain, chained, head, into, one, person)
                    end(links, one, person, call, LIMIT, owner, link_of, following, tail, counts, s)

        for place in range(low, high) if act != JOIN else range(0):
            one = ids[place]
            if off[one] or not lent[kind[one]]:
                continue
            holder = -1 if owner[one] < 0 else root(into, owner[one])
            if holder == person and head[one] < 0:
                continue
            if holder != person and known[person, 0] != nothing:
                chain, chained = logged(chain, chained, head, into, one, person)
            if logins_of(chain, head, into, one, holder if holder >= 0 and known[holder, 0] != nothing else -1) > most:
                off[one] = True
                shared = noted(shared, shares, call, one, -1, -1)
                shares += 1
                if holder >= 0:
                    end(links, one, holder, call, SHARED, owner, link_of, following, tail, counts, slot[kind[one]])
    return (
        whose,
        founded[:people, 0],
        led[:people],
        links[:linked],
        conflicts[:clashes],
        passed[:passings],
        shared[:shares, :2],
        left[:lefts, :2],
    )
