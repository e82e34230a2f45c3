"""The retention page: of those who began in a period, how many come back in the periods after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tilth.analysis import proportion
from tilth.analysis.behaviour.retention import Retention, RetentionOptions, draw_curves, row_name
from tilth.analysis.display import charts, wording
from tilth.analysis.display.tables import table_of
from tilth.workbench.measure.asking import changes
from tilth.workbench.measure.asking.answer import Chart, Definition, Figure, Formula, Table, fitting
from tilth.workbench.measure.asking.fields import Choice, Number, Split
from tilth.workbench.measure.asking.kinds import Asking, Kind, register
from tilth.workbench.measure.asking.narrowing import Compare, Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Event
from tilth.workbench.measure.asking.where import Where
from tilth.workbench.measure.asking.words import enumerated


def _pay(catalogue: Any) -> str | None:
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

    def options_of(self, question: Question, catalogue: Any) -> RetentionOptions:
        """Return the options; what happened after the days looked at is not known to the answer."""
        made: RetentionOptions = super().options_of(question, catalogue)
        until = catalogue.known_until(question.values["dates"])
        return RetentionOptions(made.start, made.back, made.period, made.periods, made.kind, None, made.start_is, until, made.by)

    def name(self, question: Question, catalogue: Any) -> str:  # noqa: D102
        start, back = question.values["start"], question.values["back"]
        told = catalogue.events_called(back.events) if back else _("any event")
        return _("{start}, then {back}").format(start=catalogue.events_called(start.events) if start else "…", back=told)

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Any) -> str:  # noqa: D102
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
            change, good = changes.points(rates[period], earlier[period]) if period in earlier else changes.UNCHANGED
            sure = _("± {points} pp").format(points=f"{(high - low) * 50:.1f}")
            label = _("{period}, came back").format(period=row_name(now.options, period))
            yield Figure(label, wording.percent(people / size, sign=False), "%", change, good, sure)
        unfinished = int((~now.frame["complete"] & now.frame["rate"].notna()).sum())
        if unfinished:
            yield Figure(_("Unfinished cells"), wording.count(unfinished), note=_("marked *, in no average and no curve"))

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        now, before = asking.having(by=None)
        by = asking.values["by"]
        option = draw_curves(now.frame, [], now.options)
        if before is not None:
            option["series"].append(_dashed(self.since(asking.question), _rates(before.frame), option["xAxis"]["data"], now.options))
        yield Chart(_("Retention curve"), option, _("Only of finished periods; the shade is the 95% interval"), 8 if by else 12, 250)
        if by:
            rows = asking.now.frame
            rows = rows[rows["complete"] & (rows["period"] == 1)].groupby(by, dropna=False)[["size", "people"]].sum()
            largest = rows.nlargest(charts.MOST_SERIES, "size")
            groups = [(wording.value(value), int(row["size"]), int(row["people"])) for value, row in largest.iterrows()]
            overall = rows["people"].sum() / rows["size"].sum() if rows["size"].sum() else float("nan")
            option = proportion.draw(groups, float(overall))
            title = _("{period} by {property}").format(period=row_name(now.options, 1), property=wording.name(by))
            yield Chart(title, option, _("Lines are 95% intervals"), 4, max(250, fitting(option)))

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        by = asking.values["by"]
        if by:
            yield Table.of(_("By {property}").format(property=wording.name(by)), table_of(asking.now))
        now, _before = asking.having(by=None)
        title = {"day": _("By day of the start"), "week": _("By week of the start"), "month": _("By month of the start")}[now.options.period]
        yield Table.of(title, table_of(now))

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


def _dashed(name: str, rates: dict[int, tuple[int, int]], drawn: list[str], options: RetentionOptions) -> dict[str, Any]:
    """Return the curve of another time over the periods that are drawn: grey and dashed, with its name at its end."""
    shares = {row_name(options, k): people / size for k, (people, size) in rates.items()}
    data = [shares.get(period) for period in drawn]
    grey = {"color": {"$token": "ink-3"}}
    return {
        "type": "line",
        "name": name,
        "data": data,
        "showSymbol": False,
        "lineStyle": {"type": "dashed", "width": 1.5, **grey},
        "itemStyle": grey,
        "endLabel": {"show": True, "formatter": "{a}", "color": {"$token": "ink-3"}},
    }
