"""Orders looked at as events: what a workspace that has loaded sales and no events yet is asked about.

An order that counts, one whose lines sum above 0 (as RFM and sales have it), is one event ``order`` of its buyer: at the time of its first line, its
amount as ``value``, and as properties what all its lines share. As soon as there is one event, events are events, and orders are orders.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tilth.analysis.events import Events
from tilth.engine.conditions import quoted
from tilth.workbench.data import facts, names
from tilth.workbench.data.models import PropertyEntry
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Workspace

CODE = "order"
"""The event's name in addresses and rows."""
PRIVATE = ("person", "time", "order", "amount", "month", "seq", "load", "row", "properties")
"""Columns of order lines that are no property of the event."""
OF_A_LINE = ("quantity", "price")
"""Columns that say something of one line, not of the order; they are no property of the event either."""


def called() -> str:
    """Return what the event is called."""
    return _("Order placed")


def rows_of(workspace: Workspace, table: str) -> int:
    """Return how many rows a table has."""
    return sum(file.rows for file in workspace.facts.table(table).files()[1])


def stand_in(workspace: Workspace) -> bool:
    """Whether questions of events look at orders here: there are orders, and no events."""
    return not rows_of(workspace, "events") and bool(rows_of(workspace, "orders"))


def table_of(workspace: Workspace, source: str) -> str:
    """Return the table that a question's source, events or orders, is read from."""
    return "orders" if source == "events" and stand_in(workspace) else source


def as_events(workspace: Workspace) -> Events:
    """Return the orders as events, ready for questions; they are read now, because an aggregate has no order of rows that could be relied upon."""
    held = workspace.facts
    rows = relation(workspace).order("time, seq").to_arrow_table()
    return Events(rows, person="person", time="time", event="event", order="seq", tz=held.tz, week_start=held.week_start)


def relation(workspace: Workspace) -> Any:
    """Return the orders as events: person, time, event, seq, value, and their properties."""
    lines = workspace.facts.relation("orders")
    shared = [name for name in lines.columns if name not in (*PRIVATE, *OF_A_LINE, "event", "value")]
    columns = [f"CASE WHEN min({one}) = max({one}) THEN min({one}) END AS {one}" for one in map(quoted, shared)]
    told = ["person", f"'{CODE}' AS event", "min(time) AS time", "min(seq) AS seq", "sum(amount) AS value", *columns]
    counted = lines.aggregate(", ".join(told), 'person, "order"')
    return counted.filter("person IS NOT NULL AND value > 0")


def event(workspace: Workspace) -> facts.Event | None:
    """Return the event as the dictionary tells of events; None where no order counts."""
    found = relation(workspace).aggregate("count(*), count(DISTINCT person), min(time), max(time)").fetchall()
    rows, people, first, last = found[0]
    return facts.Event(CODE, rows, people, first, last, ()) if rows else None


def properties(workspace: Workspace) -> list[tuple[str, str, str]]:
    """Return the properties to pick from, as ``names.properties`` does for events: code, display name, kind."""
    calling = names.calling(workspace)
    with scope.use(workspace):
        hidden = set(PropertyEntry.objects.filter(table="orders", hidden=True).values_list("code", flat=True))
    kept = [
        (one.code, one.kind)
        for one in facts.properties(workspace, table="orders")
        if one.filled and not (one.personal or one.masked) and one.code not in (*PRIVATE, *OF_A_LINE, *hidden)
    ]
    return [*((code, calling.get(code, code), kind) for code, kind in kept), ("value", _("Amount of the order"), "number")]
