"""Joining words: what stands between the parts of a list in each language."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import pgettext


def enumerated(words: Iterable[str]) -> str:
    """Return words one after the other: “Douyin, Shanghai”."""
    return pgettext("between the words of a list", ", ").join(words)


def any_of(words: Iterable[str]) -> str:
    """Return words of which any will do: “Douyin or Tmall”."""
    return pgettext("between the words of a list", " or ").join(words)
