"""Retention by brute force: for every person, cohort and period, look through all their events.

Days, weeks and months are those of the calendar in the question's time zone; a period is known by the local date of its first day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracles.events import Event, History, Step, first_ever, matching

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
COLUMNS = ("cohort", "period", "size", "people", "rate", "complete")


@dataclass(frozen=True)
class Retention:
    """The question, option by option as the public method takes them."""

    start: Step
    back: Step | None = None
    period: str = "day"
    periods: int = 12
    kind: str = "on"
    brackets: tuple[tuple[int, int], ...] = ()
    start_is: str = "first"
    until: datetime | None = None
    by: tuple[str, ...] = ()
    tz: str = "Asia/Shanghai"
    week_start: str = "monday"
    value: str | None = None

    def first_day(self, time: datetime) -> date:
        """Return the first day of the period in which an instant lies."""
        day = time.astimezone(ZoneInfo(self.tz)).date()
        if self.period == "month":
            return day.replace(day=1)
        if self.period == "week":
            return day - timedelta(days=(day.weekday() - WEEKDAYS.index(self.week_start)) % 7)
        return day

    def later(self, first_day: date, count: int) -> date:
        """Return the first day of the period `count` after the one that begins on `first_day`."""
        for _ in range(count):
            if self.period == "month":
                first_day = (first_day + timedelta(days=31)).replace(day=1)
            else:
                first_day += timedelta(days=7 if self.period == "week" else 1)
        return first_day

    def begins(self, first_day: date) -> datetime:
        """Return the first instant of a day: its midnight, or where clocks jump over midnight the instant of the jump."""
        return datetime(first_day.year, first_day.month, first_day.day, tzinfo=ZoneInfo(self.tz)).astimezone(UTC)


@dataclass(frozen=True)
class Member:
    """A person in a cohort, with the start event that put them there."""

    history: History
    start: Event


def cohorts(question: Retention, people: Sequence[History]) -> dict[tuple[tuple[Any, ...], date], list[Member]]:
    """Return the members of each cohort, split by the value on the person's first start event of that cohort.

    "first": the period of the person's first start event in the whole source, if narrowing left that event. "recurring": every period
    with a start.
    """
    found: dict[tuple[tuple[Any, ...], date], list[Member]] = {}
    for history in people:
        starts = matching(question.start, history)
        if question.start_is == "first":
            starts = [e for e in starts if e == first_ever(question.start, history)]
        seen: set[date] = set()
        for event in starts:
            cohort = question.first_day(event.time)
            if cohort not in seen:
                seen.add(cohort)
                group = tuple(event.row[c] for c in question.by)
                found.setdefault((group, cohort), []).append(Member(history, event))
    return found


def last_instant(question: Retention, people: Sequence[History]) -> datetime | None:
    """Return `until`: as given, or else the time of the last event of the whole source; None when there is none."""
    if question.until is not None:
        return question.until
    return max((e.time for history in people for e in history.whole), default=None)


def came_back(question: Retention, member: Member, cohort: date, period: int) -> bool:
    """Say whether the person was active in a period counted from the cohort's own."""
    events = member.history.left
    active = list(events) if question.back is None else matching(question.back, member.history)
    if period == 0:  # the cohort's own period, from the start event on, for every kind
        from_start_on = events[events.index(member.start) :]
        return any(e in from_start_on and question.first_day(e.time) == cohort for e in active)
    days = [question.first_day(e.time) for e in active]
    if question.kind == "bracket":
        first, last = question.brackets[period - 1]
        return any(question.later(cohort, k) in days for k in range(first, last + 1))
    if question.kind == "on_or_after":
        return any(day >= question.later(cohort, period) for day in days)
    return question.later(cohort, period) in days


def summed(question: Retention, member: Member, cohort: date, period: int) -> int:
    """Return the sum of the value over the events with which the person counts in a period, each event once; nulls add nothing."""
    events = member.history.left
    active = list(events) if question.back is None else matching(question.back, member.history)
    from_start_on = [e for e in active if e in events[events.index(member.start) :]]
    days = [(question.first_day(e.time), e.row[question.value] or 0) for e in from_start_on]
    if period == 0:
        return sum(value for day, value in days if day == cohort)
    if question.kind == "on_or_after":
        return sum(value for day, value in days if day >= question.later(cohort, period))
    first, last = question.brackets[period - 1] if question.kind == "bracket" else (period, period)
    inside = [question.later(cohort, k) for k in range(first, last + 1)]
    return sum(value for day, value in days if day in inside)


def bounds(question: Retention, cohort: date, period: int) -> tuple[datetime, datetime]:
    """Return the instants at which a row's period begins and ends."""
    first, last = (period, period) if question.kind != "bracket" or period == 0 else question.brackets[period - 1]
    return question.begins(question.later(cohort, first)), question.begins(question.later(cohort, last + 1))


def retention(question: Retention, people: Sequence[History]) -> list[dict[str, Any]]:
    """Return the rows of the answer."""
    rows = []
    until = last_instant(question, people)
    periods = len(question.brackets) if question.kind == "bracket" else question.periods
    for (group, cohort), members in cohorts(question, people).items():
        assert until is not None  # where there is a cohort there is an event
        for period in range(periods + 1):
            begin, end = bounds(question, cohort, period)
            count = sum(came_back(question, member, cohort, period) for member in members)
            begun = begin <= until
            rows.append(
                dict(zip(question.by, group, strict=True))
                | {
                    "cohort": cohort,
                    "period": period,
                    "size": len(members),
                    "people": count if begun else None,
                    "rate": count / len(members) if begun else None,
                    "complete": end <= until,
                }
            )
            if question.value is not None:
                total = sum(summed(question, member, cohort, period) for member in members)
                rows[-1] |= {"value": total if begun else None, "value_each": total / len(members) if begun else None}
    return rows


def people_at(question: Retention, people: Sequence[History], cohort: date, period: int, group: tuple[Any, ...] = ()) -> set[Any]:
    """Return who counts in a cell."""
    members = cohorts(question, people).get((group, cohort), [])
    return {m.history.person for m in members if came_back(question, m, cohort, period)}
