"""Events as the oracles see them: plain rows, each person's in order, and what a step matches.

"Events of a person are ordered by time, then by `order`, or else by their place in the source. Equal rows are separate events. Rows whose
person or time is null are left out and counted."
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Event:
    """One row that counts: the instant it happened, its place among the rows of the source, and the row itself."""

    place: int
    time: datetime
    name: str | None
    row: Row = field(compare=False, repr=False)


@dataclass(frozen=True)
class Step:
    """A step as the rules put it: any of these names, where these columns hold these values."""

    names: tuple[str, ...]
    where: tuple[tuple[str, Any], ...] = ()
    first: bool = False
    optional: bool = False
    label: str | None = None


@dataclass(frozen=True)
class History:
    """One person: all their events in order, and those that are left after narrowing, in the same order."""

    person: Any
    whole: tuple[Event, ...]
    left: tuple[Event, ...]


Narrowing = Callable[[Any, Event], bool]


def histories(rows: Sequence[Row], order: str | None = None, narrowings: Iterable[Narrowing] = ()) -> tuple[list[History], int]:
    """Return each person's history and how many rows were left out for want of a person or a time.

    A row has ``person``, ``time`` (an aware datetime), ``event`` and whatever else. A narrowing says of a person and an event whether it
    stays.
    """
    narrowings = tuple(narrowings)
    events: dict[Any, list[Event]] = {}
    left_out = 0
    for place, row in enumerate(rows):
        if row["person"] is None or row["time"] is None:
            left_out += 1
            continue
        events.setdefault(row["person"], []).append(Event(place, row["time"].astimezone(UTC), row["event"], row))
    people = []
    for person, whole in events.items():
        if order is None:
            whole.sort(key=lambda e: (e.time, e.place))
        else:
            whole.sort(key=lambda e: (e.time, e.row[order], e.place))
        left = [e for e in whole if all(stays(person, e) for stays in narrowings)]
        people.append(History(person, tuple(whole), tuple(left)))
    return people, left_out


def holds(where: Iterable[tuple[str, Any]], row: Row) -> bool:
    """Say whether each column holds its value. A null equals nothing, not even null."""
    return all(value is not None and row[column] is not None and row[column] == value for column, value in where)


def looks_like(step: Step, event: Event) -> bool:
    """Say whether an event has one of the step's names and meets its ``where``; ``first`` apart."""
    return event.name is not None and event.name in step.names and holds(step.where, event.row)


def matching(step: Step, history: History) -> list[Event]:
    """Return the events left to the person that match the step.

    ``first=True``: only the person's first event in the whole source that matches both name and ``where``; when narrowing took that one
    away, none.
    """
    if not step.first:
        return [e for e in history.left if looks_like(step, e)]
    return [e for e in history.whole if looks_like(step, e)][:1] if first_is_left(step, history) else []


def first_ever(step: Step, history: History) -> Event | None:
    """Return the person's first event in the whole source that matches the step, or None."""
    for event in history.whole:
        if looks_like(step, event):
            return event
    return None


def first_is_left(step: Step, history: History) -> bool:
    """Say whether narrowing left the person the first event that matches the step."""
    event = first_ever(step, history)
    return event is not None and event in history.left


def table(text: str, zone: str = "UTC") -> list[dict[str, Any]]:
    """Read rows from a small table whose first line names the columns; ``-`` is a null, times are wall clock in `zone`.

    A time is ``10:00``, ``10:00:00.000001`` (both on 2024-01-01) or ``2024-03-10T23:30``.

    Examples
    --------
    >>> table('''person time  event
    ...          ann    10:00 view
    ...          -      10:01 buy''')[1]["person"] is None
    True
    """
    header, *lines = [line.split() for line in text.strip().splitlines()]
    rows = []
    for cells in lines:
        row: dict[str, Any] = {name: None if cell == "-" else cell for name, cell in zip(header, cells, strict=True)}
        if row["time"] is not None:
            row["time"] = instant(row["time"], zone)
        rows.append(row)
    return rows


def instant(text: str, zone: str = "UTC") -> datetime:
    """Return the instant of a wall clock time in `zone`; without a day it is on 2024-01-01."""
    return datetime.fromisoformat(text if "T" in text else f"2024-01-01T{text}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
