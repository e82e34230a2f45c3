"""Retention of ClickHouse, PostHog, Mixpanel and Amplitude, restated: what theirs come to on histories of ours, and what ours come to.

Sources: ``retention`` on ClickHouse's page "Parametric aggregate functions" (the numbers were also run on ClickHouse 26.9); PostHog's tests
posthog/hogql_queries/insights/retention/test/test_retention_query_runner.py, the code they test and its page "Retention"; Mixpanel's page of that
name; Amplitude's page "How time works in the Retention Analysis chart". Theirs were worked out by those rules, by hand.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.analysis.published import told

import tilth as tl

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def rows(result: Any) -> dict[str, list[int]]:
    """Return of each cohort the people of its periods that have begun, from period 0 on."""
    begun = result.frame.dropna(subset="people")
    return {str(cohort.date()): found["people"].tolist() for cohort, found in begun.groupby("cohort")}


# Their conditions are days: r[1] sums to Ann, Bob, Cat and Dan of Monday, r[2] to the three of them who came on Tuesday, r[3] to Ann and Cat on
# Wednesday. Eve and Fay came from Tuesday on and are nowhere in that query; here they are the next cohort.
def test_conditions_on_days_beside_clickhouse() -> None:
    ev = told(
        {
            "ann": "visit0 visit1 visit2",
            "bob": "visit0 visit1",
            "cat": "visit0 visit2",
            "dan": "visit0 visit1",
            "eve": "visit1 visit2",
            "fay": "visit1",
        },
        DAY,
    )
    assert rows(ev.retention("visit", "visit", periods=2)) == {"2024-03-04": [4, 3, 2], "2024-03-05": [2, 1]}


# The first condition is a join on Tuesday, the others an open on Tuesday, Wednesday and Monday. Theirs have no order: Ann, who opens before she
# joins, is [1, 1, 0, 0], Bob, who opens on the day before, [1, 0, 0, 1], Cat [1, 0, 1, 0], Dan, who never joins, nothing. Here only what comes from
# the join on counts.
def test_what_came_before_beside_clickhouse() -> None:
    ev = told({"ann": "open1 join1", "bob": "open0 join1", "cat": "join1 open2", "dan": "open2"}, DAY)
    assert rows(ev.retention("join", "open", periods=1)) == {"2024-03-05": [0, 1]}


# Ann is there on days 0, 1, 2 and 5, Bob on 1, 2, 5 and 6. Recurring, the cohorts are Ann, both, both, nobody, nobody, both, Bob; of day 1 both are
# back on day 2 and day 5, Bob on day 6. Counted for the first time, Ann is day 0's and Bob day 1's. On a day or later ("cumulative"): Ann's last
# day is 5, Bob's 6. The numbers are the same there, but for rows of zeros for cohorts of nobody, which are no rows here.
VISITS = {"ann": "open0 open1 open2 open5", "bob": "open1 open2 open5 open6"}


@pytest.mark.parametrize(
    ("options", "theirs"),
    [
        ({"start_is": "recurring"}, {4: [1, 1, 1, 0, 0, 1, 0], 5: [2, 2, 0, 0, 2, 1], 6: [2, 0, 0, 2, 1], 9: [2, 1], 10: [1]}),
        ({"start_is": "first"}, {4: [1, 1, 1, 0, 0, 1, 0], 5: [1, 1, 0, 0, 1, 1]}),
        ({"start_is": "recurring", "kind": "on_or_after"}, {4: [1, 1, 1, 1, 1, 1, 0], 5: [2, 2, 2, 2, 2, 1], 6: [2, 2, 2, 2, 1], 9: [2, 1], 10: [1]}),
    ],
)
def test_days_beside_posthog(options: dict[str, str], theirs: dict[int, list[int]]) -> None:
    found = rows(told(VISITS, DAY).retention("open", "open", periods=6, **options))
    assert found == {f"2024-03-{day:02}": people for day, people in theirs.items()}


# Saturday and Sunday are one week that starts on a Monday and two that start on a Sunday, there (a setting of the team) and here.
def test_weeks_from_sunday_and_monday_beside_posthog() -> None:
    ev = told({"ann": "open5 open6"}, DAY)
    assert rows(ev.retention("open", "open", "week", 1, start_is="recurring")) == {"2024-03-04": [1]}
    assert rows(ev.retention("open", "open", "week", 1, start_is="recurring", week_start="sunday")) == {"2024-03-03": [1, 1], "2024-03-10": [1]}


# 23:30 and half past midnight: two days in UTC, one in Shanghai, where they are 07:30 and 08:30. Theirs are cut in the team's zone.
def test_days_of_a_zone_beside_posthog() -> None:
    ev = told({"ann": "open1410 open1470"}, MINUTE)
    assert rows(ev.retention("open", "open", periods=1)) == {"2024-03-04": [1, 1]}
    assert rows(ev.retention("open", "open", periods=1, tz="Asia/Shanghai")) == {"2024-03-05": [1]}


# All three join on Monday; Ann opens after it, Bob before it, Cat not at all, all three on Tuesday. Period 0 is the cohort there, three people,
# always 100 %; here it counts who did open from their join on: Ann.
def test_the_cohorts_own_period_beside_posthog() -> None:
    ev = told({"ann": "join60 open90 open1500", "bob": "open30 join60 open1500", "cat": "join60 open1500"}, MINUTE)
    assert rows(ev.retention("join", "open", periods=1)) == {"2024-03-04": [1, 3]}


# Split by a value, theirs wants the same one on start and return: Ann, who joins on ios and opens on the web, is ios [1, 0], Bob ios [1, 1], so ios
# is [2, 1]. Here the value on the start event is the person's: ios [0, 2], both back on Tuesday.
def test_split_beside_posthog() -> None:
    ev = told({"ann": "join0:ios open1:web", "bob": "join0:ios open1:ios"}, DAY)
    frame = ev.retention("join", "open", periods=1, by="mark").frame
    assert frame[["mark", "size", "people"]].to_numpy().tolist() == [["ios", 2, 0], ["ios", 2, 2]]


# The first open is of "prices", the first of "about" a day later. "First time matching filters" and ours make Tuesday's cohort of it; "first ever"
# there leaves Ann out, as her first open does not match.
def test_first_times_beside_posthog() -> None:
    ev = told({"ann": "open0:prices open1:about open2:about"}, DAY)
    about = tl.Step("open", where={"mark": "about"})
    assert rows(ev.retention(about, "open", periods=1)) == {"2024-03-05": [1, 1]}


# What comes first in the whole source, also before the days looked at: there and here Ann, who opened on Monday, starts no cohort on Wednesday, Bob
# does.
def test_first_times_look_before_the_range_beside_posthog() -> None:
    ev = told({"ann": "open0 open2 open3", "bob": "open2 open3"}, DAY).during("2024-03-06", "2024-03-07")
    assert rows(ev.retention("open", "open", periods=1)) == {"2024-03-06": [1, 1]}
    assert rows(ev.retention("open", "open", periods=1, start_is="recurring")) == {"2024-03-06": [2, 2], "2024-03-07": [2]}


# Brackets of 1, 2 and 4 days in PostHog and Mixpanel (by calendar) are here written with their ends: 1, 2-3, 4-7. Ann is back on day 3, Bob on 1
# and 7, Cat on 8, outside them all.
def test_brackets_beside_posthog_and_mixpanel() -> None:
    ev = told({"ann": "open0 open3", "bob": "open0 open1 open7", "cat": "open0 open8"}, DAY)
    assert rows(ev.retention("open", "open", kind="bracket", brackets=[(1, 1), (2, 3), (4, 7)])) == {"2024-03-04": [3, 1, 1, 1]}


# Two opens: in which period the second is, on a calendar (here; Mixpanel's and Amplitude's other mode), and in periods of 24 hours, 7 or 30 days
# from the person's own first (Mixpanel's and Amplitude's default). Minutes from a Monday's midnight.
ROLLING = [
    ("Monday 21:30, Tuesday 07:00", "day", 1290, 1860, 1, 0),
    ("Monday 21:30, Wednesday 07:00", "day", 1290, 3300, 2, 1),
    ("Monday 00:10, Tuesday 23:50", "day", 10, 2870, 1, 1),
    ("Friday, the Monday after", "week", 4 * 1440, 7 * 1440, 1, 0),
    ("Monday, the Sunday after next", "week", 0, 13 * 1440, 1, 1),
    ("28 March, 2 April", "month", 24 * 1440, 29 * 1440, 1, 0),
    # Amplitude's hours: 09:50 is 09:00, so that 09:05 on the next day is in its hour 24 and day 1; 23 hours and 15 minutes are day 0 in Mixpanel.
    ("Monday 09:50, Tuesday 09:05", "day", 590, 1985, 1, 0),
]


@pytest.mark.parametrize(("name", "period", "first", "second", "calendar", "rolling"), ROLLING, ids=[row[0] for row in ROLLING])
def test_periods_beside_mixpanel_and_amplitude(name: str, period: str, first: int, second: int, calendar: int, rolling: int) -> None:
    length = {"day": 1440, "week": 7 * 1440, "month": 30 * 1440}[period]
    assert (second - first) // length == rolling
    frame = told({"ann": f"open{first} open{second}"}, MINUTE).retention("open", "open", period, 2).frame
    back = frame.loc[frame["people"].eq(1) & frame["period"].gt(0), "period"].tolist()
    assert back == [calendar]


# "On or after" is Mixpanel's default, "on" ours and PostHog's: Ann is back on day 3 only, and counts on days 1 and 2 as well there.
def test_the_default_beside_mixpanel() -> None:
    ev = told({"ann": "join0 open3"}, DAY)
    assert rows(ev.retention("join", "open", periods=3)) == {"2024-03-04": [0, 0, 0, 1]}
    assert rows(ev.retention("join", "open", periods=3, kind="on_or_after")) == {"2024-03-04": [0, 1, 1, 1]}
