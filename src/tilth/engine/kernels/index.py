"""Kernels of the event index: hashed ids to codes, rows into the order of people and time, and sorted runs into one."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel

FREE = np.uint64(0)
TAG = np.uint64(0xFFFFFFFF00000000)
AHEAD = 64  # rows


@kernel
def fill(hashes, codes, table):
    """Enter `codes` by their `hashes` into an open-addressed `table`, as long as a power of two.

    An entry is the upper half of the hash, the tag, and below it code + 1. Returns whether each tag is the only one of its kind on its way: a look-up
    then needs no more of a hash than that.
    """
    mask = np.uint64(len(table) - 1)
    for i in range(len(hashes)):
        at = hashes[i] & mask
        while table[at] != FREE:
            if (table[at] ^ hashes[i]) & TAG == FREE:
                return False
            at = (at + np.uint64(1)) & mask
        table[at] = (hashes[i] & TAG) | np.uint64(codes[i] + 1)
    return True


@kernel
def look_up(hashes, known, table, codes):
    """Write the code of each hash into `codes`, -1 where it is not `known`.

    The entries of some rows are read before the first of them is looked at, so that memory has them all under way at once.
    """
    mask = np.uint64(len(table) - 1)
    entries = np.empty(AHEAD, np.uint64)
    for begin in range(0, len(hashes), AHEAD):
        end = min(begin + AHEAD, len(hashes))
        for i in range(begin, end):
            entries[i - begin] = table[hashes[i] & mask]
        for i in range(begin, end):
            at, entry = hashes[i] & mask, entries[i - begin]
            while known[i] and ((entry ^ hashes[i]) & TAG != FREE or entry == FREE):
                at = (at + np.uint64(1)) & mask
                entry = table[at]
            codes[i] = np.int32(np.uint32(entry) - np.uint32(1)) if known[i] else np.int32(-1)


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
def deal(codes, times, events, rows, shift, ends, to_codes, to_times, to_events, to_rows):
    """Append each row to its block: the people whose codes are the same without their lower `shift` bits. Rows of nobody (-1) are left.

    ``ends[b]`` is the next free place of block b, and moves on.
    """
    for i in range(len(codes)):
        if codes[i] >= 0:
            block = codes[i] >> shift
            at = ends[block]
            ends[block] += 1
            to_codes[at], to_times[at], to_events[at], to_rows[at] = codes[i], times[i], events[i], rows[i]


@kernel
def scatter(codes, times, events, rows, place, to_times, to_events, to_rows, low, high):
    """Put the rows from `low` up to `high` into the ranges of their people in the targets, which begin at `low`.

    ``place[p]`` is the next free place of person p, and moves on.
    """
    for i in range(low, high):
        at = place[codes[i]] - low
        place[codes[i]] += 1
        to_times[at], to_events[at], to_rows[at] = times[i], events[i], rows[i]


@kernel
def run_end(times, rows, low, high):
    """Return where the events that begin at `low` are no longer in order of time, then of row."""
    at = low + 1
    while at < high and (times[at - 1] < times[at] or (times[at - 1] == times[at] and rows[at - 1] < rows[at])):
        at += 1
    return at


@kernel
def join_runs(times, events, rows, low, middle, high, aside_times, aside_events, aside_rows):
    """Join two runs that are in order, from `low` and from `middle` on, into one; of the first what has to move is kept aside meanwhile."""
    first, row = times[middle], rows[middle]
    end = middle
    while low < end:
        half = (low + end) // 2
        if times[half] < first or (times[half] == first and rows[half] < row):
            low = half + 1
        else:
            end = half
    length = middle - low
    for i in range(length):
        aside_times[i], aside_events[i], aside_rows[i] = times[low + i], events[low + i], rows[low + i]
    left, right, at = 0, middle, low
    while left < length and right < high:
        if times[right] < aside_times[left] or (times[right] == aside_times[left] and rows[right] < aside_rows[left]):
            times[at], events[at], rows[at] = times[right], events[right], rows[right]
            right += 1
        else:
            times[at], events[at], rows[at] = aside_times[left], aside_events[left], aside_rows[left]
            left += 1
        at += 1
    for i in range(left, length):
        times[at], events[at], rows[at] = aside_times[i], aside_events[i], aside_rows[i]
        at += 1


@kernel
def sort_run(times, events, rows, low, high, aside_times, aside_events, aside_rows):
    """Sort the events from `low` up to `high` in place by time, then by row.

    Runs that are in order already are joined two by two: loaded from several files, the events of a person are a few such runs.
    """
    while run_end(times, rows, low, high) < high:
        at = low
        while at < high:
            middle = run_end(times, rows, at, high)
            if middle == high:
                break
            end = run_end(times, rows, middle, high)
            join_runs(times, events, rows, at, middle, end, aside_times, aside_events, aside_rows)
            at = end


@kernel
def sort_each(offsets, times, events, rows, first, last):
    """Sort the events of the people `first` up to `last`; the arrays begin at person `first`."""
    longest, base = 0, offsets[first]
    for person in range(first, last):
        longest = max(longest, offsets[person + 1] - offsets[person])
    aside = np.empty(longest, times.dtype), np.empty(longest, events.dtype), np.empty(longest, rows.dtype)
    for person in range(first, last):
        sort_run(times, events, rows, offsets[person] - base, offsets[person + 1] - base, aside[0], aside[1], aside[2])


@kernel
def merge(
    heads, runs, offsets, times, events, rows, new_offsets, new_times, new_events, new_rows, to_offsets, to_times, to_events, to_rows, first, last
):  # fmt: skip
    """Join for the people `first` up to `last` what an older index had of each with what is new, in order.

    ``runs[heads[p]:heads[p + 1]]`` are the codes that person p has in the older index (several after people were merged); the new events are those
    of code p.
    """
    longest = 0
    for person in range(first, last):
        longest = max(longest, to_offsets[person + 1] - to_offsets[person])
    aside = np.empty(longest, times.dtype), np.empty(longest, to_events.dtype), np.empty(longest, rows.dtype)
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
            sort_run(to_times, to_events, to_rows, begun, at, aside[0], aside[1], aside[2])


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
