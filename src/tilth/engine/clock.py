"""Time: lengths, instants and calendar periods.

Instants are whole microseconds since 1970-01-01 UTC in ``int64``. A time without an offset is wall clock in a named time zone; where clocks go back,
the first of the two instants is meant; a wall clock that is skipped is read with the offset that held before it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
from numpy.typing import NDArray

from tilth.errors import InputError, UnknownName, nearest
from tilth.language import _

Period = Literal["day", "week", "month"]
PERIODS: tuple[Period, ...] = ("day", "week", "month")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_LENGTH = re.compile(r"(\d+)\s*([smhdw])")
_LONGEST = 10_000 * 366 * 86_400_000_000  # ten thousand years
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class BadLength(InputError):
    """A length of time that is not written like ``30m`` or ``14d``."""

    def __init__(self, given: object) -> None:
        self.given = given
        super().__init__(
            _("{given} is not a length of time: write a whole number and its unit, such as '30m', '24h', '14d' or '2w' (s, m, h, d, w).").format(
                given=repr(given)
            )
        )


class BadTime(InputError):
    """A point in time that cannot be read."""

    def __init__(self, given: object) -> None:
        self.given = given
        super().__init__(
            _("{given} is not a time: write it like '2025-11-11', '2025-11-11 20:00' or '2025-11-11T20:00+08:00'.").format(given=repr(given))
        )


def length(text: str | None) -> int | None:
    """Return a length written ``"30m"``, ``"14d"``, ``"2w"`` in microseconds; None stays None. A day is 24 hours whatever the clocks do.

    Raises
    ------
    BadLength
        For anything else, bare numbers included.

    Examples
    --------
    >>> length("2w") == 14 * length("24h")
    True
    """
    if text is None:
        return None
    match = _LENGTH.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise BadLength(text)
    micros = int(match[1]) * _SECONDS[match[2]] * 1_000_000
    if micros > _LONGEST:
        raise BadLength(text)
    return micros


def in_words(text: str) -> str:
    """Return a length written ``"14d"`` in words.

    Examples
    --------
    >>> from tilth.language import using
    >>> with using("en"):
    ...     in_words("14d"), in_words("1h")
    ('14 days', '1 hour')
    """
    count, unit = text.strip()[:-1].strip(), text.strip()[-1]
    one = {"s": _("{n} second"), "m": _("{n} minute"), "h": _("{n} hour"), "d": _("{n} day"), "w": _("{n} week")}
    many = {"s": _("{n} seconds"), "m": _("{n} minutes"), "h": _("{n} hours"), "d": _("{n} days"), "w": _("{n} weeks")}
    return (one if int(count) == 1 else many)[unit].format(n=int(count))


def zone(name: str) -> ZoneInfo:
    """Return the time zone of a name; an unknown one is an error that names the nearest."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        known = sorted(available_timezones())
        raise UnknownName(_("time zone"), name, nearest(str(name), known) or known) from fault


def weekday(name: str) -> int:
    """Return the number of a weekday's English name, Monday being 0."""
    if name not in WEEKDAYS:
        raise UnknownName(_("day of the week"), name, WEEKDAYS)
    return WEEKDAYS.index(name)


def instant(given: Any, tz: ZoneInfo, *, end: bool = False) -> int:
    """Return a time given as text, date, datetime or pandas Timestamp in microseconds.

    A date without a time is its first instant in `tz`; with ``end=True`` the first instant of the day after, so that the whole day is included.
    """
    if given != given:  # not a time, as pandas writes it
        raise BadTime(given)
    if isinstance(given, str):
        try:
            moment: Any = dt.datetime.fromisoformat(given.strip())
        except ValueError as fault:
            raise BadTime(given) from fault
        if re.fullmatch(r"\d{4}-?\d\d-?\d\d", given.strip()):
            moment = moment.date()
    elif hasattr(given, "to_pydatetime"):
        moment = given.to_pydatetime(warn=False)
    elif isinstance(given, np.datetime64):
        moment = given.astype("datetime64[us]").item()
    else:
        moment = given
    if isinstance(moment, dt.datetime):
        aware = moment if moment.tzinfo else moment.replace(tzinfo=tz)
    elif isinstance(moment, dt.date):
        if end and moment == dt.date.max:  # a common word for never
            return instant(moment, tz) + 86_400_000_000
        day = moment + dt.timedelta(days=1) if end else moment
        aware = dt.datetime(day.year, day.month, day.day, tzinfo=tz)
    else:
        raise BadTime(given)
    try:
        return (aware - EPOCH) // _MICROSECOND
    except (OverflowError, ValueError) as fault:  # at the very ends of what a datetime can be, and no time at all (NaT)
        raise BadTime(given) from fault


def local(micros: int, tz: ZoneInfo) -> dt.datetime:
    """Return an instant as a datetime that carries `tz`."""
    return (EPOCH + dt.timedelta(microseconds=int(micros))).astimezone(tz)


