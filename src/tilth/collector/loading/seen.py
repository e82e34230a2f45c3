"""Which calls have come before: 128 bits of each message id's digest, in sorted runs that are merged as they grow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

KIND = np.dtype([("high", np.int64), ("low", np.int64), ("time", np.int64)])


def digests(messages: Iterable[str], times: Iterable[int]) -> NDArray[np.void]:
    """Return rows (high, low, time) of messages and the microseconds at which they arrived."""
    halves = [hashlib.blake2b(message.encode("utf-8", "surrogatepass"), digest_size=16).digest() for message in messages]
    found = np.empty(len(halves), KIND)
    pairs = np.frombuffer(b"".join(halves), ">i8").reshape(-1, 2)
    found["high"], found["low"], found["time"] = pairs[:, 0], pairs[:, 1], np.fromiter(times, np.int64, len(halves))
    return found


class Seen:
    """The calls that arrived since a moment.

    >>> seen = Seen()
    >>> seen.new(digests(["a", "b", "a"], [1, 2, 3])).tolist()
    [True, True, False]
    >>> seen.new(digests(["b", "c"], [9, 9])).tolist()
    [False, True]
    """

    def __init__(self, known: NDArray[np.void] | None = None) -> None:
        self._runs: list[NDArray[np.void]] = []
        if known is not None and len(known):
            self._runs.append(np.sort(known, order=("high", "low")))

    def __len__(self) -> int:
        return sum(map(len, self._runs))

    def new(self, calls: NDArray[np.void]) -> NDArray[np.bool_]:
        """Return which calls have not come before, neither earlier nor among these, and know them from now on."""
        fresh = ~np.logical_or.reduce([_in(run, calls) for run in self._runs] or [np.zeros(len(calls), bool)])
        keys = np.stack([calls["high"], calls["low"]], axis=1)
        _unique, first = np.unique(keys, axis=0, return_index=True)
        once = np.zeros(len(calls), bool)
        once[first] = True
        fresh &= once
        self._add(np.sort(calls[fresh], order=("high", "low")))
        return fresh

    def forget(self, before: int) -> None:
        """Forget what arrived before a moment, in microseconds."""
        self._runs = [kept for run in self._runs if len(kept := run[run["time"] >= before])]

    def _add(self, run: NDArray[np.void]) -> None:
        if len(run):
            self._runs.append(run)
        while len(self._runs) > 1 and len(self._runs[-1]) * 2 >= len(self._runs[-2]):  # each run is more than twice the next: few of them
            self._runs[-2:] = [np.sort(np.concatenate(self._runs[-2:]), order=("high", "low"))]


def _in(run: NDArray[np.void], calls: NDArray[np.void]) -> NDArray[np.bool_]:
    at = np.searchsorted(run["high"], calls["high"])
    found = np.zeros(len(calls), bool)
    left = np.arange(len(calls))
    while len(left):  # halves that are equal while the others differ stand next to each other
        left = left[at[left] < len(run)]
        left = left[run["high"][at[left]] == calls["high"][left]]
        same = run["low"][at[left]] == calls["low"][left]
        found[left[same]] = True
        left = left[~same]
        at[left] += 1
    return found
