"""Whole days, weeks or months: the days picked may begin in the midst of one, and the last one may not have wholly passed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tilth.workbench.shell.dates import DAY, FIRST, Span

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue


def begin(day: dt.date, period: str, week_start: str = "monday") -> dt.date:
    """Return the first day of the period that holds a day.

    Examples
    --------
    >>> day = dt.date(2025, 12, 31)
    >>> [begin(day, period).isoformat() for period in ("day", "week", "month")]
    ['2025-12-31', '2025-12-29', '2025-12-01']
    """
    if period == "month":
        return day.replace(day=1)
    return day - DAY * ((day.weekday() - FIRST[week_start]) % 7) if period == "week" else day


def following(first: dt.date, period: str) -> dt.date:
    """Return the first day after the period that begins on a day.

    Examples
    --------
    >>> following(dt.date(2025, 12, 1), "month").isoformat(), following(dt.date(2025, 12, 29), "week").isoformat()
    ('2026-01-01', '2026-01-05')
    """
    return begin(first + DAY * 31, "month") if period == "month" else first + DAY * {"day": 1, "week": 7}[period]


def passed(day: dt.date, period: str, span: Span, catalogue: Catalogue) -> bool:
    """Whether the period that holds a day had wholly passed at the last moment that an answer about `span` knows of."""
    end = dt.datetime.combine(following(begin(day, period, catalogue.workspace.week_start), period), dt.time(), catalogue.tz)
    return end - dt.timedelta(microseconds=1) <= catalogue.known_until(span)


def widened(span: Span, period: str, catalogue: Catalogue, before: bool = False) -> Span:
    """Return the span from the first day of the period in which it begins, or, with `before`, of the period before that."""
    if span.start is None:
        return span
    start = begin(span.start, period, catalogue.workspace.week_start)
    return replace(span, start=begin(start - DAY, period, catalogue.workspace.week_start) if before else start)


def whole(span: Span, period: str, catalogue: Catalogue) -> Span:
    """Return the whole periods of a span: from the first day of that in which it begins, to the last that has wholly passed.

    Where none has passed, the one that has not is kept.
    """
    found = widened(span, period, catalogue)
    if passed(span.end, period, span, catalogue):
        return found
    end = begin(span.end, period, catalogue.workspace.week_start) - DAY
    first: Any = found.start or catalogue.first_day
    return found if first is None or end < first else replace(found, end=end)
