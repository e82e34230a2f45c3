"""Stickiness and frequency by brute force: every person, every window, everything they did in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.oracles.calendar import Calendar
from tests.oracles.events import History, Step, matching


@dataclass(frozen=True)
class Stickiness:
    """The question, option by option as the public method takes them."""

    event: Step | None = None
    period: str = "day"
    over: str = "week"
    tz: str = "Asia/Shanghai"
    week_start: str = "monday"


@dataclass(frozen=True)
class Frequency:
    """The question, option by option as the public method takes them; without a period there is one window, known as None."""

    event: Step | None = None
    period: str | None = None
    tz: str = "Asia/Shanghai"
    week_start: str = "monday"


def counts(question: Stickiness | Frequency, people: Sequence[History]) -> dict[tuple[Any, date | None], int]:
    """Return for every person and window in which they did it: in how many periods, or how often."""
    found: dict[tuple[Any, date | None], int] = {}
    for history in people:
        done = history.left if question.event is None else matching(question.event, history)
        window = question.over if isinstance(question, Stickiness) else question.period
        windows = [None if window is None else Calendar(window, question.tz, question.week_start).holding(e.time) for e in done]
        for one in set(windows):
            inside = [e for e, its in zip(done, windows, strict=True) if its == one]
            if isinstance(question, Stickiness):
                found[history.person, one] = len({Calendar(question.period, question.tz, question.week_start).holding(e.time) for e in inside})
            else:
                found[history.person, one] = len(inside)
    return found


def rows(question: Stickiness | Frequency, people: Sequence[History]) -> list[dict[str, Any]]:
    """Return the rows of the answer: each number that occurs."""
    column = "active_periods" if isinstance(question, Stickiness) else "times"
    return [{column: number, "people": times} for number, times in Counter(counts(question, people).values()).items()]
