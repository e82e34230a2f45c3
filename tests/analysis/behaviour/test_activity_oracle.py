"""Activity against plain pandas: distinct people by calendar period, new where the first event of all lies in it."""

import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tilth.analysis.behaviour.activity import Activity, ActivityOptions
from tilth.analysis.events import Events

rows = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 40 * 24 - 1), st.sampled_from(["open", "buy"])), min_size=1, max_size=60)
FIRST = pd.Timestamp("2025-03-20", tz="Asia/Shanghai")


def brute(frame, event, period):
    local = frame["ts"].dt.tz_localize(None)
    frame = frame.assign(period=local.dt.to_period({"day": "D", "week": "W-SUN", "month": "M"}[period]))
    first = frame.groupby("user_id")["period"].min()
    looked = frame if event is None else frame[frame["event"] == event]
    told = {}
    for at, group in looked.groupby("period"):
        people = set(group["user_id"])
        told[str(at.start_time.date())] = (len(people), sum(first[one] == at for one in people), len(group))
    return told


@settings(max_examples=150)
@given(rows, st.sampled_from([None, "open", "buy"]), st.sampled_from(["day", "week", "month"]))
def test_people_new_people_and_events_of_each_period(rows, event, period):
    assume(event is None or event in {what for _who, _hour, what in rows})  # a name that never occurs is an error of its own
    frame = pd.DataFrame([(who, FIRST + pd.Timedelta(hours=hour), what) for who, hour, what in rows], columns=["user_id", "ts", "event"])
    result = Activity(Events(frame), ActivityOptions(event, period))
    told = {str(row.period.date()): (row.people, row.new, row.events) for row in result.frame.itertuples() if row.events}
    assert told == brute(frame, event, period)
    for row in result.frame.itertuples():
        assert len(result.people(row.period)) == row.people
        assert len(result.people(row.period, new=True)) == row.new
    done = frame if event is None else frame[frame["event"] == event]
    assert set(result.people()) == set(done["user_id"])


def test_new_is_decided_by_the_whole_history_even_when_narrowed():
    events = Events({"user_id": ["a", "a", "b"], "ts": ["2025-01-01", "2025-02-01", "2025-02-01"], "event": ["x"] * 3}).during(
        "2025-02-01", "2025-02-28"
    )
    assert Activity(events).frame[["people", "new"]].values.tolist() == [[2, 1]]
