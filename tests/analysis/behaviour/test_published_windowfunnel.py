"""ClickHouse's ``windowFunnel``, restated: each history with the level that its mode gives and the number of steps reached here.

Sources: the page "Parametric aggregate functions" of ClickHouse's documentation, its test 0_stateless/00632_aggregation_window_funnel and the issues
named below; histories are ours. Every number of theirs was also run on ClickHouse 26.9. Their level of a person is the longest chain, as here; they
sort events of one instant by the number of the condition, an event that meets none before all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from tests.analysis.published import reached, told


@dataclass(frozen=True)
class Mode:
    """A mode, the funnel asked here beside it, and of each history: what it shows, its level there and the steps reached here."""

    modes: tuple[str, ...]
    ours: dict[str, Any]
    rows: tuple[tuple[str, str, int, int], ...]
    steps: tuple[str | list[str], ...] = ("a", "b", "c")
    within: int = 100


MODES = {
    # Each step is another event and no two events share a time: the two agree everywhere.
    "default": Mode(
        (),
        {},
        (
            ("the window's bound is inside", "a0 b50 c100", 3, 3),
            ("one second more is not", "a0 b50 c101", 2, 2),
            ("the window is the chain's, not a pair's", "a0 b90 c180", 2, 2),
            ("other events and repeated steps may lie between", "a0 x5 b10 b15 a20 x25 c30", 3, 3),
            ("a step skipped is a chain ended", "a0 c10", 1, 1),
            ("steps before the first one do not count", "b0 c5 a10", 1, 1),
            ("nothing without the first step", "b0 c10", 0, 0),
            # a0 b10 c140 is too long; a50 b60 c140 is 90 s.
            ("of several chains the longest", "a0 b10 a50 b60 c140", 3, 3),
            # a50 has no b of its own: a0 b10 and c90 are one chain, and the later start does not undo it.
            ("a later start does not undo an earlier chain", "a0 b10 a50 c90", 3, 3),
            ("d before c is no harm when it comes again", "a0 c5 b10 c15", 3, 3),
        ),
    ),
    # Their conditions are sorted within an instant, so b before a counts as a before b; here the place in the source decides (or an order column).
    "default, events of one instant": Mode(
        (),
        {},
        (
            ("in the order of the steps", "a10 b10 c10", 3, 3),
            ("against the order of the steps", "c10 b10 a10", 3, 1),
            ("the last two against it", "a0 c10 b10", 3, 2),
        ),
    ),
    # Only strictly later events count there. A later a overwrites an earlier one there before b looks at it, though a0 and b5 increase strictly
    # (issue 93789); here there is no such mode, and the ordered funnel takes the pair.
    "strict_increase": Mode(
        ("strict_increase",),
        {},
        (
            ("times that increase", "a0 b1 c2", 3, 3),
            ("the second step at the first one's instant", "a0 b0 c5", 1, 3),
            ("all at one instant", "a5 b5 c5", 1, 3),
            ("an earlier start overwritten", "a0 a5 b5", 1, 2),
        ),
    ),
    # A repeated step ends the search there, for good; the first step may repeat. Here strict voids the one chain only, and everything between
    # two chain events counts, not repeated steps alone.
    "strict_deduplication": Mode(
        ("strict_deduplication",),
        {"order": "strict"},
        (
            ("nothing repeated", "a0 b10 c20", 3, 3),
            ("the second step repeated", "a0 b10 b15 c20", 2, 2),
            ("repeated after the third (issue 27469)", "a0 b10 c20 b30 d40", 3, 3),
            ("the first step repeated", "a0 a5 b10 c20", 3, 3),
            ("a new chain after a repeated step", "a0 b5 b10 a20 b25 c30", 2, 3),
            ("another event between", "a0 x5 b10 c20", 3, 1),
        ),
        steps=("a", "b", "c", "d"),
    ),
    # The two stricts: any other event ends the search there for good, but a repeated step does not; here a repeated step breaks a chain, and
    # another may begin.
    "strict_order": Mode(
        ("strict_order",),
        {"order": "strict"},
        (
            ("nothing between", "a0 b10 c20", 3, 3),
            ("something before the first step", "x0 a5 b10 c20", 3, 3),
            ("something after the first", "a0 x5 b10 c20", 1, 1),
            ("something after the second", "a0 b5 x10 c20", 2, 2),
            ("a later step too early", "a0 c5 b10", 1, 1),
            ("every step twice", "a0 a5 b10 b15 c20 c25", 3, 2),
            ("the first step repeated", "a0 a5 b10 c20", 3, 3),
            ("a new chain after a break", "a0 x5 a10 b15 c20", 1, 3),
            ("a new chain after an unbroken one", "a0 b5 a10 b15 c20", 3, 3),
            # Theirs is sorted before b of the same instant and lies between; here it does not lie strictly between the two times.
            ("something at the second step's instant", "a0 b10 x10 c20", 1, 3),
            ("something at the first step's instant", "a0 x0 b10 c20", 3, 3),
        ),
    ),
    # Later steps that come too early are passed over there, other events are not. Here that is what ordered means, of other events too.
    "strict_order, allow_reentry": Mode(
        ("strict_order", "allow_reentry"),
        {},
        (
            ("a later step too early", "a0 c5 b10 c15", 3, 3),
            ("the first step repeated", "a0 a5 b10 c20", 3, 3),
            ("something after the first", "a0 x5 b10 c20", 1, 3),
        ),
    ),
    # An event fills all the steps whose conditions it meets there (issues 21835, 34986), even where no second one follows in time; here one.
    "default, the same event for all steps": Mode(
        (),
        {},
        (
            ("one event", "a0", 3, 1),
            ("two, too far apart for each other", "a0 a200", 3, 1),
            ("three", "a0 a10 a20", 3, 3),
        ),
        steps=("a", "a", "a"),
    ),
    # strict_once is what holds here always.
    "strict_once, the same event for all steps": Mode(
        ("strict_once",),
        {},
        (
            ("one event", "a0", 1, 1),
            ("two, too far apart for each other", "a0 a200", 1, 1),
            ("two", "a0 a10", 2, 2),
            ("three", "a0 a10 a20", 3, 3),
        ),
        steps=("a", "a", "a"),
    ),
    "strict_once, two attempts and a pass": Mode(
        ("strict_once",),
        {},
        (
            ("in order", "a10 a50 b70", 3, 3),
            ("one attempt only", "a10 b50", 1, 1),
            ("a pass between", "b0 a10 b30", 1, 1),
            ("the pass too late", "a0 a50 b120", 2, 2),
            # The first and the third attempt, or the second and the third: the pass is within 100 s of the second.
            ("three attempts", "a0 a50 a90 b140", 3, 3),
        ),
        steps=("a", "a", "b"),
    ),
    "strict_once, an event of two steps": Mode(
        ("strict_once",),
        {},
        (
            ("it fills one of them", "b0", 1, 1),
            ("a second one fills the other", "b0 b5 c10", 3, 3),
            ("either of its names", "a0 b5 c10", 3, 3),
        ),
        steps=(["a", "b"], "b", "c"),
    ),
}


@pytest.mark.parametrize("name", MODES)
def test_steps_reached_beside_clickhouse(name: str) -> None:
    mode = MODES[name]
    funnel = told({row[0]: row[1] for row in mode.rows}).funnel(list(mode.steps), within=f"{mode.within}s", **mode.ours)
    found = reached(funnel, len(mode.steps))
    assert {row[0]: found.get(row[0], 0) for row in mode.rows} == {row[0]: row[3] for row in mode.rows}
