"""How a file is written is found out from the file."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.real_data import real

from tilth.errors import UnknownName
from tilth.warehouse.loading import textfile
from tilth.warehouse.loading.sniff import SAMPLE_ROWS, SourceError, sniff, unique


def written(folder: Path, text: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("name", ["online_retail.csv.gz", "higgs_activity.csv.gz", "cdnow_master.csv", "tmall_orders_zh.csv", "telco_churn.csv"])
def test_real_files_with_a_header(name: str) -> None:
    found = sniff(real(name))
    assert (found.kind, found.header, found.encoding, found.delimiter, found.skip) == ("csv", True, "utf-8", ",", 0)
    assert found.compression == ("gzip" if name.endswith("gz") else None)
    assert not set(found.columns) & {"column_1"}


def test_a_real_file_without_a_header() -> None:
    found = sniff(real("taobao_behavior.csv"))
    assert not found.header
    assert found.columns == ("column_1", "column_2", "column_3", "column_4", "column_5")
    assert found.sample[0] == ("1", "2268318", "2520377", "pv", "1511544070")  # the first line is a row, not a header


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "\x01"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    rows = [["id", "note", "amount"], *([str(n), f"a, b; c {n}", "1,5"] for n in range(30))]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    found = sniff(written(tmp_path, text))
    assert found.delimiter == delimiter
    assert found.columns == ("id", "note", "amount")
    assert found.sample[0] == ("0", "a, b; c 0", "1,5")


def test_texts_with_commas_are_one_column(tmp_path: Path) -> None:
    text = "review\n" + "\n".join("很好，很快" if n % 3 else "good, fast, cheap" for n in range(50))
    assert sniff(written(tmp_path, text)).columns == ("review",)


@pytest.mark.parametrize(
    ("encoding", "expected"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gbk", "gb18030"), ("gb18030", "gb18030"), ("utf-16", "utf-16")]
)
def test_encodings(tmp_path: Path, encoding: str, expected: str) -> None:
    found = sniff(written(tmp_path, "订单号,收货地址\nA1,浙江省杭州市\nA2,内蒙古自治区\n", encoding=encoding))
    assert found.encoding == expected
    assert found.columns == ("订单号", "收货地址")
    assert found.sample == (("A1", "浙江省杭州市"), ("A2", "内蒙古自治区"))


def test_western_accents_are_not_taken_for_chinese(tmp_path: Path) -> None:
    found = sniff(written(tmp_path, "name,city\nRené,Besançon\nZoë,Düsseldorf\n", encoding="cp1252"))
    assert found.sample == (("René", "Besançon"), ("Zoë", "Düsseldorf"))


@given(st.integers(0, 3), st.sampled_from(["utf-8", "gb18030"]))
@settings(max_examples=8, deadline=None)
def test_a_head_cut_in_the_middle_of_a_character_is_read_right(tmp_path_factory: pytest.TempPathFactory, shift: int, encoding: str) -> None:
    row = "一二三四五六七八九十,甲乙丙丁\n"
    text = "x" * shift + "名称,备注\n" + row * (textfile.HEAD // len(row.encode(encoding)) + 50)
    found = sniff(written(tmp_path_factory.mktemp("cut"), text, encoding=encoding))
    assert found.encoding == encoding
    assert set(found.sample) == {("一二三四五六七八九十", "甲乙丙丁")}


def test_chinese_after_the_first_megabyte_is_seen(tmp_path: Path) -> None:
    rows = ["a,b", *["plain,ascii"] * (2 * textfile.HEAD // 12), *["中文,地址"] * 200_000]
    assert sniff(written(tmp_path, "\n".join(rows), encoding="gbk")).encoding == "gb18030"


def test_a_few_broken_lines_do_not_change_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    lines = ["名称,数量".encode(), *["杯子,3".encode()] * 50, *["茶壶,4".encode("gbk")] * 3]
    path.write_bytes(b"\n".join(lines))
    assert sniff(path).encoding == "utf-8"


PREAMBLE = "店铺：某某旗舰店\n导出时间：2024-01-05 08:03:04\n\n"


def test_lines_above_the_header_are_skipped(tmp_path: Path) -> None:
    text = PREAMBLE + "日期,浏览量,访客数\n" + "\n".join(f"2024-01-{day:02},{day * 10},{day}" for day in range(1, 20))
    found = sniff(written(tmp_path, text, encoding="gbk"))
    assert (found.skip, found.header, found.columns) == (3, True, ("日期", "浏览量", "访客数"))
    assert found.sample[0] == ("2024-01-01", "10", "1")


def test_padded_lines_above_the_header_are_skipped(tmp_path: Path) -> None:
    text = "经营概况,,,,\n,,,,\n日期,浏览量,访客数,支付金额,备注\n" + "2024-01-01,1,2,3.5,\n" * 20
    found = sniff(written(tmp_path, text))
    assert (found.skip, found.columns[0]) == (2, "日期")


def test_quoted_line_breaks_above_the_header_count_as_lines(tmp_path: Path) -> None:
    text = '"说明\n第二行"\n日期,浏览量,访客数\n' + "2024-01-01,1,2\n" * 5
    assert sniff(written(tmp_path, text)).skip == 2


def test_no_row_is_taken_for_a_preamble_when_there_is_no_header(tmp_path: Path) -> None:
    found = sniff(written(tmp_path, "7,,,,\n" + "1,2,3,4,5\n" * 10))
    assert (found.skip, found.header) == (0, False)
    assert found.sample[0] == ("7", None, None, None, None)


def test_a_header_of_words_above_words(tmp_path: Path) -> None:
    assert sniff(written(tmp_path, "用户,城市\n张三,杭州\n李四,北京\n")).header
    assert not sniff(written(tmp_path, "杭州,pv\n北京,pv\n杭州,buy\n北京,pv\n")).header  # the first row's words occur below


def test_what_is_given_is_not_guessed(tmp_path: Path) -> None:
    path = written(tmp_path, "a;b\n1;2\n")
    found = sniff(path, header=False, delimiter=",", encoding="latin-1")
    assert (found.header, found.delimiter, found.encoding, found.columns) == (False, ",", "latin-1", ("column_1",))
    assert sniff(path, kind="tsv").delimiter == "\t"
    assert sniff(written(tmp_path, "junk\nmore\na,b\n1,2\n", "skip.csv"), skip=2).columns == ("a", "b")


def test_json_lines(tmp_path: Path) -> None:
    rows = [{"user": "张三", "amount": 12.10, "big": 12345678901234567890, "extra": {"a": ["甲"]}, "paid": True}, {"user": None, "late": 1}]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).replace("12.1,", "12.10,") + "\n{broken"
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(text.encode()))
    found = sniff(path)
    assert (found.kind, found.compression) == ("jsonl", "gzip")
    assert found.columns == ("user", "amount", "big", "extra", "paid", "late")
    assert found.sample[0] == ("张三", "12.10", "12345678901234567890", '{"a": ["甲"]}', "true", None)


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"id": [1, 2], "at": pa.array([datetime(2024, 1, 5, 8, 3), None], pa.timestamp("us"))}), path)
    found = sniff(path)
    assert (found.kind, found.columns) == ("parquet", ("id", "at"))
    assert found.sample == (("1", "2024-01-05 08:03:00"), ("2", None))


def test_a_spreadsheet_with_a_title_above_its_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "空"
    sheet = book.create_sheet("明细")
    sheet.append(["销售明细"])
    sheet.append(["订单号", "日期", "金额", "数量"])
    for number in range(12):
        sheet.append([f"A{number}", datetime(2024, 1, 5, 8, 3), 3.5, 2])
    path = tmp_path / "sales.xlsx"
    book.save(path)
    found = sniff(path)
    assert (found.kind, found.sheet, found.skip, found.columns) == ("xlsx", "明细", 1, ("订单号", "日期", "金额", "数量"))
    assert found.sample[0] == ("A0", "2024-01-05 08:03:00", "3.5", "2")
    with pytest.raises(UnknownName, match="明细"):
        sniff(path, sheet="明晰")


def test_the_sample_reaches_beyond_the_first_rows(tmp_path: Path) -> None:
    text = "id,at\n" + "\n".join(f"{n},2024-01-05" for n in range(200_000))
    found = sniff(written(tmp_path, text))
    numbers = [int(row[0] or 0) for row in found.sample]
    assert numbers[:100] == list(range(100))
    assert max(numbers) > 150_000
    assert len(numbers) <= SAMPLE_ROWS


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"\n\n \n", "blank"), (b"<html><table>", "spreadsheet"), (b'[{"a": 1}]', "JSON lines"), (b"PK\x03\x04nonsense", "spreadsheet")],
)
def test_what_cannot_be_loaded_says_why(tmp_path: Path, content: bytes, said: str, english: None) -> None:
    path = tmp_path / "export.xls"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=said) as error:
        sniff(path)
    assert error.value.path == str(path)


def test_a_missing_file_and_an_unknown_kind(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        sniff(tmp_path / "gone.csv")
    with pytest.raises(UnknownName):
        sniff(written(tmp_path, "a,b\n"), kind="xml")


def test_a_damaged_archive_is_an_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "broken.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n" * 1000)[:40])
    with pytest.raises(SourceError):
        sniff(path)


@given(st.lists(st.text(max_size=4), max_size=12))
def test_names_are_unique_without_regard_to_case(names: list[str]) -> None:
    result = unique(names, len(names) + 2)
    assert len({name.casefold() for name in result}) == len(result) == len(names) + 2
    assert all(result)
