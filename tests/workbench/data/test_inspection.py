"""What a file is, told from its bytes: each kind that is loaded passes, each that is not is refused with a reason of its own."""

import gzip
import io
import struct
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.utils import translation

from tilth.workbench.data.incoming.inspection import MEGA, Bounds, RefusedFileError, inspect

BOUNDS = Bounds(ratio=200, most=4096 * MEGA)
CSV = "订单号,金额\nA1,3.5\n"


def workbook(**extra):
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.save(out)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as parts:
        for name, content in extra.items():
            parts.writestr(name, content)
    return out.getvalue()


def zipped(content, name="a.csv"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(name, content)
    return out.getvalue()


def parquet():
    out = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), out)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        CSV.encode(),
        CSV.encode("gbk"),
        CSV.encode("utf-16"),
        b"\xef\xbb\xbf" + CSV.encode(),
        b"MZ_code,amount\n1,2\n",  # begins like a program and is a table
        b'{"a": 1}\n{"a": 2}\n',
        gzip.compress(CSV.encode()),
        workbook(),
        parquet(),
    ],
    ids=["utf-8", "gbk", "utf-16", "with a mark", "begins like a program", "json lines", "gzip", "xlsx", "parquet"],
)
def test_tables_pass(tmp_path, content):
    file = tmp_path / "file"
    file.write_bytes(content)
    inspect(file, BOUNDS)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
REFUSED = {
    "an empty file": (b"", "empty"),
    "a Windows program": (b"MZ\x90\x00\x03\x00\x00\x00\x04" + bytes(300), "program"),
    "a Linux program": (b"\x7fELF\x02\x01\x01" + bytes(300), "program"),
    "a script": (b"#!/bin/sh\nrm -rf /\n", "program"),
    "a web page": (b"\n <!DOCTYPE html><html><table>", "web page"),
    "a web page that calls itself xls": (b'<html xmlns:x="urn:schemas-microsoft-com:office:excel">', "web page"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(300), "image/png"),
    "a zip of csv": (zipped(CSV), "zip"),
    "a zip in gzip": (gzip.compress(zipped(CSV)), "packed file inside"),
    "gzip in gzip": (gzip.compress(gzip.compress(CSV.encode())), "packed file inside"),
    "a program in gzip": (gzip.compress(b"MZ\x90\x00" + bytes(300)), "program"),
    "a workbook with a zip inside": (workbook(**{"xl/embeddings/a.bin": zipped(CSV)}), "packed file inside it"),
    "a workbook with macros": (workbook(**{"xl/vbaProject.bin": b"x"}), "macros"),
    "an old workbook with macros": (OLE + "Workbook".encode("utf-16-le") + "_VBA_PROJECT".encode("utf-16-le"), "macros"),
    "a locked workbook": (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
    "an old document": (OLE + "WordDocument".encode("utf-16-le"), "document"),
    "half a Parquet file": (parquet()[:-8], "Parquet"),
    "gzip cut off": (gzip.compress(CSV.encode() * 10000)[:-20], "gzip"),
    "half a workbook": (workbook()[:-200], "damaged"),
    "noise": (bytes(range(256)) * 10, "no text"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_table_is_refused_with_its_reason(tmp_path, kind):
    content, word = REFUSED[kind]
    file = tmp_path / "orders.csv"
    file.write_bytes(content)
    with translation.override("en"), pytest.raises(RefusedFileError, match=word):
        inspect(file, BOUNDS)


def test_a_gzip_that_grows_without_end_is_found_out_at_its_limit(tmp_path):
    file = tmp_path / "bomb.csv.gz"
    with gzip.open(file, "wb", compresslevel=9) as out:
        for _ in range(300):
            out.write(b"a,b\n" * (MEGA // 4))  # 300 MB of one line, some 300 kB packed
    assert file.stat().st_size < MEGA
    with pytest.raises(RefusedFileError, match="MB"):
        inspect(file, BOUNDS)


def test_a_workbook_that_grows_without_end_is_found_out_whatever_its_directory_claims(tmp_path):
    content = bytearray(workbook(**{"xl/worksheets/sheet9.xml": bytes(300 * MEGA)}))
    at = content.rindex(b"PK\x01\x02")  # the last entry of the directory: claim a tiny size there
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    file = tmp_path / "bomb.xlsx"
    file.write_bytes(content)
    with pytest.raises(RefusedFileError):
        inspect(file, BOUNDS)


def test_a_workbook_bomb_with_an_honest_directory_is_refused_for_its_size(tmp_path):
    file = tmp_path / "bomb.xlsx"
    file.write_bytes(workbook(**{"xl/worksheets/sheet9.xml": bytes(300 * MEGA)}))
    with pytest.raises(RefusedFileError, match="MB"):
        inspect(file, BOUNDS)
