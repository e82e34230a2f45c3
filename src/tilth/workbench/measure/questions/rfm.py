"""The RFM page: how recently, how often and for how much people buy, and the eight segments that follow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tilth.analysis.display import charts, wording
from tilth.analysis.display.tables import table_of
from tilth.analysis.display.treemap import Tile, treemap
from tilth.analysis.value.rfm import NAMES, RFM, RFMOptions
from tilth.errors import InputError
from tilth.language import _ as worded
from tilth.workbench.measure.asking import changes
from tilth.workbench.measure.asking.answer import Cell, Chart, Column, Definition, Figure, Formula, Row, Table, fitting
from tilth.workbench.measure.asking.fields import Choice, Field
from tilth.workbench.measure.asking.kinds import TRADE, Asking, Kind, register
from tilth.workbench.measure.asking.pickers import Drawing, phrase
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.words import enumerated

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue
    from tilth.workbench.measure.asking.query import Query

WATCHED = ("champions", "cannot_lose", "slipping_away", "lost")
"""Segments whose sizes are key figures, with whether more of them is good."""
AMOUNT, EACH = 3, 5
"""Columns of the table of segments that hold amounts."""
MORE_IS_GOOD = {"champions": True, "cannot_lose": False, "slipping_away": False, "lost": False}


class Day(Field):
    """A day; by default the one after the last order."""

    def default(self, catalogue: Catalogue) -> dt.date:  # noqa: D102
        return (catalogue.last_order_day or dt.date.today()) + dt.timedelta(days=1)

    def read(self, query: Query, catalogue: Catalogue) -> dt.date:  # noqa: D102
        given = query.one(self.name)
        try:
            return dt.date.fromisoformat(given) if given else self.default(catalogue)
        except ValueError:
            raise InputError(_("“{text}” is no day; write it like 2025-11-01.").format(text=given[:40])) from None

    def draw(self, value: dt.date, drawing: Drawing) -> SafeString:  # noqa: D102
        return drawing.template("day", name=self.name, value=value, label=self.label)


class Ago(Choice):
    """Another day to hold the answer against, so many days before."""

    def __init__(self) -> None:
        options = {"": gettext_lazy("Do not compare")} | {str(n): n for n in (30, 90, 180, 365)}
        super().__init__("compare", options, "", gettext_lazy("Compare"))

    def draw(self, value: str, drawing: Drawing) -> SafeString:  # noqa: D102
        offered = [(code, _("{n} days earlier").format(n=n)) for code, n in self.options.items() if code]
        if not value:
            return drawing.picker(self.name, None, offered, _("+ compare"), add=True)
        return phrase(_("against {picker}"), picker=drawing.picker(self.name, value, [("", _("Do not compare")), *offered], self.label))


@register
class RFMPage(Kind):
    """Segments of buyers."""

    code = "rfm"
    label = gettext_lazy("RFM")
    about = gettext_lazy("How recently, how often and for how much people buy, and the eight segments of buyers that follow.")
    icon = "segment"
    group = TRADE
    order = 30
    source = "orders"
    fields: ClassVar = (
        Day("at", None, gettext_lazy("Day")),
        Choice("bins", {n: str(n) for n in (3, 4, 5, 10)}, 5, gettext_lazy("Scores")),
        Ago(),
    )
    sentence = gettext_lazy("Buyers before {at}, in scores from 1 to {bins}")
    further = ("compare",)
    options = RFMOptions
    result = RFM
    pace = 1.5

    def earlier(self, question: Question, catalogue: Catalogue) -> Question | None:  # noqa: D102
        ago = question.values["compare"]
        return question.having(at=question.values["at"] - dt.timedelta(days=int(ago)), compare="") if ago else None

    def since(self, question: Question) -> str:  # noqa: D102
        return _("in {n} days").format(n=question.values["compare"])

    def name(self, question: Question, catalogue: Catalogue) -> str:  # noqa: D102
        return _("RFM of {day}").format(day=question.values["at"])

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Catalogue) -> str:  # noqa: D102
        told = [worded(NAMES[value]) if name == "segment" and value in NAMES else f"{name.upper()} = {value}" for name, value in cell.items()]
        return enumerated(told) or _("All buyers")

    def empty(self, asking: Asking) -> str:  # noqa: D102
        return "" if asking.now.segments["people"].sum() else _("Nobody had bought by this day.")

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        now = asking.now.segments.set_index("segment")
        before = asking.before.segments.set_index("segment")["people"] if asking.before is not None else None
        total = int(now["people"].sum())
        each, counted = _("{money} each").format(money=asking.catalogue.money(now["monetary"].sum() / total)), pgettext("how many", "people")
        change = changes.relative(total, before.sum()) if before is not None else changes.UNCHANGED
        yield asking.figure(_("Buyers"), wording.count(total), counted, change, each, {})
        for code in WATCHED:
            row = now.loc[code]
            shares = {"people": wording.percent(row["share"]), "amount": wording.percent(row["monetary_share"])}
            note = _("{people} of people, {amount} of the amount").format(**shares)
            change = changes.relative(row["people"], before[code], MORE_IS_GOOD[code]) if before is not None else changes.UNCHANGED
            yield asking.figure(row["name"], wording.count(row["people"]), counted, change, note, {"segment": code})

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        option, remark = charts.drawn(asking.now)
        yield Chart(pgettext("RFM", "Segments"), option, remark, 12, fitting(option))
        remark = _("Area: people; the darker, the more each has spent")
        yield Chart(_("Size and value of segments"), _tiles(asking), remark, 4, 340, beside=True)

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        table = _priced(Table.of(pgettext("RFM", "Segments"), table_of(asking.now)), asking)
        yield replace(table if asking.before is None else _compared(table, asking), span=8)
        scores = asking.now.frame[["r", "f", "m"]]
        for letter, words in (("f", _("Recency and frequency")), ("m", _("Recency and monetary"))):
            yield _grid(words, scores, letter, asking.values["bins"])

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        yield _("How it is counted"), (asking.now.definition(),)
        score, high = _("score = 1 + number of quantile edges that the value lies above"), _("high = score above the mean of all")
        yield _("Formula"), (Formula(score), Formula(high))
        yield pgettext("RFM", "Segments"), (_("The eight combinations of high and low recency, frequency and monetary."),)
        elsewhere = _("Platforms that set fixed bounds (such as 30 days, 3 orders, ¥500) give other segments: here the bounds follow your buyers.")
        yield _("Elsewhere"), (elsewhere,)

    def data(self, result: RFM, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:  # noqa: D102
        heads = {
            "name": pgettext("RFM", "Segment"),
            "people": pgettext("column", "People"),
            "share": _("Share of people"),
            "monetary": _("Amount"),
            "monetary_share": _("Share of amount"),
        }
        return list(heads.items()), result.segments


def _tiles(asking: Asking) -> dict[str, Any]:
    """Return the picture of the segments: how large each is, and what one of its people has spent."""
    tiles = []
    for row in asking.now.segments.itertuples():
        each = row.monetary / row.people if row.people else 0.0
        lines = (_("{people} people").format(people=wording.count(row.people)), _("{money} each").format(money=asking.catalogue.money(each)))
        tiles.append(Tile(row.name, row.people, each, lines, {"segment": row.segment}))
    return treemap(pgettext("RFM", "Segments"), tiles)


def _priced(table: Table, asking: Asking) -> Table:
    """Return the table of segments with its amounts in the workspace's currency."""
    money, rows = asking.catalogue.money, []
    for row, one in zip(table.rows, asking.now.segments.itertuples(), strict=True):
        cells = list(row.cells)
        cells[AMOUNT] = Cell(money(one.monetary))
        cells[EACH] = Cell(money(one.monetary / one.people)) if one.people else cells[EACH]
        rows.append(Row(tuple(cells), row.total))
    return replace(table, rows=tuple(rows))


