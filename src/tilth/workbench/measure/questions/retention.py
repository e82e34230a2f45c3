"""The retention page: of those who began in a period, how many come back in the periods after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tilth.analysis import proportion
from tilth.analysis.behaviour.retention import Retention, RetentionOptions, draw_curves, row_name
from tilth.analysis.display import charts, wording
from tilth.analysis.display.tables import table_of
from tilth.workbench.measure.asking import changes
from tilth.workbench.measure.asking.answer import SMALL, Cell, Chart, Definition, Figure, Formula, Table, coloured, fitting
from tilth.workbench.measure.asking.fields import Choice, Number, Split
from tilth.workbench.measure.asking.kinds import Asking, Kind, register
from tilth.workbench.measure.asking.narrowing import Compare, Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Event
from tilth.workbench.measure.asking.where import Where
from tilth.workbench.measure.asking.words import enumerated

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue


def _pay(catalogue: Catalogue) -> str | None:
    found = catalogue.usual("pay")
    return found[0] if found else None


@register
class RetentionPage(Kind):
    """Who comes back."""

    code = "retention"
    label = gettext_lazy("Retention")
    about = gettext_lazy("Of those who began in a day, week or month, how many come back in those after it.")
    icon = "calendar"
    order = 20
    fields: ClassVar = (
        Dates("90d"),
        Choice(
            "start_is",
            {"first": gettext_lazy("for the first time"), "recurring": gettext_lazy("each time anew")},
            "first",
            gettext_lazy("Which start"),
        ),
        Event("start", _pay, gettext_lazy("Start")),
        Choice("period", {"day": gettext_lazy("day"), "week": gettext_lazy("week"), "month": gettext_lazy("month")}, "week", gettext_lazy("Period")),
        Event("back", _pay, gettext_lazy("Coming back"), anything=True),
        Choice(
            "kind",
            {"on": gettext_lazy("in exactly that period"), "on_or_after": gettext_lazy("in that period or later")},
            "on",
            gettext_lazy("How coming back counts"),
        ),
        Number("periods", 10, 1, 60, gettext_lazy("Periods")),
        Split(),
        People(),
        Where(),
        Compare(),
    )
    sentence = gettext_lazy("In {dates}, people who {start_is} did {start}, by {period}: who came back to {back} {kind}, over {periods} periods")
    further = ("by", "people", "where", "compare")
    options = RetentionOptions
    result = Retention

    def options_of(self, question: Question, catalogue: Catalogue) -> RetentionOptions:
        """Return the options; what happened after the days looked at is not known to the answer."""
        made: RetentionOptions = super().options_of(question, catalogue)
        until = catalogue.known_until(question.values["dates"])
        return RetentionOptions(made.start, made.back, made.period, made.periods, made.kind, None, made.start_is, until, made.by)

    def name(self, question: Question, catalogue: Catalogue) -> str:  # noqa: D102
        start, back = question.values["start"], question.values["back"]
        told = catalogue.events_called(back.events) if back else _("any event")
        return _("{start}, then {back}").format(start=catalogue.events_called(start.events) if start else "…", back=told)

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Catalogue) -> str:  # noqa: D102
        told = [_("began in {cohort}").format(cohort=cell["cohort"])] if "cohort" in cell else []
        if "period" in cell:
            told.append(_("came back: {period}").format(period=row_name(self.options_of(question, catalogue), int(cell["period"]))))
        told += [
            catalogue.call(str(value)) if value is not None else _("unknown") for name, value in cell.items() if name not in ("cohort", "period")
        ]
        return enumerated(told) or _("Everybody who began")

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        now, before = asking.having(by=None)
        sizes, rates = _sizes(now.frame), _rates(now.frame)
        then, earlier = (_sizes(before.frame), _rates(before.frame)) if before is not None else (0, {})
        change = changes.relative(sizes, then) if then else changes.UNCHANGED
        cell: dict[str, Any] | None = {} if now.options.start_is == "first" else None  # else a person may be in several cohorts
        yield asking.figure(_("Began"), wording.count(sizes), pgettext("how many", "people"), change, people=cell)
        last = max(rates, default=0)
        for period in dict.fromkeys(period for period in (1, max(2, round(last * 0.4)), max(3, last)) if period in rates):
            people, size = rates[period]
            low, high = proportion.interval(people, size)
            text, good = changes.points(rates[period], earlier[period]) if period in earlier else changes.UNCHANGED
            sure = f"± {(high - low) * 50:.1f}"
            note = f"{self.since(asking.question)} · {sure}" if text else _("{points} pp").format(points=sure)
            label = _("{period}, came back").format(period=row_name(now.options, period))
            yield Figure(label, wording.percent(people / size, sign=False), "%", text, good, note)
        unfinished = int((~now.frame["complete"] & now.frame["rate"].notna()).sum())
        if unfinished:
            yield Figure(_("Unfinished cells"), wording.count(unfinished), note=_("marked *, in no average and no curve"))

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        now, before = asking.having(by=None)
        by = asking.values["by"]
        option = draw_curves(now.frame, [], now.options)
        option["xAxis"]["boundaryGap"] = True  # room for the first figure beside the axis
        if before is not None:
            _compared(option, self.since(asking.question), _rates(before.frame), now.options)
        remark = _("Only of finished periods; the shade is the 95% interval")
        if not by:
            yield Chart(_("Retention curve"), option, remark, 12, 250)
            return
        rows = asking.now.frame
        rows = rows[rows["complete"] & (rows["period"] == 1)].groupby(by, dropna=False)[["size", "people"]].sum()
        largest = rows.nlargest(charts.MOST_SERIES, "size")
        groups = [(wording.value(value), int(row["size"]), int(row["people"])) for value, row in largest.iterrows()]
        overall = rows["people"].sum() / rows["size"].sum() if rows["size"].sum() else float("nan")
        bars = proportion.draw(groups, float(overall))
        coloured(bars, asking.catalogue, by, largest.index)
        tall = max(250, fitting(bars))
        yield Chart(_("Retention curve"), option, remark, 8, tall)
        title = _("{period} by {property}").format(period=row_name(now.options, 1), property=wording.name(by))
        yield Chart(title, bars, _("Lines are 95% intervals"), 4, tall)

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        by = asking.values["by"]
        if by:
            yield _measured(Table.of(_("By {property}").format(property=wording.name(by)), table_of(asking.now)), compared=True)
        now, _before = asking.having(by=None)
        title = {"day": _("By day of the start"), "week": _("By week of the start"), "month": _("By month of the start")}[now.options.period]
        yield _measured(Table.of(title, table_of(now)), compared=False)

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        yield _("How it is counted"), (asking.now.definition(),)
        yield _("Formula"), (Formula(_("rate of period k = people of the cohort who came back in period k ÷ people of the cohort")),)
        yield _("Averages"), (_("All cohorts together: people who came back ÷ people, over the cohorts whose period k has wholly passed."),)
        yield (
            _("Elsewhere"),
            (_("Many platforms count “next-day” and “7-day” retention by 24 hours or rolling days; here a period is one of the calendar."),),
        )


def _sizes(frame: pd.DataFrame) -> int:
    return int(frame.loc[frame["period"] == 0, "size"].sum())


def _rates(frame: pd.DataFrame) -> dict[int, tuple[int, int]]:
    """Return (came back, of) by period, over the cohorts whose period has wholly passed."""
    passed = frame[frame["complete"] & (frame["period"] > 0)].groupby("period")[["people", "size"]].sum()
    return {int(period): (int(people), int(size)) for period, people, size in passed.itertuples() if size}


def _compared(option: dict[str, Any], name: str, rates: dict[int, tuple[int, int]], options: RetentionOptions) -> None:
    """Add the curve of another time, grey and dashed; both then say their names and last figures at their ends instead of every figure."""
    shares = {row_name(options, k): people / size for k, (people, size) in rates.items()}
    curve, *shade = option["series"]
    for one in shade:
        one.pop("label", None)
    grey = {"color": {"$token": "ink-3"}}
    other = {"type": "line", "name": name, "data": [shares.get(period) for period in option["xAxis"]["data"]], "showSymbol": False}
    option["series"].append(other | {"lineStyle": {"type": "dashed", "width": 1.5, **grey}, "itemStyle": grey})
    for one, label in ((curve, _("now")), (option["series"][-1], name)):
        last = next((share for share in reversed(one["data"]) if share is not None), None)
        one["endLabel"] = {"show": last is not None, "formatter": f"{label} {wording.percent(last)}", "distance": 8}
        one["labelLayout"] = {"moveOverlap": "shiftY"}


def _measured(table: Table, compared: bool) -> Table:
    """Return a table whose small samples are grey; where groups are `compared`, they take no colour and the others' colours are spread anew."""
    small = [not row.total and int(row.cells[1].text.replace(",", "")) < SMALL for row in table.rows]
    rows = [replace(row, small=grey) for row, grey in zip(table.rows, small, strict=True)]
    if compared:
        known = [float(cell.text) for row in rows if not row.small for cell in row.cells if cell.heat]
        rows = [replace(row, cells=tuple(_warmed(cell, row.small, max(known, default=0.0)) for cell in row.cells)) for row in rows]
    note = _("Grey: fewer than {least} people, too few to compare.").format(least=SMALL)
    return replace(table, rows=tuple(rows), notes=(*table.notes, note) if any(small) else table.notes)


def _warmed(cell: Cell, small: bool, hottest: float) -> Cell:
    if not cell.heat:
        return cell
    return replace(cell, heat=None if small or not hottest else min(8, 1 + int(float(cell.text) / hottest * 8)))
