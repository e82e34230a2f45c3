"""The funnel of those who began in each day, week or month: whether it gets better."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.analysis.behaviour import periods
from tilth.analysis.behaviour.activity import named
from tilth.analysis.behaviour.funnel import Funnel
from tilth.analysis.display import charts as drawing
from tilth.analysis.display import wording
from tilth.analysis.display.tables import MOST_ROWS
from tilth.analysis.proportion import interval
from tilth.engine import clock
from tilth.engine.people import PersonSet
from tilth.workbench.measure.asking.answer import SMALL, Cell, Chart, Column, Row, Table, coloured
from tilth.workbench.measure.asking.kinds import Asking
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.whole import following
from tilth.workbench.measure.questions.funnel.groups import MOST_LINES, groups_of

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue

PERIODS = {"day": gettext_lazy("day"), "week": gettext_lazy("week"), "month": gettext_lazy("month")}


def people(result: Funnel, cell: dict[str, Any]) -> PersonSet:
    """Return the people at a step who began in a period, of all or of a group."""
    by = {name: value for name, value in cell.items() if name not in ("began", "period", "step")}
    return result.people_in_period(cell["began"], cell["step"], cell["period"], **by)


def finished(frame: pd.DataFrame, question: Question, catalogue: Catalogue) -> pd.Series:
    """Return for each row whether those who began in its period have had all their time, within the days that are looked at and the data."""
    within = clock.length(question.values["within"])
    if within is None:
        return pd.Series(False, frame.index)
    until, each = catalogue.known_until(question.values["dates"]), question.values["each"]

    def over(at: pd.Timestamp) -> bool:
        end = dt.datetime.combine(following(at.date(), each), dt.time(), catalogue.tz)
        return end + dt.timedelta(microseconds=within - 1) <= until

    return frame["period"].map({at: over(at) for at in frame["period"].unique()}).astype(bool)


def charts(asking: Asking) -> Iterator[Chart]:
    """Return the overall conversion by period, a line a group; where it can still rise it is dashed."""
    by, each = asking.values["by"], asking.values["each"]
    frame = _last(asking.now.trend(each), asking)
    starts = list(dict.fromkeys(frame["period"]))
    lines = [("", frame)] if not by else [(value, _of(frame, by, value)) for value, _rows in groups_of(asking.now, by)[:MOST_LINES]]
    series: list[dict[str, Any]] = []
    for value, rows in lines:
        name = wording.value(value) if by else _("Overall conversion")
        shares = [None if pd.isna(share) else float(share) for share in rows["from_start"]]
        known = [share if done else None for share, done in zip(shares, rows["finished"], strict=True)]
        series.append({"type": "line", "name": name, "data": known, "symbolSize": 4, "connectNulls": True})
        series += _unfinished(name, shares, list(rows["finished"]))
    if by:
        coloured({"series": series}, asking.catalogue, by, [value for value, _rows in lines])
    option: dict[str, Any] = {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": bool(by), "data": [one["name"] for one in series if "stack" not in one and one.get("lineStyle") is None]},
        "grid": {"left": 8, "right": 24, "top": 32 if by else 20, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "boundaryGap": False, "data": [named(at, each) for at in starts]},
        "yAxis": {"type": "value", "min": 0, "axisLabel": {"formatter": {"$": "axisPercent"}}},
        "series": series,
    }
    if max((one for line in series for one in line["data"] if one is not None), default=0) > 0.9:
        option["yAxis"]["max"] = 1
    remark = _("By the period of the first step; dashed: their time is not over, the share can still rise")
    yield Chart(_("Overall conversion by period"), option, remark, 12, 268, split=True)


def tables(asking: Asking) -> Iterator[Table]:
    """Return a row a period with the people of each step, the last one first; and, split by something, the conversion of each group."""
    by, each = asking.values["by"], asking.values["each"]
    whole = asking.having(by=None)[0]
    frame = whole.trend(each)
    frame = frame.assign(finished=finished(frame, asking.question, asking.catalogue))
    labels = whole.frame["label"].tolist()
    columns = (Column(_("Period"), text=True), *(Column(label, group=number > 0) for number, label in enumerate(labels)))
    columns += (Column(_("Overall"), group=True), Column(_("95% interval")))
    rows = [_row(at, steps, each) for at, steps in reversed(list(frame.groupby("period", sort=True)))]
    notes = []
    if any(cell.unfinished for row in rows for cell in row.cells):
        notes.append(_("* Their time is not over: the figure can still grow."))
    if any(row.small for row in rows):
        notes.append(_("Grey: fewer than {least} people, too few to compare.").format(least=SMALL))
    if len(rows) > MOST_ROWS:
        notes.append(_("The last {shown} periods; an export has all.").format(shown=MOST_ROWS))
    yield Table(_("By period of the first step"), columns, tuple(rows[:MOST_ROWS]), notes=tuple(notes))
    if by:
        yield _by_group(asking, by, each)


def data(result: Funnel, question: Question) -> tuple[list[tuple[str, str]], pd.DataFrame]:
    """Return the funnel of each period, and of each group where the question is split."""
    frame, by = result.trend(question.values["each"]), question.values["by"]
    labels = dict(enumerate(result.frame["label"].tolist()[: len(question.values["steps"])], 1))
    frame = frame.assign(label=frame["step"].map(labels), period=frame["period"].dt.strftime("%Y-%m-%d"))
    heads = {
        **({by: wording.name(by)} if by else {}),
        "period": _("Period"),
        "step": _("Number of the step"),
        "label": _("Step"),
        "people": _("People"),
        "from_start": _("Share of the first step"),
    }
    return list(heads.items()), frame


def _last(frame: pd.DataFrame, asking: Asking) -> pd.DataFrame:
    last = frame[frame["step"] == len(asking.values["steps"])]
    return last.assign(finished=finished(last, asking.question, asking.catalogue))


def _of(frame: pd.DataFrame, by: str, value: Any) -> pd.DataFrame:
    return frame[frame[by].isna() if value is None else frame[by] == value]


def _unfinished(name: str, shares: list[float | None], done: list[bool]) -> Iterator[dict[str, Any]]:
    """Yield the dashed end of a line, from its last finished period on."""
    begin = max((place for place, one in enumerate(done) if one), default=0)
    if all(done):
        return
    data = [share if place >= begin else None for place, share in enumerate(shares)]
    yield {"type": "line", "name": name, "data": data, "symbolSize": 3, "lineStyle": {"type": "dashed", "width": 1.25}, "tooltip": {"show": False}}


def _row(at: pd.Timestamp, steps: pd.DataFrame, each: str) -> Row:
    done, star = bool(steps["finished"].iloc[0]), "" if steps["finished"].iloc[0] else "*"
    n, x = int(steps["people"].iloc[0]), int(steps["people"].iloc[-1])
    cells = [Cell(periods.written(at, each))]
    for number, count in zip(steps["step"], steps["people"], strict=True):
        cells.append(Cell(wording.count(count), {"began": f"{at:%Y-%m-%d}", "period": each, "step": int(number)}))
    low, high = interval(x, n)
    sure = f"{wording.percent(low, sign=False)}–{wording.percent(high)}" if n else wording.NOTHING
    share = wording.percent(x / n) + star if n else wording.NOTHING
    return Row((*cells, Cell(share, unfinished=not done and n > 0), Cell(sure)), small=n < SMALL)


def _by_group(asking: Asking, by: str, each: str) -> Table:
    frame = _last(asking.now.trend(each), asking)
    values = [value for value, _rows in groups_of(asking.now, by)[: drawing.MOST_SERIES]]
    parts = {value: _of(frame, by, value).set_index("period") for value in values}
    rows = []
    for at in reversed(list(dict.fromkeys(frame["period"]))):
        cells = [Cell(periods.written(at, each))]
        for part in parts.values():
            share, done = part.loc[at, "from_start"], bool(part.loc[at, "finished"])
            there = not pd.isna(share)
            cells.append(Cell(wording.percent(share) + ("" if done or not there else "*"), unfinished=not done and there))
        rows.append(Row(tuple(cells)))
    columns = (Column(_("Period"), text=True), *(Column(wording.value(value)) for value in values))
    title = _("Overall conversion by {property}").format(property=wording.name(by))
    return Table(title, columns, tuple(rows[:MOST_ROWS]), _("Of those who began in the period"))
