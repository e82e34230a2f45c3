"""Time against Python's own zoneinfo, which reads the IANA database: wall clocks, lengths, calendars."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.engine import clock
from tilth.errors import UnknownName
from tilth.language import using

ZONES = ["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Casablanca", "America/Sao_Paulo", "UTC"]
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(dt.datetime(1980, 1, 1), dt.datetime(2035, 1, 1))


def micros(moment: dt.datetime) -> int:
    return (moment - clock.EPOCH) // dt.timedelta(microseconds=1)


@given(zones, st.lists(moments, min_size=1, max_size=20))
def test_wall_clocks_become_the_instants_that_zoneinfo_gives(tz, walls):
    naive = np.array([micros(wall.replace(tzinfo=dt.UTC)) for wall in walls])
    expected = [micros(wall.replace(tzinfo=tz).astimezone(dt.UTC)) for wall in walls]
    assert clock.from_wall(naive, tz).tolist() == expected


@given(zones, st.dates(dt.date(1985, 1, 1), dt.date(2035, 1, 1)))
def test_wall_clocks_near_every_change_of_the_clocks(tz, day):
    """Around the first change after a day, minute by minute: repeated hours mean the first, skipped ones the old offset (PEP 495, fold=0)."""
    start = dt.datetime.combine(day, dt.time())
    offsets = [(start + dt.timedelta(days=k)).replace(tzinfo=tz).utcoffset() for k in range(200)]
    change = next((k for k in range(199) if offsets[k] != offsets[k + 1]), 0)
    walls = [start + dt.timedelta(days=change, minutes=7 * k) for k in range(230)]
    naive = np.array([micros(wall.replace(tzinfo=dt.UTC)) for wall in walls])
    assert clock.from_wall(naive, tz).tolist() == [micros(wall.replace(tzinfo=tz).astimezone(dt.UTC)) for wall in walls]


@given(zones, st.sampled_from(clock.PERIODS), moments, st.integers(0, 400), st.sampled_from(clock.WEEKDAYS))
def test_every_instant_falls_in_the_period_of_its_local_date(tz, period, first, days, week_start):
    begin = micros(first.replace(tzinfo=dt.UTC))
    last = begin + days * 86_400_000_000
    calendar = clock.Calendar(period, tz, begin, last, week_start)
    times = np.linspace(begin, last, 50).astype(np.int64)
    for at, number in zip(times.tolist(), calendar.number(times).tolist(), strict=True):
        day = clock.local(at, tz).date()
        if period == "week":
            day -= dt.timedelta(days=(day.weekday() - clock.WEEKDAYS.index(week_start)) % 7)
        elif period == "month":
            day = day.replace(day=1)
        assert clock.local(int(calendar.bounds[number]), tz).date() == day
        assert calendar.bounds[number] <= at < calendar.bounds[number + 1]


def test_a_calendar_goes_on_beyond_its_last_instant_as_asked():
    tz = ZoneInfo("Asia/Shanghai")
    start, end = clock.instant("2024-01-31", tz), clock.instant("2024-02-01", tz)
    assert [f"{s:%Y-%m-%d}" for s in clock.Calendar("month", tz, start, end, beyond=2).starts] == [
        "2024-01-01",
        "2024-02-01",
        "2024-03-01",
        "2024-04-01",
    ]


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("30m", 1800), ("24h", 86400), ("14d", 1209600), ("2w", 1209600)])
def test_lengths(text, seconds):
    assert clock.length(text) == seconds * 1_000_000


@pytest.mark.parametrize("wrong", [14, "14", "d", "1.5h", "-1d", "1y", "", True])
def test_a_bare_number_is_no_length_and_the_error_says_how_to_write_one(wrong):
    with using("en"), pytest.raises(clock.BadLength, match="'14d'"):
        clock.length(wrong)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("2024-01-02", "2024-01-01T16:00Z"),
        (dt.date(2024, 1, 2), "2024-01-01T16:00Z"),
        ("2024-01-02 08:30", "2024-01-02T00:30Z"),
        ("2024-01-02T08:30:00+09:00", "2024-01-01T23:30Z"),
        (dt.datetime(2024, 1, 2, 8, tzinfo=dt.UTC), "2024-01-02T08:00Z"),
        (pd.Timestamp("2024-01-02 08:00"), "2024-01-02T00:00Z"),
        (np.datetime64("2024-01-02T08:00"), "2024-01-02T00:00Z"),
    ],
)
def test_points_in_time(given_, expected):
    assert clock.instant(given_, ZoneInfo("Asia/Shanghai")) == micros(dt.datetime.fromisoformat(expected))


@pytest.mark.parametrize("wrong", ["yesterday", "2024-13-01", 20240101, None])
def test_what_is_no_time_is_refused(wrong):
    with pytest.raises(clock.BadTime):
        clock.instant(wrong, ZoneInfo("UTC"))


def test_unknown_zones_and_weekdays_name_the_nearest():
    with using("en"):
        with pytest.raises(UnknownName, match="Asia/Shanghai"):
            clock.zone("Asia/Shanghia")
        with pytest.raises(UnknownName, match="'monday'"):
            clock.weekday("Monday")
