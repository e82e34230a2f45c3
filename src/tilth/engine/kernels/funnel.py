r"""The funnel kernel: for every person the one chain of events that counts.

A chain grows along a *graph*: a node says how far it has come, and each step leads on to one other node or to none.

* ordered and strict: a node is (last step filled, optional steps filled); a step leads on from an earlier one over optional ones only.
* any: a node is the set of steps filled; a step leads to the set with it.

``level`` of a node is the number of the last step (ordered) or the number of steps (any): its row in the result. At a node only the chain that
starts last need be kept: whatever completes an earlier one within the window completes it too; among chains with the same start, the one with the
earliest events. In any order a chain that was extended need not be kept at the shorter set either, as long as nothing can be voided: the longer
one starts no earlier and has no fewer steps. So at most as many sets are alive at a time as there are steps.

*Voiding.* An excluded event at time x voids chains for events after x, yet not for events at x itself. So when time moves on to t, and excluded
events stand at t, every chain kept so far whose exclusion is open is *expiring*: it may still be extended at t and is gone after. A bit per exclusion
says so, hence the slots ``node * masks + mask``. Strict order is one more such bit, set by any event at all, cleared by every extension.
"""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel

NONE = np.int32(-1)


@kernel
def earlier(chain, other):
    """Whether `chain` comes before `other`: the first event that differs is earlier, or, with the same events, fills an earlier step."""
    i = j = 0
    width = len(chain)
    steps = 0
    while True:
        while i < width and chain[i] < 0:
            i += 1
        while j < width and other[j] < 0:
            j += 1
        if i == width or j == width:
            return steps < 0
        if chain[i] != other[j]:
            return chain[i] < other[j]
        if steps == 0 and i != j:
            steps = i - j
        i += 1
        j += 1


@kernel
def offer(slot, from_slot, position, column, starts, chains, fresh):
    """Put the chain of `from_slot`, extended by the event at `position`, into `slot` if it is better than the one there."""
    width = chains.shape[1]
    start = starts[from_slot]
    if starts[slot] > start:
        return
    if starts[slot] == start:
        for k in range(width):
            fresh[k] = chains[from_slot, k]
        fresh[column] = position
        if not earlier(fresh, chains[slot]):
            return
        for k in range(width):
            chains[slot, k] = fresh[k]
        return
    starts[slot] = start
    for k in range(width):
        chains[slot, k] = chains[from_slot, k]
    chains[slot, column] = position


@kernel
def expire(found, live, count, levels, masks, opens, closes, strict, starts, chains):
    """Begin a new instant: forget what expired at the one before, and mark what expires at this one (`found`: excluded events there)."""
    for a in range(count):
        node = live[a]
        for mask in range(1, masks):
            starts[node * masks + mask] = NONE
        if starts[node * masks] < 0:
            continue
        mask = 0
        for q in range(len(opens)):
            if found >> np.uint32(q) & np.uint32(1) and opens[q] <= levels[node] < closes[q]:
                mask |= 1 << q
        if strict:
            mask |= 1 << len(opens)
        if mask:
            starts[node * masks + mask] = starts[node * masks]
            chains[node * masks + mask] = chains[node * masks]
            starts[node * masks] = NONE


@kernel
def kept_mask(mask, level, closes, strict):
    """Return the mask of a chain that has just reached `level`: exclusions that end there, and strictness, no longer threaten it."""
    for q in range(len(closes)):
        if level >= closes[q]:
            mask &= ~(1 << q)
    if strict:
        mask &= ~(1 << len(closes))
    return mask


@kernel
def better(level, last, optional, chain, best, best_last, best_optional, best_chain):
    """Whether a chain is the one that counts: furthest, then earliest last event, most optional steps, latest start, earliest events between."""
    if level != best:
        return level > best
    if last != best_last:
        return last < best_last
    if optional != best_optional:
        return optional > best_optional
    start = best_start = NONE
    for k in range(len(chain)):
        if start < 0:
            start = chain[k]
        if best_start < 0:
            best_start = best_chain[k]
    if start != best_start:
        return start > best_start
    return earlier(chain, best_chain)


