"""The lifecycle page: who is new, who stays, who comes back and who falls silent, period by period."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tilth.analysis.behaviour import periods
from tilth.analysis.behaviour.lifecycle import STATES, Lifecycle, LifecycleOptions, active, draw, labels
from tilth.analysis.display import wording
from tilth.analysis.display.cells import note
from tilth.analysis.display.tables import MOST_ROWS
from tilth.workbench.measure.asking import changes, narrowing, whole
from tilth.workbench.measure.asking.answer import Cell, Chart, Column, Definition, Figure, Formula, Row, Table
from tilth.workbench.measure.asking.fields import Choice, Split
from tilth.workbench.measure.asking.kinds import Asking, Kind, register
from tilth.workbench.measure.asking.narrowing import Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Event
from tilth.workbench.measure.asking.where import Where
from tilth.workbench.measure.asking.words import enumerated
from tilth.workbench.measure.questions.activity import BY, PERIODS
from tilth.workbench.measure.questions.groups import split_chart

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue

MORE_IS_GOOD = {"new": True, "returning": True, "resurrecting": True, "dormant": False}


@register
class LifecyclePage(Kind):
    """New, returning, resurrecting, dormant."""

    code = "lifecycle"
    label = gettext_lazy("Lifecycle")
    about = gettext_lazy("Of the people of each day, week or month: who is new, who stays, who comes back, and who has fallen silent.")
    icon = "cycle"
    order = 10
    fields: ClassVar = (
        Dates("90d"),
        Event("event", lambda catalogue: None, gettext_lazy("What they did"), anything=True),
        Choice("period", PERIODS, "week", gettext_lazy("Period")),
        Split(),
        People(),
        Where(),
    )
    sentence = gettext_lazy("In {dates}, people who did {event}, by {period}: who is new, stays, comes back, falls silent")
    further = ("by", "people", "where")
    options = LifecycleOptions
    result = Lifecycle

    def ask(self, source: Any, question: Question, catalogue: Catalogue) -> Lifecycle:
        """Ask about the days picked and the period before them, without which nobody could be told to have stayed."""
        days = whole.widened(question.values["dates"], question.values["period"], catalogue, before=True)
        return Lifecycle(narrowing.narrowed(source, question.values, catalogue, days), self.options_of(question, catalogue))

    def since(self, question: Question) -> str:  # noqa: D102
        return {"day": _("since the day before"), "week": _("since the week before"), "month": _("since the month before")}[question.values["period"]]

    def name(self, question: Question, catalogue: Catalogue) -> str:  # noqa: D102
        step = question.values["event"]
        return _("Lifecycle: {event}").format(event=catalogue.events_called(step.events) if step else _("any event"))

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Catalogue) -> str:  # noqa: D102
        who = labels().get(cell.get("state", ""), _("Active people"))
        groups = [catalogue.call_value(name, value) for name, value in cell.items() if name not in ("period", "state")]
        return enumerated([f"{who} · {cell['period'][:10]}" if "period" in cell else who, *groups])

    def empty(self, asking: Asking) -> str:  # noqa: D102
        nobody = not len(_picked(asking.now, asking.question))
        return _("Nobody did this in these days. Look at more days, or take a condition away.") if nobody else super().empty(asking)

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        rows, period = _whole(asking), asking.values["period"]
        done = rows[_passed(rows, asking)]
        last = (done if len(done) else rows).iloc[-1]
        before = done.iloc[-2] if len(done) > 1 else None
        counted, at = pgettext("how many", "people"), periods.written(last["period"], period)

        def change(now: int, then: int | None, good: bool) -> changes.Change:
            return changes.UNCHANGED if then is None else changes.relative(now, then, good)

        people, then = int(active(last)), None if before is None else int(active(before))
        cell = {"period": last["period"].isoformat()}
        label = _("Active, week of {day}") if period == "week" else _("Active, {day}")
        yield asking.figure(label.format(day=at), wording.count(people), counted, change(people, then, True), people=cell)
        for state, label in labels().items():
            now, then = int(last[state]), None if before is None else int(before[state])
            yield asking.figure(label, wording.count(now), counted, change(now, then, MORE_IS_GOOD[state]), people={**cell, "state": state})
        gained, lost = int(done[["new", "resurrecting"]].sum().sum()), int(done["dormant"].sum())
        if lost:
            note = _("gained ÷ fallen silent, over {count} finished periods").format(count=len(done))
            yield Figure(_("Growth ratio"), f"{gained / lost:.2f}", note=note)

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        rows, by = _whole(asking), asking.values["by"]
        option = draw(rows, asking.values["period"])
        for series in option["series"]:
            series["data"] = [
                count if passed else {"value": count, "itemStyle": {"opacity": 0.45}}
                for count, passed in zip(series["data"], _passed(rows, asking), strict=True)
            ]
        remark = _("People, each once a period; below the line those who fell silent; pale: has not wholly passed")
        yield Chart(_("People by state"), option, remark, 6 if by else 12, 300)
        if by:
            now, _before = asking.having(by=None)
            done = rows[_passed(rows, asking)]
            shown = np.flatnonzero(now.looked_at["period"].isin((done if len(done) else rows)["period"]))
            part = slice(int(shown[0]), int(shown[-1]) + 1)
            yield split_chart(asking, _("Active people by {property}"), part=part, remark=_("finished periods") if len(done) else "")

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        rows, by, period = _whole(asking), asking.values["by"], asking.values["period"]
        if by:
            yield _groups(asking, rows)
        heads = (Column(name, group=state == "dormant") for state, name in labels().items())
        columns = (Column(str(PERIODS[period]), text=True), Column(pgettext("people", "Active")), *heads, Column(_("Net")))
        passed = _passed(rows, asking)
        made = [_row(row, period, done) for (_at, row), done in zip(rows.iterrows(), passed, strict=True)][::-1]
        notes = [] if all(passed) else [_("* This period has not wholly passed: who still comes is counted as fallen silent until then.")]
        if len(made) > MOST_ROWS:
            notes.append(_("The last {shown} periods; an export has all.").format(shown=MOST_ROWS))
        yield Table(str(BY[period]), columns, tuple(made[:MOST_ROWS]), notes=tuple(notes))

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        yield _("How it is counted"), (asking.now.definition(),)
        if asking.values["by"]:
            yield _("Whose group"), (_("The value on a person's first such event among those looked at, so that everybody is of one group."),)
        yield _("Formula"), (Formula(_("active = new + returning + resurrecting")), Formula(_("net = new + resurrecting − dormant")))
        yield (
            _("Whole periods"),
            (_("The first period begins before the days picked where these begin in its midst. A period that has not wholly passed is pale."),),
        )
        elsewhere = _("Platforms that call people lost after 30 days or so without a visit count other people: here one period without is enough.")
        yield _("Elsewhere"), (elsewhere,)

    def data(self, result: Lifecycle, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:  # noqa: D102
        heads = {**{name: wording.name(name) for name in result.by}, "period": _("Period"), **labels()}
        return list(heads.items()), result.looked_at if question is None else _picked(result, question)


def _picked(result: Lifecycle, question: Question) -> pd.DataFrame:
    """Return the rows of the periods that were picked, without the one before them."""
    frame, start = result.looked_at, question.values["dates"].start
    if start is None:
        return frame
    return frame[[whole.following(at.date(), question.values["period"]) > start for at in frame["period"]]]


def _whole(asking: Asking) -> pd.DataFrame:
    """Return the picked periods of everybody together."""
    now, _before = asking.having(by=None)
    return _picked(now, asking.question)


def _groups(asking: Asking, whole: pd.DataFrame) -> Table:
    """Return the groups in the last period that has wholly passed, or in the last if none has."""
    by, passed = asking.values["by"], whole[_passed(whole, asking)]
    at = (passed if len(passed) else whole)["period"].iloc[-1]
    frame = asking.now.looked_at
    frame = frame[(frame["period"] == at) & frame[list(STATES)].any(axis=1)]
    made = []
    for place in active(frame).sort_values(ascending=False, kind="stable").index:
        row = frame.loc[place]
        cell = {"period": at.isoformat(), by: None if pd.isna(row[by]) else row[by]}
        states = [Cell(wording.count(row[state]), {**cell, "state": state}) for state in STATES]
        made.append(Row((Cell(wording.value(row[by])), Cell(wording.count(active(row)), cell), *states, Cell(_net(row)))))
    heads = (Column(name, group=state == "dormant") for state, name in labels().items())
    columns = (Column(wording.name(by), text=True), Column(pgettext("people", "Active")), *heads, Column(_("Net")))
    title = _("By {property}, {period}").format(property=wording.name(by), period=periods.written(at, asking.values["period"]))
    return Table(title, columns, tuple(made[:MOST_ROWS]), notes=note(len(made)))


def _passed(rows: pd.DataFrame, asking: Asking) -> list[bool]:
    """Return which periods have wholly passed."""
    return [whole.passed(at.date(), asking.values["period"], asking.values["dates"], asking.catalogue) for at in rows["period"]]


def _net(row: pd.Series) -> str:
    net = int(row["new"] + row["resurrecting"] - row["dormant"])
    return f"+{wording.count(net)}" if net > 0 else wording.count(net)


def _row(row: pd.Series, period: str, passed: bool) -> Row:
    cell = {"period": row["period"].isoformat()}
    star = "" if passed else "*"
    states = [Cell(wording.count(row[state]), {**cell, "state": state}, unfinished=not passed) for state in STATES]
    name = Cell(f"{periods.written(row['period'], period)}{star}")
    return Row((name, Cell(wording.count(active(row)), cell, unfinished=not passed), *states, Cell(_net(row))))
