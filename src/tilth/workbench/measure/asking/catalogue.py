"""What can be picked in a workspace: its events, properties, values and segments, called as its people call them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.utils.translation import gettext as _

from tilth.analysis.display import wording
from tilth.engine.conditions import literal, quoted
from tilth.errors import UnknownName
from tilth.workbench.data import facts, masking, names
from tilth.workbench.measure import purchases, sources
from tilth.workbench.people.columns import SIGNS
from tilth.workbench.people.models import Segment
from tilth.workbench.shell.dates import Span
from tilth.workbench.tenancy.models import Workspace

MOST_VALUES = 200
"""Values of a property that are offered, the most frequent."""
COLOURS = 8
"""Colours of the palette; the last is that of all others."""
PLACES = ("channel", "platform", "campaign", "city", "product")
"""Properties that questions are mostly split by, offered first."""
USUAL = {
    "view": ("view_goods", "view_item", "view_product", "view", "pv", "浏览商品", "浏览"),
    "cart": ("add_to_cart", "cart", "加入购物车", "加购"),
    "checkout": ("begin_checkout", "checkout", "submit_order", "提交订单", "下单"),
    "pay": ("pay", "purchase", "buy", "pay_order", "支付", "支付成功", "购买"),
}
"""What the steps of a purchase are often called."""


class Catalogue:
    """What a workspace's questions can be made of; each part is looked up when it is first needed.

    Parameters
    ----------
    workspace : Workspace
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.tz = ZoneInfo(workspace.tz)

    @cached_property
    def of_orders(self) -> bool:
        """Whether events are orders here, because there are no others."""
        return purchases.stand_in(self.workspace)

    @property
    def _table(self) -> str:
        return "orders" if self.of_orders else "events"

    @cached_property
    def events(self) -> list[tuple[str, str, int]]:
        """Code, name and rows of the events that are offered, the most frequent first."""
        return [(one.code, self.call(one.code), one.rows) for one in self.there.values()] if self.of_orders else names.events(self.workspace)

    @cached_property
    def there(self) -> dict[str, facts.Event]:
        """Every event in the facts, hidden and merged ones too, by its code."""
        if self.of_orders:
            bought = self._kept("orders", "event", lambda: purchases.event(self.workspace))
            return {bought.code: bought} if bought else {}
        return {event.code: event for event in facts.events(self.workspace)}

    def rows_of(self, source: str) -> int:
        """Return how many rows a question's source has; none where events are orders of which none counts."""
        if source == "events" and self.of_orders and not self.there:
            return 0
        return purchases.rows_of(self.workspace, purchases.table_of(self.workspace, source))

    def version_of(self, source: str) -> int:
        """Return the version of the table that a question's source is read from."""
        return self.workspace.facts.table_version(purchases.table_of(self.workspace, source))

    @cached_property
    def last(self) -> dt.datetime | None:
        """When the last event happened; without events, the last order, or the last that was given back."""
        return (None if self.of_orders else max((event.last for event in self.there.values()), default=None)) or self.last_order

    @cached_property
    def first_day(self) -> dt.date | None:
        """The day of the first event."""
        return min((event.first.astimezone(self.tz).date() for event in self.there.values()), default=None)

    @property
    def last_day(self) -> dt.date | None:
        """The last day of the data, from which spans of days count back."""
        return self.last.astimezone(self.tz).date() if self.last else None

    def known_until(self, span: Span) -> dt.datetime:
        """Return the last moment that an answer about some days knows of: their end, or the last event if that is earlier."""
        end = dt.datetime.combine(span.end + dt.timedelta(days=1), dt.time(), self.tz) - dt.timedelta(microseconds=1)
        return end if self.last is None else min(end, self.last)

    @cached_property
    def last_order(self) -> dt.datetime | None:
        """When the last order was made."""
        found = self._kept("orders", "last", lambda: self.workspace.facts.relation("orders").aggregate("max(time)").fetchall())
        return found[0][0] or None

    @property
    def last_order_day(self) -> dt.date | None:
        """The day of the last order."""
        return self.last_order.astimezone(self.tz).date() if self.last_order else None

    @cached_property
    def called(self) -> dict[str, str]:
        """What codes of events, properties and values are called."""
        return names.calling(self.workspace) | ({purchases.CODE: purchases.called()} if self.of_orders else {})

    def call(self, code: str) -> str:
        """Return what a code is called."""
        return self.called.get(code, code)

    def money(self, amount: float) -> str:
        """Return an amount in the workspace's currency, in whole units."""
        return f"{self.sign}{wording.count(round(amount))}"

    def naming(self, property: str) -> dict[str, str]:
        """Return what codes are called where values of a property stand: of values that share a code, that property's own wins."""
        kept = self.__dict__.setdefault("_naming", {})
        if property not in kept:
            kept[property] = names.values(self.workspace, property) | ({purchases.CODE: purchases.called()} if self.of_orders else {})
        found: dict[str, str] = kept[property]
        return found

    def call_value(self, property: str, value: Any) -> str:
        """Return what a value of a property is called; of none that it is unknown."""
        return _("unknown") if value is None else self.naming(property).get(str(value), str(value))

    def amount(self, property: str, number: float | None, digits: int = 0) -> str:
        """Return a sum of a property: of the events' value in the workspace's currency, of any other as a number."""
        if number is None or number != number:
            return wording.NOTHING
        worded = f"{abs(number):,.{digits}f}"
        return f"{'−' if number < 0 else ''}{self.sign if property == 'value' else ''}{worded}"

    @property
    def sign(self) -> str:
        """What stands before an amount in the workspace's currency."""
        return SIGNS.get(self.workspace.currency, f"{self.workspace.currency} ")

    def events_called(self, codes: tuple[str, ...]) -> str:
        """Return what events are called of which any will do."""
        return " / ".join(map(self.call, codes))

    @cached_property
    def properties(self) -> list[tuple[str, str, str]]:
        """Code, name and kind of the properties that are offered, the usual ones first."""
        found = purchases.properties(self.workspace) if self.of_orders else names.properties(self.workspace)
        return sorted(found, key=lambda one: PLACES.index(one[0]) if one[0] in PLACES else len(PLACES))

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kind of each property that is offered."""
        return {code: kind for code, _name, kind in self.properties}

    @cached_property
    def splits(self) -> list[tuple[str, str]]:
        """Code and name of the properties that answers can be split by: those of which groups can be made."""
        amounts = {
            "value",
            *(one.code for one in facts.properties(self.workspace, table=self._table) if one.stored == "column" and one.kind == "number"),
        }
        return [(code, name) for code, name, kind in self.properties if kind != "time" and code not in amounts]

    def colour(self, property: str, value: Any) -> int:
        """Return the palette's number of a value: by its place among all rows, so that it is the same in every answer; 8 for small ones and none."""
        places = self.__dict__.setdefault("_places", {})
        if property not in places:
            places[property] = {code: place for place, (code, _name, _rows) in enumerate(self.values(property), 1)}
        return min(places[property].get("" if value is None else str(value), COLOURS), COLOURS)

    def values(self, property: str) -> list[tuple[str, str, int]]:
        """Return value, name and rows of a property's most frequent values."""
        known = next((one for one in facts.properties(self.workspace, table=self._table) if one.code == property), None)
        if known is None:
            return []
        counted = list(known.examples) if len(known.examples) >= known.distinct else self._counted(property)
        called = self.naming(property)
        return [(value, called.get(value, value), rows) for value, rows in counted if not masking.is_masked(self._table, property, value)]

    def _counted(self, property: str) -> list[tuple[str, int]]:
        def count() -> list[tuple[str, int]]:
            column = f"{quoted(property)}::VARCHAR"
            rows = self.workspace.facts.relation(self._table).filter(f"{column} IS NOT NULL AND {column} <> {literal('')}")
            counted = rows.aggregate(f"{column} AS value, count(*) AS rows").order("rows DESC, value").limit(MOST_VALUES)
            return [(value, rows) for value, rows in counted.fetchall()]

        return self._kept(self._table, f"values.{property.encode().hex()}", count)

    def _kept(self, table: str, what: str, look: Callable[[], Any]) -> Any:
        """Return what `look` finds, looked up once as long as the table has the same rows."""
        key = f"tilth.measure.{sources.state(self.workspace, table)}.{what}"
        found = cache.get(key)
        if found is None:
            found = look()
            cache.set(key, found, None)
        return found

    @cached_property
    def segments(self) -> list[tuple[str, str, int]]:
        """Key, name and size of the segments."""
        return [(str(one.pk), one.name, one.size) for one in Segment.objects.order_by("name")]

    def segment(self, key: str) -> Segment:
        """Return a segment by its key; UnknownName when there is none."""
        found = Segment.objects.filter(pk=int(key)).first() if key.isdecimal() else None
        if found is None:
            raise UnknownName(_("segment"), key, [name for _key, name, _size in self.segments])
        return found

    def usual(self, *steps: str) -> list[str]:
        """Return the codes of the events that are the usual steps of a purchase here; the most frequent events where fewer than two are known.

        Where events are orders, the usual steps are an order and another one.
        """
        if self.of_orders:
            return [purchases.CODE for _step in steps[:2] if self.there]
        found = [next((code for code in USUAL[step] if code in self.there), "") for step in steps]
        known = [code for code in found if code]
        return known if len(known) > 1 or len(steps) == len(known) else [code for code, _name, _rows in self.events[: len(steps)]]