@kernel
def extend(
    i, bits, lowest, end, level, times, within, prune, live, count, nodes, is_live, levels, following, masks, closes, strict, starts, chains, fresh
):  # fmt: skip
    """Extend the chains at the first `nodes` live nodes of a level (0: of any) by the event `i`, which fills steps from `lowest` up to `end`.

    Returns
    -------
    count, reached : int
        The live nodes there are now, and the highest level among those reached.
    """
    reached = 0
    for a in range(nodes):
        node = live[a]
        if level and levels[node] != level:
            continue
        extended = False
        for bit in range(lowest, end):
            target = following[node, bit]
            if target < 0 or not bits >> np.uint32(bit) & np.uint32(1):
                continue
            for mask in range(masks):
                slot = node * masks + mask
                start = starts[slot]
                if start < 0 or (within >= 0 and times[i] - times[start] > within):
                    continue
                offer(target * masks + kept_mask(mask, levels[target], closes, strict), slot, i, levels[target] - 1, starts, chains, fresh)
                reached = max(reached, levels[target])
                extended = True
                if not is_live[target]:
                    is_live[target] = True
                    live[count] = target
                    count += 1
        if prune and extended:  # with the same steps and more, from the same start: nothing can make the shorter chain the better one
            starts[node] = NONE
    return count, reached


@kernel
def without_dead(live, count, is_live, starts):
    """Take the nodes without a chain off the list of live ones (where there are no masks); return how many are left."""
    left = 0
    for a in range(count):
        if starts[live[a]] >= 0:
            live[left] = live[a]
            left += 1
        else:
            is_live[live[a]] = False
    return left


@kernel
def begin(i, bits, live, count, is_live, entries, masks, starts, chains):
    """Begin a chain with the event `i` at the entry of each step that it fills; return ``(live nodes, level reached)``."""
    reached = 0
    for bit in range(len(entries)):
        node = entries[bit]
        if node < 0 or not bits >> np.uint32(bit) & np.uint32(1):
            continue
        starts[node * masks] = i
        chains[node * masks, :] = NONE
        chains[node * masks, 0] = i
        reached = 1
        if not is_live[node]:
            is_live[node] = True
            live[count] = node
            count += 1
    return count, reached


@kernel
def next_voiding(times, excluded, exclusions, strict):
    """Return for every exclusion (and strictness) and event the first voiding event at a later time, or -1: no other matters to a chain there."""
    out = np.full((exclusions + strict, len(times)), -1, np.int64)
    coming = np.full(exclusions + strict, -1, np.int64)
    end = len(times)
    while end > 0:
        begin_instant = end - 1
        while begin_instant > 0 and times[begin_instant - 1] == times[end - 1]:
            begin_instant -= 1
        for i in range(begin_instant, end):
            out[:, i] = coming
        for i in range(end - 1, begin_instant - 1, -1):
            for q in range(exclusions):
                if excluded[i] >> np.uint32(q) & np.uint32(1):
                    coming[q] = i
            if strict:
                coming[exclusions] = i
        end = begin_instant
    return out


@kernel
def walk(
    times, steps, may_start, excluded, within, strict, prune, levels, optionals, entries, following, masks, opens, closes,
    live, is_live, starts, chains, fresh, chain,
):  # fmt: skip
    """Walk one person's events once; write the chain that counts into `chain` and return ``(level, last event, optional steps)``."""
    width = len(chain)
    count = 0
    best, best_last, best_optional = 0, NONE, 0
    instant, expiring = times[0] - 1, False
    for i in range(len(times)):
        if masks > 1 and times[i] != instant:
            instant = times[i]
            found = np.uint32(0)
            j = i
            while j < len(times) and times[j] == instant:
                found |= excluded[j]
                j += 1
            if found or strict or expiring:
                expire(found, live, count, levels, masks, opens, closes, strict, starts, chains)
            expiring = found != 0
        bits = steps[i]
        if bits == 0:
            continue
        reached, nodes = 0, count
        several = bits & (bits - np.uint32(1)) != 0
        lowest = 0
        while not bits >> np.uint32(lowest) & np.uint32(1):
            lowest += 1
        # An event that fills several steps meets the highest level first, so that it never fills two steps of one chain.
        for level in range(width if several else 0, 0 if several else -1, -1):
            count, high = extend(
                i, bits, lowest, width if several else lowest + 1, level, times, within, prune,
                live, count, nodes, is_live, levels, following, masks, closes, strict, starts, chains, fresh,
            )  # fmt: skip
            reached = max(reached, high)
        if prune:
            count = without_dead(live, count, is_live, starts)
        if may_start[i]:
            count, high = begin(i, bits, live, count, is_live, entries, masks, starts, chains)
            reached = max(reached, high)
        if reached > best:
            best, best_last, best_optional = reached, np.int32(i), -1
            for a in range(count):
                node = live[a]
                if levels[node] != best:
                    continue
                for mask in range(masks):
                    slot = node * masks + mask
                    if starts[slot] >= 0 and (best_optional < 0 or better(best, i, optionals[node], chains[slot], best, i, best_optional, chain)):
                        best_optional = optionals[node]
                        for k in range(width):
                            chain[k] = chains[slot, k]
    for a in range(count):  # leave the scratch arrays as they were found
        is_live[live[a]] = False
        for mask in range(masks):
            starts[live[a] * masks + mask] = NONE
    return best, best_last, best_optional


