"""Intervals by brute force: from every start, look through all later events for the first end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from tests.oracles.events import Event, History, Step, matching

COLUMNS = ("bucket", "from_seconds", "to_seconds", "intervals", "people", "share")
QUANTILES = {"p10_seconds": 0.1, "p25_seconds": 0.25, "median_seconds": 0.5, "p75_seconds": 0.75, "p90_seconds": 0.9}
SUMMARY = ("starts", "intervals", "people", "mean_seconds", *QUANTILES)


@dataclass(frozen=True)
class Intervals:
    """The question, option by option as the public method takes them; bucket ends in seconds."""

    a: Step
    b: Step | None = None
    within: timedelta | None = None
    starts: str = "every"
    buckets: tuple[int, ...] = (1, 60)
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wait:
    """A start, whose it is and of which group, and how many seconds it took, or None."""

    person: Any
    group: tuple[Any, ...]
    seconds: float | None


def waits(question: Intervals, people: Sequence[History]) -> list[Wait]:
    """Return every start that counts, with its length."""
    found = []
    for history in people:
        starts = matching(question.a, history)
        ends = starts if question.b is None else matching(question.b, history)
        for start in starts:
            later = history.left[history.left.index(start) + 1 :]
            end = next((e for e in later if e in ends), None)
            if question.starts == "nearest" and passed(start, end, starts, later):
                continue
            group = tuple(start.row[c] for c in question.by)
            span = None if end is None else end.time - start.time
            if span is not None and question.within is not None and span > question.within:
                span = None
            found.append(Wait(history.person, group, None if span is None else span / timedelta(seconds=1)))
    return found


def passed(start: Event, end: Event | None, starts: Sequence[Event], later: Sequence[Event]) -> bool:
    """Say whether another start lies after this one and before the end; one that is the end itself does not."""
    between = later if end is None else later[: later.index(end)]
    return any(e in starts for e in between)


def bounds(question: Intervals) -> list[tuple[float, float]]:
    """Return from where to where each bucket goes."""
    return list(pairwise([0.0, *map(float, question.buckets), math.inf]))


def intervals(question: Intervals, people: Sequence[History]) -> list[dict[str, Any]]:
    """Return the rows of the distribution."""
    found, rows = waits(question, people), []
    for group in {w.group for w in found}:
        ended = [w for w in found if w.group == group and w.seconds is not None]
        for number, (low, high) in enumerate(bounds(question), 1):
            inside = [w for w in ended if low <= w.seconds < high]
            row = {"bucket": number, "from_seconds": low, "to_seconds": high, "intervals": len(inside)}
            row |= {"people": len({w.person for w in inside}), "share": len(inside) / len(ended) if ended else None}
            rows.append(dict(zip(question.by, group, strict=True)) | row)
    return rows


def quantile(sorted_values: Sequence[float], share: float) -> float:
    """Return a quantile, linear between the two nearest values."""
    place = (len(sorted_values) - 1) * share
    low, high = sorted_values[math.floor(place)], sorted_values[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))


def summary(question: Intervals, people: Sequence[History]) -> list[dict[str, Any]]:
    """Return the rows of the summary; without a split there is always one."""
    found, rows = waits(question, people), []
    for group in {w.group for w in found} if question.by else {()}:
        mine = [w for w in found if w.group == group]
        seconds = sorted(w.seconds for w in mine if w.seconds is not None)
        row: dict[str, Any] = {"starts": len(mine), "intervals": len(seconds), "people": len({w.person for w in mine if w.seconds is not None})}
        row["mean_seconds"] = sum(seconds) / len(seconds) if seconds else None
        row |= {name: quantile(seconds, share) if seconds else None for name, share in QUANTILES.items()}
        rows.append(dict(zip(question.by, group, strict=True)) | row)
    return rows
