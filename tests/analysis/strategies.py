"""Small adversarial cases for the behaviour questions.

One to three people, at most a dozen events on a handful of instants so that ties abound, steps that overlap, nulls in every column. The
instants lie on each other, a microsecond apart, and at the edges of days whose clocks change.

An ordinary run tries some hundreds of cases a test; ``TILTH_FUZZ=20`` twenty times as many; with ``CI`` set they are the same each time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from tests.analysis.asking import KINDS, Case, During, Where, Within
from tests.oracles.events import Row, Step
from tests.oracles.funnel import Exclude, Funnel
from tests.oracles.retention import WEEKDAYS, Retention

settings.register_profile(
    "tilth",
    max_examples=300 * int(os.environ.get("TILTH_FUZZ", "1")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    print_blob=True,
)
settings.register_profile("tilth-ci", parent=settings.get_profile("tilth"), derandomize=True)
FUZZING = settings.get_profile("tilth-ci" if os.environ.get("CI") else "tilth")

NAMES = ("a", "b", "c")
EXTRA = ("channel", "city", "price")
VALUES: dict[str, tuple[Any, ...]] = {"channel": ("x", "y", None), "city": ("沪", "杭", None), "price": (1, 2, None)}


def known_names(rows: Sequence[Row]) -> list[str]:
    """Return the event names that a question may use: those of the rows that count."""
    return sorted({r["event"] for r in rows if None not in (r["person"], r["time"], r["event"])})


def instants_of(rows: Sequence[Row]) -> list[datetime]:
    """Return the times of the rows that count, and their neighbours."""
    times = {r["time"] for r in rows if None not in (r["person"], r["time"])}
    return sorted({t + timedelta(microseconds=d) for t in times for d in (-1, 0, 1)})


def steady_times() -> st.SearchStrategy[list[datetime]]:
    """Instants of one scale, from microseconds to days: multiples of the unit, some of them a microsecond off."""
    start = datetime(2024, 3, 9, 20, tzinfo=UTC)
    units = [timedelta(microseconds=1), timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)]

    def scale(unit: timedelta) -> list[datetime]:
        return [start + unit * k + timedelta(microseconds=off) for k in range(5) for off in (0, 0, -1, 1)]

    return st.sampled_from(units).map(scale)


@st.composite
def rows_of(draw: st.DrawFn, times: Sequence[datetime]) -> tuple[Row, ...]:
    """Rows in any order: up to three people, a dozen events; in half of the cases nulls, in half of them only a value or two a column."""
    nulls = draw(st.booleans())
    few = draw(st.booleans())
    moments = draw(st.lists(st.sampled_from(times), min_size=draw(st.integers(1, 4)), max_size=6))
    people = draw(st.sampled_from([["甲"], ["甲", "乙"], ["甲", "甲", "甲", "乙", "丙"]]))

    def cells(values: Sequence[Any]) -> st.SearchStrategy[Any]:
        return st.sampled_from([*values, *values, *values, None] if nulls else list(values))

    columns = {c: cells([v for v in VALUES[c] if v is not None][: 1 if few else 2]) for c in EXTRA}
    columns |= {"person": cells(people), "time": cells(moments), "event": cells(NAMES), "seq": st.integers(0, 2)}
    least = draw(st.sampled_from([0, 6, 10]))
    return tuple(draw(st.lists(st.fixed_dictionaries(columns), min_size=least, max_size=12)))


def conditions() -> st.SearchStrategy[tuple[tuple[str, Any], ...]]:
    """What one or two columns must hold, now and then a null."""
    pairs = [(c, v) for c in EXTRA for v in VALUES[c]]
    return st.lists(st.sampled_from(pairs), min_size=1, max_size=2, unique_by=lambda pair: pair[0]).map(tuple)


def rarely(strategy: st.SearchStrategy[Any], otherwise: Any, often: bool = False) -> st.SearchStrategy[Any]:
    """The strategy's in one case of four, so that options do not empty every answer; with `often` in three of four."""
    return st.sampled_from([often, often, False, True]).flatmap(lambda now: strategy if now else st.just(otherwise))


def wheres() -> st.SearchStrategy[tuple[tuple[str, Any], ...]]:
    """No condition (mostly), or some."""
    return rarely(conditions(), otherwise=())


def steps(names: Sequence[str]) -> st.SearchStrategy[Step]:
    """Steps over the names there are, overlapping freely."""
    several = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(tuple)
    return st.builds(Step, several, wheres(), rarely(st.just(True), otherwise=False), label=rarely(st.just("这一步"), otherwise=None))


def stretches(instants: Sequence[datetime]) -> st.SearchStrategy[During]:
    """A stretch between two different instants."""
    pairs = [During(start, end) for start in instants for end in instants if start < end]
    return st.sampled_from(pairs)


@st.composite
def cases(draw: st.DrawFn, times: Sequence[datetime], tz: str = "Asia/Shanghai", week_start: str = "monday") -> Case:
    """Rows with at least one that counts and has a name, handed over and narrowed in some way."""
    rows = draw(rows_of(times))
    names = known_names(rows)
    assume(names)
    narrowing = st.one_of(
        stretches(instants_of(rows)),
        conditions().map(Where),
        steps(names).map(Within),
    )
    narrowings = draw(rarely(st.lists(narrowing, min_size=1, max_size=2).map(tuple), otherwise=()))
    return Case(rows, draw(st.sampled_from(KINDS)), draw(st.sampled_from([None, "seq"])), tz, week_start, narrowings)


