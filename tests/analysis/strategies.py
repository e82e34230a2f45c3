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
VALUES: dict[str, tuple[Any, ...]] = {"channel": ("x", "y"), "city": ("沪", "杭"), "price": (1, 2)}
EXTRA = tuple(VALUES)
UNITS = tuple(timedelta(**{unit: 1}) for unit in ("microseconds", "seconds", "minutes", "hours", "days"))


def known_names(rows: Sequence[Row]) -> list[str]:
    """Return the event names that a question may use: those of the rows that count."""
    return sorted({r["event"] for r in rows if None not in (r["person"], r["time"], r["event"])})


def instants_of(rows: Sequence[Row]) -> list[datetime]:
    """Return the times of the rows that count, and their neighbours."""
    times = {r["time"] for r in rows if None not in (r["person"], r["time"])}
    return sorted({t + timedelta(microseconds=d) for t in times for d in (-1, 0, 1)})


def steady_times(unit: timedelta) -> list[datetime]:
    """Return instants on one scale: multiples of the unit, some of them a microsecond off."""
    start = datetime(2024, 3, 9, 20, tzinfo=UTC)
    return [start + unit * k + timedelta(microseconds=off) for k in range(5) for off in (0, 0, 0, 0, -1, 1)]


def once_in(count: int, strategy: st.SearchStrategy[Any], otherwise: Any) -> st.SearchStrategy[Any]:
    """The strategy's in one case of `count`, so that options do not empty every answer between them."""
    return st.sampled_from([False] * (count - 1) + [True]).flatmap(lambda now: strategy if now else st.just(otherwise))


@st.composite
def rows_of(draw: st.DrawFn, times: Sequence[datetime]) -> tuple[Row, ...]:
    """Rows in any order: up to three people, a dozen events; in half of the cases nulls, in a third of them only one value a column."""
    nulls = draw(st.booleans())
    few = draw(st.sampled_from([False, False, True]))
    moments = draw(st.lists(st.sampled_from(times), min_size=draw(st.sampled_from([1, 4, 6])), max_size=6))
    people = draw(st.sampled_from([["甲"], ["甲"], ["甲", "乙"], ["甲", "甲", "甲", "乙", "丙"]]))

    def cells(values: Sequence[Any], of: int) -> st.SearchStrategy[Any]:
        known = st.sampled_from(list(values))
        return once_in(of, st.none(), otherwise=...).flatmap(lambda null: known if null is ... else st.none()) if nulls else known

    columns = {c: cells(values[: 1 if few else 2], 2) for c, values in VALUES.items()}
    columns |= {"person": cells(people, 12), "time": cells(moments, 12), "event": cells(NAMES, 12), "seq": st.integers(0, 2)}
    least = draw(st.sampled_from([0, 8, 10, 12]))
    return tuple(draw(st.lists(st.fixed_dictionaries(columns), min_size=least, max_size=12)))


def conditions() -> st.SearchStrategy[tuple[tuple[str, Any], ...]]:
    """What one or two columns must hold, now and then a null."""
    pairs = [(c, v) for c, values in VALUES.items() for v in (*values * 3, None)]
    most = once_in(4, st.just(2), otherwise=1)
    return most.flatmap(lambda n: st.lists(st.sampled_from(pairs), min_size=1, max_size=n, unique_by=lambda pair: pair[0])).map(tuple)


def steps(names: Sequence[str]) -> st.SearchStrategy[Step]:
    """Steps over the names there are, overlapping freely."""
    several = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(tuple)
    return st.builds(
        Step,
        several,
        once_in(6, conditions(), otherwise=()),
        once_in(8, st.just(True), otherwise=False),
        label=once_in(8, st.just("这一步"), otherwise=None),
    )


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
        *[conditions().map(Where)] * 3,
        steps(names).map(Within),
    )
    several = once_in(4, st.just(2), otherwise=1).flatmap(lambda n: st.lists(narrowing, min_size=1, max_size=n).map(tuple))
    narrowings = draw(once_in(2, several, otherwise=()))
    return Case(rows, draw(st.sampled_from(KINDS)), draw(st.sampled_from([None, "seq"])), tz, week_start, narrowings)


