"""The parts of an item, taken as what they have to be; anything else is `Wrong`, with the part's name."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from hashlib import blake2b
from typing import Any

from tilth.collector import clock
from tilth.collector.formats import faults, limits
from tilth.collector.formats.faults import Wrong


def object_of(piece: Any) -> dict[str, Any]:
    """Return an item that has to be an object."""
    if type(piece) is not dict:
        raise Wrong("type", "", faults.NOT_OBJECT)
    return piece


def named(item: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the object under `name` without its nulls, which are absences; an empty one where there is none."""
    value = item.get(name)
    if value is None:
        return {}
    if type(value) is not dict:
        raise Wrong("type", name, faults.NOT_MAP)
    if value:
        if len(value) > limits.NAMES:
            raise Wrong("size", name, faults.MANY_NAMES)
        if max(map(len, value)) > limits.NAME or "" in value:
            raise Wrong("size", name, faults.LONG_NAME)
        if None in value.values():
            return {key: one for key, one in value.items() if one is not None}
    return value


def word(item: dict[str, Any], name: str) -> str | None:
    """Return the text under `name`, or None where there is none or an empty one."""
    value = item.get(name)
    if value is None or value == "":
        return None
    if type(value) is not str:
        raise Wrong("type", name, faults.NOT_NAME)
    if len(value) > limits.NAME:
        raise Wrong("size", name, faults.LONG_TEXT)
    return value


def one_id(value: object, where: str) -> str | None:
    """Return an id as text: a whole number is written out; None where there is none or an empty one."""
    if value is None or value == "":
        return None
    if type(value) is int:
        return str(value)
    if type(value) is not str:
        raise Wrong("type", where, faults.NOT_ID)
    if len(value) > limits.NAME:
        raise Wrong("size", where, faults.LONG_TEXT)
    return value


def moment(value: object, where: str, zone: tzinfo = UTC) -> datetime | None:
    """Return the instant that `value` tells; None where it is absent."""
    if value is None or value == "":
        return None
    try:
        return clock.instant(value, zone)
    except ValueError:
        raise Wrong("time", where, faults.NOT_TIME) from None


def sent_at(value: object) -> datetime | None:
    """Return when the client says it sent, or None: what cannot be read here costs the correction of its clock, not the item."""
    try:
        return clock.instant(value)
    except ValueError:
        return None


def digest(*parts: str) -> str:
    """Return what recognises a repeat of something that has no number of its own."""
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
