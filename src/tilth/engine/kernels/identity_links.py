"""The links of identity in arrays: rows of links, people as rings of ids, ties as rings of calls, logins as chains.

A ring is a circle of the next ones, known by its tail; two rings become one by exchanging what follows their tails. A tie is a call; by mention it
has the row of the link that the id had then, or -1. A link that ended without saying anything against what it held together goes on holding it.
"""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel

# why a link began or ended: tilth.analysis.people.records.Rule
FIRST, TOGETHER, JOINED, APART, PASSED, UNBOUND, PARTED, SHARED, LIMIT, MERGE = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
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
def into_ring(tail, following, person, one):
    """Put a call into a person's ring of ties."""
    end_ = tail[person, 0]
    if end_ < 0:
        following[one] = one
    else:
        following[one] = following[end_]
        following[end_] = one
    tail[person, 0] = one


@kernel
def one_ring(tail, following, person, other):
    """Make one ring of two people's."""
    a, b = tail[person, 0], tail[other, 0]
    if a < 0:
        tail[person, 0] = b
    elif b >= 0:
        following[a], following[b] = following[b], following[a]
        tail[person, 0] = b


@kernel
def ring(tail, following, person):
    """Return what is in a person's ring."""
    size, at = 0, tail[person, 0]
    while at >= 0:
        size += 1
        at = following[at]
        if at == tail[person, 0]:
            break
    found = np.empty(size, np.int32)
    for place in range(size):
        at = following[at]
        found[place] = at
    return found


@kernel
def component(up, row):
    """Return the row that stands for all rows connected with this one."""
    while up[row] != row:
        up[row] = up[up[row]]
        row = up[row]
    return row


@kernel
def connected(up, tied, tie_row, offsets, gone):
    """Connect in `up` the rows of each tie, but for one row."""
    for call in tied:
        first = -1
        for place in range(offsets[call], offsets[call + 1]):
            row = tie_row[place]
            if row < 0 or row == gone:
                continue
            if up[row] < 0:
                up[row] = row
            if first < 0:
                first = row
            else:
                up[component(up, row)] = component(up, first)


@kernel
def opened(person, call, folk):
    """Make room for a new person; return the number of people there are then."""
    founded, into, tail, led, known, counts, ties_tail = folk
    founded[person, 0], into[person, 0], tail[person, 0], ties_tail[person, 0] = call, -1, -1, -1
    led[person, 0], led[person, 1], led[person, 2] = -1, -1, -1
    known[person, 0] = np.uint64(0)
    for slot in range(counts.shape[1]):
        counts[person, slot] = 0
    return person + 1


@kernel
def retied(tied, call, gone, links, owner, link_of, ties, up, home, folk):
    """Give each tie to the person whose part it holds together, with the rows that its ids have there."""
    ties_next, tie_row, offsets = ties
    ties_tail = folk[6]
    for tie in tied:
        person, size = -1, 0
        for place in range(offsets[tie], offsets[tie + 1]):
            row = tie_row[place]
            if person < 0 and row >= 0 and row != gone:
                person = home[component(up, row)]
        for place in range(offsets[tie], offsets[tie + 1]):
            row = tie_row[place]
            if row < 0:
                continue
            if links[row, UNTIL] == call and (links[row, ENDED] == PARTED or links[row, ENDED] == UNBOUND):
                one = links[row, ID]
                row = link_of[one] if owner[one] == person else -1
            tie_row[place] = row if person >= 0 else -1
            size += tie_row[place] >= 0
        if size > 1:
            into_ring(ties_tail, ties_next, person, tie)


@kernel
def part(call, gone, person, keeper, links, linked, people, owner, link_of, following, ties, up, home, folk, about):
    """Part an id from all that its person has, or from `keeper` (-1 for none) and what is connected with it otherwise.

    Without a keeper, each piece that only the id connected is a person of its own; with one, they go along with the id. The piece of the keeper, or
    of the highest-ranking id, keeps the number. Returns how many links and people there are then.
    """
    tail, known, counts, ties_tail = folk[2], folk[4], folk[5], folk[6]
    ties_next, tie_row, offsets = ties
    kind, rank, bit, slot = about
    ids = ring(tail, following, person)
    if len(ids) < 2:
        return linked, people
    ids = ids[np.argsort(link_of[ids])]
    tied = ring(ties_tail, ties_next, person)
    was = link_of[gone]
    stay = keeper
    for one in ids:
        if one != gone:
            up[link_of[one]] = link_of[one]
            if stay < 0 or (keeper < 0 and rank[kind[one]] < rank[kind[stay]]):
                stay = one
    connected(up, tied, tie_row, offsets, was)
    piece = np.full(len(ids), -1, np.int32)
    for k in range(len(ids)):
        if ids[k] != gone:
            piece[k] = component(up, link_of[ids[k]])
    core = component(up, link_of[stay])
    rows = link_of[ids]

    home[core] = person
    new = people
    people = opened(new, call, folk)
    end(links, gone, person, call, UNBOUND, owner, link_of, following, tail, counts, slot[kind[gone]])
    begin(links, linked, gone, new, call, PARTED, owner, link_of, following, tail, counts, slot[kind[gone]])
    linked += 1
    known[new, 0] = bit[kind[gone]]
    known[person, 0] = np.uint64(0)
    for first in range(len(ids)):  # the pieces in the order of their first ids
        if piece[first] < 0:
            continue
        if piece[first] == core:
            known[person, 0] |= bit[kind[ids[first]]]
            continue
        if home[piece[first]] >= 0:
            continue
        if keeper >= 0:
            home[piece[first]] = new
        else:
            home[piece[first]] = people
            people = opened(people, call, folk)
        to = home[piece[first]]
        for k in range(first, len(ids)):
            one = ids[k]
            if piece[k] == piece[first]:
                end(links, one, person, call, PARTED, owner, link_of, following, tail, counts, slot[kind[one]])
                begin(links, linked, one, to, call, PARTED, owner, link_of, following, tail, counts, slot[kind[one]])
                linked += 1
                known[to, 0] |= bit[kind[one]]
    ties_tail[person, 0] = -1
    touched = [np.int32(was)]
    for tie in tied:
        for place in range(offsets[tie], offsets[tie + 1]):
            if tie_row[place] >= 0:
                touched.append(tie_row[place])
    retied(tied, call, was, links, owner, link_of, ties, up, home, folk)
    for row in touched:
        up[row], home[row] = -1, -1
    for row in rows:
        up[row], home[row] = -1, -1
    return linked, people
