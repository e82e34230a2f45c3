"""What the chains of a funnel tell beyond its rows, against the oracle's chains counted in plain Python, and against figures on paper."""

from __future__ import annotations

from datetime import timedelta
from math import isnan
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from tests.analysis.asking import Case, ask_funnel
from tests.analysis.strategies import FUZZING, funnel_cases
from tests.oracles.funnel import Funnel, members, reached, row_of

import tilth as tl
from tilth.errors import InputError

ENDS = ["1s", "1m", "1h", "1d"]
MICROS = [10**6, 60 * 10**6, 3600 * 10**6, 86400 * 10**6]


def bucket(took: timedelta) -> int:
    """The number of the bucket, from 1, by its definition: an end belongs to the bucket that it begins."""
    micros = took // timedelta(microseconds=1)
    return 1 + sum(micros >= end for end in MICROS)


@FUZZING
@given(funnel_cases("ordered"))
def test_times_and_trend_are_those_of_the_oracles_chains(asked: tuple[Case, list[Funnel]]) -> None:
    case, questions = asked
    ev, people = case.events(), case.people()
    for question in questions:
        result, found = ask_funnel(ev, question), members(question, people)
        for group, walkers in found.items():
            by = dict(zip(question.by, group, strict=True))
            for step in range(1, len(question.steps) + 1):
                took = {}
                for history, chain in walkers:
                    for place in range(len(chain)):
                        if row_of(question, chain, place) == step:
                            took[history.person] = bucket(history.left[chain[place][1]].time - history.left[chain[0][1]].time)
                frame = result.times(step, ENDS, **by)
                assert frame["people"].tolist() == [sum(number == n for number in took.values()) for n in range(1, 6)]
                for n in range(1, 6):
                    assert set(result.people_in_time(n, step, ENDS, **by)) == {person for person, number in took.items() if number == n}
            if question.by:
                continue
            trend = result.trend("day")
            entered = [(history.left[chain[0][1]].time.astimezone(ZoneInfo(case.tz)).date(), chain) for history, chain in walkers]
            for row in trend.itertuples():
                same = [chain for day, chain in entered if day == row.period.date()]
                assert row.people == sum(reached(question, chain, row.step) for chain in same)
            assert trend["people"].sum() == sum(
                reached(question, chain, step) for _day, chain in entered for step in range(1, len(question.steps) + 1)
            )


def shop() -> Any:
    """Of 20 people of each channel, 15 of x and 5 of y pay; those of x an hour after they view, those of y a day after."""
    rows = []
    for channel, paying, later in (("x", 15, "01:00"), ("y", 5, None)):
        for k in range(20):
            person = f"{channel}{k}"
            rows.append((person, "2025-01-01 00:00" if k % 2 else "2025-01-03 00:00", "view", channel))
            if k < paying:
                day = "2025-01-01" if k % 2 else "2025-01-03"
                rows.append((person, f"{day} {later}" if later else f"2025-01-0{2 if k % 2 else 4} 00:00", "pay", channel))
    rows.append(("last", "2025-01-05 00:00", "other", None))
    return tl.Events(pd.DataFrame(rows, columns=["user_id", "ts", "event", "channel"]))


def test_two_groups_are_compared_by_newcombe_and_fleiss() -> None:
    """15 of 20 and 5 of 20: z² = 10, p = 0.001565 (table of the normal distribution); Newcombe's interval by his formula with Wilson's bounds
    (0.5313, 0.8881) and (0.1119, 0.4687), worked out by hand: -0.5 - sqrt(2) * 0.2187 … -0.5 + sqrt(2) * ….
    """
    asked = shop().funnel(["view", "pay"], by="channel")
    (row,) = asked.compare({"channel": "x"}, {"channel": "y"}).to_dict("records")
    assert (row["step"], row["control"], row["treatment"], row["effect"]) == (2, 0.75, 0.25, -0.5)
    assert row["p_value"] == pytest.approx(0.001565, abs=1e-6)
    assert row["low"] == pytest.approx(-0.5 - ((0.25 - 0.1119) ** 2 + (0.8881 - 0.75) ** 2) ** 0.5, abs=2e-4)
    assert row["high"] == pytest.approx(-0.5 + ((0.4687 - 0.25) ** 2 + (0.75 - 0.5313) ** 2) ** 0.5, abs=2e-4)
    with pytest.raises(InputError, match="z"):
        asked.compare({"channel": "x"}, {"channel": "z"})


def test_the_ladder_of_times_and_the_trend_by_day() -> None:
    asked = shop().funnel(["view", "pay"], within="1d")
    times = asked.times()
    filled = times[times["people"] > 0]
    assert filled[["from_seconds", "to_seconds", "people", "share"]].values.tolist() == [[3600.0, 10800.0, 15, 0.75], [86400.0, 172800.0, 5, 0.25]]
    trend = asked.trend("day")
    assert trend[["step", "people"]].values.tolist() == [[1, 20], [2, 9], [1, 0], [2, 0], [1, 20], [2, 11]]
    assert [str(day)[:10] for day in trend["period"].unique()] == ["2025-01-01", "2025-01-02", "2025-01-03"]
    assert trend["complete"].tolist() == [True] * 6  # the last entry's day ends on the 4th, its window on the 5th, which is the last event's time
    assert isnan(trend["from_start"].iloc[2])
    assert not asked.trend("week")["complete"].any()
    assert len(asked.people_in_time(int(filled["bucket"].iloc[0]))) == 15


def test_a_chain_in_one_session_and_a_pause_that_ends_it() -> None:
    """A pause of exactly the timeout ends nothing, one a second longer does; what lies between counts as activity."""
    rows = [
        ("exactly", 0, "view"), ("exactly", 1800, "pay"),
        ("longer", 0, "view"), ("longer", 1801, "pay"),
        ("between", 0, "view"), ("between", 1500, "look"), ("between", 3000, "pay"),
    ]  # fmt: skip
    ev = tl.Events({"user_id": [row[0] for row in rows], "ts": [row[1] for row in rows], "event": [row[2] for row in rows]})
    assert set(ev.funnel(["view", "pay"], sessions="30m").people(step=2)) == {"exactly", "between"}
    assert set(ev.funnel(["view", "pay"]).people(step=2)) == {"exactly", "between", "longer"}
    assert "30" in ev.funnel(["view", "pay"], sessions="30m").definition()
    assert set(ev.where({"event": ["view", "pay"]}).funnel(["view", "pay"], sessions="30m").people(step=2)) == {"exactly"}


def test_those_whose_chain_began_in_a_period_are_as_many_as_the_trend_says() -> None:
    asked = shop().funnel(["view", "pay"], within="1d", by="channel")
    for period in ("day", "week"):
        for row in asked.trend(period).itertuples():
            assert len(asked.people_in_period(row.period, row.step, period, channel=row.channel)) == row.people
    assert set(asked.people_in_period("2025-01-03", 2)) == {f"x{k}" for k in range(0, 15, 2)} | {
        "y0",
        "y2",
        "y4",
    }  # who came on the 3rd: even numbers
    with pytest.raises(InputError, match="2024"):
        asked.people_in_period("2024-01-01")
