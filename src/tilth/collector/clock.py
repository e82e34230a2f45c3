"""When something happened, by a clock that can be trusted.

A client's clock may be wrong, but it is wrong by the same amount when something happens and when the client sends it. With R the time of arrival by
our clock, S the client's *sent* and T its *time*::

    T' = R - (S - T) = T + (R - S)        if |R - S| > dead band, else T

The dead band (60 s) keeps the times of imports, and of clients whose clocks are right, as they were sent. What comes out is used under two rules: a
time more than an hour after arrival, or before 1970, cannot be, and R is taken in its place (``clock``); a time more than a horizon (7 days) before
arrival is kept and marked (``late``), because a repeat of it may no longer be recognised and figures of closed periods change by it.

>>> noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
>>> corrected(noon - timedelta(hours=2), noon - timedelta(hours=1), noon).isoformat()
'2026-01-31T11:00:00+00:00'
>>> settled(noon + timedelta(days=1), None, noon)
Settled(time=datetime.datetime(2026, 1, 31, 12, 0, tzinfo=datetime.timezone.utc), mark='clock')
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

DEAD_BAND = timedelta(seconds=60)
AHEAD = timedelta(hours=1)
HORIZON = timedelta(days=7)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
END = datetime(2100, 1, 1, tzinfo=UTC)


class Settled(NamedTuple):
    """The time that counts, and what had to be noted about it: ``""``, ``"clock"`` or ``"late"``."""

    time: datetime
    mark: str


def corrected(time: datetime, sent: datetime | None, received: datetime, dead_band: timedelta = DEAD_BAND) -> datetime:
    """Return `time` freed from what the client's clock is wrong by; all three in UTC."""
    if sent is None:
        return time
    skew = received - sent
    return time if -dead_band <= skew <= dead_band else time + skew


def settled(
    time: datetime,
    sent: datetime | None,
    received: datetime,
    dead_band: timedelta = DEAD_BAND,
    horizon: timedelta = HORIZON,
    ahead: timedelta = AHEAD,
) -> Settled:
    """Return the time that counts for a call: corrected, and held against the time of arrival."""
    true = corrected(time, sent, received, dead_band)
    if true > received + ahead or true < EPOCH:
        return Settled(received, "clock")
    return Settled(true, "late" if true < received - horizon else "")


def instant(value: object, zone: tzinfo = UTC) -> datetime:
    """Return the instant that a client's `value` tells: ISO 8601 text (without a zone: in `zone`), or seconds, milli- or microseconds since 1970.

    Raises
    ------
    ValueError
        When it tells none between 1970 and 2100.

    Examples
    --------
    >>> instant("2026-01-31T20:00:00.5+08:00").isoformat(), instant(1769860800000).isoformat()
    ('2026-01-31T12:00:00.500000+00:00', '2026-01-31T12:00:00+00:00')
    """
    if type(value) is str:
        if value.isascii() and value.isdigit() and len(value) in (10, 13, 16):
            return instant(int(value))
        when = datetime.fromisoformat(value)
        if when.tzinfo is None:
            when = when.replace(tzinfo=zone)
    elif type(value) in (int, float):
        when = _counted(value)  # type: ignore[arg-type]
    else:
        raise ValueError(value)
    try:
        when = when if when.tzinfo is UTC else when.astimezone(UTC)
    except OverflowError as beyond:
        raise ValueError(value) from beyond
    if not EPOCH <= when < END:
        raise ValueError(value)
    return when


def _counted(number: float) -> datetime:
    """Return the instant so many seconds (below 10^11), milliseconds (below 10^14) or microseconds after 1970."""
    if not 0 <= number < 1e17:
        raise ValueError(number)
    micros = number if number >= 1e14 else number * 1000 if number >= 1e11 else number * 1_000_000
    try:
        return EPOCH + timedelta(microseconds=micros)
    except OverflowError as beyond:
        raise ValueError(number) from beyond
