"""Tables of retention: cohorts or groups against periods, coloured by what they say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tilth.analysis.behaviour.retention import Retention, row_name
from tilth.analysis.display import wording
from tilth.analysis.display.tables import MOST_ROWS, retention_table
from tilth.workbench.measure.asking.answer import SMALL, Cell, Column, Row, Table
from tilth.workbench.measure.questions.retention.shown import Measure

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.kinds import Asking


def counted(title: str, result: Retention, compared: bool, counts: bool) -> Table:
    """Return an answer's table, whose small samples are grey; where groups are `compared`, those take no colour and the others' is spread anew.

    Its cells say shares or, with `counts`, people, in the colours of their shares.
    """
    table = Table.of(title, retention_table(result))
    sizes = [int(row.cells[1].text.removeprefix("≈ ").split()[0].replace(",", "")) * result.share for row in table.rows]  # of a sample too
    small = [not row.total and size < SMALL for row, size in zip(table.rows, sizes, strict=True)]
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


def summed(title: str, result: Retention, what: Measure, by: str) -> Table:
    """Return an answer's table whose cells say what the people of a cohort brought; of groups, over all their cohorts."""
    frame, periods = result.frame, sorted(int(k) for k in result.frame["period"].unique())
    rows = _groups(frame, by) if by else _cohorts(frame, result.options.period)
    lines = [(name, people, _line(part, periods, what, whole=people == {} or bool(by)), size) for name, people, part, size in rows]

    def coloured(people: dict[str, Any], size: int) -> bool:
        """Whether a row takes colour: no small group, and not the sum of all cohorts, which would take all of it."""
        return size >= SMALL if by else bool(people) or what.each

    known = [figure for _name, people, line, size in lines if coloured(people, size) for figure, done in line[1:] if done and figure == figure]
    hottest = max(known, default=0.0)
    once, made = result.options.start_is == "first", []
    for name, people, line, size in lines:
        door = people if once or "cohort" in people else None  # else a person may be in several cohorts
        cells, small, total = [Cell(name), Cell(wording.count(size), door)], size < SMALL, people == {}
        for k, (figure, done) in enumerate(line):
            there = figure == figure
            heat = min(8, 1 + int(max(figure, 0) / hottest * 8)) if there and k and done and hottest > 0 and coloured(people, size) else None
            cells.append(Cell(what.worded(figure) + ("" if done else "*") if there else "", None, heat, there and not done))
        made.append(Row(tuple(cells), total, small))
    first = Column(wording.name(by) if by else _("Cohort"), text=True)
    columns = (first, Column(pgettext("column", "People")), *(Column(row_name(result.options, k)) for k in periods))
    each, total = _("Sum per person of the cohort"), _("Sum of what the people of a cohort brought")
    caption = _("{what}; all cohorts: of periods that have wholly passed").format(what=each if what.each else total)
    notes = [_("* This period has not wholly passed: the figure can still grow.")] if any(c.unfinished for row in made for c in row.cells) else []
    notes += [_("Grey: fewer than {least} people, too few to compare.").format(least=SMALL)] if any(row.small for row in made) else []
    return Table(title, columns, tuple(made[:MOST_ROWS]), caption, tuple(notes), warm=True)


def _cohorts(frame: pd.DataFrame, period: str) -> list[tuple[str, dict[str, Any], pd.DataFrame, int]]:
    """Return the name, the cell, the rows and the size of each cohort, below those of all."""
    form = "%Y-%m" if period == "month" else "%Y-%m-%d"
    found = [(f"{at:{form}}", {"cohort": f"{at:%Y-%m-%d}"}, rows, int(rows["size"].iloc[0])) for at, rows in frame.groupby("cohort", sort=True)]
    whole = (_("All cohorts"), {}, frame, sum(size for _name, _cell, _rows, size in found))
    return [whole, *found] if len(found) > 1 else list(found)


def _groups(frame: pd.DataFrame, by: str) -> list[tuple[str, dict[str, Any], pd.DataFrame, int]]:
    """Return the same of each group, the largest first."""
    found = []
    for value, rows in frame.groupby(by, sort=False, dropna=False):
        size = int(rows.loc[rows["period"] == rows["period"].min(), "size"].sum())
        found.append((wording.value(value), {by: None if pd.isna(value) else value}, rows, size))
    return sorted(found, key=lambda one: -one[3])


def _line(rows: pd.DataFrame, periods: list[int], what: Measure, whole: bool) -> list[tuple[float, bool]]:
    """Return the figure of each period and whether it is finished; of several cohorts as a `whole` only finished ones are counted."""
    figures = []
    for k in periods:
        part = rows[(rows["period"] == k) & rows["people"].notna()]
        part = part[part["complete"]] if whole else part
        figures.append((what.of(part) if len(part) else float("nan"), whole or bool(part["complete"].all())))
    return figures


def dotted(table: Table, by: str, asking: Asking) -> Table:
    """Return a table whose groups bear the colours that they have in every chart."""
    values = list(dict.fromkeys(None if pd.isna(value) else value for value in asking.now.frame[by]))
    colours = {wording.value(value): asking.catalogue.colour(by, value) for value in values}
    rows = (replace(row, cells=(replace(row.cells[0], colour=colours[row.cells[0].text]), *row.cells[1:])) for row in table.rows)
    return replace(table, rows=tuple(rows))


def _warmed(cell: Cell, small: bool, hottest: float) -> Cell:
    if not cell.heat:
        return cell
    return replace(cell, heat=None if small or not hottest else min(8, 1 + int(float(cell.text) / hottest * 8)))
