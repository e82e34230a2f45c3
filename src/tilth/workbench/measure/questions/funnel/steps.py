"""The funnel from step to step: how many are left at each, and, split by something, of each group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from django.utils.translation import gettext as _

from tilth.analysis.behaviour.funnel import draw_steps
from tilth.analysis.display import charts as drawing
from tilth.analysis.display import wording
from tilth.analysis.display.tables import MOST_ROWS, table_of
from tilth.analysis.proportion import interval
from tilth.workbench.measure.asking import changes
from tilth.workbench.measure.asking.answer import SMALL, Cell, Chart, Column, Row, Table, coloured, fitting
from tilth.workbench.measure.asking.kinds import Asking
from tilth.workbench.measure.questions.funnel.groups import groups_of


def charts(asking: Asking) -> Iterator[Chart]:
    """Return a bar a step, and beside it the groups."""
    whole, _before = asking.having(by=None)
    required = [not step.optional for step in whole.options.as_steps]
    by = asking.values["by"]
    remark = _("Over the bars: people, and their share of the step before; dashed: lost")
    if not by:
        yield Chart(_("People by step"), draw_steps(whole.frame, required), remark)
    else:
        option, told = drawing.drawn(asking.now)
        coloured(option, asking.catalogue, by, asking.now.frame[by])
        tall = max(268, fitting(option))
        yield Chart(_("People by step"), draw_steps(whole.frame, required), remark, 7, tall)
        yield Chart(_("Overall conversion by {property}").format(property=wording.name(by)), option, told, 5, tall, split=True)


def tables(asking: Asking) -> Iterator[Table]:
    """Return a row a step, or a row a group."""
    by = asking.values["by"]
    if not by:
        yield Table.of(_("By step"), table_of(asking.now))
        return
    whole, before = asking.having(by=None)
    rows, then = groups_of(asking.now, by), dict(groups_of(asking.before, by)) if asking.before else {}
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