class Calendar:
    """Consecutive days, weeks or months of a time zone that cover the instants from `first` to `last`, and `beyond` more after them.

    Attributes
    ----------
    bounds : ndarray of int64
        The first instant of every period, and last the first instant after them all.

    Examples
    --------
    >>> new_york = Calendar("day", ZoneInfo("America/New_York"), instant("2024-03-10", dt.UTC), instant("2024-03-11T12:00", dt.UTC))
    >>> [hours / 3600e6 for hours in np.diff(new_york.bounds).tolist()]  # the clocks go forward on the 10th
    [24.0, 23.0, 24.0]
    """

    def __init__(self, period: str, tz: ZoneInfo, first: int, last: int, week_start: str = "monday", beyond: int = 0) -> None:
        if period not in PERIODS:
            raise UnknownName(_("period"), period, PERIODS)
        self.tz = tz
        start = local(first, tz).date()
        if period == "week":
            start -= dt.timedelta(days=(start.weekday() - weekday(week_start)) % 7)
        elif period == "month":
            start = start.replace(day=1)
        bounds = [instant(start, tz)]
        try:
            while bounds[-1] <= last or beyond > 0:
                beyond -= bounds[-1] > last
                bounds.append(instant(_later(start, period, len(bounds)), tz))
        except (OverflowError, ValueError) as fault:
            raise InputError(
                _(
                    "From {first} on, the calendar would go past the year 9999: ask for fewer periods, or leave out times that are not real ones."
                ).format(first=start)
            ) from fault
        self.bounds: NDArray[np.int64] = np.array(bounds, np.int64)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def number(self, times: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the number of the period that each instant falls in, from 0."""
        return (np.searchsorted(self.bounds, times, side="right") - 1).astype(np.int32)

    @cached_property
    def starts(self) -> Any:
        """The first instant of every period as a pandas DatetimeIndex that carries the time zone."""
        return stamps(self.bounds[:-1], self.tz)


def stamps(micros: NDArray[np.int64] | Sequence[int], tz: ZoneInfo) -> Any:
    """Return instants as a pandas DatetimeIndex in microseconds that carries `tz`."""
    import pandas as pd

    return pd.DatetimeIndex(np.asarray(micros, np.int64).view("datetime64[us]")).tz_localize("UTC").tz_convert(tz)


def from_wall(walls: NDArray[np.int64], tz: ZoneInfo) -> NDArray[np.int64]:
    """Return the instants of wall clocks of `tz`, both in microseconds.

    Examples
    --------
    >>> wall = np.array([instant("2024-11-03T01:30", dt.UTC)])  # twice in New York: the first is meant, 05:30 UTC
    >>> from_wall(wall, ZoneInfo("America/New_York")) - wall == 4 * length("1h")
    array([ True])
    """
    if not len(walls):
        return walls
    starts, offsets = _offsets(tz, int(walls.min()), int(walls.max()))
    # A new offset holds for wall clocks from the later of what the two clocks show at the change: a repeated hour still has the old
    # offset (the first is meant), and so has a skipped one.
    begins = starts[1:] + np.maximum(offsets[:-1], offsets[1:])
    return walls - offsets[np.searchsorted(begins, walls, side="right")]


_KNOWN = (-3_000_000_000_000_000, 8_000_000_000_000_000)
"""The instants between which offsets are looked up: the years 1874 to 2223."""


def _offsets(tz: ZoneInfo, first: int, last: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the instants at which the zone's offset changes between two instants (with two days to spare), and the offset from each on."""
    day = 86_400_000_000
    first, last = max(first, _KNOWN[0]), min(max(last, _KNOWN[0]), _KNOWN[1])  # beyond these a zone keeps its first or last rule's offset

    def offset(at: int) -> int:
        return (local(at, tz).utcoffset() or dt.timedelta()) // _MICROSECOND

    at = first - 2 * day
    starts, offsets = [at], [offset(at)]
    while at < last + 2 * day:
        low, high = at, at + 7 * day
        while offset(high) != offsets[-1]:  # bisect to the first instant of the new offset, more than once where two changes are near
            before = low
            while high - before > 1:
                middle = (before + high) // 2
                before, high = (middle, high) if offset(middle) == offsets[-1] else (before, middle)
            starts.append(high)
            offsets.append(offset(high))
            low, high = high, at + 7 * day
        at = at + 7 * day
    return np.array(starts, np.int64), np.array(offsets, np.int64)


def _later(start: dt.date, period: str, steps: int) -> dt.date:
    if period == "day":
        return start + dt.timedelta(days=steps)
    if period == "week":
        return start + dt.timedelta(weeks=steps)
    months = start.year * 12 + start.month - 1 + steps
    return dt.date(months // 12, months % 12 + 1, 1)
