"""What is asked of everybody alike, and the form in which answers are compared. The standard library alone, as in ``measure``."""

from __future__ import annotations

from collections.abc import Iterable

STEPS = ["view", "cart", "order", "pay"]
BEGIN = 1_735_660_800_000_000  # 2025-01-01 in Shanghai, where days are cut, in microseconds
DAY = 86_400_000_000
DAY_0 = BEGIN // DAY
"""Days since 1970, in UTC, at the instant at which the first day begins: periods are named so in answers."""
PAUSE = 1_800_000_000  # the longest inside a session: half an hour
ENDS = [10, 60, 180, 600, 1800, 3600, 10800, 21600, 43200, 86400]  # seconds at which buckets of sessions' lengths end


def states(rows: Iterable[tuple[int, int, int]]) -> list[list[int]]:
    """Return a row for each day (new, returning, resurrecting, dormant) of rows of day, number of the state, people."""
    by = {(day, state): people for day, state, people in rows}
    last = max(day for day, state in by if state < 3)
    return [[DAY_0 + day, *(by.get((day, state), 0) for state in range(4))] for day in range(last + 1)]
