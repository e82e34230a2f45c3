"""The funnel's page: how many people go from step to step, where they are lost, and which group gets furthest."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tilth.analysis.behaviour.funnel import Funnel, FunnelOptions, draw_steps
from tilth.analysis.display import charts, wording
from tilth.analysis.display.tables import MOST_ROWS, table_of
from tilth.analysis.proportion import interval
from tilth.workbench.measure.asking import changes
from tilth.workbench.measure.asking.answer import SMALL, Cell, Chart, Column, Definition, Figure, Formula, Row, Table, coloured, fitting
from tilth.workbench.measure.asking.exclusions import Exclusions
from tilth.workbench.measure.asking.fields import Choice, Hold, Length, Split
from tilth.workbench.measure.asking.kinds import WAYS, Asking, Kind, register
from tilth.workbench.measure.asking.narrowing import Compare, Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Steps, numbered
from tilth.workbench.measure.asking.where import Where
from tilth.workbench.measure.asking.words import enumerated

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue


@register
class FunnelPage(Kind):
    """Steps one after the other."""

    code = "funnel"
    label = gettext_lazy("Funnel")
    about = gettext_lazy("How many people go from step to step, where they are lost, and which channel gets furthest.")
    icon = "filter"
    group = WAYS
    order = 10
    fields: ClassVar = (
        Dates("30d"),
        Choice(
            "order",
            {"ordered": gettext_lazy("in this order"), "strict": gettext_lazy("directly one after the other"), "any": gettext_lazy("in any order")},
            "ordered",
            gettext_lazy("Order"),
        ),
        Steps("steps", lambda catalogue: catalogue.usual("view", "cart", "checkout", "pay")),
        Length("within", "7d", ("30m", "1h", "1d", "3d", "7d", "14d", "30d"), gettext_lazy("Longest time")),
        Exclusions(),
        Hold(),
        Split(),
        People(),
        Where(),
        Compare(),
    )
    sentence = gettext_lazy("In {dates}, {order}: {steps}, within {within}")
    further = ("exclude", "hold", "by", "people", "where", "compare")
    options = FunnelOptions
    result = Funnel

    def name(self, question: Question, catalogue: Catalogue) -> str:  # noqa: D102
        return " → ".join(catalogue.events_called(step.events) for step in question.values["steps"])

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Catalogue) -> str:  # noqa: D102
        steps = numbered([catalogue.events_called(step.events) for step in question.values["steps"]])
        step = min(max(int(cell.get("step", 1)), 1), len(steps))
        group = [catalogue.call(str(value)) if value is not None else _("unknown") for name, value in cell.items() if name not in ("step", "dropped")]
        if question.values["order"] == "any":
            told = _("Did at least {number} of the steps").format(number=step)
        elif cell.get("dropped"):
            told = _("Reached “{one}”, not “{next}”").format(one=steps[max(step - 2, 0)], next=steps[step - 1])
        else:
            told = _("Reached “{step}”").format(step=steps[step - 1])
        return enumerated([told, *group])

    def empty(self, asking: Asking) -> str:  # noqa: D102
        nobody = not len(asking.now.people(1))
        return _("Nobody took the first step in these days. Look at more days, or take a condition away.") if nobody else ""

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        whole, before = asking.having(by=None)
        labels, people = whole.frame["label"].tolist(), whole.frame["people"].tolist()
        earlier = before.frame["people"].tolist() if before else None
        last = len(labels)
        counted = pgettext("how many", "people")
        for place, label in ((0, _("Entered: {step}").format(step=labels[0])), (last - 1, labels[-1]))[:last]:
            change = changes.relative(people[place], earlier[place]) if earlier else changes.UNCHANGED
            yield asking.figure(label, wording.count(people[place]), counted, change, people={"step": place + 1})
        if last == 1:
            return
        change = changes.points((people[-1], people[0]), (earlier[-1], earlier[0])) if earlier else changes.UNCHANGED
        low, high = interval(people[-1], people[0])
        sure = f"{wording.percent(low, sign=False)}–{wording.percent(high)}"
        yield asking.figure(_("Overall conversion"), wording.percent(people[-1] / people[0], sign=False), "%", change, sure)
        lost = [a - b for a, b in pairwise(people)]
        worst = max(range(len(lost)), key=lost.__getitem__)
        if lost[worst] > 0 and asking.values["order"] != "any":
            label = _("Most lost: {one} → {next}").format(one=labels[worst], next=labels[worst + 1])
            share = _("{share} of all lost").format(share=wording.percent(lost[worst] / (people[0] - people[-1])))
            yield asking.figure(label, wording.count(lost[worst]), counted, note=share, people={"step": worst + 2, "dropped": True})
        median = whole.elapsed()
        change = changes.relative(median, before.elapsed(), up_is_good=False) if before else changes.UNCHANGED
        yield asking.figure(_("Median time, first step to last"), wording.duration(median), "", change)

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        whole, _before = asking.having(by=None)
        required = [not step.optional for step in whole.options.as_steps]
        by = asking.values["by"]
        remark = _("Over the bars: people, and their share of the step before; dashed: lost")
        if not by:
            yield Chart(_("People by step"), draw_steps(whole.frame, required), remark)
        else:
            option, told = charts.drawn(asking.now)
            coloured(option, asking.catalogue, by, asking.now.frame[by])
            tall = max(268, fitting(option))
            yield Chart(_("People by step"), draw_steps(whole.frame, required), remark, 7, tall)
            yield Chart(_("Overall conversion by {property}").format(property=wording.name(by)), option, told, 5, tall, split=True)

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        by = asking.values["by"]
        if not by:
            yield Table.of(_("By step"), table_of(asking.now))
            return
        whole, before = asking.having(by=None)
        rows, then = _groups(asking.now.frame, by), dict(_groups(asking.before.frame, by)) if asking.before else {}
        compared = before is not None
        made = [_row(Cell(_("All")), whole.frame, {}, whole.elapsed(), before.frame if compared else None, compared, total=True)]
        for value, group in rows[:MOST_ROWS]:
            name = Cell(wording.value(value), colour=asking.catalogue.colour(by, value))
            made.append(_row(name, group, {by: value}, asking.now.elapsed(**{by: value}), then.get(value), compared))
        columns = _columns(wording.name(by), whole.frame["label"].tolist(), compared)
        count = _("{count} groups").format(count=f"{len(rows):,}")
        notes = [_("Grey: fewer than {least} people, too few to compare.").format(least=SMALL)] if any(row.small for row in made) else []
        if len(rows) > MOST_ROWS:
            notes.append(_("The {shown} largest groups; an export has all.").format(shown=MOST_ROWS))
        yield Table(_("By {property}").format(property=wording.name(by)), columns, tuple(made), count, tuple(notes))

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        labels = asking.having(by=None)[0].frame["label"].tolist()
        yield _("How it is counted"), (asking.now.definition(),)
        if len(labels) > 1:
            overall = _("overall conversion = people of {last} ÷ people of {first}").format(last=labels[-1], first=labels[0])
            yield _("Formula"), (Formula(overall), Formula(_("conversion = people of the step ÷ people of the step before")))
        called = [asking.catalogue.events_called(step.events) for step in asking.values["steps"]]
        if asking.values["exclude"]:
            told = enumerated(one.words(asking.catalogue, called) for one in asking.values["exclude"])
            yield _("Excluded"), (_("A chain counts only with {exclusions}.").format(exclusions=told),)
        if asking.values["hold"]:
            same = _("All events of a chain have the same value of {property}; it must be known.")
            yield _("Same value"), (same.format(property=wording.name(asking.values["hold"])),)
        if asking.values["by"]:
            yield _("Whose group"), (_("The value on the first event of the chain that has one; the groups add up to all."),)
        waiting = len(asking.now.waiting(asking.catalogue.known_until(asking.values["dates"]))) if asking.values["within"] else 0
        if waiting:
            open_still = _("{count} people still have time to finish at the end of the data; they are counted, so the share can still rise.")
            yield _("Unfinished"), (open_still.format(count=f"{waiting:,}"),)
        yield (
            _("Elsewhere"),
            (_("Store back offices divide buyers by visitors of the same day, in no order and without a window: those shares are other figures."),),
        )


def _groups(frame: pd.DataFrame, by: str) -> list[tuple[Any, pd.DataFrame]]:
    """Return each group's value (None for unknown) and rows, the largest first."""
    found = [(None if pd.isna(value) else value, rows) for value, rows in frame.groupby(by, sort=False, dropna=False)]
    return sorted(found, key=lambda one: -one[1]["people"].iloc[0])


