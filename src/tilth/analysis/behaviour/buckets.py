"""Lengths of time in buckets: the rungs of one fixed ladder, so that two answers can be laid beside each other, or those that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import lines
from tilth.analysis.result import NoSuchCell, drawn_groups
from tilth.engine import clock
from tilth.errors import InputError
from tilth.language import _

LADDER = (
    *("10s", "1m", "3m", "10m", "30m", "1h", "3h", "6h", "12h"),
    *("1d", "2d", "3d", "7d", "14d", "30d", "60d", "90d", "180d", "365d"),
)
"""Where buckets end, unless other ends are given."""


@dataclass(frozen=True)
class Buckets:
    """Buckets that follow each other; each holds its lower end and not its upper one.

    Parameters
    ----------
    ends : sequence of str
        Lengths such as ``"1h"``, ascending. Below the first lies a bucket, and so does one from the last on.
    lowest, highest : bool
        Whether there are a bucket from 0 to the first end, and one from the last end on.

    Examples
    --------
    >>> Buckets(("1m", "1h")).numbers(np.array([0, 60_000_000, 3_599_999_999, 3_600_000_000])).tolist()
    [1, 2, 2, 3]
    """

    ends: tuple[str, ...]
    lowest: bool = True
    highest: bool = True

    def __len__(self) -> int:
        return len(self.ends) - 1 + self.lowest + self.highest

    def numbers(self, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of the bucket, from 1, of each length in microseconds."""
        return np.searchsorted(self.bounds, lengths, side="right").astype(np.int64) + self.lowest

    @property
    def bounds(self) -> NDArray[np.int64]:
        """The ends in microseconds."""
        return _micros(self.ends)

    @property
    def spans(self) -> list[tuple[str | None, str | None]]:
        """The lower and the upper end of each bucket; None where it has none."""
        inner: list[tuple[str | None, str | None]] = list(pairwise(self.ends))
        return [*([(None, self.ends[0])] if self.lowest else []), *inner, *([(self.ends[-1], None)] if self.highest else [])]

    @property
    def seconds(self) -> list[tuple[float, float]]:
        """The ends of each bucket in seconds: from 0 up to infinity."""
        return [((clock.length(low) or 0) / 1e6, np.inf if high is None else (clock.length(high) or 0) / 1e6) for low, high in self.spans]

    def names(self) -> list[str]:
        """Return what the buckets are called."""
        words = {end: clock.in_words(end) for end in self.ends}
        return [
            _("under {high}").format(high=words[high])
            if low is None and high is not None
            else _("{low} and more").format(low=words[low or ""])
            if high is None
            else _("{low} to {high}").format(low=words[low or ""], high=words[high])
            for low, high in self.spans
        ]

    def checked(self, number: int) -> int:
        """Return the number of a bucket that there is."""
        if not 1 <= number <= len(self):
            raise NoSuchCell(_("There is no bucket {bucket}: they are numbered from 1 to {last}.").format(bucket=number, last=len(self)))
        return number


def check_ends(ends: Sequence[str]) -> None:
    """Refuse ends that are no lengths or do not ascend."""
    lengths = [] if isinstance(ends, str) else [clock.length(end) or 0 for end in ends]
    if not lengths or any(a >= b for a, b in pairwise([0, *lengths])):
        raise InputError(_("buckets={given}: give lengths of time that ascend, such as ['1h', '1d', '7d'].").format(given=repr(ends)))


def buckets_of(lengths: NDArray[np.int64], ends: Sequence[str] | None) -> Buckets:
    """Return the buckets between `ends`, or else those of the ladder from the shortest length in microseconds to the longest."""
    if ends is not None:
        return Buckets(tuple(ends))
    if not len(lengths):
        return Buckets(LADDER[:1])
    first, last = np.searchsorted(_micros(LADDER), [lengths.min(), lengths.max()], side="right")
    return between_rungs(int(first), int(last))


def between_rungs(first: int, last: int) -> Buckets:
    """Return the buckets of the ladder from one to another: 0 is the one below the first rung, 1 the next."""
    low, high = max(first - 1, 0), min(last, len(LADDER) - 1)
    return Buckets(LADDER[low : high + 1], lowest=first == 0, highest=last == len(LADDER))


def draw(frame: pd.DataFrame, by: list[str], names: list[str], column: str, called: str) -> dict[str, Any]:
    """Return the ECharts option of the counts in a column, a row a bucket: as bars, or, split by something, the shares of each group as a line."""
    axis = names if len(frame) else []
    if by:
        groups = [(name, rows[column]) for name, rows in drawn_groups(frame, by, column)]
        return lines.draw(axis, [(name, (counts / counts.sum()).tolist() if counts.sum() else [None] * len(counts)) for name, counts in groups])
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": axis},
        "yAxis": {"type": "value", "min": 0},
        "series": [{"type": "bar", "name": called, "data": frame[column].tolist()}],
    }


def _micros(ends: Sequence[str]) -> NDArray[np.int64]:
    return np.array([clock.length(end) for end in ends], np.int64)
