r"""Retention: of those who started in a period, how many come back in the periods after it.

The *cohort* of a person is the period of their first ``start`` event in the whole source (``start_is="first"``), or every period in which they have
one (``"recurring"``). With S_c the people of cohort c and A_c(k) those of them who did ``back``

* in the cohort's own period, from their start event on, for k = 0 (the start event itself counts if it matches);
* in period c + k (``kind="on"``);
* in period c + k or any later one of the source (``"on_or_after"``);
* in one of the periods c + first … c + last of the k-th bracket, from 1 (``"bracket"``),

.. math:: \text{rate}_c(k) = |A_c(k)| / |S_c|

Periods are days, weeks (from ``week_start``) or months of the calendar in the time zone. A figure is ``complete`` once its period has wholly passed
at ``until``; one whose period has not begun is null, never 0.

Source: the project's own definition, docs/reference/questions/retention.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.proportion import interval
from tilth.analysis.result import Groups, NoSuchCell, Result, by_names, check_top, choice, drawn_groups
from tilth.analysis.sampling import OFTEN, ONCE
from tilth.analysis.split import Split
from tilth.analysis.steps import AnyStep, BadStep, as_step, marked
from tilth.engine import clock, shards
from tilth.engine.history import History
from tilth.engine.kernels import retention as kernels
from tilth.engine.kernels.cells import bits_of
from tilth.engine.partial import PERSONS, SHARED, Partial
from tilth.engine.people import PersonSet
from tilth.errors import InputError
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events

COLUMNS = ("cohort", "period", "size", "people", "rate", "complete", "value", "value_each")
KINDS = ("on", "on_or_after", "bracket")


@dataclass(frozen=True)
class RetentionOptions:
    """What retention can be asked.

    Parameters
    ----------
    start, back : step
        A name, a list of names, or ``tl.Step``; ``back=None`` is any event.
    period : {"day", "week", "month"}
    periods : int
        Periods after the cohort's own.
    kind : {"on", "on_or_after", "bracket"}
    brackets : sequence of (first, last), optional
        For ``"bracket"``: periods after the cohort's own, both included, such as ``[(1, 1), (2, 6), (7, 29)]``.
    start_is : {"first", "recurring"}
    until : time, optional
        Until when the data are known; by default the time of the source's last event.
    by : column or columns, optional
        Split by the values on the person's first start event of the cohort.
    tz, week_start : str, optional
        Instead of those of the Events.
    value : column, optional
        Numbers of the ``back`` events that are summed beside the people.
    top : int, optional
        Keep so many groups, those of most people, and put the others together.
    """

    start: AnyStep
    back: AnyStep | None = None
    period: Literal["day", "week", "month"] = "day"
    periods: int = 12
    kind: Literal["on", "on_or_after", "bracket"] = "on"
    brackets: Sequence[tuple[int, int]] | None = None
    start_is: Literal["first", "recurring"] = "first"
    until: Any = None
    by: str | Sequence[str] | None = None
    tz: str | None = None
    week_start: str | None = None
    value: str | None = None
    top: int | None = None

    def __post_init__(self) -> None:
        check_top(self.top, self.by)
        choice(self.period, clock.PERIODS, "period")
        choice(self.kind, KINDS, "kind")
        choice(self.start_is, ("first", "recurring"), "start_is")
        for step in (self.start, self.back):
            if step is not None and as_step(step).optional:
                raise BadStep(_("Retention has no optional events: it asks who did one event and came back to do another."))
        if isinstance(self.periods, bool) or not isinstance(self.periods, int) or self.periods < 0:
            raise InputError(_("periods={periods}: give a whole number from 0 up.").format(periods=repr(self.periods)))
        if (self.kind == "bracket") != (self.brackets is not None):
            raise InputError(_("kind='bracket' and brackets=[(first, last), …] go together."))
        for bracket in self.brackets or ():
            if not 1 <= bracket[0] <= bracket[1]:
                raise InputError(_("The bracket {bracket} is not (first, last) with 1 ≤ first ≤ last.").format(bracket=tuple(bracket)))
        if self.tz is not None:
            clock.zone(self.tz)
        if self.week_start is not None:
            clock.weekday(self.week_start)

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The first and last period, counted from the cohort's own, of every row from row 0 on."""
        return [(0, 0), *((int(a), int(b)) for a, b in self.brackets)] if self.brackets is not None else [(k, k) for k in range(self.periods + 1)]


