"""Calls as rows of the tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tilth.collector.calls import Call
from tilth.collector.loading.ids import Id

COLUMNS = {
    "channel": ("channel",),
    "campaign": ("campaign",),
    "platform": ("platform",),
    "city": ("city",),
    "product": ("product", "product_id", "sku"),
    "value": ("value", "revenue", "amount", "total"),
}
"""Columns of ``events``, and the properties by which they are filled, the first that there is; such a property stays among the properties, too."""
ABOUT = ("url", "path", "referrer", "title", "locale", "timezone", "screen", "os", "device", "app", "user_agent", "library")
MOST = Decimal(10) ** 14
MESSAGE = "message_id"


def event(call: Call, who: Id, time: datetime, mark: str) -> dict[str, Any]:
    """Return the row of an event: the columns that a source gives, and ``properties`` as a dictionary.

    What the client sent as a property wins over what the call says besides.
    """
    utm = {f"utm_{name}": value for name, value in call.context.get("utm", {}).items()}
    about = {name: call.context[name] for name in ABOUT if call.context.get(name) not in (None, "", {})}
    more = call.context.get("more")
    about |= {"session": more["sessionId"]} if isinstance(more, dict) and more.get("sessionId") else {}
    marks = {"time_mark": mark, "time_sent": call.time.isoformat()} if mark else {}
    properties = {**about, **utm, **call.properties, **marks, MESSAGE: call.message}
    said = {"platform": call.context.get("platform"), "channel": utm.get("utm_source"), "campaign": utm.get("utm_campaign"), **call.properties}
    columns = {column: _first(_amount if column == "value" else _plain, [said.get(name) for name in names]) for column, names in COLUMNS.items()}
    return {"person": who.text, "person_kind": who.kind, "time": time, "event": call.event, **columns, "properties": properties}


def change(call: Call) -> dict[str, Any]:
    """Return what a call changes about a person, by operation; phone numbers and addresses that are ids of the call are left out."""
    told = {**call.profile, "set": {**call.profile.get("set", {}), "group": call.properties["group"]}} if call.kind == "group" else call.profile
    contacts = {value for kind, value in call.ids if kind in ("phone", "email")}
    found = {}
    for operation, given in told.items():
        kept = (
            {name: value for name, value in given.items() if not (isinstance(value, str) and value in contacts)} if isinstance(given, dict) else given
        )
        if kept:
            found[operation] = kept
    return found


def names(rows: Iterable[dict[str, Any]]) -> dict[str, None]:
    """Return the names of the properties of some rows, in the order in which they come."""
    return dict.fromkeys(name for row in rows for name in row["properties"])


def written(properties: dict[str, Any]) -> str:
    """Return properties as the tables hold them."""
    return json.dumps(properties, ensure_ascii=False, separators=(",", ":"))


def _first(read: Callable[[object], Any], values: list[Any]) -> Any:
    return next((found for value in values if (found := read(value)) is not None), None)


def _plain(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "" else None


def _amount(value: object) -> Decimal | None:
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value)).quantize(Decimal("0.0001"))
    except InvalidOperation:
        return None
    return found if abs(found) < MOST else None