def _compared(table: Table, asking: Asking) -> Table:
    """Return the table of segments with the change of each one's people behind it."""
    now, before = (one.segments["people"].tolist() for one in (asking.now, asking.before))
    rows = []
    for row, code, *counts in zip(table.rows, asking.now.segments["segment"], now, before, strict=True):
        change, good = changes.relative(*counts, up_is_good=MORE_IS_GOOD.get(code, True))
        rows.append(Row((*row.cells, Cell(change or wording.NOTHING, good=good)), row.total))
    return Table(table.title, (*table.columns, Column(_("Change of people"), group=True)), tuple(rows), table.caption, table.notes)


def _grid(title: str, scores: pd.DataFrame, letter: str, bins: int) -> Table:
    """Return people by recency, best first, and another score; warmer where there are more."""
    counted = scores.groupby(["r", letter]).size()
    most = int(counted.max())
    columns = (Column(_("R \\ {letter}").format(letter=letter.upper()), text=True), *(Column(str(score)) for score in range(1, bins + 1)))
    rows = []
    for r in range(bins, 0, -1):
        cells = [Cell(str(r))]
        for other in range(1, bins + 1):
            people = int(counted.get((r, other), 0))
            heat = min(8, 1 + int(people / most * 8)) if people else None
            cells.append(Cell(wording.count(people) if people else "", {"r": r, letter: other} if people else None, heat))
        rows.append(Row(tuple(cells)))
    caption = _("People by score; {bins} is best").format(bins=bins)
    return Table(title, columns, tuple(rows), caption, warm=True, span=6)
