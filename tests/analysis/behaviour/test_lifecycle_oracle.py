"""Lifecycle against brute force, on generated cases around the edges of days, weeks and months, and worked out on paper.

The oracle (tests/oracles/lifecycle.py) says of every person and period what they are by the words of the rules; it shares no code with the kernel.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.asking import Case, public_step, source_of
from tests.analysis.strategies import FUZZING, WEEKDAYS, calendar_cases, known_names, once_in, some_columns, steps
from tests.oracles.events import table
from tests.oracles.frames import differences
from tests.oracles.lifecycle import COLUMNS, Lifecycle, active, lifecycle, members, people_at, periods

import tilth as tl
from tilth.analysis.result import OTHER, NoSuchCell


@st.composite
def lifecycle_cases(draw: st.DrawFn) -> tuple[Case, list[Lifecycle]]:
    """A case about the edges of days, weeks or months, and some questions to ask of it."""
    period = draw(st.sampled_from(["day", "week", "month"]))
    case = draw(calendar_cases(period))
    event = st.one_of(st.none(), steps(known_names(case.rows)))
    question = st.builds(
        Lifecycle,
        event,
        once_in(4, st.sampled_from(["day", "week", "month"]), period),
        st.just(case.tz),
        st.just(case.week_start),
        once_in(3, some_columns(), ()),
    )
    return case, draw(st.lists(question, min_size=1, max_size=4))


def ask(ev: Any, question: Lifecycle, **options: Any) -> Any:
    return ev.lifecycle(None if question.event is None else public_step(question.event), question.period, by=list(question.by) or None, **options)


@FUZZING
@given(lifecycle_cases())
def test_lifecycle_is_the_oracles(asked: tuple[Case, list[Lifecycle]]) -> None:
    case, questions = asked
    ev, people = case.events(), case.people()
    for question in questions:
        result, expected = ask(ev, question), lifecycle(question, people)
        assert differences(result.frame, expected, (*question.by, *COLUMNS), (*question.by, "period")) == []
        for group, own in members(question, people).items():
            by = dict(zip(question.by, group, strict=True))
            for now in periods(question, people):
                noon = f"{now} 12:00"
                for state in COLUMNS[1:]:
                    assert set(result.people(noon, state, **by)) == people_at(question, people, now, state, own)
                assert set(result.people(noon, **by)) == {h.person for h in own if now in active(question, h)}
            assert set(result.people(**by)) == {h.person for h in own}
        for state in COLUMNS[1:]:
            assert set(result.people(state=state)) == set().union(*(people_at(question, people, row["period"], state) for row in expected))
        assert set(result.people()) == {h.person for h in people if active(question, h)}


# Everybody is of one group, so what a group is told of is the question asked of its people alone, and "(other)" is that of all the others'.
@FUZZING
@given(lifecycle_cases())
def test_the_smaller_groups_are_put_together(asked: tuple[Case, list[Lifecycle]]) -> None:
    case, questions = asked
    ev, people = case.events(), case.people()
    for question in (replace(one, by=("channel",)) for one in questions):
        own = {group: {h.person for h in histories} for (group,), histories in members(question, people).items()}
        folded, alone = ask(ev, question, top=1), replace(question, by=())
        if len(own) <= 1:
            assert OTHER not in folded.frame["channel"].tolist()
            continue
        kept = folded.frame["channel"].iloc[0]
        kept = None if pd.isna(kept) else kept
        others = set().union(*(who for group, who in own.items() if group != kept))
        assert len(own[kept]) == max(map(len, own.values()))
        assert set(folded.people(channel=OTHER)) == others
        for value, who in ((kept, own[kept]), (OTHER, others)):
            rows = folded.frame[folded.frame["channel"].isna() if value is None else folded.frame["channel"] == value]
            assert rows[list(COLUMNS)].to_numpy().tolist() == ask(ev.within(who), alone).frame.to_numpy().tolist()


# Ann on the 1st, 2nd and 4th, Bob on the 2nd and 3rd, Cat on the 4th; the source begins on February 29 with an event of nobody's kind.
#   29th: a look by Dan is no open: nobody.  1st: Ann new.  2nd: Ann returning, Bob new.  3rd: Bob returning, Ann dormant.
#   4th: Ann resurrecting, Cat new, Bob dormant.  5th (the last event, Dan's look): Ann and Cat dormant.
PEOPLE = """person time             event
            dan    2024-02-29T10:00 look
            ann    2024-03-01T10:00 open
            ann    2024-03-02T09:00 open
            ann    2024-03-02T10:00 open
            ann    2024-03-04T23:59 open
            bob    2024-03-02T00:00 open
            bob    2024-03-03T23:59 open
            cat    2024-03-04T12:00 open
            dan    2024-03-05T12:00 look"""


def told(text: str, **options: Any) -> Any:
    return tl.Events(source_of(table(text)), person="user_id", time="ts", event="event", tz="UTC", **options)


def figures(result: Any) -> list[list[Any]]:
    return [[at.strftime("%m-%d"), *row] for at, *row in result.frame.itertuples(index=False)]


def test_lifecycle_comes_to_the_answer_on_paper() -> None:
    result = told(PEOPLE).lifecycle("open")
    assert figures(result) == [
        ["02-29", 0, 0, 0, 0],
        ["03-01", 1, 0, 0, 0],
        ["03-02", 1, 1, 0, 0],
        ["03-03", 0, 1, 0, 1],
        ["03-04", 1, 0, 1, 1],
        ["03-05", 0, 0, 0, 2],
    ]
    assert set(result.people("2024-03-04", "resurrecting")) == {"ann"}
    assert set(result.people("2024-03-05", "dormant")) == {"ann", "cat"}
    with pytest.raises(NoSuchCell):
        result.people("2024-03-06", "new")


# The pattern of PostHog's own test of lifecycle (posthog/queries/test/test_lifecycle.py, test_lifecycle_trend), on other days. People's records are
# made there at their first event, so that new means the same as here. Ann on days 3, 4, 5, 7, 9 and 11, Bob on 1 and 4, Cat on 4, Dan on 7; looked at
# are days 4 to 11, and dormant is written below zero.
def test_people_go_through_the_states_as_published() -> None:
    days = {"ann": (3, 4, 5, 7, 9, 11), "bob": (1, 4), "cat": (4,), "dan": (7,)}
    rows = [(who, f"2021-06-{day:02} 12:00", "open") for who, theirs in days.items() for day in theirs]
    result = tl.Events(pd.DataFrame(rows, columns=["user_id", "ts", "event"])).lifecycle()
    published = result.frame[3:]
    assert published["dormant"].tolist() == [0, 2, 1, 0, 2, 0, 1, 0]
    assert published["new"].tolist() == [1, 0, 0, 1, 0, 0, 0, 0]
    assert published["resurrecting"].tolist() == [1, 0, 0, 1, 0, 1, 0, 1]
    assert published["returning"].tolist() == [1, 1, 0, 0, 0, 0, 0, 0]
    assert result.chart()["series"][3]["data"][3:] == [0, -2, -1, 0, -2, 0, -1, 0]


# Narrowed to March 2 and 3: Ann's first open ever was on the 1st, so she is not new on the 2nd, and as the 1st is not looked at not returning either.
# Rows are those of the whole source; the chart draws the days looked at.
def test_new_is_decided_by_the_whole_source() -> None:
    result = told(PEOPLE).during("2024-03-02", "2024-03-03").lifecycle("open")
    assert [row for row in figures(result) if any(row[1:])] == [["03-02", 1, 0, 1, 0], ["03-03", 0, 1, 0, 1], ["03-04", 0, 0, 0, 1]]
    assert len(result.frame) == 6
    assert result.chart()["xAxis"]["data"] == ["03-02", "03-03"]


# Ann is of x by her open on the 1st, though she opens by y later; Bob's is null; Cat is of y. With one group kept, Bob's null goes before y: of equal
# ones those that sort first are kept, and null sorts last.
def test_a_person_is_of_the_group_of_their_first_event() -> None:
    rows = table(PEOPLE)
    for row, channel in zip(rows, [None, "x", "y", "y", "y", None, "y", "y", "x"], strict=True):
        row["channel"] = channel
    split = tl.Events(source_of(rows), tz="UTC").lifecycle("open", by="channel")
    there = split.frame[split.frame[list(COLUMNS[1:])].any(axis=1)]
    assert [[None if pd.isna(v) else v for v in row] for row in there.drop(columns="period").to_numpy().tolist()] == [
        ["x", 1, 0, 0, 0],  # the 1st
        ["x", 0, 1, 0, 0],
        ["x", 0, 0, 0, 1],
        ["x", 0, 0, 1, 0],
        ["x", 0, 0, 0, 1],
        ["y", 1, 0, 0, 0],  # the 4th
        ["y", 0, 0, 0, 1],
        [None, 1, 0, 0, 0],  # the 2nd
        [None, 0, 1, 0, 0],
        [None, 0, 0, 0, 1],
    ]
    assert split.frame.columns[0] == "channel"
    assert set(split.people(channel="y")) == {"cat"}
    assert set(split.people("2024-03-04", "dormant", channel=None)) == {"bob"}
    assert [line["name"] for line in split.chart()["series"]] == ["x", "y", "—"]
    assert split.chart()["series"][0]["data"] == [0, 1, 1, 0, 1, 0]
    kept = tl.Events(source_of(rows), tz="UTC").lifecycle("open", by="channel", top=1)
    assert kept.frame["channel"].unique().tolist() == ["x", OTHER]
    assert set(kept.people(channel=OTHER)) == {"bob", "cat"}
    with pytest.raises(NoSuchCell, match="'z'"):
        split.people(channel="z")
    with pytest.raises(tl.TilthError, match="top=1"):
        told(PEOPLE).lifecycle(top=1)


# The first of March 2024 is a Friday: with weeks from Sunday, Saturday the 2nd is another week than Sunday the 3rd.
@pytest.mark.parametrize(("week_start", "rows"), [("monday", ["02-26", "03-04"]), ("sunday", ["02-25", "03-03"])])
def test_weeks_start_when_they_are_told_to(week_start: str, rows: list[str]) -> None:
    assert week_start in WEEKDAYS
    result = told(PEOPLE, week_start=week_start).lifecycle(period="week")
    assert [row[0] for row in figures(result)] == rows


def test_nothing_is_a_frame_without_people() -> None:
    empty = tl.Events(source_of([]), person="user_id", time="ts", event="event")
    assert (len(empty.lifecycle().frame), tuple(empty.lifecycle().frame.columns)) == (0, COLUMNS)
    none = told(PEOPLE).during("2024-03-09").lifecycle("open")
    assert none.frame[list(COLUMNS[1:])].to_numpy().sum() == 0
    assert len(none.people()) == 0


def test_faults_name_what_is_meant() -> None:
    with pytest.raises(tl.TilthError, match="'week'"):
        told(PEOPLE).lifecycle(period="weekly")
    with pytest.raises(tl.TilthError, match="'new'"):
        told(PEOPLE).lifecycle().people(state="news")
    with pytest.raises(tl.TilthError, match="optional"):
        told(PEOPLE).lifecycle(tl.Step("open", optional=True))
    with pytest.raises(tl.TilthError, match="'state'"):
        tl.Events(source_of(table(PEOPLE)).assign(state="NY")).lifecycle(by="state")  # people(state=…) would have two meanings
    assert isinstance(told(PEOPLE).lifecycle().frame["period"].iloc[0], pd.Timestamp)