@st.composite
def funnels(draw: st.DrawFn, names: Sequence[str], order: str, unit: timedelta) -> Funnel:
    """A funnel of one to four steps with any options that go together, one kind of them more often than the others."""
    theme = draw(st.sampled_from(["steps", "exclude", "exclude", "by", "by", "hold", "optional", "start"]))

    def more(option: str, strategy: st.SearchStrategy[Any], otherwise: Any) -> Any:
        return draw(once_in(2 if theme == option else 8, strategy, otherwise))

    asked = draw(st.lists(steps(names), min_size=3 if theme == "exclude" else draw(st.integers(1, 3)), max_size=4))
    if order != "any":
        asked = [asked[0], *(replace(step, optional=more("optional", st.just(True), otherwise=False)) for step in asked[1:])]
    n = len(asked)
    between = [None, *((i, j) for i in range(1, n + 1) for j in range(i + 1, n + 1))]
    exclude = st.builds(Exclude, st.sampled_from(names), once_in(4, conditions(), otherwise=()), st.sampled_from(between))
    by = more("by", some_columns(), otherwise=())
    spans = [unit * k for k in (1, 2, 3, 4)] if unit >= timedelta(seconds=1) else [timedelta(seconds=1)]
    return Funnel(
        steps=tuple(asked),
        within=draw(st.sampled_from([None, *spans])),
        order=order,
        exclude=more("exclude", st.lists(exclude, min_size=1, max_size=2).map(tuple), otherwise=()),
        by=by,
        by_touch=draw(st.sampled_from(["first", "last", "all", *range(1, n + 1)])) if by else "first",
        hold=more("hold", some_columns(), otherwise=()),
        start_is=more("start", st.just("first"), otherwise="every"),
        sessions=more("hold", st.sampled_from(spans), otherwise=None),
    )


def some_columns() -> st.SearchStrategy[tuple[str, ...]]:
    """One or two of the extra columns."""
    return once_in(3, st.just(2), otherwise=1).flatmap(lambda n: st.lists(st.sampled_from(EXTRA), min_size=n, max_size=n, unique=True).map(tuple))


@st.composite
def funnel_cases(draw: st.DrawFn, order: str) -> tuple[Case, list[Funnel]]:
    """A case and some funnels to ask of it."""
    unit = draw(st.sampled_from(UNITS))
    case = draw(cases(steady_times(unit)))
    return case, draw(st.lists(funnels(known_names(case.rows), order, unit), min_size=2, max_size=6))


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
def retentions(draw: st.DrawFn, case: Case, period: str, kind: str) -> Retention:
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
        until=draw(once_in(4, st.sampled_from(instants_of(case.rows)), otherwise=None)),
        by=draw(once_in(4, some_columns(), otherwise=())),
        tz=draw(st.sampled_from([case.tz, case.tz, "America/New_York", "UTC"])),
        week_start=draw(st.sampled_from([case.week_start, case.week_start, *WEEKDAYS])),
        value=draw(once_in(3, st.just("price"), otherwise=None)),
    )


@st.composite
def calendar_cases(draw: st.DrawFn, period: str) -> Case:
    """A case about the edges of days, weeks or months."""
    night = draw(st.sampled_from(NIGHTS))
    times = edges_around(night, draw(st.sampled_from({"day": [1], "week": [1, 4, 7], "month": [1, 15, 30]}[period])))
    zone = draw(st.sampled_from([night[0], night[0], night[0], "UTC", "Asia/Shanghai"]))
    return draw(cases(times, zone, draw(st.sampled_from(WEEKDAYS))))


@st.composite
def retention_cases(draw: st.DrawFn, kind: str) -> tuple[Case, list[Retention]]:
    """A case about the edges of days, weeks or months, and some retention questions of one kind to ask of it."""
    period = draw(st.sampled_from(["day", "week", "month"]))
    case = draw(calendar_cases(period))
    return case, draw(st.lists(retentions(case, period, kind), min_size=2, max_size=6))
