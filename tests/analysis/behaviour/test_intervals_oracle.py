"""Intervals against brute force, on generated cases with ties and lengths about the bounds, and worked out on paper.

The oracle (tests/oracles/intervals.py) looks from every start through all that comes after it; it shares no code with the kernel.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.asking import Case, length, public_step, source_of
from tests.analysis.strategies import FUZZING, UNITS, cases, known_names, once_in, some_columns, steady_times, steps
from tests.oracles.events import table
from tests.oracles.frames import differences
from tests.oracles.intervals import COLUMNS, SUMMARY, Intervals, intervals, summary, waits

import tilth as tl
from tilth.analysis.display.charts import drawn
from tilth.analysis.display.tables import table_of
from tilth.analysis.result import OTHER, NoSuchCell
from tilth.language import using


@st.composite
def interval_cases(draw: st.DrawFn) -> tuple[Case, list[Intervals]]:
    """A case with lengths of whole units, a microsecond more and less, and some questions to ask of it."""
    unit = draw(st.sampled_from(UNITS))
    case = draw(cases(steady_times(unit)))
    seconds = max(1, unit // timedelta(seconds=1))
    names = known_names(case.rows)
    spans = st.sampled_from([timedelta(seconds=seconds * k) for k in (1, 2)])
    question = st.builds(
        Intervals,
        steps(names),
        st.one_of(st.none(), steps(names)),
        once_in(3, spans, None),
        st.sampled_from(["every", "nearest"]),
        st.sampled_from([(seconds,), (seconds, seconds * 2), (seconds, seconds * 3)]),
        once_in(3, some_columns(), ()),
    )
    return case, draw(st.lists(question, min_size=1, max_size=4))


def ask(ev: Any, question: Intervals, **options: Any) -> Any:
    return ev.intervals(
        public_step(question.a),
        None if question.b is None else public_step(question.b),
        within=length(question.within),
        starts=question.starts,
        buckets=[f"{end}s" for end in question.buckets],
        by=list(question.by) or None,
        **options,
    )


@FUZZING
@given(interval_cases())
def test_intervals_are_the_oracles(asked: tuple[Case, list[Intervals]]) -> None:
    case, questions = asked
    ev, people = case.events(), case.people()
    for question in questions:
        result, expected, found = ask(ev, question), intervals(question, people), waits(question, people)
        assert differences(result.frame, expected, (*question.by, *COLUMNS), (*question.by, "bucket")) == []
        assert differences(result.summary, summary(question, people), (*question.by, *SUMMARY), question.by) == []
        for row in expected:
            group = {c: row[c] for c in question.by}
            inside = [w for w in found if w.seconds is not None and row["from_seconds"] <= w.seconds < row["to_seconds"]]
            assert set(result.people(row["bucket"], **group)) == {w.person for w in inside if w.group == tuple(group.values())}
        assert set(result.people()) == {w.person for w in found if w.seconds is not None}
        assert set(result.people(ended=False)) == {w.person for w in found if w.seconds is None}


@FUZZING
@given(interval_cases())
def test_the_smaller_groups_are_put_together(asked: tuple[Case, list[Intervals]]) -> None:
    case, questions = asked
    ev, people = case.events(), case.people()
    for question in (replace(one, by=("channel",)) for one in questions):
        whole, folded = ask(ev, question).summary, ask(ev, question, top=1)
        if len(whole) <= 1:
            assert folded.summary.equals(whole)
            continue
        largest = int(whole["starts"].to_numpy().argmax())  # of equal ones the first
        assert folded.summary["channel"].tolist()[1:] == [OTHER]
        assert folded.summary["starts"].tolist() == [whole["starts"].iloc[largest], whole["starts"].sum() - whole["starts"].iloc[largest]]
        kept = whole["channel"].iloc[largest]
        others = {w.person for w in waits(question, people) if w.seconds is not None and w.group != (kept,)}
        assert set(folded.people(channel=OTHER)) == others


# Ann looks at 10:00 and 10:10 and buys at 10:30: 30 and 20 minutes; she looks again at 11:00 and never buys. Bob buys and looks at one
# instant, the buy first: no buy follows his look. Cat looks and buys at one instant in that order: 0 seconds.
LOOKS = """person time  event channel
           ann    10:00 look  x
           ann    10:10 look  y
           ann    10:30 buy   x
           ann    11:00 look  x
           bob    10:00 buy   x
           bob    10:00 look  x
           cat    10:00 look  -
           cat    10:00 buy   x"""


def looked() -> Any:
    return tl.Events(source_of(table(LOOKS)), person="user_id", time="ts", event="event", tz="UTC")


def figures(result: Any) -> list[Any]:
    return result.summary[["starts", "intervals", "people", "median_seconds"]].to_numpy().tolist()


def test_intervals_come_to_the_answer_on_paper() -> None:
    every = looked().intervals("look", "buy")
    assert figures(every) == [[5, 3, 2, 1200]]  # 0, 1200, 1800
    assert every.summary[["mean_seconds", "p10_seconds", "p90_seconds"]].to_numpy().tolist() == [[1000, 240, 1680]]  # type 7, by hand
    assert set(every.people(ended=False)) == {"ann", "bob"}
    assert figures(looked().intervals("look", "buy", starts="nearest")) == [[4, 2, 2, 600]]  # 0, 1200
    assert figures(looked().intervals("look", "buy", within="20m")) == [[5, 2, 2, 600]]  # the bound is included
    assert figures(looked().intervals("look")) == [[5, 2, 1, 1800]]  # 10 and 50 minutes
    assert figures(looked().intervals("look")) == figures(looked().intervals("look", "look"))


def test_a_split_is_by_the_start() -> None:
    result = looked().intervals("look", "buy", by="channel", buckets=["10m", "25m"])
    assert result.summary[["channel", "starts", "intervals"]].to_numpy().tolist() == [["x", 3, 1], ["y", 1, 1], [None, 1, 1]]
    filled = result.frame[result.frame["intervals"] > 0]
    assert filled[["channel", "bucket"]].to_numpy().tolist() == [["x", 3], ["y", 2], [None, 1]]
    assert set(result.people(1, channel=None)) == {"cat"}
    assert [series["name"] for series in result.chart()["series"]] == ["x", "y", "—"]


# Without buckets of one's own, rungs of the ladder from the shortest (0 s) to the longest (30 min, which begins a rung).
def test_buckets_reach_from_the_shortest_to_the_longest() -> None:
    result = looked().intervals("look", "buy")
    assert result.frame[["from_seconds", "to_seconds", "intervals"]].to_numpy().tolist() == [
        [0, 10, 1],
        [10, 60, 0],
        [60, 180, 0],
        [180, 600, 0],
        [600, 1800, 1],
        [1800, 3600, 1],
    ]
    assert len(result.chart()["xAxis"]["data"]) == 6


# Ten groups of 1 to 10 people, each with one interval of a day: a page draws the eight largest and says so; folded to three, it draws four and calls
# the last by the word for others.
def test_a_page_draws_the_largest_groups() -> None:
    who = [(f"p{group}{k}", f"g{group}") for group in range(10) for k in range(group + 1)]
    rows = [(person, day, name, group) for person, group in who for day, name in (("2024-01-01", "look"), ("2024-01-02", "buy"))]
    events = tl.Events(pd.DataFrame(rows, columns=["user_id", "ts", "event", "group"]))
    with using("en"):
        option, remark = drawn(events.intervals("look", "buy", by="group"))
        assert [series["name"] for series in option["series"]] == [f"g{group}" for group in range(2, 10)]
        assert "8 largest of 10" in remark
        few, _remark = drawn(events.intervals("look", "buy", by="group", top=3))
        assert [series["name"] for series in few["series"]] == ["g7", "g8", "g9", "others"]
        rows = table_of(events.intervals("look", "buy", by="group", top=3)).rows
    assert [(row.cells[0].text, row.cells[1].text) for row in rows] == [("others", "28"), ("g9", "10"), ("g8", "9"), ("g7", "8")]


def test_faults_name_what_is_meant() -> None:
    for options, says in (
        ({"within": "3"}, "14d"),
        ({"starts": "closest"}, "nearest"),
        ({"buckets": ["1d", "1h"]}, "1h"),
        ({"buckets": "1h"}, "1h"),
        ({"buckets": []}, "1h"),
        ({"top": 3}, "top=3"),
        ({"top": 0, "by": "channel"}, "top=0"),
        ({"by": "intervals"}, "'intervals'"),
        ({"by": "chanel"}, "'channel'"),
    ):
        with pytest.raises(tl.TilthError, match=says):
            looked().intervals("look", "buy", **options)
    with pytest.raises(NoSuchCell):
        looked().intervals("look", "buy").people(7)
