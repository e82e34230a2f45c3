"""The activity page: how many people are active by day, week or month, and how many of them are new."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tilth.analysis.behaviour.activity import Activity, ActivityOptions, draw, named
from tilth.analysis.display import wording
from tilth.workbench.measure.asking import changes
from tilth.workbench.measure.asking.answer import Cell, Chart, Column, Figure, Row, Table
from tilth.workbench.measure.asking.fields import Choice
from tilth.workbench.measure.asking.kinds import Asking, Kind, register
from tilth.workbench.measure.asking.narrowing import Compare, Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Event
from tilth.workbench.measure.asking.where import Where

PERIODS = {"day": gettext_lazy("day"), "week": gettext_lazy("week"), "month": gettext_lazy("month")}
BY = {"day": gettext_lazy("By day"), "week": gettext_lazy("By week"), "month": gettext_lazy("By month")}


@register
class ActivityPage(Kind):
    """People who do something."""

    code = "activity"
    label = gettext_lazy("Activity")
    about = gettext_lazy("How many people are active by day, week or month, and how many of them are new.")
    icon = "people"
    order = 5
    fields: ClassVar = (
        Dates("30d"),
        Event("event", lambda catalogue: None, gettext_lazy("What they did"), anything=True),
        Choice("period", PERIODS, "day", gettext_lazy("Period")),
        People(),
        Where(),
        Compare(),
    )
    sentence = gettext_lazy("In {dates}, people who did {event}, by {period}")
    further = ("people", "where", "compare")
    options = ActivityOptions
    result = Activity

    def name(self, question: Question, catalogue: Any) -> str:  # noqa: D102
        step = question.values["event"]
        return _("Activity: {event}").format(event=catalogue.events_called(step.events) if step else _("any event"))

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Any) -> str:  # noqa: D102
        who = _("New people") if cell.get("new") else _("Active people")
        return f"{who} · {cell['period'][:10]}" if "period" in cell else who

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        now, before, counted = asking.now, asking.before, pgettext("how many", "people")
        for label, cell in ((_("Active people"), {}), (_("New people"), {"new": True})):
            size = len(now.people(**cell))
            change = changes.relative(size, len(before.people(**cell))) if before is not None else changes.UNCHANGED
            yield asking.figure(label, wording.count(size), counted, change, people=cell)
        each = now.frame["people"].mean()
        change = changes.relative(each, before.frame["people"].mean()) if before is not None and len(before.frame) else changes.UNCHANGED
        label = {"day": _("Active people a day"), "week": _("Active people a week"), "month": _("Active people a month")}[asking.values["period"]]
        yield asking.figure(label, wording.count(round(each)), counted, change)
        events = int(now.frame["events"].sum())
        change = changes.relative(events, int(before.frame["events"].sum())) if before is not None else changes.UNCHANGED
        yield asking.figure(_("Events"), wording.count(events), "", change)

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        before = asking.before.frame if asking.before is not None else None
        yield Chart(_("Active and new people"), draw(asking.now.frame, asking.values["period"], before), _("People, each once a period"))

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        headings = (pgettext("column", "People"), pgettext("people", "New"), _("Events"))
        columns = (Column(str(PERIODS[asking.values["period"]]), text=True), *map(Column, headings))
        rows = [
            Row(
                (
                    Cell(named(at, "month") if asking.values["period"] == "month" else f"{at:%Y-%m-%d}"),
                    *_cells(at, people, new),
                    Cell(wording.count(events)),
                )
            )
            for at, people, new, events in asking.now.frame[::-1].itertuples(index=False)
        ]
        yield Table(str(BY[asking.values["period"]]), columns, tuple(rows))


def _cells(at: Any, people: int, new: int) -> tuple[Cell, Cell]:
    period = at.isoformat()
    return Cell(wording.count(people), {"period": period}), Cell(wording.count(new), {"period": period, "new": True})
