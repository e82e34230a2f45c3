r"""Sales: orders, buyers and amounts of each day, week or month.

With the lines of a period's orders (an order belongs to the period of its first line), an order *counts* when its lines sum above 0:

.. math:: \text{sales} = \sum \text{all lines of the period} \qquad \text{aov} = \frac{\sum \text{orders that count}}{\text{their number}}

so that refunds lessen sales in the period in which they are given back. Buyers are the people of the orders that count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from tilth.analysis.behaviour.activity import named
from tilth.analysis.result import NoSuchCell, Result, choice
from tilth.engine import clock
from tilth.engine.people import Directory, PersonSet
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.orders import Orders


@dataclass(frozen=True)
class SalesOptions:
    """What sales can be asked.

    Parameters
    ----------
    start, end : time, optional
        The days looked at, both included; None leaves a side open.
    period : {"day", "week", "month"}
    week_start : str
    """

    start: Any = None
    end: Any = None
    period: Literal["day", "week", "month"] = "day"
    week_start: str = "monday"

    def __post_init__(self) -> None:
        choice(self.period, clock.PERIODS, "period")


class Sales(Result):
    """The answer to sales.

    Attributes
    ----------
    frame : DataFrame
        period (first instant, with the time zone), orders, buyers, sales, aov (average order value; NaN without orders); one row a period.
    totals : dict
        orders, buyers, sales, aov of all periods; buyers counted once.
    """

    def __init__(self, orders: Orders, options: SalesOptions | None = None) -> None:
        self.options = options or SalesOptions()
        lines, tz = orders.lines, orders.tz
        inside = lines["known"].to_numpy().copy()
        times = lines["time"].to_numpy()
        if self.options.start is not None:
            inside &= times >= clock.instant(self.options.start, tz)
        if self.options.end is not None:
            inside &= times < clock.instant(self.options.end, tz, end=True)
        lines = lines[inside]
        self._directory, self._minor = Directory(orders.ids), orders.MINOR
        self._calendar = (
            clock.Calendar(self.options.period, tz, int(lines["time"].min()), int(lines["time"].max()), self.options.week_start)
            if len(lines)
            else None
        )
        named_orders = lines[lines["order"] >= 0]
        counted = named_orders.groupby("order").agg(time=("time", "min"), amount=("amount", "sum"), person=("person", "first"))
        self._counted = counted[counted["amount"] > 0]
        self._lines = lines

    @property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        if self._calendar is None:
            return pd.DataFrame({"period": pd.DatetimeIndex([], tz="UTC"), "orders": [], "buyers": [], "sales": [], "aov": []})
        periods = len(self._calendar)
        number = self._calendar.number(self._counted["time"].to_numpy())
        orders = np.bincount(number, minlength=periods)
        known = self._counted["person"].to_numpy() >= 0
        buyers = pd.DataFrame({"number": number[known], "person": self._counted["person"].to_numpy()[known]}).drop_duplicates()["number"]
        paid = np.bincount(number, self._counted["amount"].to_numpy(), periods)
        sold = np.bincount(self._calendar.number(self._lines["time"].to_numpy()), self._lines["amount"].to_numpy(), periods)
        return pd.DataFrame(
            {
                "period": self._calendar.starts,
                "orders": orders,
                "buyers": np.bincount(buyers, minlength=periods),
                "sales": sold / self._minor,
                "aov": np.divide(paid / self._minor, orders, out=np.full(periods, np.nan), where=orders > 0),
            }
        )

    @property
    def totals(self) -> dict[str, float]:  # noqa: D102
        paid, orders = int(self._counted["amount"].sum()) / self._minor, len(self._counted)
        return {
            "orders": orders,
            "buyers": len(self.people()),
            "sales": int(self._lines["amount"].sum()) / self._minor,
            "aov": paid / orders if orders else float("nan"),
        }

    def people(self, period: Any = None) -> PersonSet:
        """Return the buyers of a period (a time in it; None: of all)."""
        counted = self._counted
        if period is not None:
            at = clock.instant(period, self._calendar.tz) if self._calendar is not None else 0
            if self._calendar is None or not self._calendar.bounds[0] <= at < self._calendar.bounds[-1]:
                raise NoSuchCell(_("No period of the result holds {time}.").format(time=period))
            number = self._calendar.number(counted["time"].to_numpy())
            counted = counted[number == self._calendar.number(np.array([at]))[0]]
        codes = np.unique(counted["person"].to_numpy())
        return PersonSet(codes[codes >= 0].astype(np.uint32), self._directory)

    def title(self) -> str:  # noqa: D102
        return _("Sales")

    def meaning(self) -> str:  # noqa: D102
        return paragraph(
            _("Sales are the sum of all order lines of the period; refunds are taken off on the day they are given back."),
            _("An order counts when its lines sum above 0, in the period of its first line; buyers are the people of those orders, each once."),
            _("The average order value is their sum over their number."),
        )

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: sales by period as bars."""
        return draw(self.frame, self.options.period)


def draw(frame: pd.DataFrame, period: str, before: pd.DataFrame | None = None) -> dict[str, Any]:
    """Return the ECharts option of sales by period, beside those of as many periods `before`."""
    series: list[dict[str, Any]] = [{"type": "bar", "name": _("sales"), "data": frame["sales"].round(2).tolist()}]
    if before is not None and len(before):
        style = {"symbol": "none", "lineStyle": {"type": "dashed", "width": 1.25, "color": {"$token": "ink-3"}}, "color": {"$token": "ink-3"}}
        label = {"endLabel": {"show": True, "formatter": _("before"), "distance": 14}}
        series.append({"type": "line", "name": _("before"), "data": before["sales"].round(2).tolist()[: len(frame)]} | style | label)
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 64 if len(series) > 1 else 12, "top": 16, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "data": [named(at, period) for at in frame["period"]]},
        "yAxis": {"type": "value"},
        "series": series,
    }
