"""Spreadsheets: their sheets and the text of their cells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import python_calamine

from tilth.errors import UnknownName
from tilth.language import _

_EXACT = 10**15  # a spreadsheet's number keeps fifteen digits


def cell_text(cell: object) -> str:
    """Return a cell's value as the text that the kinds of reading know; empty for an empty cell.

    >>> cell_text(17850.0), cell_text(datetime(2024, 1, 5, 8, 3)), cell_text(True), cell_text(6.1e17)
    ('17850', '2024-01-05 08:03:00', 'true', '6.1E+17')
    """
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell)) if abs(cell) < _EXACT else f"{cell:.15G}"
        return repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def read(path: Path, sheet: str | None, unreadable: Callable[[object, str], Exception]) -> tuple[list[str], str, list[tuple[str, ...]]]:
    """Return the names of a workbook's sheets, the sheet read and its rows as texts.

    Parameters
    ----------
    path : Path
        The workbook.
    sheet : str or None
        The sheet to read; None: the first that holds anything.
    unreadable : callable
        Makes the error for a file that is no workbook.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        names = list(book.sheet_names)
        if sheet is not None and sheet not in names:
            raise UnknownName(_("sheet"), sheet, names)
        for name in names if sheet is None else [sheet]:
            rows = [tuple(cell_text(cell) for cell in row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
            if any(any(row) for row in rows):
                return names, name, rows
    except (python_calamine.CalamineError, OSError) as error:
        raise unreadable(path, _("It is not a readable spreadsheet: {reason}").format(reason=error)) from error
    return names, sheet or names[0], []
