"""The brand's calendar: its days, the seasons of the trade, the hours of a day and the way from wall clock to instants.

Spring Festival moves with the moon; its dates are a table of the published calendar, 2015 to 2040.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import numpy.typing as npt

from tilth.errors import InputError, UnknownName
from tilth.language import _
from tilth.warehouse.demo.formulas import Floats
from tilth.warehouse.demo.truth import Festival, Truth

DAY = 86_400_000
"""Milliseconds in a day of the wall clock; times inside the generator are wall-clock milliseconds since the first day began."""
HOUR = 3_600_000

SPRING_FESTIVAL = {
    2015 + i: date(2015 + i, month, day)
    for i, (month, day) in enumerate(
        (
            (2, 19), (2, 8), (1, 28), (2, 16), (2, 5), (1, 25), (2, 12), (2, 1), (1, 22),
            (2, 10), (1, 29), (2, 17), (2, 6), (1, 26), (2, 13), (2, 3), (1, 23), (2, 11),
            (1, 31), (2, 19), (2, 8), (1, 28), (2, 15), (2, 4), (1, 24), (2, 12),
        )
    )
}  # fmt: skip

OPENING_HOURS = (10, 22)
"""A store sells from the first hour to the second."""


class EndOutOfCalendar(InputError):
    """The brand's end lies where the table of Spring Festivals does not reach.

    Attributes
    ----------
    end : date
        The end that was asked for.
    """

    def __init__(self, end: date) -> None:
        self.end = end
        first, last = min(SPRING_FESTIVAL) + 2, max(SPRING_FESTIVAL) - 1
        super().__init__(
            _("The demo brand cannot end on {end}: its calendar knows ends from {first} to {last}. Give an end date in those years.").format(
                end=end, first=first, last=last
            )
        )


@dataclass(frozen=True)
class Seasons:
    """The days of a brand and what each is like.

    Attributes
    ----------
    end : date
        The last day.
    truth : Truth
        Weekday factors and festivals.
    tz : str
        The time zone of the wall clock.
    """

    end: date
    truth: Truth
    tz: str

    def __post_init__(self) -> None:
        if not min(SPRING_FESTIVAL) + 2 <= self.end.year <= max(SPRING_FESTIVAL) - 1:
            raise EndOutOfCalendar(self.end)
        if self.tz not in available_timezones():
            raise UnknownName(_("time zone"), self.tz, available_timezones())

    @cached_property
    def first(self) -> date:
        """The first day: the day after the same date two years before the end."""
        try:
            return self.end.replace(year=self.end.year - 2) + timedelta(days=1)
        except ValueError:  # the end is 29 February
            return date(self.end.year - 2, 3, 1)

    @cached_property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.first).days + 1

    def day(self, n: int) -> date:
        """Return the date of day `n`, from 0."""
        return self.first + timedelta(days=n)

    def occurrences(self, festival: Festival) -> list[tuple[int, int, int]]:
        """Return (year, first day, last day) of a festival each time it touches the span; days may lie outside the span."""
        found = []
        for year in range(self.first.year, self.end.year + 2):
            first, last = (
                SPRING_FESTIVAL[year] + timedelta(days=edge) if isinstance(edge, int) else date(year, *edge)
                for edge in (festival.first, festival.last)
            )
            a, b = (first - self.first).days, (last - self.first).days
            if b >= 0 and a < self.days:
                found.append((year, a, b))
        return found

    def strength(self, festival: Festival) -> Floats:
        """Return how much of a festival each day has, from 0 to 1."""
        u = np.zeros(self.days)
        for _year, a, b in self.occurrences(festival):
            rise = ((np.arange(b - a + 1) + 1) / (b - a + 1)) ** 2 if festival.rising else np.ones(b - a + 1)
            u[max(a, 0) : b + 1] = rise[max(-a, 0) :][: self.days - max(a, 0)]
        return u

    @cached_property
    def factor(self) -> Floats:
        """s_t: factor on visits and new people of each day, 1 on average."""
        weekday = np.array(self.truth.weekday)[(self.first.weekday() + np.arange(self.days)) % 7]
        for festival in self.truth.festivals:
            weekday = weekday * (1 + (festival.peak - 1) * self.strength(festival))
        return weekday / weekday.mean()

    @cached_property
    def demand(self) -> Floats:
        """Logit that each day adds to paying at a checkout."""
        return sum((f.demand * self.strength(f) for f in self.truth.festivals), np.zeros(self.days))

    @cached_property
    def campaigns(self) -> list[tuple[str, int, int]]:
        """(code with year, first day, last day) of each campaign inside the span, by time."""
        runs = [
            (f"{f.code}_{year}", max(a, 0), min(b, self.days - 1)) for f in self.truth.festivals if f.campaign for year, a, b in self.occurrences(f)
        ]
        return sorted(runs, key=lambda run: run[1])

    @cached_property
    def campaign(self) -> npt.NDArray[np.int16]:
        """Index of the campaign that runs on each day, -1 for none."""
        running = np.full(self.days, -1, dtype=np.int16)
        for i, (_code, a, b) in enumerate(self.campaigns):
            running[a : b + 1] = i
        return running

    @cached_property
    def midnights(self) -> npt.NDArray[np.int64]:
        """The instant each day begins, and the one after the last, in microseconds since 1970 UTC."""
        zone = ZoneInfo(self.tz)
        starts = [datetime.combine(self.day(n), time(), zone).timestamp() for n in range(self.days + 1)]
        return (np.array(starts) * 1_000_000).astype(np.int64)

    def instants(self, wall: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Return wall-clock milliseconds since the first day as microseconds since 1970 UTC."""
        day = wall // DAY
        return self.midnights[day] + (wall - day * DAY) * 1000


def clock(rng: np.random.Generator, n: int, hours: tuple[float, ...]) -> npt.NDArray[np.int64]:
    """Draw `n` times of day in milliseconds by the weights of the 24 hours."""
    weights = np.cumsum(hours)
    hour = np.searchsorted(weights / weights[-1], rng.random(n), side="right")
    return hour * HOUR + rng.integers(0, HOUR, n)
