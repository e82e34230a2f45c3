"""Cards and pages: title, chart, table and definition of a result as HTML that needs nothing from outside.

A card is a fragment; a page is a whole document. Every text is escaped. Where scripts do not run, the table still shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from tilth.analysis.display import charts
from tilth.analysis.display.tables import Table, table_of
from tilth.analysis.display.tokens import asset, scoped
from tilth.analysis.result import Result
from tilth.language import _, current

_MARK = (
    '<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="#9fdcbd" stroke-width="2" stroke-linecap="round">'
    '<path d="M2.5 20c5-3.5 14-3.5 19 0M2.5 15.5c5-3.5 14-3.5 19 0"/><path d="M12 12V6.5M12 8c0-3 2-4.5 5-4.5 0 3-2 4.5-5 4.5ZM12 10C12 7.6 '
    '10.3 6.3 7.5 6.3 7.5 8.7 9.2 10 12 10Z" stroke="#fff" stroke-width="1.6" stroke-linejoin="round"/></svg>'
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
"""What a page may do: nothing is fetched and nothing is sent."""


@dataclass(frozen=True)
class Figure:
    """A key figure: what it is, the figure as it is worded, its unit and a remark; `change` since before and whether that is good."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    change: str = ""
    good: bool | None = None


@dataclass(frozen=True)
class Asked:
    """A result on a page, and what it looked at: a stretch of time, a part of the people."""

    result: Result
    scope: str = ""


def card(result: Result, library: bool | None = None) -> str:
    """Return a result as an HTML fragment: title, chart, the table it is drawn from, and the definition.

    Parameters
    ----------
    result : Result
    library : bool, optional
        Whether the script that draws charts comes with it. By default it does, but in a notebook only once a session.

    Examples
    --------
    >>> from tilth.analysis.events import Events
    >>> events = Events({"user_id": ["a", "a"], "ts": [0, 60], "event": ["view", "<script>"]})
    >>> html = card(events.funnel(["view", "<script>"]), library=False)
    >>> "&lt;script&gt;" in html, "2 <script>" in html
    (True, False)
    """
    if library is None:
        library = _first_of_session()
    script = charts.library() if library else ""
    return (
        f'<div class="tilth"><style>{_styles()}</style>{_section(result)}{script}'
        "<script>window.tilth&&(tilth.draw(),setTimeout(tilth.draw,100))</script></div>"  # an output may come into the page after its scripts ran
    )


def page(
    results: Sequence[Result | Asked], title: str, figures: Sequence[Figure] = (), as_of: str = "", source: str = "", notes: Sequence[str] = ()
) -> str:
    """Return results as one HTML document that needs no network.

    Parameters
    ----------
    results : sequence of Result or Asked
        A card each.
    title : str
    figures : sequence of Figure
        The strip of key figures above the cards.
    as_of : str
        Until when the data reach, as it is to be read.
    source : str
        What was asked: the workspace's or the file's name.
    notes : sequence of str
        What else has to be known, such as questions that could not be asked.
    """
    strip = "".join(
        f'<dl class="tilth-figure"><dt>{escape(f.label)}</dt><dd>{escape(f.value)}<small>{escape(f.unit)}</small></dd>'
        f'<dd class="tilth-quiet">{_change(f)}{escape(f.note)}</dd></dl>'
        for f in figures
    )
    strip = f'<div class="tilth-figures">{strip}</div>' if strip else ""
    cards = "".join(_section(one.result, one.scope) if isinstance(one, Asked) else _section(one) for one in results)
    about = " · ".join(part for part in (source, _("Data up to {time}").format(time=as_of) if as_of else "") if part)
    remarks = "".join(f'<p class="tilth-quiet">{escape(note)}</p>' for note in notes)
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if current() == "zh-Hans" else "en"}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · 耕运 Tilth</title><style>{_styles()}</style></head>\n"
        f'<body class="tilth tilth-page"><header class="tilth-bar">{_MARK}<span>耕运 <small>Tilth</small></span></header>\n<main class="tilth-main">'
        f'<div class="tilth-title"><h1>{escape(title)}</h1><span class="tilth-quiet">{escape(about)}</span></div>\n'
        f"{strip}\n{cards}{remarks}</main>\n"
        f"{charts.library()}<script>tilth.draw()</script></body></html>\n"
    )


def _styles() -> str:
    return scoped(".tilth") + asset("cards.css")


def _change(figure: Figure) -> str:
    tone = "" if figure.good is None else " tilth-good" if figure.good else " tilth-bad"
    return f'<span class="tilth-change{tone}">{escape(figure.change)}</span> ' if figure.change else ""


def _section(result: Result, scope: str = "") -> str:
    table = table_of(result)
    notes = "".join(f'<p class="tilth-note">{escape(note)}</p>' for note in table.notes)
    title = escape(result.title())
    heading = escape(_("Definition"))
    option, remark = charts.drawn(result)
    caption = escape(" · ".join(part for part in (scope, table.caption, remark) if part))
    return (
        f'<section class="tilth-card" aria-label="{escape(result.title(), quote=True)}"><div class="tilth-head"><h2>{title}</h2>'
        f'<span class="tilth-quiet">{caption}</span></div>{charts.element(option, result.title())}{_table(table, result.title())}{notes}'
        f'<dl class="tilth-definition"><dt>{heading}</dt><dd>{escape(result.definition())}</dd></dl></section>\n'
    )


def _table(table: Table, label: str) -> str:
    head = "".join(f'<th scope="col"{_classes(c.text, c.group)}>{escape(c.title)}</th>' for c in table.columns)
    body = []
    for row in table.rows:
        cells = []
        for column, cell in zip(table.columns, row.cells, strict=True):
            heat = f' data-heat="{cell.heat}"' if cell.heat else ""
            tag = 'th scope="row"' if column.text else "td"
            cells.append(f"<{tag}{_classes(column.text, column.group, cell.unfinished)}{heat}>{escape(cell.text)}</{tag[:2]}>")
        total = ' class="tilth-total"' if row.total else ""
        body.append(f"<tr{total}>{''.join(cells)}</tr>")
    return (
        f'<div class="tilth-scroll" tabindex="0" role="region" aria-label="{escape(label, quote=True)}">'
        f'<table class="tilth-table{" tilth-heat" if table.warm else ""}"><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'
    )


def _classes(text: bool, group: bool, unfinished: bool = False) -> str:
    names = [name for name, on in (("tilth-text", text), ("tilth-group", group), ("tilth-unfinished", unfinished)) if on]
    return f' class="{" ".join(names)}"' if names else ""


_embedded_by: list[Any] = []
"""The notebook cell whose output holds the script: empty until one does."""


def _first_of_session() -> bool:
    """Return whether a card has to bring the script along: outside a notebook always; inside, unless another cell's output has it.

    The cell that brought it brings it again, because running a cell anew throws its old output away.
    """
    import sys

    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or not hasattr(shell, "kernel"):
        return True
    cell = shell.get_parent().get("metadata", {}).get("cellId") if hasattr(shell, "get_parent") else None
    if not _embedded_by or (cell is not None and _embedded_by[0] == cell):
        _embedded_by[:] = [cell]
        return True
    return False