NO_BOUND = (None, None, None)
SPANS = (*NO_BOUND, *(timedelta(seconds=s) for s in (1, 2, 60, 7200, 86400, 604800)))


@st.composite
def funnels(draw: st.DrawFn, names: Sequence[str], order: str) -> Funnel:
    """A funnel of one to four steps with any options that go together, one kind of them more often than the others."""
    theme = draw(st.sampled_from(["steps", "exclude", "by", "hold", "optional"]))
    asked = draw(st.lists(steps(names), min_size=draw(st.integers(1, 3)), max_size=4))
    if order != "any":
        loose = rarely(st.just(True), otherwise=False, often=theme == "optional")
        asked = [asked[0], *(replace(step, optional=draw(loose)) for step in asked[1:])]
    n = len(asked)
    stretches = [None, *((i, j) for i in range(1, n + 1) for j in range(i + 1, n + 1))]
    exclude = st.builds(Exclude, st.sampled_from(names), wheres(), st.sampled_from(stretches))
    by = draw(rarely(some_columns(), otherwise=(), often=theme == "by"))
    return Funnel(
        steps=tuple(asked),
        within=draw(st.sampled_from(SPANS)),
        order=order,
        exclude=draw(rarely(st.lists(exclude, min_size=1, max_size=2).map(tuple), otherwise=(), often=theme == "exclude")),
        by=by,
        by_touch=draw(st.sampled_from(["first", "last", "all", *range(1, n + 1)])) if by else "first",
        hold=draw(rarely(some_columns(), otherwise=(), often=theme == "hold")),
        start_is=draw(rarely(st.just("first"), otherwise="every")),
    )


def some_columns() -> st.SearchStrategy[tuple[str, ...]]:
    """One or two of the extra columns."""
    return st.lists(st.sampled_from(EXTRA), min_size=1, max_size=2, unique=True).map(tuple)


def funnel_cases(order: str) -> st.SearchStrategy[tuple[Case, list[Funnel]]]:
    """A case and some funnels to ask of it."""

    def with_questions(case: Case) -> st.SearchStrategy[tuple[Case, list[Funnel]]]:
        return st.tuples(st.just(case), st.lists(funnels(known_names(case.rows), order), min_size=1, max_size=6))

    return steady_times().flatmap(cases).flatmap(with_questions)


# The nights when clocks change, and a zone whose clocks jumped over midnight itself (São Paulo, 2018-11-04 began at 01:00).
NIGHTS = (
    ("America/New_York", datetime(2024, 3, 10)),
    ("America/New_York", datetime(2024, 11, 3)),
    ("Europe/London", datetime(2024, 3, 31)),
    ("Europe/London", datetime(2024, 10, 27)),
    ("America/Sao_Paulo", datetime(2018, 11, 4)),
    ("Asia/Shanghai", datetime(2024, 2, 29)),
    ("Asia/Kolkata", datetime(2023, 12, 31)),
)


def edges_around(night: tuple[str, datetime], spread: int) -> list[datetime]:
    """Return instants about the local midnights of some days around a night, `spread` days apart."""
    zone, day = night
    found = []
    for k in (-2, -1, 0, 1, 2):
        midnight = (day + timedelta(days=k * spread)).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        off = (timedelta(0), timedelta(microseconds=-1), timedelta(hours=1), timedelta(hours=12), timedelta(hours=23), timedelta(hours=24))
        found += [midnight + o for o in off]
    return found


@st.composite
def retentions(draw: st.DrawFn, case: Case, times: Sequence[datetime], period: str, kind: str) -> Retention:
    """A retention question of one period and kind."""
    names = known_names(case.rows)
    brackets = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 2)).map(lambda p: (p[0], sum(p))), min_size=1, max_size=3)
    return Retention(
        start=draw(steps(names)),
        back=draw(st.one_of(st.none(), steps(names))),
        period=period,
        periods=draw(st.integers(0, 4)),
        kind=kind,
        brackets=tuple(draw(brackets)) if kind == "bracket" else (),
        start_is=draw(st.sampled_from(["first", "recurring"])),
        until=draw(rarely(st.sampled_from(times), otherwise=None)),
        by=draw(rarely(some_columns(), otherwise=())),
        tz=draw(st.sampled_from([case.tz, case.tz, "America/New_York", "UTC"])),
        week_start=draw(st.sampled_from([case.week_start, case.week_start, *WEEKDAYS])),
    )


@st.composite
def retention_cases(draw: st.DrawFn, kind: str) -> tuple[Case, list[Retention]]:
    """A case about the edges of days, weeks or months, and some retention questions of one kind to ask of it."""
    night = draw(st.sampled_from(NIGHTS))
    period = draw(st.sampled_from(["day", "week", "month"]))
    times = edges_around(night, draw(st.sampled_from({"day": [1], "week": [1, 4, 7], "month": [1, 15, 30]}[period])))
    zone = draw(st.sampled_from([night[0], night[0], night[0], "UTC", "Asia/Shanghai"]))
    case = draw(cases(times, zone, draw(st.sampled_from(WEEKDAYS))))
    return case, draw(st.lists(retentions(case, times, period, kind), min_size=1, max_size=6))
