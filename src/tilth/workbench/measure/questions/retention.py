"""The retention page: of those who began in a period, how many come back in the periods after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from tilth.analysis import proportion
from tilth.analysis.behaviour.retention import Retention, RetentionOptions, draw_curves, row_name
from tilth.analysis.display import charts, wording
from tilth.analysis.display.tables import retention_table
from tilth.workbench.measure.asking import changes
from tilth.workbench.measure.asking.answer import SMALL, Cell, Chart, Definition, Figure, Formula, Table, coloured, fitting
from tilth.workbench.measure.asking.brackets import Brackets
from tilth.workbench.measure.asking.fields import Choice, Number, Split
from tilth.workbench.measure.asking.kinds import Asking, Kind, register
from tilth.workbench.measure.asking.narrowing import Compare, Dates, People
from tilth.workbench.measure.asking.pickers import Drawing, phrase
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Event
from tilth.workbench.measure.asking.where import Where
from tilth.workbench.measure.asking.words import enumerated

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue


BRACKET = "bracket"
SHARE, PEOPLE = "share", "people"


class Shown(Choice):
    """Whether the answer says shares or people."""

    def __init__(self) -> None:
        super().__init__(
            "show", {SHARE: gettext_lazy("in percent"), PEOPLE: gettext_lazy("in people")}, SHARE, pgettext_lazy("how an answer is shown", "Figures")
        )

    def draw(self, value: str, drawing: Drawing) -> SafeString:  # noqa: D102
        return phrase(_("shown {picker}"), picker=super().draw(value, drawing))


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
        Split(),
        People(),
        Where(),
        Compare(),
        Shown(),
    )
    sentence = gettext_lazy("In {dates}, people who {start_is} did {start}, by {period}: who came back to {back} {kind}, over {periods} periods")
    in_brackets = gettext_lazy("In {dates}, people who {start_is} did {start}, by {period}: who came back to {back} {kind}, brackets {brackets}")
    further = ("by", "people", "where", "compare", "show")
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
        counts = asking.values["show"] == PEOPLE
        option = draw_curves(now.frame, [], now.options)
        option["xAxis"]["boundaryGap"] = True  # room for the first figure beside the axis
        remark = _("Only of finished periods; the shade is the 95% interval")
        if counts:
            _in_people(option, _rates(now.frame, first=0), now.options)
            remark = _("People who came back, of cohorts whose period has finished; later periods are of fewer cohorts")
        if before is not None:
            _compared(option, self.since(asking.question), _rates(before.frame), now.options, counts)
        if not by:
            yield Chart(_("Retention curve"), option, remark, 12, 250)
            return
        rows = asking.now.frame
        rows = rows[rows["complete"] & (rows["period"] == 1)].groupby(by, dropna=False)[["size", "people"]].sum()
        largest = rows.nlargest(charts.MOST_SERIES, "size")
        groups = [(wording.value(value), int(row["size"]), int(row["people"])) for value, row in largest.iterrows()]
        overall = rows["people"].sum() / rows["size"].sum() if rows["size"].sum() else float("nan")
        bars = _bars(groups) if counts else proportion.draw(groups, float(overall))
        coloured(bars, asking.catalogue, by, largest.index)
        tall = max(250, fitting(bars))
        yield Chart(_("Retention curve"), option, remark, 8, tall)
        title = _("{period} by {property}").format(period=row_name(now.options, 1), property=wording.name(by))
        yield Chart(title, bars, "" if counts else _("Lines are 95% intervals"), 4, tall, split=True)

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        by = asking.values["by"]
        counts = asking.values["show"] == PEOPLE
        if by:
            yield _dotted(_measured(_("By {property}").format(property=wording.name(by)), asking.now, compared=True, counts=counts), by, asking)
        now, _before = asking.having(by=None)
        title = {"day": _("By day of the start"), "week": _("By week of the start"), "month": _("By month of the start")}[now.options.period]
        yield _measured(title, now, compared=False, counts=counts)

    def data(self, result: Retention, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:  # noqa: D102
        columns, frame = super().data(result, question)
        counts = question is not None and question.values["show"] == PEOPLE
        return [column for column in columns if not (counts and column[0] == "rate")], frame

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


def _rates(frame: pd.DataFrame, first: int = 1) -> dict[int, tuple[int, int]]:
    """Return (came back, of) by period, over the cohorts whose period has wholly passed."""
    passed = frame[frame["complete"] & (frame["period"] >= first)].groupby("period")[["people", "size"]].sum()
    return {int(period): (int(people), int(size)) for period, people, size in passed.itertuples() if size}


def _in_people(option: dict[str, Any], rates: dict[int, tuple[int, int]], options: RetentionOptions) -> None:
    """Let a curve of shares say people instead, without the interval, which is one of shares."""
    people = {row_name(options, k): came_back for k, (came_back, _size) in rates.items()}
    curve = option["series"][0]
    curve["data"] = [people.get(period) for period in option["xAxis"]["data"]]
    curve |= {"label": {"show": True, "position": "top", "formatter": {"$": "labelCount"}}, "labelLayout": {"hideOverlap": True}}
    option["series"] = [curve]
    option["yAxis"] = {"type": "value", "min": 0, "minInterval": 1}


def _bars(groups: list[tuple[str, int, int]]) -> dict[str, Any]:
    """Return the ECharts option of how many people of each group came back, most first."""
    bar = {"type": "bar", "stack": "groups", "barWidth": 14}
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 64, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "min": 0, "minInterval": 1},
        "yAxis": {"type": "category", "inverse": True, "data": [name for name, _n, _x in sorted(groups, key=lambda group: -group[2])]},
        "series": [
            bar | {"name": name, "data": [[x, name]], "label": {"show": True, "position": "right", "formatter": f"{x:,}"}} for name, _n, x in groups
        ],
    }


def _compared(option: dict[str, Any], name: str, rates: dict[int, tuple[int, int]], options: RetentionOptions, counts: bool) -> None:
    """Add the curve of another time, grey and dashed; both then say their names and last figures at their ends instead of every figure."""
    shares = {row_name(options, k): people if counts else people / size for k, (people, size) in rates.items()}
    for one in option["series"]:
        one.pop("label", None)
    curve = option["series"][0]
    grey = {"color": {"$token": "ink-3"}}
    other = {"type": "line", "name": name, "data": [shares.get(period) for period in option["xAxis"]["data"]], "showSymbol": False}
    option["series"].append(other | {"lineStyle": {"type": "dashed", "width": 1.5, **grey}, "itemStyle": grey})
    worded = wording.count if counts else wording.percent
    for one, label in ((curve, _("now")), (option["series"][-1], name)):
        last = next((share for share in reversed(one["data"]) if share is not None), None)
        one["endLabel"] = {"show": last is not None, "formatter": f"{label} {worded(last)}", "distance": 8}
        one["labelLayout"] = {"moveOverlap": "shiftY"}


def _measured(title: str, result: Retention, compared: bool, counts: bool) -> Table:
    """Return an answer's table, whose small samples are grey; where groups are `compared`, those take no colour and the others' is spread anew.

    Its cells say shares or, with `counts`, people, in the colours of their shares.
    """
    table = Table.of(title, retention_table(result))
    small = [not row.total and int(row.cells[1].text.replace(",", "")) < SMALL for row in table.rows]
    rows = [replace(row, small=grey) for row, grey in zip(table.rows, small, strict=True)]
    if compared:
        known = [float(cell.text) for row in rows if not row.small for cell in row.cells if cell.heat]
        rows = [replace(row, cells=tuple(_warmed(cell, row.small, max(known, default=0.0)) for cell in row.cells)) for row in rows]
    if counts:
        said = Table.of(title, retention_table(result, counts=True))
        table, rows = (
            said,
            [
                replace(row, cells=tuple(replace(cell, text=other.text) for cell, other in zip(row.cells, own.cells, strict=True)))
                for row, own in zip(rows, said.rows, strict=True)
            ],
        )
    note = _("Grey: fewer than {least} people, too few to compare.").format(least=SMALL)
    return replace(table, rows=tuple(rows), notes=(*table.notes, note) if any(small) else table.notes)


def _dotted(table: Table, by: str, asking: Asking) -> Table:
    """Return a table whose groups bear the colours that they have in every chart."""
    values = list(dict.fromkeys(None if pd.isna(value) else value for value in asking.now.frame[by]))
    colours = {wording.value(value): asking.catalogue.colour(by, value) for value in values}
    rows = (replace(row, cells=(replace(row.cells[0], colour=colours[row.cells[0].text]), *row.cells[1:])) for row in table.rows)
    return replace(table, rows=tuple(rows))


def _warmed(cell: Cell, small: bool, hottest: float) -> Cell:
    if not cell.heat:
        return cell
    return replace(cell, heat=None if small or not hottest else min(8, 1 + int(float(cell.text) / hottest * 8)))
