"""Stickiness and frequency by brute force: every person, every window, everything they did in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.oracles.calendar import Calendar
from tests.oracles.events import Event, History, Step, matching


@dataclass(frozen=True)
class Stickiness:
    """The question, option by option as the public method takes them."""

    event: Step | None = None
    period: str = "day"
    over: str = "week"
    tz: str = "Asia/Shanghai"
    week_start: str = "monday"
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Frequency:
    """The question, option by option as the public method takes them; without a period there is one window, known as None."""

    event: Step | None = None
    period: str | None = None
    tz: str = "Asia/Shanghai"
    week_start: str = "monday"
    by: tuple[str, ...] = ()


def done_in(question: Stickiness | Frequency, people: Sequence[History]) -> dict[tuple[Any, date | None], list[Event]]:
    """Return for every person and window in which they did it what they did, in order."""
    found: dict[tuple[Any, date | None], list[Event]] = {}
    for history in people:
        done = history.left if question.event is None else matching(question.event, history)
        window = question.over if isinstance(question, Stickiness) else question.period
        windows = [None if window is None else Calendar(window, question.tz, question.week_start).holding(e.time) for e in done]
        for one in set(windows):
            found[history.person, one] = [e for e, its in zip(done, windows, strict=True) if its == one]
    return found


def counts(question: Stickiness | Frequency, people: Sequence[History]) -> dict[tuple[Any, date | None], int]:
    """Return for every person and window in which they did it: in how many periods, or how often."""
    inside = done_in(question, people)
    if isinstance(question, Frequency):
        return {key: len(events) for key, events in inside.items()}
    calendar = Calendar(question.period, question.tz, question.week_start)
    return {key: len({calendar.holding(e.time) for e in events}) for key, events in inside.items()}


def groups(question: Stickiness | Frequency, people: Sequence[History]) -> dict[tuple[Any, date | None], tuple[Any, ...]]:
    """Return for every person and window in which they did it the group: that of the first thing they did there."""
    return {key: tuple(events[0].row[c] for c in question.by) for key, events in done_in(question, people).items()}


def rows(question: Stickiness | Frequency, people: Sequence[History]) -> list[dict[str, Any]]:
    """Return the rows of the answer: each number that occurs in a group."""
    column = "active_periods" if isinstance(question, Stickiness) else "times"
    numbers, own = counts(question, people), groups(question, people)
    found = Counter((own[key], number) for key, number in numbers.items())
    return [dict(zip(question.by, group, strict=True)) | {column: number, "people": times} for (group, number), times in found.items()]
