"""Text files: their encoding, what stands between their values, and where the names of the columns are.

A file is judged by its first megabyte and, when it is not compressed, by pieces spread over the rest of it.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HEAD = 1 << 20
PIECES, PIECE = 16, 1 << 14
DELIMITERS = (",", "\t", ";", "|", "\x01")
EDGES = " \t\r\n\"'`\ufeff\u00a0\u3000"
_PROBE = 200  # lines on which delimiters are tried
_FIGURE = re.compile(r"^[-+]?[¥￥$]?[\d.,]*\d[\d.,]*\s*(%|元|万|亿)?$")
_DATE = re.compile(r"^\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}|^\d{1,2}:\d{2}")


@dataclass(frozen=True)
class Piece:
    """What was read of a text file.

    Attributes
    ----------
    text : str
        Its beginning, in whole lines.
    further : tuple of str
        Whole lines from further on in it.
    encoding : str
        Its encoding.
    """

    text: str
    further: tuple[str, ...]
    encoding: str

    @classmethod
    def read(cls, path: Path, compression: str | None, encoding: str | None) -> Piece:
        """Read the beginning of a file and, if it is not compressed, pieces of the rest."""
        if compression == "gzip":
            with gzip.open(path, "rb") as stream:
                head, rest = stream.read(HEAD + 1), []
        else:
            with path.open("rb") as stream:
                head = stream.read(HEAD + 1)
                rest = [] if len(head) <= HEAD else list(_pieces(stream, path.stat().st_size))
        cut = len(head) > HEAD
        encoding = encoding or encoding_of(head, rest)
        wide = encoding.startswith(("utf-16", "utf-32"))
        if cut and not wide:  # a line, and with it a character, may have been cut through
            head = head[: head.rfind(b"\n") + 1] or head
        text = head.decode(encoding, errors="replace")
        further = () if wide else tuple(piece.decode(encoding, errors="replace") for piece in rest)
        return cls(text, further, encoding)


def _pieces(stream: io.BufferedReader, size: int) -> list[bytes]:
    found = []
    for n in range(1, PIECES + 1):
        stream.seek(max(HEAD, HEAD + (size - HEAD - PIECE) * n // PIECES))
        lines = stream.read(PIECE)
        found.append(lines[lines.find(b"\n") + 1 : lines.rfind(b"\n") + 1])
    return found


def encoding_of(head: bytes, rest: Sequence[bytes] = ()) -> str:
    r"""Return the encoding in which most lines with other than ASCII characters can be read.

    Lines decide, not the whole, so that a few broken lines do not change how the good ones are read.

    >>> encoding_of("订单\n".encode("gbk")), encoding_of("订单\n".encode()), encoding_of(b"\xef\xbb\xbfid")
    ('gb18030', 'utf-8', 'utf-8-sig')
    """
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if head.startswith(mark):
            return name
    lines = [line for piece in (head, *rest) for line in piece.split(b"\n") if not line.isascii()][:5000]
    fits = Counter(name for line in lines for name in ("utf-8", "gb18030", "cp1252") if _reads(line, name))
    if not lines or fits["utf-8"] * 2 >= len(lines):
        return "utf-8"
    if len(lines) == 1 and len(head) > HEAD:  # the one line may be cut in the middle of a character
        return "utf-8" if _reads(lines[0][:-3], "utf-8") else "gb18030"
    return "gb18030" if fits["gb18030"] >= fits["cp1252"] or not fits["cp1252"] else "cp1252"


def _reads(line: bytes, encoding: str) -> bool:
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError:
        return False
    if encoding == "gb18030":  # western accents read as GBK give characters that nobody writes
        others = [c for c in text if ord(c) > 127]
        return sum(_usual(c) for c in others) * 2 >= len(others)
    return True


def _usual(character: str) -> bool:
    if "\u3000" <= character <= "\u303f" or "\uff00" <= character <= "\uffef":
        return True
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def parse(text: str, delimiter: str, quote: str) -> tuple[list[tuple[str, ...]], list[int]]:
    """Return the rows of a text that are not blank, and before how many lines of the text each begins."""
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    before = 0
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return rows, lines
        except csv.Error:  # one value longer than the csv module takes: no row to judge by
            row = []
        if row:
            rows.append(tuple(row))
            lines.append(before)
        before = reader.line_num


def delimiter_of(text: str, quote: str) -> str:
    r"""Return what most evenly divides the lines of a text; a comma when nothing does.

    >>> delimiter_of("a;b;c\n1,5;2;3\n", '"')
    ';'
    """
    probe = "".join(text.splitlines(keepends=True)[:_PROBE])
    best, chosen = 0.0, ","
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in parse(probe, delimiter, quote)[0])
        if not widths:
            continue
        width, times = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        even = times / widths.total()
        if even * even * (width - 1) > best:
            best, chosen = even * even * (width - 1), delimiter
    return chosen


def width_of(rows: Sequence[Sequence[str]]) -> int:
    """Return the number of values that most rows have."""
    return Counter(len(row) for row in rows).most_common(1)[0][0]


def header_row(rows: Sequence[Sequence[str]], width: int, header: bool | None, skip: int | None) -> tuple[int, bool]:
    """Return at which row the table begins, and whether that row names the columns.

    Parameters
    ----------
    rows : sequence of rows
        The rows from the top.
    width : int
        Number of columns.
    header, skip
        What is known; None: to be found out.
    """
    if skip is not None:
        return skip, header if header is not None else _names(rows[skip:], width)
    if header is False:
        return 0, False
    for at, row in enumerate(rows[:40]):
        filled = sum(bool(cell.strip()) for cell in row)
        if len(row) >= width * 0.7 and filled >= min(width, max(2, 0.6 * width)):
            if header or _names(rows[at:], width):
                return at, True
            break  # the first full row is data; what is above it is not ours to leave out
    return 0, bool(header)


def _names(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Say whether the first of `rows` names the columns of the others."""
    first, others = rows[0], [row for row in rows[1:1000] if len(row) == width]
    cells = [cell.strip(EDGES) for cell in first]
    if any(_is_value(cell) for cell in cells):
        return False
    named = [cell for cell in cells if cell]
    if not named or len(set(named)) < len(named) * 0.8:
        return False
    columns = list(zip(*others, strict=True)) if others else []
    for cell, column in zip(cells, columns, strict=False):
        filled = [value for value in column if value.strip()]
        if filled and sum(_is_value(value) for value in filled) > 0.8 * len(filled):
            return True  # a word above figures
        if cell and column.count(cell) > len(column) * 0.01:
            return False  # it occurs below: a value like the others
    return True


def _is_value(cell: str) -> bool:
    return bool(_FIGURE.match(cell) or _DATE.match(cell))


def json_text(value: object) -> str | None:
    """Return a JSON value as text: words and numbers as they are, what is nested as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
