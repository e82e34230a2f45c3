"""The calendar: Spring Festival's dates, festivals and weekdays, the way to instants."""

from __future__ import annotations

import csv
from datetime import date, datetime
from math import radians, sin
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from tests.real_data import real

from tilth.warehouse.demo.seasons import DAY, SPRING_FESTIVAL, Seasons
from tilth.warehouse.demo.truth import Truth


def new_moon(k: int) -> float:
    """Return the k-th new moon since January 2000 as a Julian day of dynamical time: the mean moment and its largest periodic terms."""
    t = k / 1236.85
    mean = 2451550.09766 + 29.530588861 * k + 0.00015437 * t**2
    sun = radians(2.5534 + 29.10535670 * k)
    moon = radians(201.5643 + 385.81693528 * k + 0.0107582 * t**2)
    latitude = radians(160.7108 + 390.67050284 * k - 0.0016118 * t**2)
    terms = (
        (-0.40720, moon), (0.17241, sun), (0.01608, 2 * moon), (0.01039, 2 * latitude), (0.00739, moon - sun), (-0.00514, moon + sun),
        (0.00208, 2 * sun), (-0.00111, moon - 2 * latitude), (-0.00057, moon + 2 * latitude), (0.00056, 2 * moon + sun),
    )  # fmt: skip
    return mean + sum(size * sin(angle) for size, angle in terms) + 0.000325 * sin(radians(299.77 + 0.107408 * k))


def test_spring_festival_falls_on_a_new_moon_in_beijing() -> None:
    # an astronomical computation (mean lunations with the main periodic terms, good to minutes); the festival lies in 21 January to 20 February
    for year, festival in SPRING_FESTIVAL.items():
        moons = (new_moon(round((year - 2000) * 12.3685) + n) for n in range(-2, 4))
        # to Beijing's clock: eight hours, less some seventy seconds of dynamical time
        days = [date.fromordinal(int(moon + 0.5 + 8 / 24 - 70 / 86_400) - 1721425) for moon in moons]
        assert festival in [d for d in days if date(year, 1, 20) < d < date(year, 2, 21)], year


def test_spring_festival_agrees_with_the_published_holidays() -> None:
    with real("robyn_holidays_cn.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if "Spring Festival" in row["holiday"]]
    published: dict[int, date] = {}
    for row in rows:
        day = date.fromisoformat(row["ds"])
        published[day.year] = min(day, published.get(day.year, day))
    for year, festival in SPRING_FESTIVAL.items():
        assert abs((festival - published[year]).days) <= 1, year  # some years the public holiday begins on the eve


def test_double_11_and_618_rise_to_their_day() -> None:
    seasons = Seasons(date(2025, 12, 31), Truth(weekday=(1.0,) * 7), "Asia/Shanghai")
    by_day = {seasons.day(n): seasons.factor[n] for n in range(seasons.days)}
    usual = by_day[date(2025, 4, 15)]
    assert by_day[date(2025, 11, 11)] / usual == pytest.approx(2.8)
    assert by_day[date(2024, 6, 18)] / usual == pytest.approx(2.2)
    assert by_day[date(2025, 11, 12)] / usual == pytest.approx(1.0)
    assert by_day[date(2025, 10, 21)] / usual == pytest.approx(1 + 1.8 / 22**2)
    assert by_day[date(2025, 1, 29)] / usual == pytest.approx(0.6)  # Spring Festival 2025
    assert by_day[date(2024, 2, 10)] / usual == pytest.approx(0.6)  # Spring Festival 2024
    assert seasons.factor.mean() == pytest.approx(1)


def test_a_festival_that_began_before_the_first_day_goes_on() -> None:
    seasons = Seasons(date(2025, 11, 5), Truth(), "Asia/Shanghai")
    double_11 = next(f for f in seasons.truth.festivals if f.code == "double_11")
    strength = seasons.strength(double_11)
    # the first day is 6 November 2023, the 17th of 22
    assert strength[0] == pytest.approx((17 / 22) ** 2)
    assert strength[5] == pytest.approx(1)
    assert strength[-1] == pytest.approx((16 / 22) ** 2)


def test_instants_follow_the_clocks_of_the_zone() -> None:
    seasons = Seasons(date(2025, 12, 31), Truth(), "Europe/Paris")
    noon = np.arange(seasons.days) * DAY + DAY // 2
    zone = ZoneInfo("Europe/Paris")
    for n in (0, 100, 200, 500, seasons.days - 1):
        day = seasons.day(n)
        expected = datetime(day.year, day.month, day.day, 12, tzinfo=zone).timestamp() * 1e6
        assert seasons.instants(noon)[n] == expected
