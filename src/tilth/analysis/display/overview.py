"""The first questions about a brand: key figures, a funnel, retention, RFM, asked with sensible defaults and laid out as one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tilth.analysis.behaviour.retention import Retention
from tilth.analysis.display import wording
from tilth.analysis.display.cards import Asked, Figure, page
from tilth.analysis.events import Events
from tilth.analysis.orders import Orders
from tilth.analysis.steps import AnyStep, Step
from tilth.engine import clock
from tilth.errors import InputError
from tilth.language import _

VIEW = ("view_goods", "view_item", "view_product", "view", "pv", "浏览商品", "浏览")
CART = ("add_to_cart", "cart", "加入购物车", "加购")
CHECKOUT = ("begin_checkout", "checkout", "submit_order", "提交订单", "下单")
PAY = ("pay", "purchase", "buy", "pay_order", "支付", "支付成功", "购买")
SIGN_UP = ("sign_up", "register", "注册")
DAYS = 30
"""Days that the key figures look at, and compare with as many before."""

_DAY = 86_400_000_000


class NothingToShow(InputError):
    """There is nothing that a report could be made of."""


@dataclass(frozen=True)
class Choices:
    """What a report asks; what is None is chosen by the names of events that there are.

    Parameters
    ----------
    steps : sequence of step, optional
        The funnel's steps.
    within : str
        The funnel's longest time.
    by : str, optional
        A column to split the funnel by, once more beside the whole.
    days : int
        Days up to the last event that the funnel looks at.
    start, back : step, optional
        Retention's events: by default signing up and any event.
    labels : dict of str to str
        What events are called on the page.
    names : dict of str to str
        What columns and their values are called.
    """

    steps: Sequence[AnyStep] | None = None
    within: str = "7d"
    by: str | None = "channel"
    days: int = 90
    start: AnyStep | None = None
    back: AnyStep | None = None
    labels: dict[str, str] | None = None
    names: dict[str, str] | None = None


@dataclass(frozen=True)
class Overview:
    """The answers to the first questions.

    Attributes
    ----------
    figures : list of Figure
        Key figures of the last 30 days.
    asked : list of Asked
        Funnels, retention and RFM, with what each looks at.
    as_of : str
        The last moment that there are facts of.
    notes : list of str
        What could not be asked, and why.
    names : dict of str to str
        What columns and their values are called.
    """

    figures: list[Figure]
    asked: list[Asked]
    as_of: str
    notes: list[str]
    names: dict[str, str]

    def page(self, title: str, source: str = "") -> str:
        """Return them as a page of its own; `source` says what was asked."""
        with wording.calling(self.names):
            return page(self.asked, title, self.figures, self.as_of, source, self.notes)


def overview(events: Events, orders: Orders | None, choices: Choices | None = None, money: str = "") -> Overview:
    """Ask the first questions about a brand's events and orders: key figures of the last 30 days, funnel, retention and RFM.

    Parameters
    ----------
    events : Events
    orders : Orders or None
        Without any, the figures of orders and RFM are left out.
    choices : Choices, optional
    money : str
        The sign before amounts, such as ``¥``.

    Raises
    ------
    NothingToShow
        When there are neither events nor orders.
    """
    choices = choices or Choices()
    orders = orders if orders is not None and len(orders.lines) else None
    if not len(events) and orders is None:
        raise NothingToShow(_("There are no events and no orders to report on: load some first."))
    asked: list[Asked] = []
    notes: list[str] = []
    if len(events):
        asked += _funnels(events, choices, notes)
        asked += _returns(events, choices)
    if orders is not None:
        asked.append(Asked(orders.rfm()))
    as_of = wording.moment(clock.local(_last(events, orders), events.tz))
    return Overview(_figures(events, orders, money), asked, as_of, notes, choices.names or {})


def _last(events: Events, orders: Orders | None) -> int:
    times = [events.timeline.times.max()] if len(events) else []
    known = orders.lines.loc[orders.lines["known"], "time"] if orders is not None else pd.Series(dtype="int64")
    return int(max([*times, *([known.max()] if len(known) else [])]))


def _named(choices: Choices, name: str) -> AnyStep:
    label = (choices.labels or {}).get(name)
    return Step(name, label=label) if label else name


def _funnels(events: Events, choices: Choices, notes: list[str]) -> list[Asked]:
    """Return the funnel as a whole and, where the column is there, split by it."""
    known = set(events.names())
    found = [next((name for name in names if name in known), None) for names in (VIEW, CART, CHECKOUT, PAY)]
    steps = list(choices.steps) if choices.steps else [_named(choices, name) for name in found if name is not None]
    if len(steps) < 2:
        notes.append(_("No funnel: none of the usual event names occurs. Name its steps with --step."))
        return []
    last = clock.local(int(events.timeline.times.max()), events.tz).date()
    recent = events.during(last - pd.Timedelta(days=choices.days - 1))
    scope = _("The last {days} days").format(days=choices.days)
    asked = [Asked(recent.funnel(steps, within=choices.within), scope)]
    if choices.by and choices.by in events.history.source.types:
        split = recent.funnel(steps, within=choices.within, by=choices.by)
        if split.frame[choices.by].nunique(dropna=False) > 1:
            asked.append(Asked(split, _("{scope}, by {column}").format(scope=scope, column=(choices.names or {}).get(choices.by, choices.by))))
    return asked


def _returns(events: Events, choices: Choices) -> list[Asked]:
    """Return retention of the last year's cohorts, and of buyers where an event says who pays."""
    known = set(events.names())
    sign_up = next((name for name in SIGN_UP if name in known), None)
    pay = next((name for name in PAY if name in known), None)
    start = choices.start or (_named(choices, sign_up or events.names()[0]))
    year = events.during(_months_before(events, 12))
    asked = [_retention(year, start, choices.back)]
    if choices.start is None and pay is not None:
        asked.append(_retention(year, _named(choices, pay), _named(choices, pay)))
    return [Asked(one, _("Cohorts of the last 12 months")) for one in asked]


