"""Ids to people over arrays: calls in order, each with a few id codes, for calls that only ever link.

The rules and their words are in :mod:`tilth.analysis.people.ledger`; this is the same walk, with a union of people by pointers to the elder, a bit
mask of the one-per-person kinds that a person holds, a counter of each limited kind, and a ring of ids through each person. People are numbered as
they are founded, so the elder is the smaller number. Two parties are never joined when their masks meet.
"""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel

# why a link began or ended: tilth.analysis.people.records.Rule
FIRST, TOGETHER, JOINED, APART, PASSED, SHARED, LIMIT = 0, 1, 2, 3, 4, 7, 8
ID, PERSON, SINCE, RULE, UNTIL, ENDED = 0, 1, 2, 3, 4, 5


@kernel
def longer(rows):
    """Return a table of twice the rows that begins as this one, zeros below."""
    wide = np.zeros((2 * rows.shape[0] + 64, rows.shape[1]), rows.dtype)
    wide[: rows.shape[0]] = rows
    return wide


@kernel
def noted(rows, used, a, b, c, d):
    """Return the table with one more row."""
    if used == rows.shape[0]:
        rows = longer(rows)
    rows[used, 0], rows[used, 1], rows[used, 2], rows[used, 3] = a, b, c, d
    return rows


@kernel
def root(into, person):
    """Return who a person leads to, and shorten the way there."""
    while into[person, 0] >= 0:
        above = into[into[person, 0], 0]
        if above >= 0:
            into[person, 0] = above
        person = into[person, 0]
    return person


@kernel
def begin(links, row, one, person, call, rule, owner, link_of, following, tail, counts, slot):
    """Begin a link in a row of the table; the person's ring and counter take the id in."""
    links[row, ID], links[row, PERSON], links[row, SINCE] = one, person, call
    links[row, RULE], links[row, UNTIL], links[row, ENDED] = rule, -1, -1
    owner[one], link_of[one] = person, row
    end = tail[person, 0]
    if end < 0:
        following[one] = one
    else:
        following[one] = following[end]
        following[end] = one
    tail[person, 0] = one
    if slot >= 0:
        counts[person, slot] += 1


@kernel
def end(links, one, person, call, rule, owner, link_of, following, tail, counts, slot):
    """End an id's link; the person's ring and counter lose it."""
    row = link_of[one]
    links[row, UNTIL], links[row, ENDED] = call, rule
    owner[one], link_of[one] = -1, -1
    before = one
    while following[before] != one:
        before = following[before]
    if before == one:
        tail[person, 0] = -1
    else:
        following[before] = following[one]
        if tail[person, 0] == one:
            tail[person, 0] = before
    if slot >= 0:
        counts[person, slot] -= 1


@kernel
def newest(tail, following, link_of, kind, slot, person, which):
    """Return the id of a limited kind that came to a person last."""
    found = -1
    at = tail[person, 0]
    for _ in range(len(following)):
        if slot[kind[at]] == which and (found < 0 or link_of[at] > link_of[found]):
            found = at
        at = following[at]
        if at == tail[person, 0]:
            break
    return found


@kernel
def logged_in(chain, head, into, one, person):
    """Say whether a person is among an id's logins."""
    at = head[one]
    while at >= 0:
        if root(into, chain[at, 0]) == person:
            return True
        at = chain[at, 1]
    return False


@kernel
def logins_of(chain, head, into, one, holder):
    """Count the different people among an id's logins, and its known holder (-1 for none)."""
    count = 0 if holder < 0 else 1
    at = head[one]
    while at >= 0:
        person = root(into, chain[at, 0])
        fresh = person != holder
        other = head[one]
        while fresh and other != at:
            fresh = root(into, chain[other, 0]) != person
            other = chain[other, 1]
        count += fresh
        at = chain[at, 1]
    return count


