"""Activation by brute force: for every behaviour, count and window, look through everybody's events once more.

A person starts with their first `start` event in the whole source, if narrowing left it. They are looked at if the time in which they could be
retained was over at `until`; retained: `retained` from between[0] after the start on and before between[1]. A rule: at least so many events of the
behaviour after the start event in order and before the end of the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from typing import Any

from tests.oracles.events import Event, History, Step, first_ever, matching

COLUMNS = ("event", "at_least", "window", "people", "retained", "precision", "others", "lift", "recall", "phi", "low", "high", "score")


@dataclass(frozen=True)
class Activation:
    """The question, option by option as the public method takes them."""

    retained: Step | None = None
    start: Step | None = None
    candidates: tuple[Step, ...] | None = None
    counts: tuple[int, ...] = (1, 2, 3, 5)
    windows: tuple[timedelta, ...] = (timedelta(days=1), timedelta(days=7))
    between: tuple[timedelta, timedelta] = (timedelta(days=7), timedelta(days=14))
    until: datetime | None = None


@dataclass(frozen=True)
class Person:
    """Someone who is looked at."""

    history: History
    start: Event
    retained: bool


def looked_at(question: Activation, people: Sequence[History]) -> tuple[list[Person], int]:
    """Return everyone who is looked at, and how many started too late."""
    until = question.until or max((e.time for history in people for e in history.whole), default=None)
    found, recent = [], 0
    for history in people:
        start = history.whole[0] if question.start is None else first_ever(question.start, history)
        if start is None or start not in history.left:
            continue
        assert until is not None
        if start.time + question.between[1] > until:
            recent += 1
            continue
        back = history.left if question.retained is None else matching(question.retained, history)
        place = history.left.index(start)
        came = any(history.left.index(e) > place and start.time + question.between[0] <= e.time < start.time + question.between[1] for e in back)
        found.append(Person(history, start, came))
    return found, recent


def met(person: Person, candidate: Step, count: int, window: timedelta) -> bool:
    """Say whether a person met a rule."""
    later = person.history.left[person.history.left.index(person.start) + 1 :]
    return sum(e in later and e.time < person.start.time + window for e in matching(candidate, person.history)) >= count


def wilson(x: int, n: int) -> tuple[float, float]:
    """Return Wilson's interval as the roots of (p - x/n)² = z² p (1 - p) / n."""
    z2, p = 1.959963984540054**2, x / n
    a, b, c = 1 + z2 / n, -(2 * p + z2 / n), p * p
    root = sqrt(max(0.0, b * b - 4 * a * c))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def row(a: int, b: int, c: int, d: int) -> dict[str, Any]:
    """Return the figures of a table of two by two: did it and was retained, did and was not, did not and was, neither."""
    n = a + b + c + d
    precision = a / (a + b) if a + b else None
    others = c / (c + d) if c + d else None
    known = precision is not None and others is not None
    low = high = phi = score = None
    if known:
        (l1, u1), (l2, u2) = wilson(a, a + b), wilson(c, c + d)
        low = precision - others - sqrt((precision - l1) ** 2 + (u2 - others) ** 2)
        high = precision - others + sqrt((u1 - precision) ** 2 + (others - l2) ** 2)
        if (a + c) * (b + d):
            phi = (a * d - b * c) / sqrt((a + b) * (c + d) * (a + c) * (b + d))
            score = low * sqrt((a + b) * (c + d) / ((a + c) * (b + d)))
    return {
        "people": a + b,
        "retained": a,
        "precision": precision,
        "others": others,
        "lift": precision * n / (a + c) if precision is not None and a + c else None,
        "recall": a / (a + c) if a + c else None,
        "phi": phi,
        "low": low,
        "high": high,
        "score": score,
    }


def activation(question: Activation, people: Sequence[History]) -> list[tuple[Step, dict[str, Any], set[Any]]]:
    """Return the rows of the answer, each with its candidate and who met the rule; `window` is a length."""
    everyone, _recent = looked_at(question, people)
    candidates = question.candidates
    if candidates is None:
        candidates = tuple(Step((name,)) for name in sorted({e.name for history in people for e in history.left if e.name is not None}))
    rows = []
    for candidate in candidates:
        for window in sorted(set(question.windows)):
            for count in sorted(set(question.counts)):
                did = [p for p in everyone if met(p, candidate, count, window)]
                rest = [p for p in everyone if p not in did]
                a, c = (sum(p.retained for p in side) for side in (did, rest))
                name = candidate.label if candidate.label is not None else " / ".join(candidate.names)
                cell = {"event": name, "at_least": count, "window": window} | row(a, len(did) - a, c, len(rest) - c)
                rows.append((candidate, cell, {p.history.person for p in did}))
    return rows
