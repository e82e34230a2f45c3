"""Template tags of the shell: ``{% load tilth %}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tilth.analysis.display import wording
from tilth.workbench.shell import dates, icons
from tilth.workbench.tenancy.policy import POLICIES

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one of our icons: ``{% icon "export" %}``."""
    return icons.icon(name)


@register.simple_tag
def mark() -> SafeString:
    """Draw our mark."""
    return icons.mark()


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], right: str, thing: Any = None) -> bool:
    """Whether the actor has a right: ``{% may "segment:save" as can_save %}``."""
    kind, _, verb = right.partition(":")
    return POLICIES[kind].allows(context["request"].actor, verb, thing)


@register.filter
def count(value: Any) -> str:
    """Write a whole number with thousands apart: 12,345."""
    return wording.count(value)


@register.filter
def percent(value: Any) -> str:
    """Write a share as a percentage with one decimal: 14.6%."""
    return wording.percent(value)


@register.filter
def duration(value: Any) -> str:
    """Write seconds as a length of time in words."""
    return wording.duration(value)


@register.filter
def words(value: str) -> list[str]:
    """Split a text at its blanks, to loop over constants."""
    return value.split()


@register.inclusion_tag("shell/components/figure.html")
def figure(
    label: str,
    value: Any,
    unit: str | None = None,
    change: str | None = None,
    good: bool | None = None,
    note: str | None = None,
    people: str | None = None,
) -> dict[str, Any]:
    """Draw a key figure inside ``<dl class="t-figures">``: `people` is the address of the people behind it."""
    arrow = "" if not change else "▲" if change.startswith("+") else "▼" if change[:1] in "-−" else ""
    tone = "" if good is None else "t-change--good" if good else "t-change--bad"
    return {"label": label, "value": value, "unit": unit, "change": change, "arrow": arrow, "tone": tone, "note": note, "people": people}


@register.simple_tag
def people_count(number: Any, url: str, label: str = "") -> SafeString:
    """Draw a number of people as a door to them."""
    text = wording.count(number)
    about = _("{count} people, show them").format(count=text) if not label else f"{label}: {text}"
    return format_html(
        '<button type="button" class="t-people" hx-get="{}" hx-target="#drawer" hx-swap="innerHTML" aria-label="{}">{}</button>', url, about, text
    )


@register.inclusion_tag("shell/components/chart.html")
def chart(option: dict[str, Any], label: str, height: int = 260) -> dict[str, Any]:
    """Draw a chart from an ECharts option; `label` says in words what it shows."""
    return {"option": option, "label": label, "height": height}


@register.simple_tag
def load_charts() -> SafeString:
    """Load what draws the charts, in the block ``scripts``."""
    return format_html_join(
        "", '<script src="{}" defer></script>', ((static(f"tilth/{name}"),) for name in ("echarts.min.js", "theme.js", "charts.js"))
    )


@register.inclusion_tag("shell/components/definition.html")
def definition(rows: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Draw the frame that says how the figures are counted."""
    return {"rows": [row for row in rows if row[1]]}


@register.inclusion_tag("shell/components/empty.html")
def empty(title: str, text: str, label: str | None = None, url: str | None = None, picture: str | None = None) -> dict[str, Any]:
    """Say what this is for and offer the first step."""
    return {"title": title, "text": text, "label": label, "url": url, "picture": picture}


@register.inclusion_tag("shell/components/paging.html", takes_context=True)
def paging(context: dict[str, Any], page: Any, name: str = "page") -> dict[str, Any]:
    """Draw the pages of a list, keeping the rest of the address."""
    shown = list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))
    return {"page": page, "shown": shown, "name": name, "request": context["request"], "gap": page.paginator.ELLIPSIS}


@register.simple_tag(takes_context=True)
def sorting(context: dict[str, Any], column: str, label: str) -> SafeString:
    """Draw the link of a column's head that sorts by it, downwards first."""
    request = context["request"]
    now = request.GET.get("sort") or context.get("sort", "")
    query = request.GET.copy()
    query["sort"] = column if now == f"-{column}" else f"-{column}"
    query.pop("page", None)
    sign = {column: " ↑", f"-{column}": " ↓"}.get(now, "")
    return format_html('<a class="t-sort" href="?{}">{}{}</a>', query.urlencode(), label, sign)


@register.inclusion_tag("shell/components/picker.html", takes_context=True)
def picker(
    context: dict[str, Any],
    name: str,
    value: Any,
    options: Sequence[Sequence[Any]],
    label: str = "",
    multiple: bool = False,
    add: bool = False,
    search: bool = True,
) -> dict[str, Any]:
    """Draw a word of a sentence that opens a list to choose from; its fields are called `name`."""
    chosen = {str(one) for one in (value if isinstance(value, list | tuple | set) else [value]) if one is not None}
    items = [{"value": str(o[0]), "label": o[1], "hint": o[2] if len(o) > 2 else "", "on": str(o[0]) in chosen} for o in options]
    picked = [str(item["label"]) for item in items if item["on"]]
    drawn = context["request"].__dict__  # one counter a page
    drawn["_pickers"] = drawn.get("_pickers", 0) + 1
    return {
        "name": name,
        "items": items,
        "label": label,
        "multiple": multiple,
        "add": add,
        "search": search and len(items) > 8,
        "shown": _(" or ").join(picked) if picked and not add else label,
        "key": f"pick-{name}-{drawn['_pickers']}",
    }


@register.inclusion_tag("shell/components/number_picker.html")
def number_picker(name: str, value: Any, label: str = "", unit: str = "", low: int = 1, high: int = 10_000) -> dict[str, Any]:
    """Draw a number inside a sentence."""
    return {"name": name, "value": value, "label": label, "unit": unit, "low": low, "high": high}


@register.inclusion_tag("shell/components/date_picker.html")
def date_picker(name: str, value: dates.Span, label: str = "") -> dict[str, Any]:
    """Draw a span of days inside a sentence: presets, or two days of one's own."""
    presets = [(code, _(text)) for code, text in dates.PRESETS.items()]
    return {"name": name, "span": value, "label": label or _("Days"), "presets": presets, "own": value.code not in dates.PRESETS}


@register.inclusion_tag("shell/components/tabs.html")
def tabs(items: Sequence[tuple[str, str, bool]]) -> dict[str, Any]:
    """Draw tabs, each a link: (label, address, whether it is this page)."""
    return {"items": items}


@register.simple_tag
def status(kind: str, text: str) -> SafeString:
    """Draw a state: shape, word and colour. Kinds: good, info, warn, bad, run, idle."""
    return format_html('<span class="t-status t-status--{}">{}</span>', kind, text)


@register.simple_tag
def tag(text: str, kind: str | None = None) -> SafeString:
    """Draw a small label; kinds: good, bad, warn, info."""
    return format_html('<span class="t-tag{}">{}</span>', f" t-tag--{kind}" if kind else "", text)
