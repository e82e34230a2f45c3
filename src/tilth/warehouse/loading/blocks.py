r"""Text files as blocks of whole rows: bytes become UTF-8 text that is cut between rows, and lines that would spoil others are taken out.

A file is read once, in order: its digest is made on the way, gzip is opened, other encodings become UTF-8, and the text is cut where a row ends,
which a line break inside quotes does not. Blocks then go to several workers at once.

Two things in a file would take good rows down with them if they were passed on: bytes that are not text in the file's encoding, and a quote that
opens and never properly closes. The first become :data:`UNREADABLE` in place; the line of the second is replaced by a row that no reader accepts,
and is kept with the block (:attr:`Block.torn`).

>>> [block.data for block in text_blocks(io.BytesIO(b'a,"x\ny"\nb,z\nc'), delimiter=",", size=8)]
[b'a,"x\ny"\n', b'b,z\nc']
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from tilth.errors import InputError
from tilth.language import _

UNREADABLE = "\ufdd0"  # a code point that Unicode promises never to use for text: it stands for bytes that could not be read
SIZE = 8 << 20
LONGEST = 1 << 20  # a quoted value longer than this is a quote that was never closed

codecs.register_error("tilth.unreadable", lambda fault: (UNREADABLE, fault.end))  # type: ignore[attr-defined]


class DamagedFileError(InputError):
    """A file that cannot be read to its end."""

    def __init__(self, name: str, fault: str) -> None:
        self.name, self.fault = name, fault
        super().__init__(
            _("{file} cannot be read to its end: {fault}. Nothing of it was loaded. Fetch the file again.").format(file=name, fault=fault)
        )


@dataclass(frozen=True)
class Block:
    """Whole rows of a text file.

    Attributes
    ----------
    data : bytes
        UTF-8 text without the header.
    torn : tuple of str
        Lines with a quote that does not close; the k-th one's place is held by a row that begins with ``UNREADABLE#k``.
    marked : bool
        Whether the text holds :data:`UNREADABLE`.
    read : int
        Bytes of the file read so far.
    """

    data: bytes
    torn: tuple[str, ...] = field(default=())
    marked: bool = False
    read: int = 0


class Digested(io.RawIOBase):
    """A binary stream that counts and digests (SHA-256) what is read through it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.read_bytes = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` from the stream."""
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._digest.update(data)
        self.read_bytes += len(data)
        return len(data)

    def digest(self) -> str:
        """Return the digest of the whole stream, reading what is left of it."""
        while self.read(1 << 20):
            pass
        return self._digest.hexdigest()


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def unpacked(stream: Digested, compression: str | None) -> IO[bytes]:
    """Return the stream's content without its compression (None or ``"gzip"``)."""
    buffered = io.BufferedReader(stream, 1 << 20)
    return gzip.GzipFile(fileobj=buffered) if compression == "gzip" else buffered  # type: ignore[return-value]


def text_blocks(
    stream: IO[bytes],
    *,
    encoding: str = "utf-8",
    delimiter: str | None = None,
    quote: str | None = '"',
    columns: int = 1,
    skip: int = 0,
    header: bool = False,
    name: str = "",
    counter: Digested | None = None,
    size: int = SIZE,
) -> Iterator[Block]:
    """Yield the rows of a text stream in blocks of about `size` bytes.

    Parameters
    ----------
    stream : binary file
        What to read, uncompressed.
    encoding : str
        Its encoding, as Python names it.
    delimiter, quote : str or None
        What stands between values and what encloses them; without a delimiter every line is a row and quotes mean nothing (JSON lines).
    columns : int
        How many values a row has.
    skip, header
        Lines above the rows that belong to none, and whether the first row after them names the columns.
    name, counter
        The file's name, for messages, and where to learn how many of its bytes were read.
    size : int
        Bytes read at a time.

    Raises
    ------
    DamagedFileError
        When the stream breaks off or its compression is damaged.
    """
    cut = Cutter(delimiter, quote, columns) if delimiter is not None and quote else None
    mark = UNREADABLE.encode()
    rest = b""
    seen = False
    head = True
    for data, last in _utf8(stream, encoding, name, size):
        text = rest + data
        if head and (skip or header):
            text = below_header(text, skip, header, delimiter or ",", quote)
        head = False
        torn: tuple[str, ...] = ()
        if cut is None:
            end = len(text) if last else line_end(text)
        else:
            text, end, torn = cut(text, last)
        block, rest = text[:end], text[end:]
        seen = seen or mark in data
        if block:
            yield Block(block, torn, seen and mark in block, counter.read_bytes if counter else 0)


def _utf8(stream: IO[bytes], encoding: str, name: str, size: int) -> Iterator[tuple[bytes, bool]]:
    """Yield the stream as UTF-8, and whether it is the last part."""
    plain = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")
    decoder = codecs.getincrementaldecoder("utf-8" if plain else encoding)("tilth.unreadable")
    data = _part(stream, name, size).removeprefix(codecs.BOM_UTF8 if plain else b"")
    while True:
        following = _part(stream, name, size) if data else b""
        last = not following
        if plain and data.isascii() and not decoder.getstate()[0]:
            yield data, last
        else:
            yield decoder.decode(data, last).removeprefix("\ufeff").encode("utf-8", "replace"), last
        if last:
            return
        data = following


def _part(stream: IO[bytes], name: str, size: int) -> bytes:
    try:
        return stream.read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile, OSError) as fault:
        raise DamagedFileError(name, str(fault).rstrip(".")) from fault


def below_header(text: bytes, skip: int, header: bool, delimiter: str, quote: str | None) -> bytes:
    r"""Return the text without the `skip` lines at its top and, with `header`, the row that follows them.

    >>> below_header(b'Sales of May\n\n"order\nid",amount\nA1,5\n', 1, True, ",", '"')
    b'A1,5\n'
    """
    end = b"\n" if b"\n" in text else b"\r"
    lines = skip
    if header:
        start = _line_place(text, skip, end)
        top = io.StringIO(text[start : start + LONGEST].decode("utf-8", "replace"), newline="")
        rows = csv.reader(top, delimiter=delimiter, quotechar=quote, quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE)
        next((row for row in rows if row), None)
        lines += rows.line_num
    return text[_line_place(text, lines, end) :]


def _line_place(text: bytes, lines: int, end: bytes) -> int:
    """Return where the text goes on after so many lines."""
    place = 0
    for _line in range(lines):
        place = text.find(end, place) + 1
        if not place:
            return len(text)
    return place


def line_end(text: bytes) -> int:
    """Return where the last whole line of `text` ends (0 when there is none)."""
    end = text.rfind(b"\n") + 1
    return end or text.rfind(b"\r", 0, len(text) - 1) + 1  # files of old Macs end lines with a carriage return


class Cutter:
    """Finds where the last whole row of a text ends, given how values are delimited and quoted."""

    def __init__(self, delimiter: str, quote: str, columns: int) -> None:
        self._columns = columns
        self._quote = quote.encode()
        self._delimiter = delimiter.encode()
        q, d = re.escape(self._quote), re.escape(self._delimiter)
        self._opening = re.compile(rb"(?:(?<=[\n\r" + d + rb"])|\A)" + q)
        self._value = re.compile(q + rb"(?:[^" + q + rb"]|" + q + q + rb")*+" + q + rb"(?=[\n\r" + d + rb"]|\Z)")
        self._unfinished = re.compile(q + rb"(?:[^" + q + rb"]|" + q + q + rb")*+" + q + rb"?\Z")
        self._around = np.zeros(256, dtype=bool)
        self._around[[10, 13, self._delimiter[0]]] = True

    def __call__(self, text: bytes, last: bool) -> tuple[bytes, int, tuple[str, ...]]:
        """Return the text (with torn lines replaced), where its last whole row ends, and the torn lines."""
        if self._quote not in text:
            return text, len(text) if last else line_end(text), ()
        quotes = self._orderly(text)
        if quotes is None or (last and len(quotes) % 2):
            return self._mend(text, last)
        if last:
            return text, len(text), ()
        end = line_end(text)
        while end:
            before = int(np.searchsorted(quotes, end))
            if before % 2 == 0:
                return text, end, ()
            end = line_end(text[: quotes[before - 1]])
        return (text, 0, ()) if len(text) <= LONGEST else self._mend(text, last)

    def _orderly(self, text: bytes) -> Any:
        """Return where quotes stand if each one plainly opens or closes a value, else None: the quick way for nearly every file."""
        codes = np.frombuffer(text, dtype=np.uint8)
        quotes = np.flatnonzero(codes == self._quote[0])
        opening, closing = quotes[0::2], quotes[1::2]
        before = codes[np.maximum(opening - 1, 0)]
        opens = self._around[before] | (opening == 0)
        opens[1:] |= closing[: len(opening) - 1] == opening[1:] - 1  # a doubled quote inside a value closes and opens at once
        after = codes[np.minimum(closing + 1, len(text) - 1)]
        closes = self._around[after] | (closing == len(text) - 1)
        pairs = len(opening) - 1 if len(opening) == len(closing) else len(closing)
        closes[:pairs] |= opening[1 : pairs + 1] == closing[:pairs] + 1
        ends = closing if len(closing) == len(opening) else np.append(closing, len(text))
        long = int((ends - opening).max()) > LONGEST
        return quotes if opens.all() and closes.all() and not long else None

    def _mend(self, text: bytes, last: bool) -> tuple[bytes, int, tuple[str, ...]]:
        """Walk from quote to quote, replacing the lines of those that open a value and do not close it."""
        parts: list[bytes] = []
        torn: list[str] = []
        copied = place = row = 0  # row: where the row at hand begins
        while opening := self._opening.search(text, place):
            at = opening.start()
            row = _after(text, place, at) or row
            value = self._value.match(text, at, at + LONGEST)
            if value is not None and value.end() < at + LONGEST and (last or value.end() < len(text)):
                place = value.end()
                continue
            stop = text.find(b"\n", at)
            waits = stop < 0 or self._unfinished.match(text, at) is not None
            if not last and waits and len(text) - at <= LONGEST:
                break  # what follows may close it
            stop = len(text) if stop < 0 else stop
            torn.append(text[row:stop].decode("utf-8", "replace").rstrip("\r"))
            parts += [text[copied:row], f"{UNREADABLE}#{len(torn) - 1}".encode() + self._delimiter * self._columns]
            copied = place = row = stop
        else:
            row = len(text) if last else _after(text, place, len(text)) or row
        whole = b"".join((*parts, text[copied:]))
        return whole, len(whole) - (len(text) - row), tuple(torn)


def _after(text: bytes, start: int, stop: int) -> int:
    """Return the place after the last line end between `start` and `stop`, or 0."""
    found = line_end(text[start:stop])
    return start + found if found else 0
