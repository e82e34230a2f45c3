"""Lifecycle by brute force: for every period and person, say what the person is by the words of the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.oracles.calendar import Calendar
from tests.oracles.events import Event, History, Step, looks_like, matching

COLUMNS = ("period", "new", "returning", "resurrecting", "dormant")


@dataclass(frozen=True)
class Lifecycle:
    """The question, option by option as the public method takes them; the calendar is that of the events."""

    event: Step | None = None
    period: str = "day"
    tz: str = "Asia/Shanghai"
    week_start: str = "monday"
    by: tuple[str, ...] = ()

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.period, self.tz, self.week_start)


def first_period(question: Lifecycle, history: History) -> date | None:
    """Return the period of the person's first such event in the whole source."""
    such = [e for e in history.whole if question.event is None or looks_like(question.event, e)]
    return question.calendar.holding(such[0].time) if such else None


def did(question: Lifecycle, history: History) -> Sequence[Event]:
    """Return the events by which the person was active, in order."""
    return history.left if question.event is None else matching(question.event, history)


def active(question: Lifecycle, history: History) -> set[date]:
    """Return the periods in which the person was active."""
    return {question.calendar.holding(e.time) for e in did(question, history)}


def members(question: Lifecycle, people: Sequence[History]) -> dict[tuple[Any, ...], list[History]]:
    """Return the people of each group: everybody is in that of the first event by which they were active."""
    found: dict[tuple[Any, ...], list[History]] = {} if question.by else {(): []}
    for history in people:
        for event in did(question, history)[:1]:
            found.setdefault(tuple(event.row[c] for c in question.by), []).append(history)
    return found


def states(question: Lifecycle, history: History, before: date | None, now: date) -> set[str]:
    """Return what a person is in a period: nothing or one of the four."""
    there = active(question, history)
    if now in there and first_period(question, history) == now:
        return {"new"}
    if now in there and before in there:
        return {"returning"}
    if now in there:
        return {"resurrecting"}
    return {"dormant"} if before in there else set()


def lifecycle(question: Lifecycle, people: Sequence[History]) -> list[dict[str, Any]]:
    """Return the rows of the answer: one for each group and period from the source's first event to its last."""
    return [
        dict(zip(question.by, group, strict=True))
        | {"period": now}
        | {state: len(people_at(question, people, now, state, own)) for state in COLUMNS[1:]}
        for group, own in members(question, people).items()
        for now in periods(question, people)
    ]


def periods(question: Lifecycle, people: Sequence[History]) -> list[date]:
    """Return the periods of the rows."""
    times = [e.time for history in people for e in history.whole]
    return question.calendar.all(min(times), max(times)) if times else []


def people_at(question: Lifecycle, people: Sequence[History], now: date, state: str, among: Sequence[History] | None = None) -> set[Any]:
    """Return who of all people, or of those `among` them, is in a state in a period."""
    before = next((day for day in periods(question, people) if question.calendar.after(day) == now), None)
    return {history.person for history in (people if among is None else among) if state in states(question, history, before, now)}
