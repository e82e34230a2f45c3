"""Odd but plausible input: the right answer by hand, or an error of Tilth's own that says what to do; never another library's exception."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from ibis import _

import tilth as tl
from tilth.engine.clock import BadLength, BadTime
from tilth.engine.conditions import BadCondition
from tilth.engine.sources import SourceError
from tilth.errors import InputError
from tilth.language import using

FRAME = pd.DataFrame(
    {
        "user_id": ["a", "a"],
        "ts": pd.to_datetime(["2024-01-02 07:00+08:00", "2024-01-02 10:00+08:00"]),
        "event": ["view", "buy"],
        "step": ["x", "y"],
        "cohort": ["x", "y"],
        "size": [np.inf, 1.0],
    }
)


@pytest.mark.parametrize(
    ("condition", "events"),
    [
        (_.ts.hour() == 10, 1),
        ({"ts": dt.datetime(2024, 1, 2, 10)}, 1),
        (_.ts.date() == dt.date(2024, 1, 2), 2),
        (_.ts >= "2024-01-02 08:00", 1),
    ],
)
def test_conditions_read_times_in_the_zone_of_the_events(condition, events):
    """07:00 and 10:00 in Shanghai on 2 January are 23:00 the day before and 02:00 in UTC."""
    assert len(tl.Events(FRAME, tz="Asia/Shanghai").where(condition)) == events


def test_a_split_by_a_time_carries_the_zone_of_the_events():
    frame = tl.Events(FRAME.assign(first=FRAME["ts"].min()), tz="Asia/Shanghai").funnel(["view"], by="first").frame
    assert frame["first"].tolist() == [pd.Timestamp("2024-01-02 07:00", tz="Asia/Shanghai")]


def test_a_split_that_would_hide_a_column_of_the_result_is_refused():
    events = tl.Events(FRAME)
    with using("en"):
        with pytest.raises(InputError, match=r"'step'.*another name"):
            events.funnel(["view"], by="step")
        with pytest.raises(InputError, match=r"'cohort'.*another name"):
            events.retention("view", by="cohort")
    assert events.funnel(["view"], by="size").frame["size"].tolist() == [np.inf]


def test_the_ends_of_time():
    events = tl.Events({"user_id": ["a", "a"], "ts": ["2024-01-01", "9999-12-31"], "event": ["view", "view"]})
    assert events.funnel(["view"]).frame["people"].tolist() == [1]
    assert len(events.during("2024-01-01", "9999-12-31")) == 2
    with pytest.raises(InputError, match="9999"):
        events.retention("view", period="month")
    known = tl.Events(FRAME).retention("view", periods=1, until="9999-12-31").frame
    assert known["complete"].tolist() == [True, True]
    with pytest.raises(BadTime):
        events.during(pd.NaT)
    with pytest.raises(BadLength):
        events.funnel(["view"], within="20000000w")


@pytest.mark.parametrize(
    "asked",
    [
        lambda e: tl.Step(1),
        lambda e: e.funnel(["view"], exclude=1),
        lambda e: e.within("a"),
        lambda e: e.where({"user_id": 1}),
        lambda e: e.where(_.user_id + "x"),
        lambda e: tl.Events(FRAME.assign(odd=pd.period_range("2024", periods=2, freq="D"))),
    ],
)
def test_what_cannot_be_used_is_refused_by_an_error_of_our_own(asked):
    with pytest.raises((InputError, BadCondition, SourceError)):
        asked(tl.Events(FRAME))


def test_ids_of_another_kind_name_nobody():
    events = tl.Events({"user_id": [1, 2], "ts": [1, 2], "event": ["view", "view"]})
    assert list(events.within(["1", "x"]).people()) == [1]
    assert events.funnel(["view"], exclude=None).frame["people"].tolist() == [2]


def test_a_result_with_many_groups_is_drawn_by_its_largest():
    """2,000 groups of one person and one of three: the table and the chart keep to the largest, the frame has all."""
    people = [f"p{k}" for k in range(2003)]
    funnel = tl.Events({"user_id": people, "ts": range(2003), "event": ["view"] * 2003, "city": [f"c{min(k, 2000)}" for k in range(2003)]}).funnel(
        ["view"], by="city"
    )
    assert len(funnel.frame) == 2001
    drawn = funnel.chart()["series"]
    assert len(drawn) == 50
    assert "c2000" in [one["name"] for one in drawn]
    assert len(funnel._repr_html_()) < 2_000_000
