"""Stickiness and frequency against brute force, on generated cases around the edges of periods, and worked out on paper.

The oracle (tests/oracles/tallies.py) goes through every person and window; it shares no code with the kernel.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.asking import Case, public_step, source_of
from tests.analysis.strategies import FUZZING, calendar_cases, known_names, once_in, some_columns, steps
from tests.oracles.events import table
from tests.oracles.frames import differences
from tests.oracles.tallies import Frequency, Stickiness, counts, groups, rows

import tilth as tl
from tilth.analysis.result import OTHER, NoSuchCell

WINDOWS = [("day", "week"), ("day", "month"), ("week", "month")]


@st.composite
def tallied_cases(draw: st.DrawFn, kind: str) -> tuple[Case, list[Stickiness] | list[Frequency]]:
    """A case about the edges of days, weeks or months, and some questions of one kind to ask of it."""
    case = draw(calendar_cases(draw(st.sampled_from(["day", "week", "month"]))))
    event = st.one_of(st.none(), steps(known_names(case.rows)))
    zone, week = st.just(case.tz), st.just(case.week_start)
    pair = st.sampled_from(WINDOWS)
    by = once_in(3, some_columns(), ())
    sticky = st.builds(lambda e, w, z, s, b: Stickiness(e, *w, z, s, b), event, pair, zone, week, by)
    often = st.builds(Frequency, event, st.sampled_from([None, "day", "week", "month"]), zone, week, by)
    return case, draw(st.lists(sticky if kind == "stickiness" else often, min_size=1, max_size=4))


@FUZZING
@given(tallied_cases("stickiness"))
def test_stickiness_is_the_oracles(asked: tuple[Case, list[Stickiness]]) -> None:
    case, questions = asked
    ev, people = case.events(), case.people()
    for question in questions:
        event = None if question.event is None else public_step(question.event)
        result, found = ev.stickiness(event, question.period, question.over, by=list(question.by) or None), counts(question, people)
        own = groups(question, people)
        assert differences(result.frame, rows(question, people), (*question.by, "active_periods", "people"), (*question.by, "active_periods")) == []
        for (person, window), number in found.items():
            by = dict(zip(question.by, own[person, window], strict=True))
            inside = {key[0] for key, n in found.items() if n == number and own[key] == own[person, window]}
            assert set(result.people(number, **by)) == inside
            assert set(result.people(number)) == {who for (who, _w), n in found.items() if n == number}
            assert set(result.people(window=window)) == {who for who, w in found if w == window}
            assert person in result.people(number, window)
        assert set(result.people()) == {who for who, _window in found}


@FUZZING
@given(tallied_cases("frequency"))
def test_frequency_is_the_oracles(asked: tuple[Case, list[Frequency]]) -> None:
    case, questions = asked
    ev, people = case.events(), case.people()
    for question in questions:
        event = None if question.event is None else public_step(question.event)
        result, found = ev.frequency(event, question.period, by=list(question.by) or None), counts(question, people)
        own = groups(question, people)
        assert differences(result.frame, rows(question, people), (*question.by, "times", "people"), (*question.by, "times")) == []
        for (person, window), number in found.items():
            by = dict(zip(question.by, own[person, window], strict=True))
            inside = {key[0] for key, n in found.items() if n >= number and own[key] == own[person, window]}
            assert set(result.people(at_least=number, **by)) == inside
            assert set(result.people(number)) == {who for (who, _w), n in found.items() if n == number}
            assert set(result.people(at_least=number)) == {who for (who, _w), n in found.items() if n >= number}
            assert person in result.people(number, period=window)


# Weeks from Monday, March 4 and 11 2024. Ann: Monday twice, Tuesday, Sunday: three days of the first week; Monday of the second: one. Bob: Sunday the
# 10th and Monday the 11th: one day in each.
OPENS = """person time             event
           ann    2024-03-04T00:00 open
           ann    2024-03-04T23:59 open
           ann    2024-03-05T10:00 open
           ann    2024-03-10T23:59 open
           ann    2024-03-11T00:00 open
           bob    2024-03-10T12:00 open
           bob    2024-03-11T12:00 open
           bob    2024-03-11T13:00 look"""


def opened() -> Any:
    return tl.Events(source_of(table(OPENS)), person="user_id", time="ts", event="event", tz="UTC")


def test_stickiness_comes_to_the_answer_on_paper() -> None:
    weekly = opened().stickiness()
    assert weekly.frame.to_numpy().tolist() == [[1, 3], [3, 1]]
    assert weekly.chart()["series"][0]["data"] == [3, 0, 1]
    assert set(weekly.people(3)) == {"ann"}
    assert set(weekly.people(1, "2024-03-13")) == {"ann", "bob"}
    # In March, Ann was active on four days and Bob on two; in weeks, both in two.
    assert opened().stickiness(over="month").frame.to_numpy().tolist() == [[2, 1], [4, 1]]
    assert opened().stickiness(period="week", over="month").frame.to_numpy().tolist() == [[2, 2]]


# Ann's first open of the first week is by x and her second by y, that of the second week by y; Bob's are by y and null.
def test_a_person_is_in_each_window_of_the_group_of_their_first_event_there() -> None:
    opens = table(OPENS)
    for row, channel in zip(opens, ["x", "y", "y", "x", "y", "y", None, "x"], strict=True):
        row["channel"] = channel
    events = tl.Events(source_of(opens), tz="UTC")
    weekly = events.stickiness(by="channel")
    assert [[None if pd.isna(v) else v for v in row] for row in weekly.frame.to_numpy().tolist()] == [["x", 3, 1], ["y", 1, 2], [None, 1, 1]]
    assert set(weekly.people(1, channel="y")) == {"ann", "bob"}
    assert set(weekly.people(1, "2024-03-13", channel="y")) == {"ann"}
    assert {line["name"]: line["data"] for line in weekly.chart()["series"]} == {"x": [0, 0, 1], "y": [1, 0, 0], "—": [1, 0, 0]}
    # Over everything, Ann's five opens are of x and Bob's two of y.
    ever = events.frequency("open", by="channel")
    assert ever.frame.to_numpy().tolist() == [["x", 5, 1], ["y", 2, 1]]
    assert set(ever.people(at_least=2, channel="y")) == {"bob"}
    kept = events.stickiness(by="channel", top=1)  # y has two person-weeks, the others one each
    assert kept.frame.to_numpy().tolist() == [["y", 1, 2], [OTHER, 1, 1], [OTHER, 3, 1]]
    assert set(kept.people(channel=OTHER)) == {"ann", "bob"}
    with pytest.raises(tl.TilthError, match="top=1"):
        events.frequency(top=1)


# The pattern of PostHog's own test of stickiness (posthog/hogql_queries/insights/test/test_stickiness_query_runner.py), whose window is the range of
# dates: one person on nine days in a row from a Saturday on, another on every second of them. Days: 9 and 5; weeks from Sunday: 3 and 3.
def test_stickiness_of_one_window_is_as_published() -> None:
    rows = [("p1", f"2021-05-{day:02} 12:00", "view") for day in range(1, 10)] + [
        ("p2", f"2021-05-{day:02} 12:00", "view") for day in range(1, 10, 2)
    ]
    events = tl.Events(pd.DataFrame(rows, columns=["user_id", "ts", "event"]), week_start="sunday")
    assert events.stickiness(over="month").frame.to_numpy().tolist() == [[5, 1], [9, 1]]
    assert events.stickiness(period="week", over="month").frame.to_numpy().tolist() == [[3, 2]]


# A week that two months share is active in each of them: Thursday February 29 and Friday March 1 2024 are of one week.
def test_a_week_is_counted_in_either_of_its_months() -> None:
    events = tl.Events({"user_id": ["a", "a"], "ts": ["2024-02-29", "2024-03-01"], "event": ["open"] * 2})
    assert events.stickiness(period="week", over="month").frame.to_numpy().tolist() == [[1, 2]]


def test_frequency_comes_to_the_answer_on_paper() -> None:
    ever = opened().frequency("open")
    assert ever.frame.to_numpy().tolist() == [[2, 1], [5, 1]]
    assert set(ever.people(at_least=3)) == {"ann"}
    # By week: Ann 4 and 1, Bob 1 and 1, his look not being an open.
    weekly = opened().frequency("open", "week")
    assert weekly.frame.to_numpy().tolist() == [[1, 3], [4, 1]]
    assert set(weekly.people(1, period="2024-03-08")) == {"bob"}
    with pytest.raises(NoSuchCell, match="period"):
        ever.people(period="2024-03-08")


# Twelve people, the k-th of whom did it k times: nine bars, and one of three people for ten times and more.
def test_many_times_are_drawn_together() -> None:
    who = [f"p{k}" for k in range(1, 13) for _time in range(k)]
    result = tl.Events({"user_id": who, "ts": list(range(len(who))), "event": ["buy"] * len(who)}).frequency()
    assert result.frame["people"].tolist() == [1] * 12
    chart = result.chart()
    assert chart["xAxis"]["data"][-2:] == ["9", "10+"]
    assert chart["series"][0]["data"] == [1] * 9 + [3]


def test_faults_name_what_is_meant() -> None:
    for period, over in (("week", "week"), ("month", "week"), ("week", "day")):
        with pytest.raises(tl.TilthError, match=r"longer|长"):
            opened().stickiness(period=period, over=over)
    with pytest.raises(tl.TilthError, match="'month'"):
        opened().frequency(period="mnth")
    for name in ("window", "people"):
        with pytest.raises(tl.TilthError, match=f"'{name}'"):
            opened().stickiness(by=name)
    with pytest.raises(tl.TilthError, match="'open'"):
        opened().frequency("opn")
