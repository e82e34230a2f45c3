"""The paths kernels: the first, the last or the nearest moves of every path, and all moves of all paths counted."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel
from tilth.engine.kernels.periods import place

FROM, TO, AROUND = 0, 1, 2
START, END = np.uint32(1), np.uint32(2)
"""The bits of the events that a path begins with (or lies around) and ends with."""
NONE = np.int32(-1)


@kernel
def session_end(times, low, high, timeout):
    """Return where the session that begins with the event `low` ends; without a timeout (-1) it is everything."""
    if timeout < 0:
        return high
    i = low + 1
    while i < high and times[i] - times[i - 1] <= timeout:
        i += 1
    return i


@kernel
def stretch(low, high, mode, marks, bits, asked):
    """Return ``(first, anchor, last)`` of the path among the events `low` up to `high`; the anchor is -1 where there is no path.

    The anchor is the event that a path is told from: its first, its last (TO) or the one it lies around (AROUND).
    """
    first = low
    if asked & START:
        while first < high and not bits[marks[first]] & START:
            first += 1
        if first == high:
            return low, -1, low
    if mode == AROUND:
        return low, first, high - 1
    if not asked & END:
        return first, first, high - 1
    last = first + 1 if asked & START else low
    while last < high and not bits[marks[last]] & END:
        last += 1
    if last == high:
        return low, -1, low
    return first, (last if mode == TO else first), last


@kernel
def count_paths(offsets, times, timeout, first, last):
    """Return for how many paths there has to be room: one a person, and one for every session of several events."""
    count = last - first
    if timeout >= 0:
        for person in range(first, last):
            low, high = offsets[person], offsets[person + 1]
            while low < high:
                end = session_end(times, low, high, timeout)
                count += end - low > 1
                low = end
    return count


@kernel
def backward(codes, nodes, anchor, first, fold, row, column):
    """Write the nodes before the anchor into `row`, leftwards from `column`; return the column of the first one."""
    before = row[column]
    for i in range(anchor - 1, first - 1, -1):
        node = nodes[codes[i]]
        if column == 0:
            break
        if node >= 0 and not (fold and node == before):
            column -= 1
            row[column] = before = node
    return column


@kernel
def forward(codes, nodes, anchor, last, fold, row, column):
    """Write the nodes from the anchor on into `row`, rightwards from `column`."""
    before = NONE
    for i in range(anchor, last + 1):
        node = nodes[codes[i]]
        if node >= 0 and not (fold and node == before):
            row[column] = before = node
            column += 1
            if column == len(row):
                break


@kernel
def told(codes, nodes, marks, bits, asked, mode, fold, low, high, row):
    """Write the nodes of the path among the events `low` up to `high` into `row`; return its first and its last event, -1 where there is no path."""
    begin, anchor, stop = stretch(low, high, mode, marks, bits, asked)
    if anchor < 0:
        return np.int64(-1), np.int64(-1)
    row[:] = NONE
    if mode == FROM:
        forward(codes, nodes, anchor, stop, fold, row, 0)
        return begin, stop
    middle = len(row) // 2 if mode == AROUND else len(row) - 1
    row[middle] = nodes[codes[anchor]]
    column = backward(codes, nodes, anchor, begin, fold, row, middle)
    if mode == AROUND:
        forward(codes, nodes, anchor, stop, fold, row, middle)
    elif column:
        for k in range(len(row)):
            row[k] = row[k + column] if k + column < len(row) else NONE
    return begin, stop


@kernel
def moves(
    offsets, times, codes, nodes, marks, bits, asked, mode, timeout, fold, width, drawn, size, aligned, first, last
):  # fmt: skip
    """Count the people `first` up to `last` who make each move.

    Parameters
    ----------
    offsets, times : ndarray
        The timeline's; times are read only with a timeout.
    codes : ndarray of int, shape (events,)
        Codes of names.
    nodes : ndarray of int32, shape (names + 1,)
        What each name is called in a path, -1 for what has no place in one; the last is for null.
    marks : ndarray of int, shape (events,)
        Codes of what each event fills.
    bits : ndarray of uint32
        Of each code: START, END or both.
    asked : uint32
        START or END where a path has to begin (or lie around) or end with such an event; without, it may be any.
    mode : int
        FROM, TO or AROUND.
    timeout : int
        Microseconds of pause after which a new path begins; -1 for one path a person.
    fold : bool
        Whether equal nodes in a row are one.
    width : int
        Most nodes that are told; AROUND the anchor stands in the middle.
    drawn : ndarray of int32, shape (nodes,)
        Which of `size` rows and columns each node is counted in.
    aligned : bool
        Whether paths end in the last column rather than begin in the first.

    Returns
    -------
    ndarray of int64, shape (width - 1, size, size)
        By column of the source, source and target; who makes a move in several paths is counted once.
    """
    counts = np.zeros((width - 1, size, size), np.int64)
    latest = np.full((width - 1, size, size) if timeout >= 0 else (0, 0, 0), -1, np.int64)
    row = np.empty(width, np.int32)
    for person in range(first, last):
        low, high = offsets[person], offsets[person + 1]
        while low < high:
            end = session_end(times, low, high, timeout)
            begin, _stop = told(codes, nodes, marks, bits, asked, mode, fold, low, end, row)
            low = end
            if begin < 0:
                continue
            shift = 0
            while aligned and row[width - 1 - shift] < 0 and shift < width - 1:
                shift += 1
            for k in range(width - 1 - shift):
                if row[k] < 0 or row[k + 1] < 0:
                    continue
                column, source, target = k + shift, drawn[row[k]], drawn[row[k + 1]]
                if timeout >= 0:
                    if latest[column, source, target] == person:
                        continue
                    latest[column, source, target] = person
                counts[column, source, target] += 1
    return counts


@kernel
def paths(offsets, times, codes, nodes, marks, bits, asked, mode, timeout, fold, width, first, last):
    """Find the paths of everyone from person `first` up to `last`. Parameters are those of :func:`moves`.

    Returns
    -------
    people : ndarray of uint32, shape (paths,)
        Of a person's paths of one event only the first, if it is their first path, is there.
    rows : ndarray of int32, shape (paths, width)
        Nodes from the path's first move on, AROUND with the anchor in the middle; -1 where there is none.
    """
    size = count_paths(offsets, times, timeout, first, last)
    people, rows = np.empty(size, np.uint32), np.empty((size + 1, width), np.int32)
    found = 0
    for person in range(first, last):
        low, high = offsets[person], offsets[person + 1]
        while low < high:
            end = session_end(times, low, high, timeout)
            begin, stop = told(codes, nodes, marks, bits, asked, mode, fold, low, end, rows[found])
            low = end
            if begin < 0 or (begin == stop and found and people[found - 1] == person):  # one event adds nothing to a person who has a path
                continue
            people[found] = person
            found += 1
    return people[:found].copy(), rows[:found].copy()


@kernel
def transitions(offsets, times, codes, nodes, marks, bits, asked, mode, timeout, fold, size, first, last):
    """Count the moves of whole paths, however deep: an array of int64, shape (size, size), from a node (row) to a node (column)."""
    counts = np.zeros((size, size), np.int64)
    for person in range(first, last):
        low, high = offsets[person], offsets[person + 1]
        while low < high:
            end = session_end(times, low, high, timeout)
            begin, anchor, stop = stretch(low, end, mode, marks, bits, asked)
            low = end
            if anchor < 0:
                continue
            before = NONE
            for i in range(begin, stop + 1):
                node = nodes[codes[i]]
                if node < 0:
                    continue
                if before >= 0 and not (fold and node == before):
                    counts[before, node] += 1
                before = node
    return counts


@kernel
def occurrences(codes, size):
    """Return how often each code from 0 up to `size` occurs."""
    counts = np.zeros((4, size + 1), np.int64)  # in turns: to add to a number again at once takes longer
    for i in range(place(len(codes))):
        counts[i & place(3), place(codes[i] + 1)] += 1
    return counts.sum(axis=0)[1:]


@kernel
def count_people(cells, people, size):
    """Return how many different people each of `size` cells has; `people` are in order."""
    counts, seen = np.zeros(size, np.int64), np.full(size, -1, np.int64)
    for i in range(len(cells)):
        cell, person = cells[i], np.int64(people[i])
        if seen[cell] != person:
            seen[cell] = person
            counts[cell] += 1
    return counts
