"""A result as a table of worded cells: what a card, a page and a terminal show.

To give a new question a table of its own, write a function and name it in :data:`TABLES`; without one, its frame is shown column by column.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd

from tilth.analysis.behaviour.activation import Activation
from tilth.analysis.behaviour.frequency import Frequency
from tilth.analysis.behaviour.funnel import Funnel
from tilth.analysis.behaviour.intervals import Intervals
from tilth.analysis.behaviour.lifecycle import Lifecycle
from tilth.analysis.behaviour.path_clusters import PathClusters
from tilth.analysis.behaviour.paths import Paths
from tilth.analysis.behaviour.retention import Retention, row_name
from tilth.analysis.behaviour.sessions import Sessions
from tilth.analysis.behaviour.stickiness import Stickiness
from tilth.analysis.behaviour.touchpoints import Touchpaths
from tilth.analysis.display import estimates, wording
from tilth.analysis.display.activity_tables import frequency_table, intervals_table, lifecycle_table, sessions_table, stickiness_table
from tilth.analysis.display.cells import MOST_ROWS, Cell, Column, Row, Table, cut, note, row_of
from tilth.analysis.display.estimates import estimating, people_cell
from tilth.analysis.display.path_tables import activation_table, path_clusters_table, paths_table, touchpaths_table
from tilth.analysis.result import Result
from tilth.analysis.value.rfm import RFM
from tilth.language import _

__all__ = ["MOST_ROWS", "TABLES", "Cell", "Column", "Row", "Table", "funnel_table", "plain", "retention_table", "rfm_table", "table_of"]


def table_of(result: Result) -> Table:
    """Return the table that a result's chart is drawn from."""
    for kind, make in TABLES.items():
        if isinstance(result, kind):
            return make(result)
    return plain(result)


@estimating
def funnel_table(result: Funnel) -> Table:
    """Return a row a step, or, split by something, a row a group with the steps beside each other."""
    by = list(result.frame.columns[: result.frame.columns.get_loc("step")])
    return _funnel_by_group(result.frame, by) if by else _funnel_by_step(result.frame)


def _funnel_by_step(frame: pd.DataFrame) -> Table:
    columns = (
        Column(_("Step"), text=True),
        Column(_("People")),
        Column(_("From the start")),
        Column(_("From the step before")),
        Column(_("Median time since the step before")),
        Column(_("Mean time since the step before")),
    )
    rows = [
        row_of(
            f"{row.step} {row.label}",
            people_cell(row.people, step=int(row.step)),
            wording.percent(row.from_start),
            wording.percent(row.from_previous) if row.step > 1 else wording.NOTHING,
            wording.duration(row.median_seconds),
            wording.duration(row.mean_seconds),
        )
        for row in frame.itertuples()
    ]
    return Table(columns, tuple(rows))


