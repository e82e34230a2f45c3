"""What a file really is, told from its bytes and never from its name, before anything reads it as data.

Only what can be loaded passes: delimited text, JSON lines, Parquet, spreadsheets, and text in gzip. A packed file is unpacked to nowhere, counting,
so that one which claims to be small and grows without end is found out at its limit.
"""

from __future__ import annotations

import codecs
import gzip
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filetype
from django.utils.translation import gettext as _

from tilth.errors import InputError

HEAD = 64 * 1024
STEP = 1 << 20
MEGA = 1 << 20
HARMLESS = 64 * MEGA  # what unpacks to no more than this does no harm, whatever its ratio
SHEET_MOST = 2048 * MEGA  # a sheet has at most 1,048,576 rows
MEMBERS = 10_000
PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"#!")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class RefusedFileError(InputError):
    """A file that is not loaded, and why."""


@dataclass(frozen=True)
class Bounds:
    """What unpacking may give: at most `ratio` times the packed size, and at most `most` bytes."""

    ratio: int
    most: int

    def check(self, packed: int, unpacked: int) -> None:
        """Raise RefusedFileError once `unpacked` bytes are more than `packed` ones may give."""
        if unpacked > max(HARMLESS, packed * self.ratio) or unpacked > self.most:
            problem = _("It is packed and grows beyond measure: {packed} become more than {unpacked}. Load it unpacked, in parts if it is so large.")
            raise RefusedFileError(problem.format(packed=size(packed), unpacked=size(unpacked)))


def inspect(path: Path, bounds: Bounds) -> None:
    """Look at a file as it lies there.

    Raises
    ------
    RefusedFileError
        When it is not one that can be loaded, or not one that should be.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise RefusedFileError(_("The file is empty."))
    if head.startswith(b"\x1f\x8b"):
        _gzip(path, bounds)
    elif head.startswith(b"PK"):
        _workbook(path, bounds)
    elif head.startswith(OLE):
        _old_workbook(path)
    elif head.startswith(b"PAR1"):
        _parquet(path)
    else:
        _text(head)


def size(count: int) -> str:
    """Return a number of bytes as people read it.

    >>> size(700), size(38_200_000), size(3 << 30)
    ('700 B', '36.4 MB', '3.0 GB')
    """
    for unit, name in ((1 << 30, "GB"), (MEGA, "MB"), (1024, "KB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count} B"


def _text(head: bytes) -> None:
    """Refuse what is no text that could hold rows."""
    if head.startswith(PROGRAMS) and not (head.startswith(b"MZ") and _is_text(head)):  # a table may well begin with the letters MZ
        raise RefusedFileError(_("This is a program, whatever its name says. Only tables are loaded: csv, xlsx, JSON lines, Parquet."))
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<svg", b"<script", b"<table", b"<head", b"<body", b"<meta")):
        raise RefusedFileError(
            _("This is a web page, whatever its name says; some platforms export such. Open it in a spreadsheet and save it as xlsx or csv.")
        )
    kind = filetype.guess(head)
    if kind is not None and not _is_text(head):
        raise RefusedFileError(_("This is a file of the kind {kind}. Only tables are loaded: csv, xlsx, JSON lines, Parquet.").format(kind=kind.mime))
    if not _is_text(head):
        raise RefusedFileError(_("This is no text and no table that is known. Save it as csv (UTF-8) or xlsx and load that."))


def _is_text(head: bytes) -> bool:
    if head.startswith(MARKS[1:]):
        return True
    odd = sum(byte < 9 or 13 < byte < 32 for byte in head)
    return b"\x00" not in head and odd * 200 <= len(head)


def _gzip(path: Path, bounds: Bounds) -> None:
    packed = path.stat().st_size
    try:
        with gzip.open(path) as inner:
            head = inner.read(HEAD)
            if head.startswith(PACKED):
                raise RefusedFileError(_("There is a packed file inside the packed file. Unpack it once and load what is in it."))
            if not head:
                raise RefusedFileError(_("The file is empty."))
            _text(head)
            _count(inner, packed, len(head), bounds)
    except (OSError, EOFError, zlib.error) as fault:
        raise RefusedFileError(_("It is packed with gzip but damaged: {fault}. Fetch the file again.").format(fault=fault)) from fault


def _count(stream: Any, packed: int, done: int, bounds: Bounds) -> int:
    """Read a stream to its end and return how many bytes there were, `done` of them read before."""
    while piece := stream.read(STEP):
        done += len(piece)
        bounds.check(packed, done)
    return done


def _workbook(path: Path, bounds: Bounds) -> None:
    packed = path.stat().st_size
    try:
        with zipfile.ZipFile(path) as book:
            members = book.infolist()
            names = {member.filename for member in members}
            _kind_of_zip(names)
            if len(members) > MEMBERS:
                raise RefusedFileError(_("The workbook has more than {count} parts; no spreadsheet has so many.").format(count=MEMBERS))
            total = 0
            for member in members:
                with book.open(member) as inner:
                    total = _part(inner, packed, total, Bounds(bounds.ratio, min(bounds.most, SHEET_MOST)))
    except RuntimeError as fault:  # zipfile's word for a password
        raise RefusedFileError(_("The file is locked with a password. Remove the password and load it again.")) from fault
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, zlib.error) as fault:
        raise RefusedFileError(_("The workbook is damaged: {fault}. Open it in a spreadsheet and save it anew.").format(fault=fault)) from fault


def _kind_of_zip(names: Iterable[str]) -> None:
    names = set(names)
    if any(name.lower().endswith("vbaproject.bin") for name in names) or any(name.startswith("xl/macrosheets/") for name in names):
        raise RefusedFileError(_("The workbook holds macros. Save it as xlsx without macros and load that."))
    if not (any(name.startswith("xl/workbook.") for name in names) or "content.xml" in names):
        raise RefusedFileError(_("This is a packed folder (zip), not a table. Unpack it and load the files in it."))


def _part(inner: Any, packed: int, total: int, bounds: Bounds) -> int:
    head = inner.read(8)
    if head.startswith(PACKED):
        raise RefusedFileError(_("The workbook has a packed file inside it. Take it out and load it by itself."))
    return _count(inner, packed, total + len(head), bounds)


def _old_workbook(path: Path) -> None:
    """Tell apart what comes in Microsoft's older container: a plain xls, one with macros, or a locked xlsx."""
    content = path.read_bytes() if path.stat().st_size <= 256 * MEGA else path.open("rb").read(256 * MEGA)
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise RefusedFileError(_("The file is locked with a password. Remove the password and load it again."))
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise RefusedFileError(_("The workbook holds macros. Save it as xlsx without macros and load that."))
    if not any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        raise RefusedFileError(_("This is a document, not a table. Save its table as csv or xlsx and load that."))


def _parquet(path: Path) -> None:
    with path.open("rb") as file:
        file.seek(-4, 2)
        if file.read(4) != b"PAR1":
            raise RefusedFileError(_("It begins like Parquet but does not end so: it was cut off. Fetch the file again."))
