"""Histories written in a line, to restate what other engines publish: "view0 cart40 buy90" are three events, so many seconds on.

A value of the column ``mark`` may follow: "view0:red". Events stand in the source in the order in which they are written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

import tilth as tl

MIDNIGHT = datetime(2024, 3, 4, tzinfo=UTC)  # a Monday


def told(histories: Mapping[str, str], unit: timedelta = timedelta(seconds=1), **options: Any) -> Any:
    """Return the events of each person's history, whose times are counted in `unit` from a Monday's first instant (UTC)."""
    rows = [
        {"user_id": person, "ts": MIDNIGHT + int(at) * unit, "event": name, "mark": value or None}
        for person, history in histories.items()
        for name, at, value in re.findall(r"([a-z]+)(\d+)(?::(\w+))?", history)
    ]
    return tl.Events(pd.DataFrame(rows), **{"tz": "UTC"} | options)


def reached(funnel: Any, steps: int) -> dict[str, int]:
    """Return how many steps each person who is counted at all reached."""
    found: dict[str, int] = {}
    for step in range(1, steps + 1):
        for person in funnel.people(step=step):
            found[person] = step
    return found
