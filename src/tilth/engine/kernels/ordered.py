"""The kernel of plain funnels: steps in order, none optional, nothing excluded or held. What most funnels are, at a fraction of the cost.

With s_k the chain of the first k steps that starts last so far, an event that fills step k makes ``s_k = s_(k-1) + event`` when it lies within the
window of s_(k-1) and that chain starts later than s_k does. A chain that starts later is never worse: whatever completes the earlier one within the
window completes it too. The first event that brings the person to the most steps they ever get ends the chain that counts, since s_k then is the one
of the latest start, and of those the one with the earliest events between: it was there first.

:mod:`tilth.engine.kernels.funnel` answers every funnel; this one gives the same chains.
"""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel


@kernel
def ordered(offsets, times, codes, bits, keep, within, width, first, last):
    """Find the chain that counts of the people `first` up to `last`.

    Parameters
    ----------
    offsets, times : ndarray of int64
        The timeline's.
    codes : ndarray of int, shape (events,)
        What an event is, -1 for nothing.
    bits : ndarray of uint32, shape (codes + 1,)
        Bit k of ``bits[code]``: such an event fills step k. The last one is that of -1.
    keep : ndarray of bool, shape (events,) or (0,)
        Events that are looked at; empty for all.
    within : int
        Longest time from the first event to the last; -1 for no bound.
    width : int
        Number of steps.

    Returns
    -------
    people : ndarray of int64, shape (found,)
        Who reached at least step 1.
    chains : ndarray of int64, shape (found, width)
        Places of the chain's events in the timeline, -1 where a step is not filled.
    """
    narrowed = len(keep) > 0
    found, room = 0, 1024
    people, chains = np.empty(room, np.int64), np.empty((room, width), np.int64)
    slots = np.empty((width, width), np.int64)  # slots[k]: the chain of k + 1 steps
    starts = np.empty(width, np.int64)  # their first times
    best_chain = np.empty(width, np.int64)
    for person in range(first, last):
        best = 0
        for i in range(offsets[person], offsets[person + 1]):
            fills = bits[codes[i]]
            if fills == 0 or (narrowed and not keep[i]):
                continue
            if best == 0:
                if not fills & np.uint32(1):
                    continue
                slots[1:, 0] = -1
                slots[0, 0] = i
                starts[0] = times[i]
                best = 1
                best_chain[:] = -1
                best_chain[0] = i
                if width == 1:
                    break
                continue
            moment = times[i]
            for k in range(min(best, width - 1), 0, -1):
                if not fills >> np.uint32(k) & np.uint32(1) or slots[k - 1, 0] <= slots[k, 0]:
                    continue
                if within >= 0 and moment - starts[k - 1] > within:
                    continue
                for j in range(k):
                    slots[k, j] = slots[k - 1, j]
                slots[k, k] = i
                starts[k] = starts[k - 1]
                if k == best:
                    best = k + 1
                    for j in range(best):
                        best_chain[j] = slots[k, j]
            if best == width:
                break
            if fills & np.uint32(1):
                slots[0, 0] = i
                starts[0] = moment
        if best:
            if found == room:
                room = min(2 * room, last - first)
                wider, longer = np.empty(room, np.int64), np.empty((room, width), np.int64)
                wider[:found], longer[:found] = people, chains
                people, chains = wider, longer
            people[found] = person
            chains[found] = best_chain
            found += 1
    return people[:found].copy(), chains[:found].copy()
