"""Times of schedules, written as cron does: minute, hour, day of the month, month, day of the week.

A field is ``*``, a number, a range ``1-5``, a list ``1,15`` or any of these with a step ``*/15``; 0 and 7 are both Sunday. A day fits when the day of
the month or the day of the week fits, if both are given; so says POSIX (IEEE Std 1003.1, crontab).

Times are those of the clock on the wall in the schedule's zone. Where the clock is put forward, a time that it skips comes as long after the change
as it would have come after the skipped hour began (02:30 becomes 03:30). Where it is put back, a time that it shows twice comes the first time only,
unless the hours are ``*``: what runs every so many minutes goes on running.

>>> following("0 8 * * 1", "Asia/Shanghai", datetime(2025, 11, 11, tzinfo=UTC)).isoformat()
'2025-11-17T08:00:00+08:00'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tilth.errors import InputError

FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
PART = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?")
YEARS = 9
"""How far ahead a time is looked for: 29 February may be eight years away (1896 to 1904, 2096 to 2104)."""


class BadTimes(InputError):
    """The times of a schedule cannot be read, or never come."""

    def __init__(self, text: str, field: str = "") -> None:
        self.text, self.field = text, field
        if field:
            what = _("“{field}” does not fit its place.").format(field=field)
        elif len(text.split()) == len(FIELDS):
            what = _("There is no such day.")
        else:
            what = _("Five fields are needed.")
        mend = _("Write minute, hour, day of the month, month and day of the week, such as “0 8 * * 1” for Mondays at 8:00.")
        super().__init__(_("The times “{text}” cannot be used.").format(text=text) + " " + what + " " + mend)


@dataclass(frozen=True)
class Times:
    """Times that were read.

    Attributes
    ----------
    minutes, hours, days, months : frozenset of int
    weekdays : frozenset of int
        0 is Monday.
    every_hour, any_day, any_weekday : bool
        Whether the field began with ``*``.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    every_hour: bool
    any_day: bool
    any_weekday: bool

    def fits(self, day: datetime) -> bool:
        """Whether a day is one of them."""
        if day.month not in self.months:
            return False
        in_month, in_week = day.day in self.days, day.weekday() in self.weekdays
        return in_month and in_week if self.any_day or self.any_weekday else in_month or in_week


def read(text: str) -> Times:
    """Return the times that `text` gives; BadTimes naming the field that does not fit."""
    fields = text.split()
    if len(fields) != len(FIELDS):
        raise BadTimes(text)
    minutes, hours, days, months, weekdays = (_numbers(text, field, low, high) for field, (_name, low, high) in zip(fields, FIELDS, strict=True))
    every_hour, any_day, any_weekday = (fields[i].startswith("*") for i in (1, 2, 4))
    return Times(minutes, hours, days, months, frozenset((n - 1) % 7 for n in weekdays), every_hour, any_day, any_weekday)


def following(text: str, tz: str, after: datetime) -> datetime:
    """Return the first time later than `after`, in the zone `tz`; BadTimes when there is none."""
    times, zone = read(text), ZoneInfo(tz)
    day = after.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
    for ahead in range(-1, 366 * YEARS):  # from the day before: the clock may be put back over midnight
        here = day + timedelta(days=ahead)
        if times.fits(here):
            later = [moment for moment in _moments(times, zone, here) if moment > after]
            if later:
                return min(later).astimezone(zone)
    raise BadTimes(text)


def in_words(text: str) -> str:
    """Return times in words where they are of the common sorts, else as they are written.

    >>> from django.utils.translation import override
    >>> with override("en"):
    ...     for times in ("*/10 * * * *", "5 * * * *", "0 8 * * *", "30 9 * * 1,5", "0 7 1,15 * *", "0 8 * 6 *"):
    ...         print(in_words(times))
    every 10 minutes
    every hour at 05 past
    every day at 08:00
    Monday, Friday at 09:30
    day 1, 15 of the month at 07:00
    0 8 * 6 *
    """
    minute, hour, day, month, weekday = text.split()
    times = read(text)
    if (hour, day, month, weekday) == ("*",) * 4:
        step = PART.fullmatch(minute)
        if step and step[1] is None:
            return _("every {n} minutes").format(n=step[3] or 1)
        return _("every hour at {minute} past").format(minute=f"{min(times.minutes):02}") if len(times.minutes) == 1 else text
    if len(times.hours) * len(times.minutes) != 1 or month != "*" or (day != "*" and weekday != "*"):
        return text
    clock = f"{min(times.hours):02}:{min(times.minutes):02}"
    if weekday != "*":
        days = pgettext("between days", ", ").join(str(WEEKDAYS[n]) for n in sorted(times.weekdays))
        return _("{days} at {clock}").format(days=days, clock=clock)
    if day != "*":
        return _("day {days} of the month at {clock}").format(days=pgettext("between days", ", ").join(map(str, sorted(times.days))), clock=clock)
    return _("every day at {clock}").format(clock=clock)


def _moments(times: Times, zone: ZoneInfo, day: datetime) -> list[datetime]:
    """Return the moments of a day, in UTC."""
    found = []
    for hour in times.hours:
        for minute in times.minutes:
            wall = day.replace(hour=hour, minute=minute)
            first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
            is_skipped = first > second
            if not (is_skipped and times.every_hour):
                found.append(first)
            if first < second and times.every_hour:
                found.append(second)
    return found


def _numbers(text: str, field: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        match = PART.fullmatch(part)
        if match is None:
            raise BadTimes(text, field)
        step = int(match[3] or 1)
        first = low if match[1] is None else int(match[1])
        last = int(match[2]) if match[2] else first if match[1] is not None and not match[3] else high
        if step == 0 or not low <= first <= last <= high:
            raise BadTimes(text, field)
        found.update(range(first, last + 1, step))
    return frozenset(found)
