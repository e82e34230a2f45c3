"""Calendar periods in plain Python: a period is known by the local date of its first day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Calendar:
    """Days, weeks or months of a time zone."""

    period: str
    tz: str
    week_start: str

    def holding(self, time: datetime) -> date:
        """Return the first day of the period in which an instant lies."""
        day = time.astimezone(ZoneInfo(self.tz)).date()
        if self.period == "month":
            return day.replace(day=1)
        if self.period == "week":
            return day - timedelta(days=(day.weekday() - WEEKDAYS.index(self.week_start)) % 7)
        return day

    def after(self, first_day: date) -> date:
        """Return the first day of the period after the one that begins on `first_day`."""
        if self.period == "month":
            return (first_day + timedelta(days=31)).replace(day=1)
        return first_day + timedelta(days=7 if self.period == "week" else 1)

    def all(self, first: datetime, last: datetime) -> list[date]:
        """Return the periods from the one of an instant to that of a later one."""
        days = [self.holding(first)]
        while days[-1] < self.holding(last):
            days.append(self.after(days[-1]))
        return days
