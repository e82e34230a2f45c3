"""What is printed: tables for people, one JSON document for programs, and errors for both."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.language import _

if TYPE_CHECKING:
    import pandas as pd

    from tilth.analysis.display.tables import Table
    from tilth.analysis.result import Result
    from tilth.cli.session import Session


def document(command: str, facts: dict[str, Any]) -> None:
    """Print the one JSON document of a command that went well."""
    click.echo(json.dumps({"ok": True, "command": command, **plain(facts)}, ensure_ascii=False))


def failure(session: Session, kind: str, message: str, code: int, facts: dict[str, Any] | None = None) -> None:
    """Print what went wrong: as JSON on standard output, or as text on standard error."""
    if session.json:
        error = {"kind": kind, "message": message, **({"facts": plain(facts)} if facts else {})}
        click.echo(json.dumps({"ok": False, "error": error, "exit_code": code}, ensure_ascii=False))
    else:
        click.echo(click.style(_("Error"), fg="red") + ": " + message, err=True)


def say(session: Session, text: str) -> None:
    """Print a line for people; programs that asked for JSON do not see it."""
    if not session.json:
        click.echo(text)


def note(text: str) -> None:
    """Print a remark on standard error, where it disturbs nobody who reads the output."""
    click.echo(text, err=True)


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: times as ISO 8601, no value and not-a-number as null.

    Examples
    --------
    >>> plain({"n": float("nan"), "at": dt.date(2025, 11, 11), "x": (1, decimal.Decimal("2.50"))})
    {'n': None, 'at': '2025-11-11', 'x': [1, 2.5]}
    """
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if hasattr(value, "item") and not isinstance(value, dt.date):  # a numpy scalar
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, dt.datetime | dt.date):
        text = value.isoformat()
        return None if text == "NaT" else text
    return None if type(value).__name__ in ("NAType", "NaTType") else str(value)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows as JSON can hold them."""
    return [plain(dict(zip(map(str, frame.columns), row, strict=True))) for row in frame.itertuples(index=False, name=None)]


def figures(result: Result, table: str = "frame") -> pd.DataFrame:
    """Return a table of an answer; of a sample, behind it what its columns would be of everybody, and their errors."""
    frame: pd.DataFrame = getattr(result, table)
    if result.share == 1 or table not in result.grows:
        return frame
    scaled = result.scaled(table)
    for name in (name for name in result.grows[table] if name in scaled):
        frame = frame.assign(**{f"{name}_scaled": scaled[name], f"{name}_error": scaled[f"{name}_error"]})
    return frame


def rows(result: Result, table: str = "frame") -> list[dict[str, Any]]:
    """Return the rows of :func:`figures` as JSON can hold them."""
    return records(figures(result, table))


def answer(session: Session, command: str, result: Result, facts: dict[str, Any], csv: Path | None, html: Path | None) -> None:
    """Print an answer, and write it as CSV or HTML where that was asked for."""
    from tilth.cli.csvfile import write_csv

    written = {}
    if csv is not None:
        written["csv"] = write_csv(figures(result), csv)
    if html is not None:
        from tilth.analysis.display import page

        html.write_text(page([result], result.title()), encoding="utf-8")
        written["html"] = str(html)
    if session.json:
        left_out = {"left_out": result.left_out} if hasattr(result, "left_out") else {}
        about = {"title": result.title(), "definition": result.definition(), "share": result.share, **left_out}
        document(command, {**about, **facts, "written": written})
        return
    if csv is not None and str(csv) == "-":
        return
    from tilth.analysis.display.tables import table_of

    show(table_of(result), result.title())
    console().print(result.definition(), style="dim", highlight=False, markup=False)
    for path in written.values():
        click.echo(_("Written: {path}").format(path=path))


def show(table: Table, title: str = "") -> None:
    """Print a table; the cells of a heat map are tinted as on a page. One too wide for the terminal is printed in parts below each other."""
    out = console()
    for number, columns in enumerate(parts(table, out.width)):
        _show(out, table, columns, "" if number else title)
    for line in (table.caption, *table.notes):
        if line:
            out.print(line, style="dim", highlight=False, markup=False)


def parts(table: Table, width: int) -> list[list[int]]:
    """Return the columns of each part of a table that fits a terminal: the leading texts stand in every part.

    Examples
    --------
    >>> from tilth.analysis.display.tables import Cell, Column, Row, Table
    >>> cells = (Cell("2025-01"), *(Cell("100.0") for _week in range(6)))
    >>> parts(Table((Column("Cohort", text=True), *(Column(f"Week {k}") for k in range(6))), (Row(cells),)), 30)
    [[0, 1, 2], [0, 3, 4], [0, 5, 6]]
    """
    from rich.cells import cell_len

    widths = [max(cell_len(column.title), *(cell_len(row.cells[k].text) for row in table.rows), 0) + 3 for k, column in enumerate(table.columns)]
    leading = next((k for k, column in enumerate(table.columns) if not column.text), len(widths))
    kept = list(range(leading))
    found: list[list[int]] = []
    for k in range(leading, len(widths)):
        if found and sum(widths[c] for c in (*found[-1], k)) <= width:
            found[-1].append(k)
        else:
            found.append([*kept, k])
    return found or [kept]


def _show(out: Any, table: Table, columns: list[int], title: str) -> None:
    from rich import box
    from rich.table import Table as Drawn
    from rich.text import Text

    drawn = Drawn(title=Text(title, style="bold") if title else None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    for column in (table.columns[k] for k in columns):
        drawn.add_column(Text(column.title), justify="left" if column.text else "right", no_wrap=not column.text, overflow="fold")
    for row in table.rows:
        cells = (row.cells[k] for k in columns)
        drawn.add_row(*(Text(cell.text, style=_style(cell.heat, cell.unfinished)) for cell in cells), style="bold" if row.total else "")
    out.print(drawn)


_HEAT = ("#eff7f2", "#dceee3", "#c3e2cf", "#a3d2b6", "#7dbf99", "#55a67a", "#2a7d54", "#135c39")


def _style(heat: int | None, unfinished: bool) -> str:
    if unfinished:
        return "dim"
    return f"{'#ffffff' if heat > 6 else '#1b211e'} on {_HEAT[heat - 1]}" if heat else ""


def console() -> Any:
    """Return where tables are printed; a file or a pipe gets lines that are not broken."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    return Console(file=sys.stdout, width=None if terminal else 400, soft_wrap=False, emoji=False)