def _columns(by: str, labels: list[str], compared: bool) -> tuple[Column, ...]:
    steps: list[Column] = []
    for number, label in enumerate(labels):
        steps += [Column(label, group=number > 0), *([Column(_("Conversion"))] if number else [])]
    change = [Column(_("Against the other time"))] if compared else []
    return (Column(by, text=True), *steps, Column(_("Overall"), group=True), Column(_("95% interval")), *change, Column(_("Median time")))


def _row(name: Cell, group: pd.DataFrame, cell: dict, median: float, before: Any, compared: bool, total: bool = False) -> Row:
    cells = [name]
    for step, people, share in zip(group["step"], group["people"], group["from_previous"], strict=True):
        cells.append(Cell(wording.count(people), {**cell, "step": int(step)}))
        if step > 1:
            cells.append(Cell(wording.percent(share)))
    n, x = int(group["people"].iloc[0]), int(group["people"].iloc[-1])
    small = n < SMALL
    low, high = interval(x, n)
    sure = f"{wording.percent(low, sign=False)}–{wording.percent(high)}" if n else wording.NOTHING
    cells += [Cell(wording.percent(x / n if n else None)), Cell(sure)]
    if compared:
        then = (int(before["people"].iloc[-1]), int(before["people"].iloc[0])) if before is not None else (0, 0)
        change, good = changes.points((x, n), then)
        cells.append(Cell(change or wording.NOTHING, good=good))
    cells.append(Cell(wording.duration(median)))
    return Row(tuple(cells), total, small)
