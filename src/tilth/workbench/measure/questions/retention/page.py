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
from tilth.workbench.measure.asking import changes
from tilth.workbench.measure.asking.answer import Chart, Definition, Figure, Formula, Table, coloured, fitting
from tilth.workbench.measure.asking.brackets import Brackets
from tilth.workbench.measure.asking.fields import Choice, Number, Split, Summed
from tilth.workbench.measure.asking.kinds import Asking, Kind, register
from tilth.workbench.measure.asking.narrowing import Compare, Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Event
from tilth.workbench.measure.asking.where import Where
from tilth.workbench.measure.asking.words import enumerated
from tilth.workbench.measure.questions.retention import curves
from tilth.workbench.measure.questions.retention.shown import EACH, PEOPLE, SHARE, SUM, Shown, measure, shown
from tilth.workbench.measure.questions.retention.tables import counted, dotted, summed

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue


BRACKET = "bracket"


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
    order = 30
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
            {
                "on": gettext_lazy("in exactly that period"),
                "on_or_after": gettext_lazy("in that period or later"),
                BRACKET: gettext_lazy("in any period of a bracket"),
            },
            "on",
            gettext_lazy("How coming back counts"),
        ),
        Number("periods", 10, 1, 60, gettext_lazy("Periods")),
        Brackets("brackets", ((1, 1), (2, 6), (7, 29)), gettext_lazy("Brackets of periods")),
        Summed(
            "value",
            gettext_lazy("Summed"),
            add=gettext_lazy("+ sum a property"),
            words=gettext_lazy("summing {picker}"),
            remove=gettext_lazy("Sum nothing"),
        ),
        Split(),
        People(),
        Where(),
        Compare(),
        Shown(),
    )
    sentence = gettext_lazy("In {dates}, people who {start_is} did {start}, by {period}: who came back to {back} {kind}, over {periods} periods")
    in_brackets = gettext_lazy("In {dates}, people who {start_is} did {start}, by {period}: who came back to {back} {kind}, brackets {brackets}")
    further = ("value", "by", "people", "where", "compare", "show")
    worn = ("show",)
    options = RetentionOptions
    result = Retention

    def words(self, question: Question) -> Any:  # noqa: D102
        return self.in_brackets if question.values["kind"] == BRACKET else self.sentence

    def options_of(self, question: Question, catalogue: Catalogue) -> RetentionOptions:
        """Return the options; what happened after the days looked at is not known to the answer."""
        asked = question if question.values["kind"] == BRACKET else question.having(brackets=None)
        made: RetentionOptions = super().options_of(asked, catalogue)
        return replace(made, until=catalogue.known_until(question.values["dates"]))

    def name(self, question: Question, catalogue: Catalogue) -> str:  # noqa: D102
        start, back = question.values["start"], question.values["back"]
        told = catalogue.events_called(back.events) if back else _("any event")
        return _("{start}, then {back}").format(start=catalogue.events_called(start.events) if start else "…", back=told)

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Catalogue) -> str:  # noqa: D102
        told = [_("began in {cohort}").format(cohort=cell["cohort"])] if "cohort" in cell else []
        if "period" in cell:
            told.append(_("came back: {period}").format(period=row_name(self.options_of(question, catalogue), int(cell["period"]))))
        told += [catalogue.call_value(name, value) for name, value in cell.items() if name not in ("cohort", "period")]
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
        if asking.values["value"]:
            total, name = float(now.frame["value"].sum()), wording.name(asking.values["value"])
            note = _("{amount} per person").format(amount=asking.catalogue.amount(asking.values["value"], total / sizes if sizes else None, 2))
            yield Figure(_("Sum of {property}").format(property=name), asking.catalogue.amount(asking.values["value"], total), note=note)
        unfinished = int((~now.frame["complete"] & now.frame["rate"].notna()).sum())
        if unfinished:
            yield Figure(_("Unfinished cells"), wording.count(unfinished), note=_("marked *, in no average and no curve"))

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        now, before = asking.having(by=None)
        by, show, what = asking.values["by"], shown(asking.question), measure(asking)
        option = draw_curves(now.frame, [], now.options)
        option["xAxis"]["boundaryGap"] = True  # room for the first figure beside the axis
        if show != SHARE:
            curves.said(option, what, what.by_period(now.frame, first=0), now.options)
        if before is not None:
            curves.held_against(option, self.since(asking.question), what.by_period(before.frame), what, now.options)
        remark = {
            SHARE: _("Only of finished periods; the shade is the 95% interval"),
            PEOPLE: _("People who came back, of cohorts whose period has finished; later periods are of fewer cohorts"),
            SUM: _("Sum of {property}, of cohorts whose period has finished; later periods are of fewer cohorts"),
            EACH: _("{property} per person of the cohort, only of finished periods"),
        }[show].format(property=wording.name(asking.values["value"] or ""))
        if not by:
            yield Chart(_("Retention curve"), option, remark, 12, 250)
            return
        rows = asking.now.frame[asking.now.frame["complete"] & (asking.now.frame["period"] == 1)]
        sizes = rows.groupby(by, dropna=False)["size"].sum().nlargest(charts.MOST_SERIES)
        parts = {value: rows[rows[by].isna() if pd.isna(value) else rows[by] == value] for value in sizes.index}
        if show == SHARE:
            overall = rows["people"].sum() / rows["size"].sum() if rows["size"].sum() else float("nan")
            groups = [(wording.value(value), int(part["size"].sum()), int(part["people"].sum())) for value, part in parts.items()]
            bars = proportion.draw(groups, float(overall))
        else:
            bars = curves.bars([(wording.value(value), what.of(part)) for value, part in parts.items()], what)
        coloured(bars, asking.catalogue, by, sizes.index)
        tall = max(250, fitting(bars))
        yield Chart(_("Retention curve"), option, remark, 8, tall)
        title = _("{period} by {property}").format(period=row_name(now.options, 1), property=wording.name(by))
        yield Chart(title, bars, _("Lines are 95% intervals") if show == SHARE else "", 4, tall, split=True)

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        by, show, what = asking.values["by"], shown(asking.question), measure(asking)
        now, _before = asking.having(by=None)
        cohorts = {"day": _("By day of the start"), "week": _("By week of the start"), "month": _("By month of the start")}[now.options.period]
        asked = [*([(_("By {property}").format(property=wording.name(by)), asking.now, by)] if by else []), (cohorts, now, "")]
        for title, result, split in asked:
            table = summed(title, result, what, split) if show in (SUM, EACH) else counted(title, result, bool(split), show == PEOPLE)
            yield dotted(table, split, asking) if split else table

    def data(self, result: Retention, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:  # noqa: D102
        columns, frame = super().data(result, question)
        if question is None:
            return columns, frame
        name = wording.name(question.values["value"] or "")
        summed = {"value": _("Sum of {property}").format(property=name), "value_each": _("{property} per person").format(property=name)}
        kept = [(code, summed.get(code, words)) for code, words in columns if not (code == "rate" and shown(question) == PEOPLE)]
        return kept, frame

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        yield _("How it is counted"), (asking.now.definition(),)
        yield _("Formula"), (Formula(_("rate of period k = people of the cohort who came back in period k ÷ people of the cohort")),)
        if asking.values["value"]:
            yield _("Sum"), (Formula(_("sum per person of period k = sum of what the cohort brought in period k ÷ people of the cohort")),)
        yield _("Averages"), (_("All cohorts together: people who came back ÷ people, over the cohorts whose period k has wholly passed."),)
        yield (
            _("Elsewhere"),
            (_("Many platforms count “next-day” and “7-day” retention by 24 hours or rolling days; here a period is one of the calendar."),),
        )


def _sizes(frame: pd.DataFrame) -> int:
    return int(frame.loc[frame["period"] == 0, "size"].sum())


def _rates(frame: pd.DataFrame, first: int = 1) -> dict[int, tuple[int, int]]:
    """Return (came back, of) by period, over the cohorts whose period has wholly passed."""
    passed = frame[frame["complete"] & (frame["period"] >= first)].groupby("period")[["people", "size"]].sum()
    return {int(period): (int(people), int(size)) for period, people, size in passed.itertuples() if size}
