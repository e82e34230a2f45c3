"""Spans of days as people pick them: a preset such as ``30d``, or ``2025-11-01..2025-11-30``.

Presets count back from the last day of the data, so that a question about a file that ends in June answers about June. Both ends are included.

>>> from datetime import date
>>> span = parse("7d", last_day=date(2025, 12, 31))
>>> span.start.isoformat(), span.end.isoformat(), span.days
('2025-12-25', '2025-12-31', 7)
>>> parse("2025-11-03..2025-11-01", last_day=date(2025, 12, 31)).code
'2025-11-01..2025-11-03'
>>> span.before().code
'2025-12-18..2025-12-24'
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tilth.errors import InputError

DAY = dt.timedelta(days=1)
PRESETS = {
    "today": gettext_noop("Today"),
    "yesterday": gettext_noop("Yesterday"),
    "7d": gettext_noop("Last 7 days"),
    "30d": gettext_noop("Last 30 days"),
    "90d": gettext_noop("Last 90 days"),
    "week": gettext_noop("This week"),
    "last_week": gettext_noop("Last week"),
    "month": gettext_noop("This month"),
    "last_month": gettext_noop("Last month"),
    "all": gettext_noop("All time"),
}
FIRST = {"monday": 0, "saturday": 5, "sunday": 6}


class BadDates(InputError):
    """A span of days that cannot be read."""


@dataclass(frozen=True)
class Span:
    """Days from `start` to `end`, both included; ``start`` None for all time.

    Attributes
    ----------
    code : str
        How it stands in an address.
    label : str
        How people read it.
    """

    code: str
    label: str
    start: dt.date | None
    end: dt.date

    @property
    def days(self) -> int | None:
        """How many days; None for all time."""
        return None if self.start is None else (self.end - self.start).days + 1

    def before(self) -> Span | None:
        """Return the span of equal length that ends the day before; None for all time."""
        if self.start is None:
            return None
        return _between(self.start - (self.end - self.start) - DAY, self.start - DAY)

    def year_before(self) -> Span | None:
        """Return the same days of the year before; None for all time."""
        return None if self.start is None else _between(_year_before(self.start), _year_before(self.end))


def parse(text: str, tz: str = "", week_start: str = "monday", last_day: dt.date | None = None) -> Span:
    """Return the span that `text` names.

    Parameters
    ----------
    text : str
        A code of ``PRESETS``, or two days as ``2025-11-01..2025-11-30``; their order does not matter.
    tz : str, optional
        Time zone in which today is told when there is no `last_day`.
    week_start : {"monday", "sunday", "saturday"}
    last_day : date, optional
        Last day of the data, from which presets count back.

    Raises
    ------
    BadDates
        For anything else.
    """
    from zoneinfo import ZoneInfo

    end = last_day or dt.datetime.now(ZoneInfo(tz or "UTC")).date()
    if text in PRESETS:
        week = end - DAY * ((end.weekday() - FIRST[week_start]) % 7)
        month = end.replace(day=1)
        last_month = month - DAY
        start, until = {
            "today": (end, end),
            "yesterday": (end - DAY, end - DAY),
            "week": (week, end),
            "last_week": (week - 7 * DAY, week - DAY),
            "month": (month, end),
            "last_month": (last_month.replace(day=1), last_month),
            "all": (None, end),
        }.get(text) or (end - DAY * (int(text.removesuffix("d")) - 1), end)
        return Span(text, _(PRESETS[text]), start, until)
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)", text)
    try:
        first, last = sorted(dt.date.fromisoformat(day) for day in found.groups())  # type: ignore[union-attr]
    except (AttributeError, ValueError):
        raise BadDates(
            _("“{text}” is no span of days. Pick one of the list, or write it like 2025-11-01..2025-11-30.").format(text=text[:40])
        ) from None
    return _between(first, last)


def _between(start: dt.date, end: dt.date) -> Span:
    return Span(f"{start}..{end}", f"{start} – {end}" if start != end else f"{start}", start, end)


def _year_before(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)
