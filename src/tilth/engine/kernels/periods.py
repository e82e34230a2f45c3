"""Kernels of calendar periods: in which of them an event lies, and in which of them a person did something.

They are given the bounds of the periods. Events are told by their codes: an event does what is asked when bit 0 of ``bits[codes[i]]`` is set, the
last of `bits` being that of code -1; with empty `codes` every event does. It is looked at when ``keep[i]`` is, with empty `keep` always.

Places in arrays that are read once for each event are unsigned: Python's places from the end, which signed ones may be, would be allowed for every
time, and that takes longer than the reading. What is unsigned is calculated with what is unsigned alone; together with a signed number it would
become a fraction.
"""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel

place = np.uint64
"""An unsigned place in an array."""
SLOTS = 32
"""How many slots of equal length there are for each period, so that nearly all lie within one."""


@kernel
def does(codes, bits, i):
    """Say whether event `i` does what is asked."""
    return len(codes) == 0 or bits[codes[i]] & np.uint32(1) != 0


@kernel
def seen(keep, i):
    """Say whether event `i` is looked at."""
    return len(keep) == 0 or keep[i]


@kernel
def slots_of(bounds):
    """Return the number of the period in which each of many slots of equal length begins, and the length's logarithm to base 2."""
    span = bounds[-1] - bounds[0]
    shift = 0
    while span >> shift > SLOTS * len(bounds):
        shift += 1
    numbers = np.empty(((span - 1) >> shift) + 1, np.uint32)
    number = 0
    for slot in range(len(numbers)):
        while bounds[number + 1] <= bounds[0] + (slot << shift):
            number += 1
        numbers[slot] = number
    return numbers, place(shift)


@kernel
def period_at(bounds, numbers, shift, time):
    """Return the number of the period of an instant; `numbers` and `shift` are those of :func:`slots_of`."""
    number = place(numbers[place(time - bounds[0]) >> shift])
    while bounds[number + place(1)] <= time:
        number += place(1)
    return number


@kernel
def periods_of(times, codes, bits, keep, bounds, numbers, shift, every, low, high, found):
    """Write the periods of what a person did, the events from `low` up to `high`, one after the other into `found`, and return how many.

    Each period is there once, or with `every` as often as there are events. What is next is written again and again and stays when it is new: whether
    it is cannot be foreseen, and a wrong guess takes longer.
    """
    marked, narrowed = len(codes) > 0, len(keep) > 0
    count, before = place(0), place(len(bounds))
    for i in range(low, high):
        counts = True
        if marked:
            counts = bits[codes[i]] & np.uint32(1) != 0
        if narrowed:
            counts = counts & keep[i]
        number = period_at(bounds, numbers, shift, times[i])
        found[count] = number
        count += place(counts & (every | (number != before)))
        before = number if counts else before
    return count


@kernel
def first_places(offsets, times, codes, bits, keep, people, begins, first, last):
    """Find the first event of each of some people that does what is asked and is looked at, from an instant on: there is such an event.

    Parameters
    ----------
    offsets, times : ndarray of int64
        Those of the whole history.
    codes, bits, keep : ndarray
    people : ndarray of int, shape (members,)
        Person codes, ascending.
    begins : ndarray of int64, shape (members,)
        Instants, those of a person ascending.
    first, last : int
        The members that are asked about: from `first` up to `last`.

    Returns
    -------
    ndarray of int64, shape (last - first,)
        Places in the history.
    """
    places = np.empty(last - first, np.int64)
    i = np.int64(0)
    for member in range(first, last):
        if member == first or people[member] != people[member - 1]:
            i = offsets[people[member]]
        while times[i] < begins[member] or not (does(codes, bits, i) and seen(keep, i)):
            i += 1
        places[member - first] = i
    return places


@kernel
def extent(offsets, times, keep, first, last):
    """Return the instants of the first and the last event looked at, a later and an earlier one when there is none."""
    earliest, latest = np.iinfo(np.int64).max, np.iinfo(np.int64).min
    for person in range(first, last):
        for i in range(offsets[person], offsets[person + 1]):
            if seen(keep, i):
                earliest = min(earliest, times[i])
                break
        for i in range(offsets[person + 1] - 1, offsets[person] - 1, -1):
            if seen(keep, i):
                latest = max(latest, times[i])
                break
    return earliest, latest
