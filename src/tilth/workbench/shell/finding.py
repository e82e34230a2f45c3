"""What the box in the top bar finds: rooms, saved things, people, events. An app adds a finder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Found = tuple[str, str, str]
"""Label, what it is, address."""
Finder = Callable[[Any, str], Iterable[Found]]
FINDERS: list[Finder] = []
MOST = 8
"""Finds shown of one finder."""


def register(finder: Finder) -> Finder:
    """Add a finder: a function of the request and the text that was typed."""
    FINDERS.append(finder)
    return finder


def find(request: Any, text: str) -> list[Found]:
    """Return what all finders know of `text`, those of the first finder first."""
    return [found for finder in FINDERS for found in list(finder(request, text))[:MOST]] if text.strip() else []
