"""Funnels of PostHog, Mixpanel and Amplitude, restated: what theirs come to on histories of ours, and what ours come to.

Sources: PostHog's tests posthog/hogql_queries/insights/funnels/test/test_funnel{,_strict,_unordered,_udf,_time_to_convert,_trends}.py, the code they
test, funnel-udf/src/{steps,unordered_steps,trends}.rs, and its page "Funnels"; Mixpanel's pages "Funnels Advanced Concepts" and "Funnels FAQ";
Amplitude's page "How Amplitude handles simultaneous events in a funnel". Theirs were worked out by those rules, by hand, history by history.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.analysis.published import reached, told

import tilth as tl

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

# Each history with the steps reached there and here; within 100 seconds. PostHog counts nobody (0) who is excluded.
POSTHOG: dict[str, tuple[list[Any], dict[str, Any], tuple[tuple[str, str, int, int], ...]]] = {
    "sequential": (
        ["a", "b", "c"],
        {},
        (
            ("anything may lie between", "a0 x5 b10 a15 c20", 3, 3),
            ("a step missed", "a0 c10", 1, 1),
            ("the bound is inside", "a0 b50 c100", 3, 3),
            ("and counts from the first step", "a0 b90 c101", 2, 2),
            ("a later start takes over", "a0 a40 b90 c120", 3, 3),
            ("but undoes nothing", "a0 b10 a50 c60", 3, 3),
        ),
    ),
    "sequential, a step twice": (
        ["a", "a"],
        {},
        (("needs two events", "a0", 1, 1), ("has two", "a0 a5", 2, 2), ("at one instant", "a0 a0", 2, 2)),
    ),
    # Their events of one instant are taken in the order of the steps; ours in that of the source.
    "sequential, events of one instant": (
        ["a", "b"],
        {},
        (("in order", "a0 b0", 2, 2), ("the other way round", "b0 a0", 2, 1)),
    ),
    # A broken chain does not end the search, there or here. A step that was filled stays filled there when it comes again at once, here the repeat
    # breaks the chain.
    "strict": (
        ["a", "b", "c"],
        {"order": "strict"},
        (
            ("nothing between", "x0 a5 b10 c20 x25", 3, 3),
            ("something after the first step", "a0 x5 b10 c20", 1, 1),
            ("something after the second", "a0 b5 x10 c20", 2, 2),
            ("a later step too early", "a0 c5 b10", 1, 1),
            ("a new chain after a break", "a0 x5 a10 b15 c20", 3, 3),
            ("the first step repeated", "a0 a5 b10 c20", 3, 3),
            ("the second step repeated", "a0 b10 b15 c20", 3, 2),
            ("something at a step's instant", "a0 b10 x10 c20", 3, 3),
        ),
    ),
    "any order": (
        ["a", "b", "c"],
        {"order": "any"},
        (
            ("in order", "a0 b10 c20", 3, 3),
            ("backwards", "c0 b10 a20", 3, 3),
            ("one step twice is one step", "b0 b10", 1, 1),
            ("the bound is inside", "b0 a100", 2, 2),
            ("and outside", "b0 a101", 1, 1),
            ("the window moves on", "a0 b60 c105 a110", 3, 3),
        ),
    ),
    # b may be either step, a only the first. Their b goes to the first of the two that are empty, and a then finds no other; ours tries both.
    "any order, an event of two steps": (
        [["a", "b"], "b"],
        {"order": "any"},
        (("the wider step second", "b0 a5", 1, 2), ("the wider step first", "a0 b5", 2, 2), ("one event", "b0", 1, 1)),
    ),
    # An excluded event takes a person out of the whole funnel there unless a later start does better; here they keep the steps reached before it.
    "excluded between 1 and 2": (
        ["a", "b"],
        {"exclude": "x"},
        (
            ("never", "a0 b10", 2, 2),
            ("between", "a0 x5 b10", 0, 1),
            ("and nothing after", "a0 x5", 0, 1),
            ("when the time is over", "a0 x101", 1, 1),
            ("before the first step", "x0 a5 b10", 2, 2),
            ("after the last step", "a0 b10 x15", 2, 2),
            ("a new start without it", "a0 x5 a20", 1, 1),
            ("a new start that converts", "a0 x5 a20 b30", 2, 2),
            ("two starts before it", "a0 a5 x8", 0, 1),
            ("at the second step's instant", "a0 x10 b10", 2, 2),
        ),
    ),
    # Between the second step and the third, and the second and the fourth. Theirs looks from the first b on; ours takes the later b, which x does
    # not follow.
    "excluded between 2 and 3": (
        ["a", "b", "c", "d"],
        {"exclude": tl.Exclude("x", between=(2, 3))},
        (
            ("between 1 and 2", "a0 x5 b10 c20 d30", 4, 4),
            ("between 2 and 3", "a0 b10 x15 c20 d30", 0, 2),
            ("between 3 and 4", "a0 b10 c20 x25 d30", 4, 4),
            ("after step 2, nothing follows", "a0 b10 x15", 0, 2),
            ("step 2 again after it", "a0 b10 x15 b18 c20 d30", 0, 4),
        ),
    ),
    "excluded between 2 and 4": (
        ["a", "b", "c", "d"],
        {"exclude": tl.Exclude("x", between=(2, 4))},
        (
            ("between 1 and 2", "a0 x5 b10 c20 d30", 4, 4),
            ("between 2 and 3", "a0 b10 x15 c20 d30", 0, 2),
            ("between 3 and 4", "a0 b10 c20 x25 d30", 0, 3),
        ),
    ),
    # In any order an excluded event clears what went before it there, so that of two steps and then one only one is left; here a person keeps the
    # two.
    "any order, excluded": (
        ["a", "b", "c"],
        {"order": "any", "exclude": "x"},
        (
            ("between two", "b0 x5 a10", 1, 1),
            ("after two, before the third", "a0 b5 x10 c20", 1, 2),
            ("before two", "c0 x5 a10 b20", 2, 2),
        ),
    ),
}


@pytest.mark.parametrize("name", POSTHOG)
def test_steps_reached_beside_posthog(name: str) -> None:
    steps, options, rows = POSTHOG[name]
    found = reached(told({row[0]: row[1] for row in rows}).funnel(steps, within="100s", **options), len(steps))
    assert {row[0]: found.get(row[0], 0) for row in rows} == {row[0]: row[3] for row in rows}


# b and d are optional. Reached c: all but Ann and Bob; b: Bob, Cat, Eve; d: Dan, Eve; e: Dan, Eve, Fay: 7, 3, 5, 2, 3, there and here. Gus did
# b, but b0 is too early for his chain a80 c105. Seconds differ: there an optional step has none and is passed over (a to c: 20, 20, 20, 20, 25),
# here they run from the chain's previous event, whichever step it filled: to c 10, 20, 10, 20, 25 seconds, to e 10, 10, 20.
def test_optional_steps_beside_posthog() -> None:
    histories = {
        "ann": "a0",
        "bob": "a0 b10",
        "cat": "a0 b10 c20",
        "dan": "a0 c20 d30 e40",
        "eve": "a0 b10 c20 d30 e40",
        "fay": "a0 c20 e40",
        "gus": "a0 b10 a80 c105",
    }
    funnel = told(histories).funnel([tl.Step(step, optional=step in "bd") for step in "abcde"], within="100s")
    assert funnel.frame["people"].tolist() == [7, 3, 5, 2, 3]
    assert funnel.frame["median_seconds"].tolist()[1:] == [10, 20, 10, 10]
    assert set(funnel.people(step=2)) == {"bob", "cat", "eve"}


# The times between steps, in seconds, of one history each: there and here from the latest start that gets as far, to the earliest next step. In any
# order theirs begins with the first of a step's events in the window, ours with the last before the chain ends.
@pytest.mark.parametrize(
    ("history", "order", "seconds"),
    [
        ("a0 a10 b30 c60", "ordered", [20, 30]),
        ("a0 b30 a40 c60", "ordered", [30, 30]),
        ("a0 b10 a20 b25 c30", "ordered", [5, 5]),
        ("a0 b10 b20 c30", "ordered", [10, 20]),
        ("a0 a4 b5 c9", "any", [1, 4]),  # theirs 5 and 4
    ],
)
def test_seconds_between_steps_beside_posthog(history: str, order: str, seconds: list[int]) -> None:
    frame = told({"ann": history}).funnel(["a", "b", "c"], within="100s", order=order).frame
    assert frame["median_seconds"].tolist()[1:] == seconds


# Ann took 20 minutes, Bob 60, Cat 23 hours (82,800 s). Three people make two bins there, of (82,800 - 1,200) / 2 = 40,800 s, and one more from the
# longest on: 1,200 s two people, 42,000 s nobody, 82,800 s one. The same ends asked here give the same people; theirs are the ends by default.
def test_time_to_convert_beside_posthog() -> None:
    funnel = told({"ann": "view0 buy20", "bob": "view0 buy60", "cat": "view0 buy1380"}, MINUTE).funnel(["view", "buy"], within="7d")
    assert funnel.times(buckets=["42000s", "82800s"])["people"].tolist() == [2, 0, 1]
    assert set(funnel.people_in_time(1, buckets=["42000s", "82800s"])) == {"ann", "bob"}


# Ann views on Monday and on Tuesday and buys after that; Bob views on Monday; Cat views on Monday and buys on Wednesday. There a person enters in
# every period in which they do step 1: Monday 3 entered and 2 bought, Tuesday 1 and 1, four entries of three people. Here each is in the period of
# their one chain, which for Ann begins on Tuesday: Monday 2 and 1, Tuesday 1 and 1.
def test_trend_beside_posthog() -> None:
    histories = {"ann": "view12 view36 buy42", "bob": "view12", "cat": "view12 buy60"}
    trend = told(histories, HOUR).funnel(["view", "buy"], within="3d").trend("day")
    assert [(row.period.day, row.step, row.people) for row in trend.itertuples()] == [(4, 1, 2), (4, 2, 1), (5, 1, 1), (5, 2, 1)]


# The first open ever is of the page "prices", the first that matches is of "about". Theirs has both kinds: "first ever" loses Ann, "first matching"
# counts her at both steps. Here first is the first that matches name and condition.
def test_first_events_beside_posthog() -> None:
    ev = told({"ann": "open0:prices open5:about pay9", "bob": "open0:about pay9"})
    funnel = ev.funnel([tl.Step("open", where={"mark": "about"}, first=True), "pay"], within="100s")
    assert reached(funnel, 2) == {"ann": 2, "bob": 2}


# Ann signs up on another system than she viewed on. First, last and a step's value are the same there and here. "All steps" there shows only what
# was done with the value: ios 1 person and then none, web nobody, as she did not view there; here she is in both groups with all the chain's steps.
def test_split_beside_posthog() -> None:
    ev = told({"ann": "view0:ios join9:web"})

    def groups(touch: Any) -> dict[str, list[int]]:
        frame = ev.funnel(["view", "join"], within="100s", by="mark", by_touch=touch).frame
        return {value: rows["people"].tolist() for value, rows in frame.groupby("mark")}

    assert groups("first") == {"ios": [1, 1]}
    assert groups("last") == groups(2) == {"web": [1, 1]}
    assert groups("all") == {"ios": [1, 1], "web": [1, 1]}


# Mixpanel's "uniques" enter once, at their first step 1, whose window is not opened again; "optimized re-entry" looks at every step 1. Here
# start_is="first" and "every". Each history with the steps reached under both, within 60 minutes.
MIXPANEL = (
    ("a second start in the first one's time", "a0 a30 b45 c75 d80", 2, 4),
    ("a second start after it", "a0 a70 b80 c90", 1, 3),
    ("other steps and events between", "a0 b10 x15 d20 c30 d40", 4, 4),
    ("a step skipped", "a0 b10 d20", 2, 2),
    ("excluded, and entered anew", "a0 e5 a10 b20", 1, 2),
    ("excluded after one step", "a0 b5 e10 c20", 2, 2),
)


@pytest.mark.parametrize(("start_is", "column"), [("first", 2), ("every", 3)])
def test_entries_beside_mixpanel(start_is: str, column: int) -> None:
    funnel = told({row[0]: row[1] for row in MIXPANEL}, MINUTE).funnel(["a", "b", "c", "d"], within="60m", start_is=start_is, exclude="e")
    assert reached(funnel, 4) == {row[0]: row[column] for row in MIXPANEL}


# Of three starts, theirs takes the time from the first (30 minutes), with re-entry from the last (10). Looked at from minute 5 on, Mixpanel's entry
# is the first start that is looked at (minute 10: 20 minutes), ours is the first in the whole source and not there.
def test_time_from_the_entry_beside_mixpanel() -> None:
    ev = told({"ann": "a0 a10 a20 b30"}, MINUTE)
    assert ev.funnel(["a", "b"], within="60m", start_is="first").elapsed() == 1800
    assert ev.funnel(["a", "b"], within="60m").elapsed() == 600
    later = ev.during("2024-03-04 00:05", "2024-03-04 01:00")
    assert reached(later.funnel(["a", "b"], within="60m", start_is="first"), 2) == {}
    assert later.funnel(["a", "b"], within="60m").elapsed() == 600


# A held value is that of the first step 1 in "uniques": red, which Ann never buys. Here any chain of one value will do: blue.
def test_held_values_beside_mixpanel() -> None:
    ev = told({"ann": "view0:red view5:blue buy9:blue", "bob": "view0:red buy9:blue"})
    assert reached(ev.funnel(["view", "buy"], hold="mark", start_is="first"), 2) == {"ann": 1, "bob": 1}
    assert reached(ev.funnel(["view", "buy"], hold="mark"), 2) == {"ann": 2, "bob": 1}


# Mixpanel lets steps within two seconds of one another change places, Amplitude those of one second: Ann converts in Mixpanel, Bob in both, Cat in
# neither. Here time decides, and between events of one instant the place in the source, or the order column.
def test_steps_at_once_beside_mixpanel_and_amplitude() -> None:
    ev = told({"ann": "b0 a2", "bob": "b0 a0", "cat": "b0 a3", "dan": "a0 b0"})
    assert reached(ev.funnel(["a", "b"], within="100s"), 2) == {"ann": 1, "bob": 1, "cat": 1, "dan": 2}
