"""Retention against brute force: on generated cases around the edges of days, weeks and months, and on real behaviour.

The oracle (tests/oracles/retention.py) looks through every event for every cell; it shares no code with the kernel.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from tests.analysis.asking import Case, ask_retention, source_of
from tests.analysis.strategies import FUZZING, retention_cases
from tests.oracles.events import History, Step, histories, instant, table
from tests.oracles.frames import differences
from tests.oracles.retention import COLUMNS, Retention, people_at, retention

import tilth as tl

TAOBAO = Path(__file__).parents[4] / "shared" / "data" / "taobao_behavior.csv"


def agree(case: Case, questions: Sequence[Retention]) -> None:
    """Check the frame of each question, who stands in its cells, and what was left out."""
    ev, people = case.events(), case.people()
    for question in questions:
        assert agree_on(ev, question, people).left_out == histories(case.rows)[1]


def agree_on(ev: Any, question: Retention, people: Sequence[History]) -> Any:
    columns = (*question.by, *COLUMNS, *([] if question.value is None else ["value", "value_each"]))
    result = ask_retention(ev, question)
    expected = retention(question, people)
    assert differences(result.frame, expected, columns, (*question.by, "cohort", "period")) == []
    told = {pd.Timestamp(cohort).date(): cohort for cohort in result.frame["cohort"]}
    for row in expected:
        if row["people"] is not None:
            group = {c: row[c] for c in question.by}
            inside = people_at(question, people, row["cohort"], row["period"], tuple(group.values()))
            assert set(result.people(cohort=told[row["cohort"]], period=row["period"], **group)) == inside
    return result


@FUZZING
@given(retention_cases("on"))
def test_retention_on_a_period_is_the_oracles(asked: tuple[Case, list[Retention]]) -> None:
    agree(*asked)


@FUZZING
@given(retention_cases("on_or_after"))
def test_retention_on_or_after_is_the_oracles(asked: tuple[Case, list[Retention]]) -> None:
    agree(*asked)


@FUZZING
@given(retention_cases("bracket"))
def test_retention_in_brackets_is_the_oracles(asked: tuple[Case, list[Retention]]) -> None:
    agree(*asked)


OPENS = table(
    """person time             event
       ann    2024-03-01T10:00 open
       ann    2024-03-02T10:00 open
       ann    2024-03-03T10:00 open
       bob    2024-03-02T10:00 open
       bob    2024-03-03T10:00 open"""
)


def opened(**options: Any) -> Any:
    return tl.Events(source_of(OPENS), person="user_id", time="ts", event="event", tz="UTC", **options)


# From March 2 on: Ann's first start ever, on the 1st, is not there to start a cohort; Bob's is. Recurring, both start on the 2nd.
def test_the_first_start_is_the_sources_first() -> None:
    narrowed = opened().during("2024-03-02", "2024-03-03")
    first = narrowed.retention("open", periods=1, until=instant("2024-03-09T00:00")).frame
    assert first[["period", "size", "people"]].to_numpy().tolist() == [[0, 1, 1], [1, 1, 1]]
    every = narrowed.retention("open", periods=0, start_is="recurring", until=instant("2024-03-09T00:00")).frame
    assert every[["period", "size", "people"]].to_numpy().tolist() == [[0, 2, 2], [0, 2, 2]]


# The zone and the first day of the week that a question does not give are those of the Events: weeks from Sunday, in New York.
# 2024-03-10 is a Sunday; its first instant there is 05:00 UTC.
def test_zone_and_week_are_those_of_the_events() -> None:
    rows = table(
        """person time                       event
           ann    2024-03-10T04:59:59.999999 open
           bob    2024-03-10T05:00           open"""
    )
    ev = tl.Events(source_of(rows), person="user_id", time="ts", event="event", tz="America/New_York", week_start="sunday")
    frame = ev.retention("open", period="week", periods=0).frame
    assert [pd.Timestamp(c).date().isoformat() for c in frame["cohort"]] == ["2024-03-03", "2024-03-10"]


# Nothing is left on March 9, and nothing was there in a source without rows: no cohort, no row, all columns.
def test_nothing_left_is_a_frame_without_rows() -> None:
    empty = tl.Events(source_of([]), person="user_id", time="ts", event="event")
    for ev in (opened().during("2024-03-09", "2024-03-09"), empty):
        frame = ev.retention("open").frame
        assert (len(frame), tuple(frame.columns)) == (0, COLUMNS)


# 43 people's page views and purchases on Taobao: by day and by week, in Shanghai and in New York.
@pytest.mark.parametrize("kind", ["on", "on_or_after", "bracket"])
@pytest.mark.parametrize(("period", "tz"), [("day", "Asia/Shanghai"), ("week", "America/New_York")])
def test_taobao_retention_is_the_oracles(kind: str, period: str, tz: str) -> None:
    if not TAOBAO.exists():
        pytest.skip("needs taobao_behavior.csv in ../shared/data")
    raw = pd.read_csv(TAOBAO, header=None, names=["person", "item", "category", "event", "time"], dtype={"person": str})
    rows = [r | {"time": datetime.fromtimestamp(r["time"], UTC)} for r in raw.to_dict("records")]
    question = Retention(
        Step(("pv",)), Step(("buy", "cart")), period, 5, kind, ((1, 2), (3, 5)) if kind == "bracket" else (), tz=tz, start_is="recurring"
    )
    frame = ask_retention(tl.Events(raw, person="person", time="time", event="event"), question).frame
    assert differences(frame, retention(question, histories(rows)[0]), COLUMNS, ("cohort", "period")) == []
