"""Corrected times. Expectations: LIVE's formula `received - (sentAt - original)` worked out by hand, and its dead band of 60 s."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.collector import clock

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
times = st.datetimes(datetime(1970, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("time", "sent", "expected"),
    [
        (NOON - 10 * SECOND, NOON, NOON - 10 * SECOND),  # a right clock
        (NOON - 70 * SECOND, NOON - 60 * SECOND, NOON - 70 * SECOND),  # 60 s behind: within the dead band
        (NOON - 71 * SECOND, NOON - 61 * SECOND, NOON - 10 * SECOND),  # 61 s behind: 10 s before it was sent
        (NOON + 3590 * SECOND, NOON + 3600 * SECOND, NOON - 10 * SECOND),  # an hour ahead
        (NOON - timedelta(days=400), NOON + SECOND, NOON - timedelta(days=400)),  # an import of old data keeps its times
        (NOON - timedelta(days=400), None, NOON - timedelta(days=400)),
    ],
)
def test_a_client_s_clock_is_corrected_beyond_the_dead_band(time, sent, expected):
    assert clock.corrected(time, sent, NOON) == expected


@given(times, times, times)
def test_what_happened_so_long_before_it_was_sent_happened_so_long_before_it_arrived(time, sent, received):
    true = clock.corrected(time, sent, received)
    assert true == (time if abs(received - sent) <= timedelta(seconds=60) else received - (sent - time))


@pytest.mark.parametrize(
    ("time", "sent", "expected"),
    [
        (NOON + timedelta(hours=1), None, (NOON + timedelta(hours=1), "")),
        (NOON + timedelta(hours=1, seconds=1), None, (NOON, "clock")),
        (NOON - timedelta(days=7), None, (NOON - timedelta(days=7), "")),
        (NOON - timedelta(days=7, seconds=1), None, (NOON - timedelta(days=7, seconds=1), "late")),
        (clock.EPOCH, datetime(2099, 1, 1, tzinfo=UTC), (NOON, "clock")),  # would have happened in 1897
        (clock.EPOCH + 50 * SECOND, clock.EPOCH + 60 * SECOND, (NOON - 10 * SECOND, "")),  # a clock that was never set
    ],
)
def test_late_and_future_events(time, sent, expected):
    assert clock.settled(time, sent, NOON) == expected


@given(times, st.none() | times, times)
def test_a_settled_time_is_always_one_that_can_be(time, sent, received):
    settled = clock.settled(time, sent, received)
    assert clock.EPOCH <= settled.time <= received + timedelta(hours=1)
    assert (settled.mark == "late") == (settled.time < received - timedelta(days=7))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-31T12:00:00Z", NOON),
        ("2026-01-31T20:00:00+08:00", NOON),
        ("2026-01-31T20:00:00", NOON),
        ("2026-01-31 20:00", NOON),
        (1769860800, NOON),
        (1769860800.0, NOON),
        (1769860800000, NOON),
        (1769860800000000, NOON),
        ("1769860800000", NOON),
        (1769860800000.5, NOON + timedelta(microseconds=500)),
    ],
)
def test_the_ways_to_write_an_instant(value, expected):
    """Seconds since 1970 of that noon are from `date -u -d 2026-01-31T12:00Z +%s`."""
    assert clock.instant(value, ZoneInfo("Asia/Shanghai")) == expected


@pytest.mark.parametrize(
    "value", ["", "soon", "12:00", -1, 1e300, True, None, [], "9999-12-31T23:59:59-23:59", "²²²²²²²²²²", "1969-12-31T23:59:59Z", 5e12]
)
def test_what_is_no_instant(value):
    with pytest.raises(ValueError):
        clock.instant(value)


@given(st.text() | st.integers() | st.floats() | st.none() | st.booleans())
def test_nothing_else_happens_to_whatever_is_given(value):
    with suppress(ValueError):
        assert clock.instant(value).tzinfo is UTC
