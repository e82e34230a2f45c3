"""The intervals kernel: from each event of one kind, the time to the person's next event of another kind, or of the same."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel


@kernel
def intervals(offsets, times, codes, bits, keep, within, nearest, first, last):
    """Find everyone's intervals, from person `first` up to `last`.

    Parameters
    ----------
    offsets, times : ndarray of int64
        Those of the whole history.
    codes, bits : ndarray
        Time is taken from an event when bit 0 of ``bits[codes[i]]`` is set, to it when bit 1 is, the last of `bits` being that of code -1.
    keep : ndarray of bool, shape (events,) or (0,)
        Events that are looked at; empty: all.
    within : int
        Longest interval in microseconds; -1 for no bound.
    nearest : int
        Whether a start that is followed by another before any end is left out.

    Returns
    -------
    people : ndarray of uint32, shape (found,)
    events : ndarray of int64, shape (found,)
        Place of each start in the history.
    lengths : ndarray of int64, shape (found,)
        Microseconds; -1 where no end follows in time.
    """
    narrowed = len(keep) > 0
    most = offsets[last] - offsets[first]  # memory that is never written to is never taken
    people, events, lengths = np.empty(most, np.uint32), np.empty(most, np.int64), np.empty(most, np.int64)
    found = 0
    for person in range(first, last):
        waiting = found  # the first start whose end has not come
        for i in range(offsets[person], offsets[person + 1]):
            if narrowed and not keep[i]:
                continue
            fills = bits[codes[i]]
            if fills & np.uint32(2):
                for k in range(waiting, found):
                    length = times[i] - times[events[k]]
                    if within < 0 or length <= within:
                        lengths[k] = length
                waiting = found
            if fills & np.uint32(1):
                if nearest and waiting < found:
                    found -= 1
                people[found], events[found], lengths[found] = person, i, -1
                found += 1
    return people[:found], events[:found], lengths[:found]
