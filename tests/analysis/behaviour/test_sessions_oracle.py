"""Sessions against brute force, on generated cases with pauses about the timeout, and worked out on paper.

The oracle (tests/oracles/sessions.py) adds events to lists one after the other; it shares no code with the kernel.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.asking import Case, length, public_step, source_of
from tests.analysis.strategies import FUZZING, UNITS, cases, known_names, once_in, some_columns, steady_times, steps
from tests.oracles.events import table
from tests.oracles.frames import differences
from tests.oracles.sessions import COLUMNS, Sessions, sessions

import tilth as tl
from tilth.analysis.behaviour.sessions import SUMMARY
from tilth.analysis.result import OTHER, NoSuchCell


@st.composite
def session_cases(draw: st.DrawFn) -> tuple[Case, list[Sessions]]:
    """A case with pauses of whole units, a microsecond more and less, and some questions to ask of it."""
    unit = draw(st.sampled_from(UNITS))
    case = draw(cases(steady_times(unit)))
    spans = [unit * k for k in (1, 2, 3)] if unit >= timedelta(seconds=1) else [timedelta(seconds=1)]
    names = known_names(case.rows)
    by = once_in(3, some_columns(), ())
    timed = st.builds(Sessions, st.sampled_from(spans), st.one_of(st.none(), steps(names)), by)
    told = st.builds(Sessions, st.none(), steps(names), by)
    return case, draw(st.lists(st.one_of(timed, timed, told), min_size=1, max_size=4))


@FUZZING
@given(session_cases())
def test_sessions_are_the_oracles(asked: tuple[Case, list[Sessions]]) -> None:
    case, questions = asked
    ev, people = case.events(), case.people()
    for question in questions:
        separator = None if question.separator is None else public_step(question.separator)
        result = ev.sessions(length(question.timeout), separator, by=list(question.by) or None)
        expected = sessions(question, people)
        # `start` and `end` are instants, compared as such; `differences` would take a key for the local day
        assert differences(result.frame, expected, (*question.by, *COLUMNS), ("person", "session")) == []
        assert set(result.people()) == {row["person"] for row in expected}
        for number in {row["session"] for row in expected}:
            assert set(result.people(number)) == {row["person"] for row in expected if row["session"] == number}
        summary = result.summary
        for one in summary.itertuples():
            group = {c: None if pd.isna(getattr(one, c)) else getattr(one, c) for c in question.by}
            inside = [row for row in expected if one.from_seconds <= row["seconds"] < one.to_seconds and group.items() <= row.items()]
            assert (one.sessions, one.events) == (len(inside), sum(row["events"] for row in inside))
            assert set(result.people(bucket=one.bucket, **group)) == {row["person"] for row in inside}
            assert one.people == len({row["person"] for row in inside})
        assert summary["sessions"].sum() == len(expected)


# A pause of 30 minutes to the microsecond ends nothing, one of a microsecond more does. Midnight lies inside the first session.
VISITS = """person time                       event
            ann    2024-03-01T23:50           open
            ann    2024-03-02T00:20           look
            ann    2024-03-02T00:50:00.000001 look
            ann    2024-03-02T01:00           open
            bob    2024-03-01T23:50           look"""


def visited() -> Any:
    return tl.Events(source_of(table(VISITS)), person="user_id", time="ts", event="event", tz="UTC")


def test_sessions_come_to_the_answer_on_paper() -> None:
    frame = visited().sessions().frame
    assert frame.drop(columns=["start", "end"]).to_numpy().tolist() == [[1, "ann", 2, 1800.0], [2, "ann", 2, 599.999999], [1, "bob", 1, 0.0]]
    assert str(frame["start"].iloc[1]) == "2024-03-02 00:50:00.000001+00:00"
    assert str(frame["end"].iloc[0]) == "2024-03-02 00:20:00+00:00"


# Ann's sessions begin by x and by null, Bob's by x.
def test_a_session_is_of_the_group_of_its_first_event() -> None:
    rows = table(VISITS)
    for row, channel in zip(rows, ["x", "y", None, "y", "x"], strict=True):
        row["channel"] = channel
    split = tl.Events(source_of(rows), tz="UTC").sessions(by="channel")
    assert [None if pd.isna(v) else v for v in split.frame["channel"]] == ["x", None, "x"]
    assert tuple(split.summary.columns) == ("channel", *SUMMARY)
    filled = split.summary[split.summary["sessions"] > 0].drop(columns=["bucket", "to_seconds"])
    assert [[None if pd.isna(v) else v for v in row] for row in filled.to_numpy().tolist()] == [
        ["x", 0, 1, 1, 1],
        ["x", 1800, 1, 1, 2],
        [None, 180, 1, 1, 2],
    ]
    assert set(split.people(channel=None)) == {"ann"}
    assert set(split.people(bucket=1, channel="x")) == {"bob"}
    assert [line["name"] for line in split.chart()["series"]] == ["x", "—"]
    kept = tl.Events(source_of(rows), tz="UTC").sessions(by="channel", top=1)
    assert kept.frame["channel"].tolist() == ["x", OTHER, "x"]
    assert set(kept.people(channel=OTHER)) == {"ann"}
    # Two sessions that begin at one instant: the separator of the second is another event.
    twice = tl.Events({"user_id": ["a", "a"], "ts": [0, 0], "event": ["look", "open"], "channel": ["x", "y"]})
    assert twice.sessions("30m", "open", by="channel").frame["channel"].tolist() == ["x", "y"]
    # What is not looked at is passed over.
    narrowed = tl.Events({"user_id": ["a", "a", "a"], "ts": [0, 1, 2], "event": ["look", "open", "look"], "channel": ["x", "y", "z"]})
    assert narrowed.where({"event": "open"}).sessions(by="channel").frame["channel"].tolist() == ["y"]


def test_a_separator_begins_a_session_with_itself_and_without_a_timeout_nothing_else_does() -> None:
    with_both = visited().sessions("30m", "open").frame
    assert with_both[["session", "person", "events"]].to_numpy().tolist() == [[1, "ann", 2], [2, "ann", 1], [3, "ann", 1], [1, "bob", 1]]
    by_open = visited().sessions(None, "open").frame
    assert by_open[["session", "person", "events"]].to_numpy().tolist() == [[1, "ann", 3], [2, "ann", 1], [1, "bob", 1]]


# Google Analytics ends a session after 30 minutes without activity by default (support.google.com/analytics/answer/9191807): two visits of one
# person, 10:00 to 10:05 and 10:40, are two; how long the second lasted nobody knows.
def test_a_second_visit_after_the_default_timeout_is_a_second_session() -> None:
    events = tl.Events({"user_id": ["a"] * 3, "ts": ["2024-01-01 10:00", "2024-01-01 10:05", "2024-01-01 10:40"], "event": ["page_view"] * 3})
    assert events.sessions().frame["seconds"].tolist() == [300.0, 0.0]


# Sessions of 0 s, 300 s and 2,000,000 s: the buckets go from "under 10 seconds" to the one that holds 23 days.
def test_lengths_are_told_in_buckets() -> None:
    events = tl.Events({"user_id": ["a", "b", "b", "c", "c"], "ts": [0, 0, 300, 0, 2_000_000], "event": ["x"] * 5})
    result = events.sessions("90d")
    filled = result.summary[result.summary["sessions"] > 0]
    assert filled[["from_seconds", "to_seconds", "events"]].to_numpy().tolist() == [
        [0, 10, 1],
        [180, 600, 2],
        [14 * 86400, 30 * 86400, 2],
    ]
    assert len(result.chart()["xAxis"]["data"]) == len(result.summary) == filled["bucket"].max()
    assert set(result.people(bucket=int(filled["bucket"].max()))) == {"c"}
    with pytest.raises(NoSuchCell):
        result.people(bucket=99)


def test_faults_name_what_is_meant() -> None:
    with pytest.raises(tl.TilthError, match="30m"):
        visited().sessions(30)
    with pytest.raises(tl.TilthError, match="30m"):
        visited().sessions(None)
    with pytest.raises(tl.TilthError, match="'bucket'"):
        visited().sessions(by="bucket")
    with pytest.raises(tl.TilthError, match="'open'"):
        visited().sessions(separator="opn")


def test_nothing_is_a_frame_without_rows() -> None:
    empty = tl.Events(source_of([]), person="user_id", time="ts", event="event")
    for ev in (empty, visited().during("2025-01-01")):
        result = ev.sessions()
        assert (len(result.frame), tuple(result.frame.columns)) == (0, COLUMNS)
        assert np.array_equal(result.summary.to_numpy(), np.empty((0, 6)))
