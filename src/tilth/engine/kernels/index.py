"""Kernels of the event index: hashed ids to codes, rows into the order of people and time, and sorted runs into one."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel

FREE = np.int32(-1)


@kernel
def fill(hashes, codes, keys, places):
    """Enter `hashes`, all different, with their `codes` into an open-addressed table: `keys` and `places`, as long as a power of two."""
    mask = np.uint64(len(keys) - 1)
    for i in range(len(hashes)):
        at = hashes[i] & mask
        while places[at] != FREE:
            at = (at + np.uint64(1)) & mask
        keys[at], places[at] = hashes[i], codes[i]


@kernel
def look_up(hashes, known, keys, places, codes, counts):
    """Write the code of each hash into `codes` (-1 where it is not `known`), and count the rows of every code."""
    mask = np.uint64(len(keys) - 1)
    for i in range(len(hashes)):
        if not known[i]:
            codes[i] = -1
            continue
        at = hashes[i] & mask
        while keys[at] != hashes[i] or places[at] == FREE:
            at = (at + np.uint64(1)) & mask
        codes[i] = places[at]
        counts[places[at]] += 1


@kernel
def number(seq, slots, bases, rows):
    """Write the row number of each `seq` into `rows`: where its slot, the upper 32 bits, begins, and the lower 32 bits on from there."""
    at = 0
    for i in range(len(seq)):
        slot = seq[i] >> 32
        if slots[at] != slot:
            at = np.searchsorted(slots, slot)
        rows[i] = bases[at] + (seq[i] & np.int64(0xFFFFFFFF))


@kernel
def scatter(codes, times, events, rows, offsets, place, to_times, to_events, to_rows, first, last):
    """Put the rows of the people `first` up to `last` into their ranges of the targets, which begin at person `first`.

    ``place[p]`` is the next free place of person p, and moves on.
    """
    low = offsets[first]
    for i in range(len(codes)):
        code = codes[i]
        if first <= code < last:
            at = place[code] - low
            place[code] += 1
            to_times[at], to_events[at], to_rows[at] = times[i], events[i], rows[i]


@kernel
def sort_run(times, events, rows, low, high):
    """Sort the events from `low` up to `high` in place by time, then by row."""
    moved, most = 0, 32 * (high - low) + 64
    for i in range(low + 1, high):
        moment, event, row = times[i], events[i], rows[i]
        j = i
        while j > low and (times[j - 1] > moment or (times[j - 1] == moment and rows[j - 1] > row)):
            times[j], events[j], rows[j] = times[j - 1], events[j - 1], rows[j - 1]
            j -= 1
        times[j], events[j], rows[j] = moment, event, row
        moved += i - j
        if moved > most:  # far from being in order: moving one by one would take the square of their number
            order = np.argsort(rows[low:high], kind="mergesort")
            order = order[np.argsort(times[low:high][order], kind="mergesort")]
            times[low:high] = times[low:high][order]
            events[low:high] = events[low:high][order]
            rows[low:high] = rows[low:high][order]
            return


@kernel
def sort_each(offsets, times, events, rows, first, last):
    """Sort the events of the people `first` up to `last`; the arrays begin at person `first`."""
    base = offsets[first]
    for person in range(first, last):
        sort_run(times, events, rows, offsets[person] - base, offsets[person + 1] - base)


@kernel
def merge(
    heads, runs, offsets, times, events, rows, new_offsets, new_times, new_events, new_rows, to_offsets, to_times, to_events, to_rows, first, last
):  # fmt: skip
    """Join for the people `first` up to `last` what an older index had of each with what is new, in order.

    ``runs[heads[p]:heads[p + 1]]`` are the codes that person p has in the older index (several after people were merged); the new events are those
    of code p.
    """
    for person in range(first, last):
        begun = at = to_offsets[person]
        for r in range(heads[person], heads[person + 1]):
            for i in range(offsets[runs[r]], offsets[runs[r] + 1]):
                to_times[at], to_events[at], to_rows[at] = times[i], events[i], rows[i]
                at += 1
        several = heads[person + 1] - heads[person] > 1
        for i in range(new_offsets[person], new_offsets[person + 1]):
            to_times[at], to_events[at], to_rows[at] = new_times[i], new_events[i], new_rows[i]
            at += 1
            several = True
        if several:
            sort_run(to_times, to_events, to_rows, begun, at)


@kernel
def place(seq, values, slots, bases, by_row):
    """Put each value at its row number; those of slots that are not known are left."""
    at = 0
    for i in range(len(seq)):
        slot = seq[i] >> 32
        if at == len(slots) or slots[at] != slot:
            at = np.searchsorted(slots, slot)
            if at == len(slots) or slots[at] != slot:
                continue
        by_row[bases[at] + (seq[i] & np.int64(0xFFFFFFFF))] = values[i]


@kernel
def gathered(by_row, rows):
    """Return the values at `rows`."""
    out = np.empty(len(rows), by_row.dtype)
    for i in range(len(rows)):
        out[i] = by_row[rows[i]]
    return out
