"""Lists as files: CSV and Excel workbooks whose cells no spreadsheet takes for formulas.

A cell of text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return gets an apostrophe before it, unless it is a number: opened in
a spreadsheet it would be computed, and could send what stands beside it elsewhere.

Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import IO, Any

import pandas as pd
from django.conf import settings
from django.http import FileResponse
from django.utils.translation import gettext as _

from tilth.errors import InputError

Columns = Sequence[tuple[str, Any]]
"""Key and heading of each column."""
Rows = Iterable[Mapping[str, Any]]
"""One mapping a row, by the columns' keys; what a row does not have is left empty."""

RISKY = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*%?")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET_ROWS = 1_048_575
"""Rows of a sheet below its heading."""
CELL_TEXT = 32_767
"""Characters that a cell of a sheet can hold."""


class TooManyRows(InputError):
    """More rows than a file may have."""


def neutral(text: str) -> str:
    r"""Return text that a spreadsheet shows as it is.

    Examples
    --------
    >>> [neutral(text) for text in ("=1+1", "-12.5", "+86", "@here", "\t=1", "茶饮", "-x")]
    ["'=1+1", '-12.5', '+86', "'@here", "'\t=1", '茶饮', "'-x"]
    """
    return f"'{text}" if text.startswith(RISKY) and not NUMBER.fullmatch(text) else text


def csv_response(name: str, columns: Columns, rows: Rows) -> FileResponse:
    """Return a CSV file to be saved as `name`.csv: UTF-8 with its mark, so that spreadsheets read Chinese."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    _write_csv(file, columns, rows)
    return _attached(file, f"{name}.csv", "text/csv; charset=utf-8")


def csv_bytes(columns: Columns, rows: Rows) -> bytes:
    """Return a CSV file's content."""
    file = io.BytesIO()
    _write_csv(file, columns, rows)
    return file.getvalue()


def xlsx_response(name: str, columns: Columns, rows: Rows) -> FileResponse:
    """Return an Excel workbook of one sheet to be saved as `name`.xlsx."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    _write_xlsx(file, [("", columns, rows)])
    return _attached(file, f"{name}.xlsx", XLSX)


def xlsx_sheets_response(name: str, sheets: Sequence[tuple[str, Columns, Rows]]) -> FileResponse:
    """Return an Excel workbook with a sheet for each (name, columns, rows), to be saved as `name`.xlsx."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    _write_xlsx(file, sheets or [("", [], [])])
    return _attached(file, f"{name}.xlsx", XLSX)


def xlsx_bytes(columns: Columns, rows: Rows) -> bytes:
    """Return an Excel workbook's content."""
    file = io.BytesIO()
    _write_xlsx(file, [("", columns, rows)])
    return file.getvalue()


def _attached(file: IO[bytes], name: str, kind: str) -> FileResponse:
    file.seek(0)
    safe = re.sub(r'[\x00-\x1f/\\:*?"<>|\s]+', " ", name).strip()
    return FileResponse(file, as_attachment=True, filename=safe, content_type=kind)


def _write_csv(file: IO[bytes], columns: Columns, rows: Rows) -> None:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
    write = csv.writer(text).writerow
    write([neutral(str(label)) for _key, label in columns])
    for row in _bounded(rows, settings.OPTIONS.limits.export_rows):
        write([_in_text(row.get(key)) for key, _label in columns])
    text.detach()


def _write_xlsx(file: IO[bytes], sheets: Sequence[tuple[str, Columns, Rows]]) -> None:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        forms = {"heading": book.add_format({"bold": True, "bottom": 1})}
        forms |= {name: book.add_format({"num_format": form}) for name, form in (("day", "yyyy-mm-dd"), ("time", "yyyy-mm-dd hh:mm:ss"))}
        taken: set[str] = set()
        for name, columns, rows in sheets:
            _write_sheet(book.add_worksheet(_sheet_name(name, taken) if name else None), columns, rows, forms)


def _write_sheet(sheet: Any, columns: Columns, rows: Rows, forms: Mapping[str, Any]) -> None:
    sheet.freeze_panes(1, 0)
    for place, (_key, label) in enumerate(columns):
        sheet.set_column(place, place, max(10, min(40, 2 * len(str(label)) + 2)))
        sheet.write_string(0, place, neutral(str(label)), forms["heading"])
    for number, row in enumerate(_bounded(rows, min(settings.OPTIONS.limits.export_rows, SHEET_ROWS)), 1):
        for place, (key, _label) in enumerate(columns):
            value = row.get(key)
            if _missing(value):
                continue
            if isinstance(value, bool):
                sheet.write_boolean(number, place, value)
            elif _is_number(value):
                sheet.write_number(number, place, float(value))  # type: ignore[arg-type]
            elif isinstance(value, dt.datetime):
                sheet.write_datetime(number, place, pd.Timestamp(value).tz_localize(None).to_pydatetime(warn=False), forms["time"])
            elif isinstance(value, dt.date):
                sheet.write_datetime(number, place, value, forms["day"])
            else:
                sheet.write_string(number, place, neutral(str(value))[:CELL_TEXT])


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a name that Excel takes: 31 characters, none of its own signs, each once."""
    plain = re.sub(r"[\[\]:*?/\\']+", " ", name).strip()[:28] or "-"
    found, number = plain, 2
    while found.lower() in taken:
        found, number = f"{plain[:26]} {number}", number + 1
    taken.add(found.lower())
    return found


def _bounded(rows: Rows, most: int) -> Iterator[Mapping[str, Any]]:
    for number, row in enumerate(rows):
        if number >= most:
            raise TooManyRows(_("A file holds up to {most} rows: narrow the list, or export it in parts.").format(most=f"{most:,}"))
        yield row


def _missing(value: Any) -> bool:
    return value is None or (not isinstance(value, str | list | tuple | dict) and bool(pd.isna(value)))


def _is_number(value: Any) -> bool:
    """Whether a sheet can hold it as a number: finite, and exact in 15 digits."""
    if isinstance(value, str) or (not isinstance(value, int | float | Decimal) and not hasattr(value, "dtype")):
        return False
    try:
        return math.isfinite(float(value)) and abs(float(value)) < 1e15
    except (TypeError, ValueError):
        return False


def _in_text(value: Any) -> Any:
    if _missing(value):
        return ""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return neutral(value) if isinstance(value, str) else value
