"""The sales page: orders, buyers and amounts by day, week or month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tilth.analysis.display import wording
from tilth.analysis.value.sales import Sales, SalesOptions, draw
from tilth.workbench.measure.asking import changes
from tilth.workbench.measure.asking.answer import Cell, Chart, Column, Definition, Figure, Row, Table
from tilth.workbench.measure.asking.fields import Choice
from tilth.workbench.measure.asking.kinds import TRADE, Asking, Kind, register
from tilth.workbench.measure.asking.narrowing import Compare, Dates, other_time
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.questions.activity import BY, PERIODS

UNITS = {"CNY": gettext_lazy("CNY"), "USD": gettext_lazy("USD"), "EUR": gettext_lazy("EUR"), "HKD": gettext_lazy("HKD"), "JPY": gettext_lazy("JPY")}
"""What amounts in a currency are counted in; any other is called by its code."""


class OrderDates(Dates):
    """The days that are looked at, counted back from the last order."""

    @staticmethod
    def _span(text: str, catalogue: Any) -> Any:
        from tilth.workbench.shell import dates

        return dates.parse(text, catalogue.workspace.tz, catalogue.workspace.week_start, catalogue.last_order_day)


@register
class SalesPage(Kind):
    """What is sold."""

    code = "sales"
    label = gettext_lazy("Sales")
    about = gettext_lazy("Orders, buyers, sales and the average order value by day, week or month.")
    icon = "board"
    group = TRADE
    order = 25
    source = "orders"
    fields: ClassVar = (OrderDates("30d"), Choice("period", PERIODS, "day", gettext_lazy("Period")), Compare())
    sentence = gettext_lazy("Sales in {dates}, by {period}")
    further = ("compare",)
    options = SalesOptions
    result = Sales

    def options_of(self, question: Question, catalogue: Any) -> SalesOptions:  # noqa: D102
        span = question.values["dates"]
        return SalesOptions(span.start, span.end, question.values["period"], catalogue.workspace.week_start)

    def earlier(self, question: Question, catalogue: Any) -> Question | None:  # noqa: D102
        other = other_time(question.values)
        return None if other is None else question.having(**other)

    def name(self, question: Question, catalogue: Any) -> str:  # noqa: D102
        return _("Sales")

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Any) -> str:  # noqa: D102
        return f"{_('Buyers')} · {cell['period'][:10]}" if "period" in cell else _("Buyers")

    def empty(self, asking: Asking) -> str:  # noqa: D102
        return "" if len(asking.now.frame) else _("There is no order in these days. Look at more days.")

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        now, before = asking.now.totals, asking.before.totals if asking.before is not None else None
        money, counted = asking.catalogue.money, pgettext("how many", "people")

        def change(name: str) -> changes.Change:
            return changes.relative(now[name], before[name]) if before is not None else changes.UNCHANGED

        yield asking.figure(_("Sales, refunds taken off"), money(now["sales"]), "", change("sales"))
        yield asking.figure(_("Orders"), wording.count(now["orders"]), "", change("orders"))
        yield asking.figure(_("Buyers"), wording.count(now["buyers"]), counted, change("buyers"), people={})
        yield asking.figure(_("Average order value"), money(now["aov"]) if now["orders"] else wording.NOTHING, "", change("aov"))

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        before = asking.before.frame if asking.before is not None else None
        remark = _("{currency}, refunds taken off").format(currency=UNITS.get(currency := asking.catalogue.workspace.currency, currency))
        title = {"day": _("Sales by day"), "week": _("Sales by week"), "month": _("Sales by month")}[asking.values["period"]]
        yield Chart(title, draw(asking.now.frame, asking.values["period"], before), remark)

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        columns = (
            *(Column(str(PERIODS[asking.values["period"]]), text=True), Column(_("Sales")), Column(_("Orders"))),
            *(Column(_("Buyers")), Column(_("Average order value"))),
        )
        money = asking.catalogue.money
        rows = [
            Row(
                (
                    Cell(f"{at:%Y-%m}" if asking.values["period"] == "month" else f"{at:%Y-%m-%d}"),
                    *(Cell(money(sales)), Cell(wording.count(orders)), Cell(wording.count(buyers), {"period": at.isoformat()})),
                    Cell(money(aov) if orders else wording.NOTHING),
                )
            )
            for at, orders, buyers, sales, aov in asking.now.frame[::-1].itertuples(index=False)
        ]
        yield Table(str(BY[asking.values["period"]]), columns, tuple(rows))

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        yield _("How it is counted"), (asking.now.definition(),)
        elsewhere = _(
            "Store back offices often count GMV with orders that were never paid or were refunded later: that figure is higher than this one."
        )
        yield _("Elsewhere"), (elsewhere,)
