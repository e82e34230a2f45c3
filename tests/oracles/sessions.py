"""Sessions by brute force: a list of lists of events, to which each event is added or with which it starts anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.oracles.events import Event, History, Step, matching

COLUMNS = ("session", "person", "start", "end", "events", "seconds")


@dataclass(frozen=True)
class Sessions:
    """The question, option by option as the public method takes them."""

    timeout: timedelta | None = timedelta(minutes=30)
    separator: Step | None = None
    by: tuple[str, ...] = ()


def cut(question: Sessions, history: History) -> list[list[Event]]:
    """Return one person's sessions."""
    found: list[list[Event]] = []
    begins = [] if question.separator is None else matching(question.separator, history)
    for event in history.left:
        paused = bool(found) and question.timeout is not None and event.time - found[-1][-1].time > question.timeout
        if not found or paused or event in begins:
            found.append([event])
        else:
            found[-1].append(event)
    return found


def sessions(question: Sessions, people: Sequence[History]) -> list[dict[str, Any]]:
    """Return the rows of the answer; a session is of the group of its first event."""
    return [
        {c: one[0].row[c] for c in question.by}
        | {
            "session": number,
            "person": history.person,
            "start": one[0].time,
            "end": one[-1].time,
            "events": len(one),
            "seconds": (one[-1].time - one[0].time) / timedelta(seconds=1),
        }
        for history in people
        for number, one in enumerate(cut(question, history), 1)
    ]