@dataclass(frozen=True)
class Returns(Partial):
    """Who belongs to which cohort, and in which rows they came back.

    Attributes
    ----------
    calendar : Calendar
        Its period numbers are what `cohort` counts.
    people, cohort : ndarray, shape (entries,)
        Person code, number of the cohort's period.
    words : ndarray of uint64, shape (entries, ⌊rows / 64⌋ + 1)
        Bit k: came back in row k.
    split : Split
        The values that each entry is split by.
    values : ndarray of float64, shape (entries, rows), or None
        The sum of the value in each row.
    """

    calendar: clock.Calendar = field(metadata=SHARED)
    people: NDArray[np.int64] = field(metadata=PERSONS)
    cohort: NDArray[np.int32]
    words: NDArray[np.uint64]
    split: Split
    values: NDArray[np.float64] | None

    def came_back(self, row: int) -> NDArray[np.bool_]:
        """Return for every entry whether its person came back in a row."""
        return (self.words[:, row >> 6] >> np.uint64(row & 63) & np.uint64(1)).astype(np.bool_)


class Retention(Result):
    """The answer to retention.

    Attributes
    ----------
    frame : DataFrame
        After any `by` columns: cohort (first instant of its period, with the time zone), period (0 … n), size (people in the cohort), people, rate,
        complete (False while the period has not wholly passed); people and rate are null where it has not begun. With a `value` also value (its sum)
        and value_each (the sum over size), null where people is.
    left_out : int
        Rows of the source without a person or a time.
    """

    grows: ClassVar = {"frame": {"size": ONCE, "people": ONCE, "value": OFTEN}}

    def __init__(self, events: Events, options: RetentionOptions) -> None:
        self.options = options
        self._by = by_names(options.by, COLUMNS)
        answer = events.ask(compute, options)
        self._returns, self._directory, self.left_out = answer.found, answer.directory, answer.left_out
        tz = clock.zone(options.tz) if options.tz else events.tz
        self.until = clock.instant(options.until, tz) if options.until is not None else answer.span[1]
        self._groups = self._returns.split.groups(options.top)

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        return tabulate(self._returns, self._groups, self.options.spans, self.until)

    def people(self, cohort: Any = None, period: int | None = None, **by: Any) -> PersonSet:
        """Return the people of a cell: those of `cohort` (a time in its period; None for all) who came back in row `period` (None: all of them)."""
        returns = self._returns
        chosen = np.ones(len(returns.people), np.bool_)
        if cohort is not None:
            at = clock.instant(cohort, returns.calendar.tz)
            bounds = returns.calendar.bounds
            if not bounds[0] <= at < bounds[-1]:
                raise NoSuchCell(_("No cohort holds {time}.").format(time=cohort))
            chosen &= returns.cohort == returns.calendar.number(np.array([at]))[0]
        if period is not None:
            if not 0 <= period < len(self.options.spans):
                raise NoSuchCell(
                    _("There is no period {period}: they are numbered from 0 to {last}.").format(period=period, last=len(self.options.spans) - 1)
                )
            chosen &= returns.came_back(period)
        if by:
            chosen &= self._groups.chosen(by)[self._groups.number]
        return PersonSet(np.unique(returns.people[chosen]).astype(np.uint32), self._directory)

    def _squares(self, table: str, column: str) -> NDArray[np.float64]:
        assert self._returns.values is not None
        cell, cells = cells_of(self._returns, self._groups)
        return summed(self._returns.values**2, cell, len(cells)).ravel()  # a person has one entry in a cohort

    def title(self) -> str:  # noqa: D102
        back = as_step(self.options.back).name if self.options.back is not None else _("any event")
        return _("Retention: {start} → {back}").format(start=as_step(self.options.start).name, back=back)

    def meaning(self) -> str:  # noqa: D102
        return define(self.options, self.left_out)

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: a heat map of cohorts and periods, or, split by something, a curve a group over its complete periods."""
        return draw_curves(self.frame, self._by, self.options) if self._by else draw(self.frame, self.options)


def compute(events: Events, options: RetentionOptions) -> Returns:
    """Return everyone's cohorts and comings back."""
    history, timeline = events.history, events.history.timeline
    tz = clock.zone(options.tz) if options.tz else events.tz
    codes, bits = marked(history, [as_step(options.start), None if options.back is None else as_step(options.back)])
    keep = np.empty(0, np.bool_) if events.keep is None else events.keep
    spans = np.array(options.spans[1:], np.int32).reshape(-1, 2)
    first, last = timeline.span
    beyond = max((high for _low, high in options.spans), default=0) + 1
    calendar = clock.Calendar(options.period, tz, first, last, options.week_start or events.week_start, beyond)
    kind, once = KINDS.index(options.kind), options.start_is == "first"
    lows, highs = np.ascontiguousarray(spans[:, 0]), np.ascontiguousarray(spans[:, 1])

    def shard(first: int, last: int) -> tuple[Any, ...]:
        return kernels.retention(  # type: ignore[no-any-return]
            timeline.offsets, timeline.times, codes, bits, keep, once, calendar.bounds, kind, len(spans), lows, highs, first, last
        )

    parts = shards.run(shard, timeline.offsets)
    if not parts:
        nothing = np.empty(0, np.int64)
        parts = [(nothing, nothing, np.empty(0, np.int32), np.zeros((0, len(spans) // 64 + 1), np.uint64))]
    people, places, cohorts, words = shards.concatenated(parts)
    split = Split.at(history, by_names(options.by, COLUMNS), places)
    if options.value is None:
        return Returns(calendar, people, cohorts, words, split, None)
    value_codes, values = numbers(history, options.value)

    def summed(first: int, last: int) -> NDArray[np.float64]:
        return kernels.sums(  # type: ignore[no-any-return]
            people, places, cohorts, timeline.offsets, timeline.times, codes, bits, keep, value_codes, values, calendar.bounds, kind, len(spans),
            lows, highs, first, last,
        )  # fmt: skip

    sums = shards.run(summed, np.arange(len(people) + 1)) or [np.zeros((0, len(spans) + 1))]
    return Returns(calendar, people, cohorts, words, split, np.concatenate(sums))


def numbers(history: History, column: str) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return the codes of a column of numbers and the number of each code, 0 for null, which comes last.

    Raises
    ------
    InputError
        When a value of the column is no number.
    """
    codes, values = history.codes(column)
    read = pd.to_numeric(pd.Series(values.to_pandas()), errors="coerce").to_numpy(np.float64, na_value=np.nan)
    if np.isnan(read).any():
        wrong = values[int(np.flatnonzero(np.isnan(read))[0])].as_py()
        raise InputError(_("The column {column} cannot be summed: {value} is no number.").format(column=column, value=repr(wrong)))
    return codes, np.append(read, 0.0)


def cells_of(returns: Returns, groups: Groups) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the place of each entry's group and cohort among those that there are, and these as ``group * periods + cohort``."""
    return pd.factorize(groups.number * len(returns.calendar.bounds) + returns.cohort, sort=True)


def summed(values: NDArray[np.float64], cell: NDArray[np.int64], cells: int) -> NDArray[np.float64]:
    """Return the sums of the entries of every cell, row by row."""
    return np.column_stack([np.bincount(cell, weights=column, minlength=cells) for column in values.T]).astype(np.float64)


def tabulate(returns: Returns, groups: Groups, spans: list[tuple[int, int]], until: int) -> pd.DataFrame:
    """Return the result's frame: a row for every group, cohort and period."""
    periods = len(returns.calendar.bounds)
    cell, cells = cells_of(returns, groups)
    size = np.bincount(cell, minlength=len(cells))
    back = bits_of(returns.words, cell, len(cells), len(spans))
    lows, highs = np.array(spans).T
    group, cohort = np.divmod(cells, periods)
    begun = returns.calendar.bounds[cohort[:, None] + lows] <= until
    complete = returns.calendar.bounds[cohort[:, None] + highs + 1] <= until
    rows, count = len(spans), len(cells)
    people = pd.array(back.ravel(), dtype="Int64")
    people[~begun.ravel()] = pd.NA
    frame = groups.frame.iloc[np.repeat(group, rows)].reset_index(drop=True)
    frame = frame.assign(
        cohort=returns.calendar.starts[np.repeat(cohort, rows)],
        period=np.tile(np.arange(rows), count),
        size=np.repeat(size, rows),
        people=people,
        rate=np.where(begun, back / size[:, None], np.nan).ravel(),
        complete=complete.ravel(),
    )
    if returns.values is None:
        return frame
    total = summed(returns.values, cell, len(cells))
    total[~begun] = np.nan
    return frame.assign(value=total.ravel(), value_each=(total / size[:, None]).ravel())


def define(options: RetentionOptions, left_out: int) -> str:
    """Return in plain words what the figures count."""
    from tilth.analysis.display import wording

    names = {"day": _("day"), "week": _("week"), "month": _("month")}
    cohort = {
        "first": _("A person belongs to the {period} of their first start event."),
        "recurring": _("A person belongs to every {period} in which they have a start event."),
    }[options.start_is].format(period=names[options.period])
    back = {
        "on": _("They count in a later {period} when they came back in exactly that one."),
        "on_or_after": _("They count in a later {period} when they came back in that one or any after it."),
        "bracket": _("They count in a bracket when they came back in any {period} of it."),
    }[options.kind].format(period=names[options.period])
    told = _("The values of {column} of what they came back for are summed.")
    summed = [told.format(column=wording.name(options.value))] if options.value else []
    own = _("Period 0 is the cohort's own, from the start event on.")
    unfinished = _("Periods that have not wholly passed are marked; those that have not begun are empty.")
    missing = _("Left out: {count} rows without a person or a time.").format(count=f"{left_out:,}")
    return paragraph(cohort, own, back, *summed, unfinished, missing)


def row_name(options: RetentionOptions, k: int) -> str:
    """Return what row `k` of a cohort is called, such as "Week 3" or "Day 2-6"."""
    own = {"day": _("Same day"), "week": _("Same week"), "month": _("Same month")}
    one = {"day": _("Day {k}"), "week": _("Week {k}"), "month": _("Month {k}")}
    if k == 0:
        return own[options.period]
    low, high = options.spans[k]
    return one[options.period].format(k=str(low) if low == high else f"{low}–{high}")


def draw(frame: pd.DataFrame, options: RetentionOptions) -> dict[str, Any]:
    """Return the ECharts option of cohorts against periods; unfinished cells are hatched, those that have not begun are missing.

    Colour spans the rates of finished later periods: the cohort's own is near 100 % by nature and would take all of it.
    """
    form = "%Y-%m" if options.period == "month" else "%Y-%m-%d"
    cohorts = list(dict.fromkeys(frame["cohort"].dt.strftime(form)))
    rows = sorted(int(k) for k in frame["period"].unique())
    hatched = {
        "decal": {"symbol": "rect", "color": "rgba(127,140,133,0.35)", "dashArrayX": [1, 0], "dashArrayY": [1, 6], "rotation": -0.785},
        "color": "transparent",
    }
    data = []
    for row in frame[frame["rate"].notna()].itertuples():
        said = f"{row.rate * 100:.1f}{'' if row.complete else '*'}"
        cell: dict[str, Any] = {"value": [int(row.period), cohorts.index(row.cohort.strftime(form)), float(row.rate)], "label": {"formatter": said}}
        if not row.complete or row.period == 0:
            cell["label"]["color"] = "#767f7b"
            cell |= {"visualMap": False, "itemStyle": {"color": "transparent"} if row.complete else hatched}
        data.append(cell)
    warm = frame.loc[frame["complete"] & (frame["period"] > 0), "rate"]
    return {
        "tooltip": {"position": "top"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "position": "top", "data": [row_name(options, k) for k in rows], "axisLine": {"show": False}},
        "yAxis": {"type": "category", "data": cohorts, "inverse": True, "axisLine": {"show": False}},
        "visualMap": {"min": 0, "max": float(warm.max()) if warm.max() > 0 else 1, "show": False, "formatter": {"$": "axisPercent"}},
        "series": [{"type": "heatmap", "name": _("Retention"), "data": data, "label": {"show": len(data) <= 400}}],
    }


def draw_curves(frame: pd.DataFrame, by: list[str], options: RetentionOptions) -> dict[str, Any]:
    """Return the ECharts option of one curve a group: people who came back, of all cohorts whose period has wholly passed, over their size.

    Curves begin after the cohort's own period, which is near 100 % by nature, unless nothing later has passed. A curve that stands alone says its
    figures and has its 95 % interval as a shade; several say their names and last figures at their ends.
    """
    passed = frame[frame["complete"]]
    if (passed["period"] > 0).any():
        passed = passed[passed["period"] > 0]
    first, last = (int(passed["period"].min()), int(passed["period"].max())) if len(passed) else (0, 0)
    series: list[dict[str, Any]] = []
    for name, rows in drawn_groups(passed, by, "size"):
        total = rows.groupby("period")[["people", "size"]].sum().astype("int64")
        total = total.reindex(range(first, int(total.index.max()) + 1 if len(total) else first), fill_value=0)  # brackets may pass in any order
        rates = [people / size if size else None for people, size in total.itertuples(index=False)]
        curve: dict[str, Any] = {"type": "line", "name": name or _("All cohorts"), "data": rates}
        if by:
            end = f"{{a}} {rates[-1]:.1%}" if rates else "{a}"
            series.append(curve | {"showSymbol": False, "endLabel": {"show": True, "formatter": end}, "labelLayout": {"moveOverlap": "shiftY"}})
            continue
        series += [curve | {"symbol": "circle"}, *_shade(curve["name"], list(total.itertuples(index=False)))]
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 24 if not by else 120, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "boundaryGap": False, "data": [row_name(options, k) for k in range(first, last + 1)]},
        "yAxis": {"type": "value", "min": 0, "axisLabel": {"formatter": {"$": "axisPercent"}}},
        "series": series,
    }


def _shade(name: str, counted: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """Return a curve's 95 % interval: its lower bounds, unseen, and stacked on them a shade up to the upper, with the curve's figures above it."""
    bounds = [interval(people, size) if size else (None, None) for people, size in counted]
    widths = [
        None if low is None or high is None else {"value": high - low, "label": {"formatter": f"{people / size:.1%}"}}
        for (low, high), (people, size) in zip(bounds, counted, strict=True)
    ]
    unseen = {
        "type": "line",
        "name": name,
        "stack": "interval",
        "silent": True,
        "symbolSize": 0,
        "lineStyle": {"opacity": 0},
        "tooltip": {"show": False},
    }
    labels = {"label": {"show": True, "position": "top"}, "labelLayout": {"hideOverlap": True}}
    return [unseen | {"data": [low for low, _high in bounds]}, unseen | labels | {"data": widths, "areaStyle": {"opacity": 0.16}}]