@kernel
def funnel(
    offsets, times, steps, may_start, excluded, holds, within, strict, any_order,
    levels, optionals, entries, following, opens, closes, width, first, last,
):  # fmt: skip
    """Find the chain of every person from `first` up to `last`.

    Parameters
    ----------
    offsets, times : ndarray
        The timeline.
    steps, excluded : ndarray of uint32, shape (events,)
        Bit s: the event matches step s + 1; bit q: it matches exclusion q. `excluded` is empty where nothing is excluded.
    may_start : ndarray of bool, shape (events,)
    holds : ndarray of int32, shape (events,)
        Codes of what is held constant, -1 for null; empty when nothing is.
    within : int
        Microseconds, -1 for no bound.
    strict, any_order : int
        1 for the order in question, else 0.
    levels, optionals : ndarray of int32, shape (nodes,)
    entries : ndarray of int32, shape (steps,)
        The node at which a chain begins with each step, -1 where it cannot.
    following : ndarray of int32, shape (nodes, steps)
        The node that each step leads to from each node, -1 where it leads to none; always of a higher level.
    opens, closes : ndarray of int32, shape (exclusions,)
        Levels from which and until which an exclusion holds.
    width : int
        Number of steps.

    Returns
    -------
    people : ndarray of int64, shape (found,)
        Who reached at least step 1.
    chains : ndarray of int64, shape (found, width)
        Places of the chain's events in the timeline, -1 where a step is not filled.
    """
    masks = 1 << (len(opens) + strict)
    prune = any_order and masks == 1
    live, is_live = np.empty(len(levels), np.int32), np.zeros(len(levels), np.bool_)
    starts = np.full(len(levels) * masks, NONE, np.int32)
    scratch = np.empty((len(levels) * masks, width), np.int32)
    fresh, chain, best_chain = np.empty(width, np.int32), np.empty(width, np.int32), np.empty(width, np.int32)
    people = np.empty(last - first, np.int64)
    chains = np.empty((last - first, width), np.int64)
    found = 0
    for person in range(first, last):
        low, high = offsets[person], offsets[person + 1]
        best, best_last, best_optional = 0, NONE, 0
        if not may_start[low:high].any():
            continue
        if not len(holds):
            best, best_last, best_optional = walk(
                times[low:high], steps[low:high], may_start[low:high], excluded[low:high] if masks > 1 else excluded,
                within, strict, prune, levels, optionals, entries, following, masks, opens, closes, live, is_live, starts, scratch, fresh,
                best_chain,
            )  # fmt: skip
        else:  # a chain stays among the events of one held value; what voids it may be any event
            own = np.argsort(holds[low:high], kind="mergesort")
            voiding = next_voiding(times[low:high], excluded[low:high], len(opens), strict) if masks > 1 else np.empty((0, 0), np.int64)
            begin_run = 0
            while begin_run < len(own):
                hold = holds[low + own[begin_run]]
                end_run = begin_run + 1
                while end_run < len(own) and holds[low + own[end_run]] == hold:
                    end_run += 1
                rows = own[begin_run:end_run]
                begin_run = end_run
                if hold < 0 or not may_start[low + rows].any():
                    continue
                if len(voiding):
                    near = voiding[:, rows].ravel()
                    rows = np.unique(np.concatenate((rows, near[near >= 0])))
                at = low + rows
                mine = holds[at] == hold
                level, end, optional = walk(
                    times[at], np.where(mine, steps[at], np.uint32(0)), may_start[at] & mine, excluded[at] if masks > 1 else excluded,
                    within, strict, prune, levels, optionals, entries, following, masks, opens, closes, live, is_live, starts, scratch, fresh, chain,
                )  # fmt: skip
                if level == 0:
                    continue
                end = np.int32(rows[end])
                for k in range(width):
                    chain[k] = rows[chain[k]] if chain[k] >= 0 else NONE
                if best == 0 or better(level, end, optional, chain, best, best_last, best_optional, best_chain):
                    best, best_last, best_optional = level, end, optional
                    best_chain[:] = chain
        if best:
            people[found] = person
            for k in range(width):
                chains[found, k] = best_chain[k] + low if best_chain[k] >= 0 else -1
            found += 1
    return people[:found].copy(), chains[:found].copy()
