"""Template tags of answers: ``{% load measure %}``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from django import template

register = template.Library()


@register.filter
def as_cell(people: Mapping[str, Any]) -> str:
    """Write whom a figure counts as an address has it."""
    return json.dumps(people, ensure_ascii=False, separators=(",", ":"))


@register.simple_tag
def cell_address(address: str, people: Mapping[str, Any] | None) -> str | None:
    """Return the address of the people whom a figure counts, or None for a figure that counts none."""
    return None if people is None else f"{address}{'&' if '?' in address else '?'}cell={quote(as_cell(people))}"


@register.filter
def cells(table: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Pair each cell of a row with its column."""
    return zip(table["columns"], row["cells"], strict=True)


@register.filter
def arrowed(change: str) -> str:
    """Write a change with an arrow before it."""
    return f"{'▲' if change.startswith('+') else '▼'} {change}"


@register.filter
def at(values: Mapping[str, Any], key: str) -> Any:
    """Return the value of a key."""
    return values.get(key)