def _funnel_by_group(frame: pd.DataFrame, by: list[str]) -> Table:
    steps = frame.drop_duplicates("step")
    columns = [Column(wording.name(name), text=True) for name in by]
    for step, label in zip(steps["step"], steps["label"], strict=True):
        columns.append(Column(str(label), group=True))
        if step > 1:
            columns.append(Column(_("From before")))
    columns.append(Column(_("Overall"), group=True))
    if frame.empty:
        return Table(tuple(columns), ())
    rows = []
    starts = range(0, len(frame), len(steps))  # every group has a row for every step, in a row
    entered = frame["people"].to_numpy()[:: len(steps)]
    for start in sorted(starts, key=lambda start: -entered[start // len(steps)])[:MOST_ROWS]:
        group = frame.iloc[start : start + len(steps)]
        values = {name: group[name].iloc[0] for name in by}
        cells: list[str | Cell] = [wording.value(value) for value in values.values()]
        for step, people, share in zip(group["step"], group["people"], group["from_previous"], strict=True):
            cells.append(people_cell(people, **values, step=int(step)))
            if step > 1:
                cells.append(wording.percent(share))
        cells.append(wording.percent(group["from_start"].iloc[-1]))
        rows.append(row_of(*cells))
    return Table(tuple(columns), tuple(rows), notes=note(len(starts)))


@estimating
def retention_table(result: Retention, counts: bool = False) -> Table:
    """Return a row a cohort and, above them, all cohorts; split by something, a row a group over all its cohorts.

    With `counts` the cells say how many people came back, in the colours of their shares.
    """
    frame = result.frame
    by = list(frame.columns[: frame.columns.get_loc("cohort")])
    rows = _by_group(frame, by) if by else _by_cohort(frame, result.options.period)
    hottest = max((rate.share for line in rows for rate in line.rates[1:] if rate and rate.complete), default=0.0)
    periods = sorted(frame["period"].unique())
    first = [Column(wording.name(name), text=True) for name in by] or [Column(_("Cohort"), text=True)]
    columns = (*first, Column(_("People")), *(Column(row_name(result.options, int(k))) for k in periods))
    once = result.options.start_is == "first"  # else a person may be in several cohorts, and sizes add up to more than the people
    made = [
        Row(
            (
                *map(Cell, line.names),
                people_cell(line.size, **line.cell) if once or line.cohort else Cell(estimates.count(line.size)),
                *(_warm(k, rate, hottest, {**line.cell, "period": k} if line.cohort else None, counts) for k, rate in enumerate(line.rates)),
            ),
            line.total,
        )
        for line in rows
    ]
    shown, notes = cut(made)
    if by:
        notes = note(frame.groupby(by, dropna=False).ngroups)
    if any(cell.unfinished for row in shown for cell in row.cells):
        notes = (_("* This period has not wholly passed: the figure can still grow."), *notes)
    caption = _("Share of the cohort that came back, in %; all cohorts: of periods that have wholly passed")
    if counts:
        caption = _("People of the cohort who came back; all cohorts: of periods that have wholly passed, so later ones are of fewer cohorts")
    return Table(columns, shown, caption, notes, warm=True)


class _Rate(NamedTuple):
    """The share of a cohort that came back in a period, how many people that is, and whether the period has wholly passed."""

    share: float
    people: int
    complete: bool


_Rates = list[_Rate | None]
"""A row's rates; None where the period has not begun."""


class _Line(NamedTuple):
    """A row of retention; `cell` says whose, as far as they are of one `cohort` or of one group."""

    names: list[str]
    size: int
    rates: _Rates
    cell: dict[str, Any]
    cohort: bool = False
    total: bool = False


def _by_cohort(frame: pd.DataFrame, period: str) -> list[_Line]:
    form = "%Y-%m" if period == "month" else "%Y-%m-%d"
    rows = []
    for cohort, group in frame.groupby("cohort", sort=True):
        rates: _Rates = [None if pd.isna(r.rate) else _Rate(float(r.rate), int(r.people), bool(r.complete)) for r in group.itertuples()]
        rows.append(_Line([f"{cohort:{form}}"], int(group["size"].iloc[0]), rates, {"cohort": f"{cohort:%Y-%m-%d}"}, cohort=True))
    if len(rows) > 1:
        rows.insert(0, _Line([_("All cohorts")], sum(line.size for line in rows), _weighted(frame), {}, total=True))
    return rows


def _by_group(frame: pd.DataFrame, by: list[str]) -> list[_Line]:
    number = frame.groupby(by, sort=False, dropna=False).ngroup()
    members = frame.loc[frame["period"] == 0].groupby(number)["size"].sum()  # an index of another length: pandas aligns it
    frame = frame[number.isin(members.nlargest(MOST_ROWS).index)]
    rows = []
    for key, group in frame.groupby(by, sort=False, dropna=False):
        size = int(group.drop_duplicates("cohort")["size"].sum())
        rows.append(_Line([wording.value(part) for part in key], size, _weighted(group), dict(zip(by, key, strict=True))))
    return sorted(rows, key=lambda line: -line.size)


def _weighted(frame: pd.DataFrame) -> _Rates:
    """Return the rates of several cohorts together, each period over the cohorts for which it has wholly passed."""
    complete = frame[frame["complete"]].groupby("period")[["people", "size"]].sum().reindex(sorted(frame["period"].unique()))
    return [_Rate(float(people / size), int(people), True) if size > 0 else None for _period, people, size in complete.itertuples()]


def _warm(row: int, given: _Rate | None, hottest: float, people: dict[str, Any] | None, counts: bool) -> Cell:
    if given is None:
        return Cell("")
    text = estimates.count(given.people) if counts else wording.percent(given.share, sign=False)
    if not given.complete:
        return Cell(text + "*", unfinished=True, people=people)
    # The cohort's own period is near 100 % by nature and would take all the colour.
    heat = min(8, 1 + int(given.share / hottest * 8)) if row and hottest else None
    return Cell(text, heat, people=people)


def rfm_table(result: RFM) -> Table:
    """Return a row a segment."""
    columns = (
        Column(_("Segment"), text=True),
        Column(_("People")),
        Column(_("Share of people")),
        Column(_("Amount"), group=True),
        Column(_("Share of amount")),
        Column(_("Amount a person")),
    )
    rows = [
        row_of(
            str(row.name),
            people_cell(row.people, segment=row.segment),
            wording.percent(row.share),
            wording.count(round(float(row.monetary))),
            wording.percent(row.monetary_share),
            wording.count(round(float(row.monetary) / row.people) if row.people else None),
        )
        for row in result.segments.itertuples()
    ]
    return Table(columns, tuple(rows))


def plain(result: Result) -> Table:
    """Return the frame of a result that has no table of its own, each column worded by its name or type."""
    frame = result.frame
    columns = tuple(Column(str(name), text=not pd.api.types.is_numeric_dtype(frame[name])) for name in frame.columns)
    words = [_words(str(name), frame[name]) for name in frame.columns]
    rows = [row_of(*(word(v) for word, v in zip(words, row, strict=True))) for row in frame.head(MOST_ROWS + 1).itertuples(index=False)]
    return Table(columns, tuple(rows[:MOST_ROWS]), notes=note(len(frame)))


def _words(name: str, column: pd.Series) -> Callable[[Any], str]:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return wording.moment
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return wording.value
    if name == "rate" or name.endswith(("share", "_rate")) or name.startswith("from_"):
        return wording.percent
    return wording.duration if name.endswith("seconds") else wording.count


TABLES: dict[type[Result], Callable[[Any], Table]] = {
    Funnel: funnel_table,
    Retention: retention_table,
    RFM: rfm_table,
    Lifecycle: lifecycle_table,
    Stickiness: stickiness_table,
    Frequency: frequency_table,
    Sessions: sessions_table,
    Intervals: intervals_table,
    Paths: paths_table,
    PathClusters: path_clusters_table,
    Touchpaths: touchpaths_table,
    Activation: activation_table,
}
