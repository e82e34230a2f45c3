"""Template tags of the data room: ``{% load data %}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tilth.analysis.display import wording
from tilth.workbench.data import words
from tilth.workbench.data.incoming import inspection

register = template.Library()

WIDTH, HEIGHT = 88, 20


@register.simple_tag
def sparkline(values: Sequence[int], label: str = "") -> SafeString:
    """Draw counts as a small line from zero: ``{% sparkline event.daily "…" %}``."""
    top = max(values, default=0) or 1
    step = WIDTH / max(len(values) - 1, 1)
    points = " ".join(f"{place * step:.1f},{HEIGHT - 1 - value / top * (HEIGHT - 2):.1f}" for place, value in enumerate(values))
    return format_html(
        '<svg class="data-spark" viewBox="0 0 {} {}" role="img" aria-label="{}"><polyline points="{}"/></svg>', WIDTH, HEIGHT, label, points
    )


@register.filter
def table_name(code: str) -> str:
    """Return what a table is called."""
    return words.table(code)


@register.filter
def column_name(code: str) -> str:
    """Return what a column is called."""
    return words.column(code)


@register.filter
def examples(told: Sequence[tuple[str, int]], calling: Mapping[str, str]) -> str:
    """Return values with how many rows have each, by the names that questions call them."""
    shown = ((Truncator(calling.get(value, value)).chars(24), wording.count(rows)) for value, rows in told)
    return pgettext("between the words of a list", ", ").join(_("{value} ({rows})").format(value=value, rows=rows) for value, rows in shown)


@register.filter
def bytes(count: int) -> str:
    """Write a number of bytes as people read it."""
    return inspection.size(int(count))
