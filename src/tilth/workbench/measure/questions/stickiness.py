"""The stickiness page: on how many days of a week, or of a month, people are active."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tilth.analysis.behaviour.stickiness import Stickiness, StickinessOptions, draw
from tilth.analysis.display import wording
from tilth.analysis.display.tables import table_of
from tilth.workbench.measure.asking import changes, narrowing, whole
from tilth.workbench.measure.asking.answer import Chart, Definition, Figure, Formula, Table
from tilth.workbench.measure.asking.counted import counted_axis
from tilth.workbench.measure.asking.fields import Choice, Split
from tilth.workbench.measure.asking.kinds import Asking, Kind, register
from tilth.workbench.measure.asking.narrowing import Compare, Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Event
from tilth.workbench.measure.asking.where import Where
from tilth.workbench.measure.asking.words import enumerated
from tilth.workbench.measure.questions.groups import split_chart

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue

WINDOWS = {
    "day-week": gettext_lazy("days of a week"),
    "day-month": gettext_lazy("days of a month"),
    "week-month": gettext_lazy("weeks of a month"),
}
"""What is counted in which window."""
ACTIVE_ON = {
    "day-week": gettext_lazy("Active days of the week: {number}"),
    "day-month": gettext_lazy("Active days of the month: {number}"),
    "week-month": gettext_lazy("Active weeks of the month: {number}"),
}


@register
class StickinessPage(Kind):
    """How often within a week or a month."""

    code = "stickiness"
    label = gettext_lazy("Stickiness")
    about = gettext_lazy("On how many days of a week or a month people are active: who drops by once, and who has made it a habit.")
    icon = "magnet"
    order = 15
    fields: ClassVar = (
        Dates("90d"),
        Event("event", lambda catalogue: None, gettext_lazy("What they did"), anything=True),
        Choice("count", WINDOWS, "day-week", gettext_lazy("What is counted")),
        Split(),
        People(),
        Where(),
        Compare(),
    )
    sentence = gettext_lazy("In {dates}, people who did {event}: on how many {count}")
    further = ("by", "people", "where", "compare")
    options = StickinessOptions
    result = Stickiness

    def options_of(self, question: Question, catalogue: Catalogue) -> StickinessOptions:  # noqa: D102
        period, over = question.values["count"].split("-")
        event = question.values["event"]
        return StickinessOptions(None if event is None else event.step(catalogue), period, over, question.values["by"])

    def ask(self, source: Any, question: Question, catalogue: Catalogue) -> Stickiness:
        """Ask about whole windows: people would seem to be active on fewer days of one that is cut."""
        options = self.options_of(question, catalogue)
        return Stickiness(narrowing.narrowed(source, question.values, catalogue, _days(question, catalogue)), options)

    def name(self, question: Question, catalogue: Catalogue) -> str:  # noqa: D102
        step = question.values["event"]
        return _("Stickiness: {event}").format(event=catalogue.events_called(step.events) if step else _("any event"))

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Catalogue) -> str:  # noqa: D102
        active = str(ACTIVE_ON[question.values["count"]]).format(number=cell["active_periods"]) if "active_periods" in cell else _("Active people")
        return enumerated([active, *(catalogue.call_value(name, value) for name, value in cell.items() if name != "active_periods")])

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        (now, before), counted = asking.having(by=None), pgettext("how many", "people")
        size = len(now.people())
        change = changes.relative(size, len(before.people())) if before is not None else changes.UNCHANGED
        yield asking.figure(_("Active people"), wording.count(size), counted, change, people={})
        label = {
            "day-week": _("Active days a week, on average"),
            "day-month": _("Active days a month, on average"),
            "week-month": _("Active weeks a month, on average"),
        }[asking.values["count"]]
        mean = _mean(now.frame)
        change = changes.relative(mean, _mean(before.frame)) if before is not None else changes.UNCHANGED
        yield asking.figure(label, f"{mean:.2f}", "", change, _("of the weeks or months in which a person was active at all"))
        if asking.values["count"] == "day-week":
            yield Figure(_("DAU ÷ WAU"), wording.percent(mean / 7, sign=False), "%", note=_("active on an average day, of those active in the week"))
        frame, total = now.frame.set_index("active_periods")["people"], int(now.frame["people"].sum())
        share = _("{share} of person-weeks") if asking.values["count"] == "day-week" else _("{share} of person-months")
        for number in dict.fromkeys((1, int(frame.index.max()))):
            people, cell = len(now.people(active_periods=number)), {"active_periods": number}
            note = share.format(share=wording.percent(int(frame.get(number, 0)) / total))
            yield asking.figure(self.people_called(asking.question, cell, asking.catalogue), wording.count(people), counted, note=note, people=cell)

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        title = {
            "day-week": _("Person-weeks by active days"),
            "day-month": _("Person-months by active days"),
            "week-month": _("Person-months by active weeks"),
        }[asking.values["count"]]
        remark = _("A person counts once for each week or month in which they were active")
        (now, _before), by = asking.having(by=None), asking.values["by"]
        yield Chart(title, counted_axis(draw(now.frame)), remark, 6 if by else 12, 300 if by else 268)
        if by:
            yield split_chart(asking, _("Shares by {property}"))

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        title = _("By active weeks") if asking.values["count"] == "week-month" else _("By active days")
        now, _before = asking.having(by=None)
        if asking.values["by"]:
            yield Table.of(_("By {property}").format(property=wording.name(asking.values["by"])), table_of(asking.now))
        yield Table.of(title, table_of(now))

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        yield _("How it is counted"), (asking.now.definition(),)
        if asking.values["by"]:
            yield _("Whose group"), (_("The value on a person's first such event of the week or month: in another they may be of another group."),)
        yield _("Formula"), (Formula(_("average = active days of all people ÷ weeks (months) in which each was active")),)
        days = _days(asking.question, asking.catalogue)
        first = days.start or asking.catalogue.first_day
        told = _("Only whole weeks or months are looked at: {first} to {last}.")
        if not whole.passed(days.end, asking.values["count"].split("-")[1], days, asking.catalogue):
            told = _("The window from {first} to {last} has not wholly passed: the figures will still grow.")
        yield _("Whole periods"), (told.format(first=first, last=days.end),)
        elsewhere = _("Elsewhere DAU ÷ MAU often divides one day's people by those of the last 30 days; here the windows are those of the calendar.")
        yield _("Elsewhere"), (elsewhere,)

    def data(self, result: Stickiness, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:  # noqa: D102
        heading = _("Active weeks") if result.options.period == "week" else _("Active days")
        groups = [(name, wording.name(name)) for name in result.by]
        return [*groups, ("active_periods", heading), ("people", _("Person-weeks or person-months"))], result.frame


def _days(question: Question, catalogue: Catalogue) -> Any:
    """Return the days of the whole windows."""
    return whole.whole(question.values["dates"], question.values["count"].split("-")[1], catalogue)


def _mean(frame: pd.DataFrame) -> float:
    total = frame["people"].sum()
    return float((frame["active_periods"] * frame["people"]).sum() / total) if total else float("nan")
