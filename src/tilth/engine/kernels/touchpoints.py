"""The touchpoints kernel: for every conversion the touches before it, and the touches after which nothing came."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel

CONVERSION, TOUCH = np.uint32(1), np.uint32(2)


@kernel
def with_room(array, needed):
    """Return the array, or a copy of at least twice its length if `needed` places are more than it has."""
    if needed <= len(array):
        return array
    larger = np.empty(max(needed, 2 * len(array)), array.dtype)
    larger[: len(array)] = array
    return larger


@kernel
def walk_back(touches, skips, k, least, times, channels, end, lookback, longest, place, out_channels, out_ages):
    """Write one path: the touches from number `k` back to number `least` that lie in the look-back from the instant `end`, in order of time.

    Returns how many there are, and 1 if `longest` cut it short, else 0.
    """
    size, cut = 0, 0
    while k >= least:
        i = touches[k]
        if lookback >= 0 and end - times[i] > lookback:
            break
        if size == longest:
            cut = 1
            break
        out_channels[place + size], out_ages[place + size] = channels[i], end - times[i]
        size += 1
        k = skips[k]
    for k in range(size // 2):  # it was written from the last touch to the first
        a, b = place + k, place + size - 1 - k
        out_channels[a], out_channels[b] = out_channels[b], out_channels[a]
        out_ages[a], out_ages[b] = out_ages[b], out_ages[a]
    return size, cut


@kernel
def touchpoints(offsets, times, channels, marks, bits, keep, lookback, longest, fold, first, last):
    """Find the paths of everyone from person `first` up to `last`.

    Parameters
    ----------
    offsets, times : ndarray
        The timeline's.
    channels : ndarray of int, shape (events,)
        Codes of channels, below 0 where there is none.
    marks : ndarray of int, shape (events,)
        Codes of what each event fills.
    bits : ndarray of uint32
        Of each code: CONVERSION, TOUCH (if it has a channel) or both; a conversion is never a touch.
    keep : ndarray of bool, shape (events,)
        Events that are looked at; empty for all.
    lookback : int
        Microseconds; -1 for no bound.
    longest : int
        Most touches of a path: the last ones.
    fold : bool
        Whether touches of one channel in a row are one, the last of them.

    Returns
    -------
    people : ndarray of uint32, shape (paths,)
    ends : ndarray of int64, shape (paths,)
        Places of the conversions in the timeline; -1 for touches that led to none.
    lengths : ndarray of int64, shape (paths,)
    channels : ndarray of int32, shape (touches,)
        Of the paths one after the other, each from its first touch to its last.
    ages : ndarray of int64, shape (touches,)
        Microseconds from the touch to the conversion, or to the last touch where there is none.
    untouched, cut : ndarray of int64, shape (1,)
        Conversions without a touch; paths that had more touches than `longest`.
    """
    people, ends, lengths = np.empty(64, np.uint32), np.empty(64, np.int64), np.empty(64, np.int64)
    out_channels, out_ages = np.empty(64, np.int32), np.empty(64, np.int64)
    most = 0
    for person in range(first, last):
        most = max(most, offsets[person + 1] - offsets[person])
    touches, skips = np.empty(most, np.int64), np.empty(most, np.int64)  # events; the number of the touch to look at before each
    path = place = untouched = cut_short = 0
    for person in range(first, last):
        count = since = 0
        high = offsets[person + 1]
        for i in range(offsets[person], high + 1):
            if i < high and len(keep) and not keep[i]:
                continue
            mark = bits[marks[i]] if i < high else np.uint32(0)
            converts = mark & CONVERSION != 0
            if i < high and not converts:
                if mark & TOUCH and channels[i] >= 0:
                    again = fold and count > 0 and channels[touches[count - 1]] == channels[i]
                    touches[count], skips[count] = i, skips[count - 1] if again else count - 1
                    count += 1
                continue
            if count == (0 if converts else since):  # no touch before the conversion, or none after the last one
                untouched += converts
                continue
            people, ends, lengths = with_room(people, path + 1), with_room(ends, path + 1), with_room(lengths, path + 1)
            room = place + min(longest, count)
            out_channels, out_ages = with_room(out_channels, room), with_room(out_ages, room)
            end, least = (times[i], 0) if converts else (times[touches[count - 1]], since)
            size, cut = walk_back(touches, skips, count - 1, least, times, channels, end, lookback, longest, place, out_channels, out_ages)
            if size:
                people[path], ends[path], lengths[path] = person, i if converts else -1, size
                path, place, cut_short = path + 1, place + size, cut_short + cut
            else:
                untouched += 1
            since = count
    return (
        people[:path].copy(), ends[:path].copy(), lengths[:path].copy(), out_channels[:place].copy(), out_ages[:place].copy(),
        np.array([untouched]), np.array([cut_short]),
    )  # fmt: skip
