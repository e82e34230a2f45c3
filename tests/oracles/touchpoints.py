"""Touchpoints by brute force: for every conversion, look through all earlier events of the person.

A touch is an event that has a channel and is no conversion (and matches `touch`, if that is asked). The path of a conversion: the channels of the
touches that come before it, at most the look-back before, the bound included. Touches after a person's last conversion lead to none: they are one
null path, as far as they lie in the look-back from the last of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from tests.oracles.events import Event, History, Step, matching

COLUMNS = ("path", "conversions", "value", "nulls")


@dataclass(frozen=True)
class Touchpoints:
    """The question, option by option as the public method takes them."""

    channel: str
    conversion: Step
    value: str | None = None
    lookback: timedelta | None = timedelta(days=30)
    touch: Step | None = None
    fold: bool = False
    longest: int = 100


@dataclass(frozen=True)
class Path:
    """Whose it is, the channels from the first touch to the last, how long before its end each was, and the conversion, if there is one."""

    person: Any
    channels: tuple[Any, ...]
    ages: tuple[timedelta, ...]
    conversion: Event | None


def path(question: Touchpoints, person: Any, touches: Sequence[Event], end: Event, conversion: Event | None) -> Path:
    """Return the path that ends with an event, from the touches before it."""
    near = [t for t in touches if question.lookback is None or end.time - t.time <= question.lookback]
    if question.fold:  # of touches of one channel in a row the last is kept
        near = [list(run)[-1] for _channel, run in groupby(near, lambda t: t.row[question.channel])]
    near = near[-question.longest :]
    return Path(person, tuple(t.row[question.channel] for t in near), tuple(end.time - t.time for t in near), conversion)


def paths(question: Touchpoints, people: Sequence[History]) -> tuple[list[Path], int]:
    """Return all paths, and the number of conversions without a touch."""
    found, untouched = [], 0
    for history in people:
        conversions = matching(question.conversion, history)
        allowed = matching(question.touch, history) if question.touch is not None else list(history.left)
        touches = [e for e in history.left if e in allowed and e not in conversions and e.row[question.channel] is not None]
        place = {e: k for k, e in enumerate(history.left)}
        for conversion in conversions:
            before = [t for t in touches if place[t] < place[conversion]]
            made = path(question, history.person, before, conversion, conversion)
            if made.channels:
                found.append(made)
            else:
                untouched += 1
        after = [t for t in touches if all(place[t] > place[c] for c in conversions)]
        if after:
            found.append(path(question, history.person, after, after[-1], None))
    return found, untouched


def touchpoints(question: Touchpoints, people: Sequence[History]) -> list[dict[str, Any]]:
    """Return the rows of the answer."""
    rows: dict[str, dict[str, Any]] = {}
    for one in paths(question, people)[0]:
        text = " > ".join(str(channel) for channel in one.channels)
        row = rows.setdefault(text, {"path": text, "conversions": 0, "value": 0 if question.value else None, "nulls": 0})
        if one.conversion is None:
            row["nulls"] += 1
        else:
            row["conversions"] += 1
            if question.value is not None:
                row["value"] += one.conversion.row[question.value] or 0
    return list(rows.values())
