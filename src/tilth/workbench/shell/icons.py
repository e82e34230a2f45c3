"""Our icons: 16 by 16, strokes of 1.5, in the colour of the text beside them."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

PATHS = {
    "home": "M2.5 7 8 2.5 13.5 7v6.5h-11zM6.5 13.5v-4h3v4",
    "people": "M8 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM3 13.5c0-2.7 2.2-4.5 5-4.5s5 1.8 5 4.5",
    "chart": "M2.5 13.5h11M4.5 11V7.5M8 11V3.500M11.5 11V6",
    "data": "M3 4c0-1 2.200-1.500 5-1.500s5 .5 5 1.500-2.200 1.500-5 1.500S3 5 3 4Zm0 0v8c0 1 2.200 1.500 5 1.500s5-.5 5-1.500V4M3 8c0 1 2.200 1.500 5 1.500s5-.5 5-1.500",
    "settings": "M2.500 4.500h6M11.500 4.500h2M2.500 11.500h2M7.500 11.500h6M10 6a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM6 13a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3Z",
    "board": "M2.500 2.500H7v6H2.500zM9 2.500h4.500V6H9zM9 8h4.500v5.500H9zM2.500 10.500H7v3H2.500z",
    "link": "M6.500 9.500 9.500 6.500M7 4.500 8.500 3a3 3 0 0 1 4.500 4.500L11.500 9M9 11.500 7.500 13A3 3 0 0 1 3 8.500L4.500 7",
    "export": "M8 2.500v8M4.800 7.500 8 10.700l3.200-3.200M3 13.500h10",
    "upload": "M8 10.500v-8M4.800 5.700 8 2.500l3.200 3.200M3 13.500h10",
    "more": "M3.500 8h.01M8 8h.01M12.500 8h.01",
    "search": "M7 11.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9Zm3.500-1 3 3",
    "close": "m4 4 8 8M12 4l-8 8",
    "down": "m4 6 4 4 4-4",
    "left": "M10 4 6 8l4 4",
    "right": "m6 4 4 4-4 4",
    "menu": "M2.500 4.500h11M2.500 8h11M2.500 11.500h11",
    "job": "M13.500 8A5.500 5.500 0 1 1 8 2.500M8 5v3l2 1.500",
    "bell": "M3.500 11.500c1-1 1-2.500 1-4.500a3.500 3.500 0 0 1 7 0c0 2 0 3.500 1 4.500zM6.800 13.500h2.400",
    "columns": "M2.500 3h11v10h-11zM6.200 3v10M9.800 3v10",
    "copy": "M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3",
    "plus": "M8 3v10M3 8h10",
    "edit": "M3 13l.7-2.800L10.500 3.400l2.100 2.100-6.800 6.800z",
    "delete": "M3 4.500h10M6 4.500v-2h4v2M4.500 4.500l.6 9h5.800l.6-9",
    "check": "m3 8.500 3.500 3.500L13 4.500",
    "warning": "M8 2.500 14 13.500H2zM8 6.500v3.500M8 11.700v.01",
    "info": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7v4M8 5v.01",
    "key": "M6 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8.200 8.800 13 13.500M11 11.500l1.500-1.500",
    "calendar": "M2.500 4h11v9.500h-11zM2.500 7h11M5.500 2.500v3M10.500 2.500v3",
    "clock": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.500V8l2.500 1.500",
    "filter": "M2.500 3h11L9.500 8v5l-3-1.500V8z",
    "full": "M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10",
    "mail": "M2.500 3.500h11v9h-11zM2.500 4.500 8 9l5.500-4.500",
    "drag": "M6 4v.01M10 4v.01M6 8v.01M10 8v.01M6 12v.01M10 12v.01",
    "target": "M8 13.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
    "segment": "M8 2.500v5.500h5.500A5.500 5.500 0 1 1 8 2.500ZM10.500 2.900a5.500 5.500 0 0 1 2.600 2.600h-2.600z",
    "book": "M3 3h4a1.500 1.500 0 0 1 1 .5A1.500 1.500 0 0 1 9 3h4v9.500H9a1.500 1.500 0 0 0-1 .5 1.500 1.500 0 0 0-1-.5H3zM8 3.500V13",
    "image": "M2.500 3h11v10h-11zM2.500 11l3.500-3.500 3 3 2-2 2.500 2.500M10.500 6v.01",
    "file": "M4 2.500h5L12.500 6v7.500H4zM9 2.500V6h3.500",
    "out": "M6.500 2.500h-4v11h4M6 8h7.500M10.500 5l3 3-3 3",
}

MARK = (
    '<svg class="t-mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" fill="none" stroke-width="2" stroke-linecap="round">'
    '<path class="t-mark__field" d="M2.5 20c5-3.500 14-3.500 19 0M2.500 15.500c5-3.500 14-3.500 19 0"/>'
    '<path class="t-mark__shoot" stroke-width="1.6" stroke-linejoin="round" '
    'd="M12 12V6.500M12 8c0-3 2-4.500 5-4.500 0 3-2 4.500-5 4.500ZM12 10c0-2.400-1.700-3.700-4.500-3.700C7.500 8.700 9.200 10 12 10Z"/></svg>'
)


def icon(name: str) -> SafeString:
    """Return an icon as SVG; KeyError for a name that there is none of."""
    return format_html('<svg class="t-icon" viewBox="0 0 16 16" aria-hidden="true"><path d="{}"/></svg>', PATHS[name])


def mark() -> SafeString:
    """Return our mark: a shoot over furrows."""
    return mark_safe(MARK)  # noqa: S308  (our own constant)
