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
from tilth.engine.kernels.periods import place

NEVER = np.iinfo(np.int64).min
"""The time of an event that a chain does not have."""
AT_ONCE = 128
"""Events of a person that are looked through together for those that fill a step."""


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
    moments : ndarray of int64, shape (found, width)
        Their times, :data:`NEVER` where there is no event.
    """
    narrowed = len(keep) > 0
    most = last - first  # memory that is never written to is never taken
    people, chains, moments = np.empty(most, np.int64), np.empty((most, width), np.int64), np.empty((most, width), np.int64)
    slots = np.empty((width, width), np.int64)  # slots[k]: the chain of k + 1 steps
    starts = np.empty(width, np.int64)  # their first times
    best_chain = np.empty(width, np.int64)
    some = np.empty(AT_ONCE, np.uint64)  # events that fill a step
    found = 0
    for person in range(first, last):
        best = 0
        low, high = place(offsets[person]), place(offsets[person + 1])
        while low < high and best < width:
            end = min(high, low + place(AT_ONCE))
            count = filling(codes, bits, keep, narrowed, low, end, some)
            low = end
            for c in range(count):
                i = some[c]
                fills = bits[codes[i]]
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
            people[found] = person
            for k in range(width):
                chains[found, k] = best_chain[k]
                moments[found, k] = times[best_chain[k]] if k < best else NEVER
            found += 1
    return people[:found], chains[:found], moments[:found]


@kernel
def filling(codes, bits, keep, narrowed, low, high, some):
    """Write into `some` those events from `low` up to `high` that are looked at and fill a step, and return how many.

    What is next is written again and again and stays when it counts: whether it does cannot be foreseen, and a wrong guess takes longer.
    """
    count = place(0)
    if narrowed:
        for i in range(low, high):
            some[count] = i
            count += place(keep[i] & (bits[codes[i]] != 0))
    else:
        for i in range(low, high):
            some[count] = i
            count += place(bits[codes[i]] != 0)
    return count