@kernel
def resolve(order, offsets, ids, statement, kind, rank, bit, slot, passes, lent, limits, most):
    """Resolve the calls at the places of `order`.

    Parameters
    ----------
    order : int64 array
        Places of the calls, in the order in which they count.
    offsets, ids : int64 and int32 arrays
        The id codes of the call at place c: ``ids[offsets[c]:offsets[c + 1]]``, each once.
    statement : bool array
        By call: it may take a phone over.
    kind : int16 array
        Kind by id code. By kind: `rank`, `bit` (uint64, 0 where a person may have several), `slot` (of its limit, -1 for none), `passes`, `lent`.
    limits : int64 array
        By slot.
    most : int
        Logins that a lent id may have.

    Returns
    -------
    tuple of int32 arrays
        ``whose`` by call (-1 nobody); by person: the founding call; who it led to at first (-1 nobody) and since which call; links (id, person,
        since, rule, until, ended; -1 where open); conflicts and passed (call, id, holder, person); shared (call, id); left out over a limit (call,
        id).
    """
    n = len(kind)
    whose = np.full(len(offsets) - 1, -1, np.int32)
    owner, link_of, following, head = np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    off = np.zeros(n, np.bool_)
    chain, chained = np.zeros((64, 2), np.int32), 0
    links, linked = np.zeros((n + 64, 6), np.int32), 0
    founded, into, tail = np.zeros((n + 64, 1), np.int32), np.zeros((n + 64, 1), np.int32), np.zeros((n + 64, 1), np.int32)
    led, known, counts = np.zeros((n + 64, 2), np.int32), np.zeros((n + 64, 1), np.uint64), np.zeros((n + 64, len(limits)), np.int32)
    people = 0
    conflicts, clashes = np.zeros((64, 4), np.int32), 0
    passed, passings = np.zeros((64, 4), np.int32), 0
    shared, shares = np.zeros((64, 4), np.int32), 0
    left, lefts = np.zeros((64, 4), np.int32), 0
    parties = np.empty(64, np.int32)
    nothing = np.uint64(0)

    for call in order:
        low, high = offsets[call], offsets[call + 1]
        while linked + high - low > links.shape[0]:
            links = longer(links)
        while people + high - low > founded.shape[0]:
            founded, into, tail, led, known, counts = longer(founded), longer(into), longer(tail), longer(led), longer(known), longer(counts)
        if high - low > len(parties):
            parties = np.empty(high - low, np.int32)

        highest, meeting, clash, person = -1, 0, False, -1
        seen = nothing
        for place in range(low, high):
            one = ids[place]
            if off[one]:
                continue
            if highest < 0 or rank[kind[one]] < rank[kind[highest]]:
                highest = one
            mask = bit[kind[one]]
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
        if highest < 0:
            continue

        if clash:
            person = owner[highest]
        if person < 0:
            person = people
            people += 1
            founded[person, 0], into[person, 0], led[person, 0], led[person, 1], tail[person, 0] = call, -1, -1, -1, -1
            known[person, 0] = bit[kind[highest]]
            begin(links, linked, highest, person, call, FIRST, owner, link_of, following, tail, counts, slot[kind[highest]])
            linked += 1
        whose[call] = person

        if not clash:
            for k in range(meeting):
                other = parties[k]
                if other == person:
                    continue
                into[other, 0], led[other, 0], led[other, 1] = person, person, call
                known[person, 0] |= known[other, 0]
                for s in range(len(limits)):
                    counts[person, s] += counts[other, s]
                a, b = tail[person, 0], tail[other, 0]
                if a < 0:
                    tail[person, 0] = b
                elif b >= 0:
                    following[a], following[b] = following[b], following[a]
                    tail[person, 0] = b
        for place in range(low, high):
            one = ids[place]
            if off[one]:
                continue
            which = kind[one]
            room = slot[which] < 0 or counts[person, slot[which]] < limits[slot[which]]
            if owner[one] >= 0:
                holder = root(into, owner[one])
                owner[one] = holder
                if holder == person:
                    continue
                if statement[call] and passes[which] and (known[holder, 0] & known[person, 0]) != nothing and room:
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
                founded[people, 0], into[people, 0], led[people, 0], led[people, 1], tail[people, 0] = call, -1, -1, -1, -1
                known[people, 0] = bit[which]
                begin(links, linked, one, people, call, APART, owner, link_of, following, tail, counts, slot[which])
                people += 1
                linked += 1
            elif room:
                known[person, 0] |= bit[which]
                begin(links, linked, one, person, call, JOINED if clash else TOGETHER, owner, link_of, following, tail, counts, slot[which])
                linked += 1
            else:
                left = noted(left, lefts, call, one, -1, -1)
                lefts += 1
        if meeting > 1 and not clash:
            for s in range(len(limits)):
                while counts[person, s] > limits[s]:
                    one = newest(tail, following, link_of, kind, slot, person, s)
                    left = noted(left, lefts, call, one, -1, -1)
                    lefts += 1
                    if lent[kind[one]] and known[person, 0] != nothing and not logged_in(chain, head, into, one, person):
                        if chained == chain.shape[0]:
                            chain = longer(chain)
                        chain[chained, 0], chain[chained, 1] = person, head[one]
                        head[one] = chained
                        chained += 1
                    end(links, one, person, call, LIMIT, owner, link_of, following, tail, counts, s)

        for place in range(low, high):
            one = ids[place]
            if off[one] or not lent[kind[one]]:
                continue
            holder = -1 if owner[one] < 0 else root(into, owner[one])
            if holder == person and head[one] < 0:
                continue
            if holder != person and known[person, 0] != nothing and not logged_in(chain, head, into, one, person):
                if chained == chain.shape[0]:
                    chain = longer(chain)
                chain[chained, 0], chain[chained, 1] = person, head[one]
                head[one] = chained
                chained += 1
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
