"""The sessions kernels: cut everyone's events where they paused for too long, and where an event begins a session by what it is."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel
from tilth.engine.kernels.periods import place, seen


@kernel
def cut(times, codes, bits, keep, timeout, low, high, starts, ends, before):
    """Find the sessions of a person, whose events are those from `low` up to `high`, and return how many.

    Session k runs from ``starts[k]`` to ``ends[k + 1]``, and ``before[k]`` events of the person came before it. What is next is written again and
    again and stays when a session begins: whether one does cannot be foreseen, and a wrong guess takes longer.
    """
    marked, narrowed = len(codes) > 0, len(keep) > 0
    longest = timeout if timeout >= 0 else np.iinfo(np.int64).max
    count, events, latest = place(0), place(0), np.int64(0)
    for i in range(low, high):
        begins, inside = (events == place(0)) | (times[i] - latest > longest), True
        if marked:
            begins = begins | (bits[codes[i]] & np.uint32(1) != 0)
        if narrowed:
            inside = keep[i]
        starts[count], ends[count], before[count] = times[i], latest, events
        count += place(begins & inside)
        events += place(inside)
        latest = times[i] if inside else latest
    ends[count], before[count] = latest, events
    return count


@kernel
def room_for(offsets, first, last):
    """Return arrays for :func:`cut` with room for the sessions of any of the people `first` up to `last`."""
    most = np.int64(0)
    for person in range(first, last):
        most = max(most, offsets[person + 1] - offsets[person])
    return np.empty(most + 1, np.int64), np.empty(most + 1, np.int64), np.empty(most + 1, np.uint64)


@kernel
def by_length(offsets, times, codes, bits, keep, timeout, bounds, first, last):
    """Count the sessions of the people `first` up to `last` by their length.

    Parameters
    ----------
    offsets, times : ndarray of int64
        Those of the whole history.
    codes, bits : ndarray
        An event begins a session whatever came before when bit 0 of ``bits[codes[i]]`` is set, the last of `bits` being that of code -1; with empty
        `codes` none does.
    keep : ndarray of bool, shape (events,) or (0,)
        Events that are looked at; empty: all.
    timeout : int
        Longest pause inside a session, in microseconds; -1 for no bound.
    bounds : ndarray of int64, shape (cells - 1,)
        Lengths, ascending; a cell holds its lower bound and not its upper one.

    Returns
    -------
    sessions, people, events : ndarray of int64, shape (cells,)
        How many sessions, different people who have one, and events in them.
    """
    starts, ends, before = room_for(offsets, first, last)
    sessions, people, events = np.zeros(len(bounds) + 1, np.int64), np.zeros(len(bounds) + 1, np.int64), np.zeros(len(bounds) + 1, np.int64)
    latest = np.full(len(bounds) + 1, last, np.uint64)
    for person in range(place(first), place(last)):
        low, high = place(offsets[person]), place(offsets[person + place(1)])
        for k in range(cut(times, codes, bits, keep, timeout, low, high, starts, ends, before)):
            length, cell = ends[k + place(1)] - starts[k], place(0)
            while cell < len(bounds) and bounds[cell] <= length:
                cell += place(1)
            sessions[cell] += 1
            events[cell] += np.int64(before[k + place(1)] - before[k])
            people[cell] += latest[cell] != person
            latest[cell] = person
    return sessions, people, events


@kernel
def sessions(offsets, times, codes, bits, keep, timeout, first, last):
    """Find everyone's sessions, from person `first` up to `last`. Parameters are those of :func:`by_length`.

    Returns
    -------
    people : ndarray of uint32, shape (sessions,)
    numbers : ndarray of int32, shape (sessions,)
        From 1 for each person.
    starts, ends : ndarray of int64, shape (sessions,)
        Instants of the first and the last event.
    events : ndarray of int32, shape (sessions,)
    """
    most = offsets[last] - offsets[first]  # memory that is never written to is never taken
    people, numbers, events = np.empty(most, np.uint32), np.empty(most, np.int32), np.empty(most, np.int32)
    starts, ends = np.empty(most, np.int64), np.empty(most, np.int64)
    own_starts, own_ends, before = room_for(offsets, first, last)
    found = 0
    for person in range(first, last):
        low, high = place(offsets[person]), place(offsets[person + 1])
        for k in range(cut(times, codes, bits, keep, timeout, low, high, own_starts, own_ends, before)):
            people[found], numbers[found], starts[found], ends[found] = person, k + place(1), own_starts[k], own_ends[k + place(1)]
            events[found] = before[k + place(1)] - before[k]
            found += 1
    return people[:found], numbers[:found], starts[:found], ends[:found], events[:found]


@kernel
def first_places(offsets, keep, people, events):
    """Find the first event of each session.

    Parameters
    ----------
    offsets : ndarray of int64
        Those of the whole history.
    keep : ndarray of bool, shape (events,) or (0,)
    people, events : ndarray
        What :func:`sessions` returns.

    Returns
    -------
    ndarray of int64, shape (sessions,)
        Places in the history.
    """
    places = np.empty(len(people), np.int64)
    i = np.int64(0)
    for session in range(len(people)):
        if session == 0 or people[session] != people[session - 1]:
            i = offsets[people[session]]
        while not seen(keep, i):
            i += 1
        places[session] = i
        if len(keep) == 0:
            i += events[session]
            continue
        for _event in range(events[session]):
            while not keep[i]:
                i += 1
            i += 1
    return places


@kernel
def number_sessions(offsets, times, timeout, first, last):
    """Return the number, from 0 for each person, of the session that each event of the people `first` up to `last` lies in."""
    base = offsets[first]
    numbers = np.empty(offsets[last] - base, np.int32)
    for person in range(first, last):
        number = 0
        for i in range(offsets[person], offsets[person + 1]):
            if i > offsets[person] and times[i] - times[i - 1] > timeout:
                number += 1
            numbers[i - base] = number
    return numbers