def _retention(events: Events, start: AnyStep, back: AnyStep | None) -> Retention:
    return events.retention(start, back, period="month", periods=12)


def _months_before(events: Events, months: int) -> Any:
    last = clock.local(int(events.timeline.times.max()), events.tz).date()
    return (pd.Timestamp(last).to_period("M") - months).start_time.date()


def _figures(events: Events, orders: Orders | None, money: str) -> list[Figure]:
    """Return the key figures of the last 30 days, each beside the 30 days before."""
    end = clock.instant(clock.local(_last(events, orders), events.tz).date(), events.tz, end=True)
    made = []
    if len(events):
        people = [len(_active(events, end - (k + 1) * DAYS * _DAY, end - k * DAYS * _DAY)) for k in (0, 1)]
        made.append(_figure(_("Active people"), people, "", _("people")))
    if orders is not None:
        sold = [_sold(orders, end - (k + 1) * DAYS * _DAY, end - k * DAYS * _DAY) for k in (0, 1)]
        made.append(_figure(_("Buyers"), [one["buyers"] for one in sold], "", _("people")))
        made.append(_figure(_("Orders"), [one["orders"] for one in sold], "", ""))
        made.append(_figure(_("Sales, refunds taken off"), [one["amount"] for one in sold], money, ""))
        each = [one["paid"] / one["orders"] if one["orders"] else float("nan") for one in sold]
        made.append(_figure(_("Average order value"), each, money, ""))
    return made


def _active(events: Events, start: int, end: int) -> Any:
    timeline = events.timeline
    return np.unique(timeline.person[(timeline.times >= start) & (timeline.times < end)])


def _sold(orders: Orders, start: int, end: int) -> dict[str, float]:
    lines = orders.lines
    inside = lines[lines["known"] & (lines["time"] >= start) & (lines["time"] < end)]
    amount = inside["amount"].sum() / orders.MINOR
    sums = inside[inside["order"] >= 0].groupby("order").agg(amount=("amount", "sum"), person=("person", "first"))
    paid = sums[sums["amount"] > 0]
    buyers = paid.loc[paid["person"] >= 0, "person"].nunique()
    return {"amount": float(amount), "orders": len(paid), "buyers": buyers, "paid": float(paid["amount"].sum() / orders.MINOR)}


def _figure(label: str, now_and_before: Sequence[float], sign: str, unit: str) -> Figure:
    now, before = now_and_before
    shown = wording.count(round(now) if abs(now) >= 1000 else round(now, 2))
    since = _("against the {days} days before").format(days=DAYS)
    if not before > 0:
        return Figure(label, sign + shown, unit, _("last {days} days").format(days=DAYS))
    change = now / before - 1
    arrow = "▲ +" if change > 0 else "▼ " if change < 0 else ""
    return Figure(label, sign + shown, unit, since, f"{arrow}{wording.percent(change)}", change > 0 if change else None)
