"""What tables are made of: headings, worded cells, rows; and how a cell counts people or a long table is cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tilth.language import _

MOST_ROWS = 100
"""Rows that a table shows; the frame has them all."""


@dataclass(frozen=True)
class Column:
    """A column's heading; `text` is set left, figures right; `group` begins a group of columns."""

    title: str
    text: bool = False
    group: bool = False


@dataclass(frozen=True)
class Cell:
    """What a cell says; `heat` from 1 (low) to 8, `unfinished` when its period has not wholly passed, `people` whom it counts: ``people(**cell)``."""

    text: str
    heat: int | None = None
    unfinished: bool = False
    people: dict[str, Any] | None = None


@dataclass(frozen=True)
class Row:
    """The cells of a row; `total` when it sums up the others."""

    cells: tuple[Cell, ...]
    total: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under headings; `caption` says what the figures are, `notes` what has to be known to read them, `warm` whether cells are coloured."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    notes: tuple[str, ...] = ()
    warm: bool = False


def row_of(*texts: str | Cell, total: bool = False) -> Row:
    """Return a row of cells and texts."""
    return Row(tuple(text if isinstance(text, Cell) else Cell(text) for text in texts), total)


def cut(rows: list[Row]) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """Return the first rows, and a note if that is not all of them."""
    return tuple(rows[:MOST_ROWS]), note(len(rows))


def note(rows: int) -> tuple[str, ...]:
    """Return a note if so many rows are more than a table shows."""
    if rows <= MOST_ROWS:
        return ()
    return (_("The first {shown} of {count} rows; .frame has all.").format(shown=MOST_ROWS, count=f"{rows:,}"),)
