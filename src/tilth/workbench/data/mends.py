"""A bad item of live data as it would be good: the field at fault given, converted or left out, the rest as it was sent.

What cannot be mended by itself (half an item, one that is no JSON) has no mend; its text says what to do.

>>> print(mended("segment", '{"type": "track", "userId": "u1"}', "missing", "event"))
{
  "type": "track",
  "userId": "u1",
  "event": "order_paid"
}
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

GIVEN: dict[str, Any] = {
    "event": "order_paid",
    "type": "track",
    "userId": "u_1001",
    "user": "u_1001",
    "anonymousId": "a_1001",
    "previousId": "a_1001",
    "groupId": "shop_12",
    "distinct_id": "u_1001",
    "original_id": "a_1001",
    "item_type": "goods",
    "item_id": "g_1001",
    "identities": {"$identity_login_id": "u_1001", "$identity_anonymous_id": "a_1001"},
}
"""What stands for a field that is missing."""
LONGEST = 255
CONTACTS = ("phone", "email")


def mended(format: str, raw: str, reason: str, where: str) -> str | None:
    """Return an item as it would be good; None when that cannot be told from it."""
    if format == "pixel":
        return _address(raw, reason, where)
    if reason == "number" and re.fullmatch(r"-?[\d.eE+-]+", where):  # too large to be kept exactly: as text
        raw = re.sub(rf"(?<![\w.\"-]){re.escape(where)}(?![\w.\"])", json.dumps(where), raw)
    try:
        item = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(item, dict):
        return None
    change = CHANGES.get(reason)
    if change is not None and where:
        _at(item, where, lambda value: change(format, where, value))
    return json.dumps(_known(item), ensure_ascii=False, indent=2) if reason in CHANGES or reason in ("number", "json") else None


def somebodys(format: str, event: str, properties: dict[str, Any]) -> str:
    """Return an event of which no id could be used as it would be good."""
    if format == "pixel":
        return f"event={quote(event)}&user={GIVEN['user']}"
    who = "distinct_id" if format == "sensors" else "userId"
    return json.dumps({"type": "track", who: GIVEN[who], "event": event, "properties": properties}, ensure_ascii=False, indent=2)


def _missing(format: str, where: str, value: Any) -> Any:
    if format == "sensors" and where == "identities" and isinstance(value, dict):
        return {**GIVEN["identities"], **value}
    return GIVEN.get(where, "…")


def _converted(format: str, where: str, value: Any) -> Any:
    name = where.rpartition(".")[2]
    if name in GIVEN:
        return str(value) if isinstance(value, str | int | float | bool) else GIVEN[name]
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value.strip()):
        return json.loads(value)
    return [] if value is None else {"value": value} if where in ("properties", "traits", "context") else [value]


def _now(format: str, where: str, value: Any) -> Any:
    now = datetime.now(UTC)
    return int(now.timestamp() * 1000) if format == "sensors" else now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _cut(format: str, where: str, value: Any) -> Any:
    return value[:LONGEST] if isinstance(value, str) else dict(list(value.items())[:1000]) if isinstance(value, dict) else value


CHANGES: dict[str, Callable[[str, str, Any], Any]] = {
    "missing": _missing,
    "unknown": _missing,
    "type": _converted,
    "time": _now,
    "size": _cut,
}
"""What is done to the field at fault, by what is wrong with it."""


def _at(item: dict[str, Any], where: str, change: Callable[[Any], Any]) -> None:
    """Change the value at a path such as ``properties.price``."""
    *way, last = where.split(".")
    for step in way:
        item = item.setdefault(step, {})
        if not isinstance(item, dict):
            return
    item[last] = change(item.get(last))


def _known(value: Any) -> Any:
    """Return a value without NaN and Infinity, which are no JSON."""
    if isinstance(value, dict):
        return {name: _known(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_known(one) for one in value]
    return None if isinstance(value, float) and value - value != 0 else value


def _address(raw: str, reason: str, where: str) -> str | None:
    """Return the part of a pixel's address after the question mark."""
    parts = [one for one in raw.split("&") if one]
    if reason == "missing":
        return "&".join([*parts, f"{where}={GIVEN.get(where, '…')}"])
    if where in CONTACTS:
        return "&".join([one for one in parts if one.partition("=")[0] not in CONTACTS] + ["user=u_1001"])
    if reason == "time":
        return "&".join([one for one in parts if one.partition("=")[0] != where] + [f"{where}={_now('pixel', where, None)}"])
    return None
