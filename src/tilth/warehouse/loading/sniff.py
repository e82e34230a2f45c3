r"""What kind of file this is, how its text is written, where its columns' names stand, and a sample of its rows.

:func:`sniff` looks at the beginning of a file and, where it can, at places further on. Whatever the operator knows better can be given
and is then not guessed.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     path = Path(folder) / "orders.csv"
...     _size = path.write_bytes("店铺,销售明细\n\n订单号,商品,金额\nA1,茶,3.5\nA2,杯,7\n".encode("gbk"))
...     found = sniff(path)
>>> found.encoding, found.skip, found.columns, found.sample
('gb18030', 2, ('订单号', '商品', '金额'), (('A1', '茶', '3.5'), ('A2', '杯', '7')))
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tilth.errors import InputError, UnknownName
from tilth.language import _
from tilth.warehouse.loading import sheets, textfile

KINDS = ("csv", "jsonl", "parquet", "xlsx")
SAMPLE_ROWS = 400


class SourceError(InputError):
    """A file is not one that can be loaded, or not in the way that was said.

    Attributes
    ----------
    path : str
        The file.
    problem : str
        What is wrong with it and how to mend it.
    """

    def __init__(self, path: object, problem: str) -> None:
        self.path = str(path)
        self.problem = problem
        super().__init__(f"{self.path}: {problem}")


@dataclass(frozen=True)
class Format:
    """How a source is written.

    Attributes
    ----------
    kind : str
        ``csv`` (of any delimiter, so tsv too), ``jsonl``, ``parquet`` or ``xlsx`` (any spreadsheet); ``database`` for a query's result.
    columns : tuple of str
        Names of the columns, made unique without regard to upper and lower case; ``column_1`` … where the source names none.
    sample : tuple of tuple
        Some rows, each value as text, None where it is empty.
    compression : str or None
        ``"gzip"`` or None.
    encoding : str
        Encoding of the text, by Python's name.
    delimiter, quote : str
        What stands between values, and around values that hold it.
    header : bool
        Whether the first row after `skip` names the columns.
    skip : int
        Lines (rows of a spreadsheet) above the header that belong to no row.
    sheet : str or None
        The sheet of a spreadsheet.
    """

    kind: str
    columns: tuple[str, ...]
    sample: tuple[tuple[str | None, ...], ...] = ()
    compression: str | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    skip: int = 0
    sheet: str | None = None

    def values(self, column: str) -> tuple[str, ...]:
        """Return the sample's values of a column that are not empty."""
        at = self.columns.index(column)
        return tuple(value for row in self.sample if (value := row[at]) is not None)


def sniff(
    path: str | Path,
    *,
    kind: str | None = None,
    compression: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    quote: str | None = None,
    header: bool | None = None,
    skip: int | None = None,
    sheet: str | None = None,
) -> Format:
    """Return how a file is written.

    Parameters
    ----------
    path : str or Path
        The file.
    kind, compression, encoding, delimiter, quote, header, skip, sheet
        As in :class:`Format`, where they are known; None: to be found out.

    Raises
    ------
    SourceError
        When there is no such file, it is empty, or of a kind that cannot be loaded.
    UnknownName
        For a kind or a sheet that there is none of.
    """
    path = Path(path)
    if kind == "tsv":
        kind, delimiter = "csv", delimiter or "\t"
    if kind is not None and kind not in KINDS:
        raise UnknownName(_("kind of file"), kind, KINDS)
    if not path.is_file():
        raise SourceError(path, _("There is no such file."))
    try:
        magic = path.open("rb").read(8)
        if not magic:
            raise SourceError(path, _("The file is empty."))
        if compression is None and magic[:2] == b"\x1f\x8b":
            compression = "gzip"
        kind = kind or _kind_of(path, magic)
        if kind == "parquet":
            return _parquet(path)
        if kind == "xlsx":
            return _sheet(path, sheet, header, skip)
        piece = textfile.Piece.read(path, compression, encoding)
    except (OSError, EOFError) as error:
        raise SourceError(path, _("It cannot be read: {reason}").format(reason=error)) from error
    kind = kind or _kind_of_text(path, piece)
    if kind == "jsonl":
        return _jsonl(path, piece, compression)
    return _csv(path, piece, compression, delimiter, quote or '"', header, skip)


def _kind_of(path: Path, magic: bytes) -> str | None:
    if magic[:4] == b"PAR1":
        return "parquet"
    if magic[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return "xlsx"
    return None


def _kind_of_text(path: Path, piece: textfile.Piece) -> str:
    start = piece.text.lstrip()
    if not start:
        raise SourceError(path, _("The file holds nothing but blank lines."))
    if start[:1] == "<":
        raise SourceError(path, _("This is a web page, whatever its name says. Open it in a spreadsheet and save it as xlsx or csv."))
    if start[:1] == "[":
        raise SourceError(path, _("This is one JSON list. Write one JSON object a line (JSON lines) instead."))
    if start[:1] == "{" and _objects(start.splitlines()[:1]):
        return "jsonl"
    return "csv"


def _parquet(path: Path) -> Format:
    import duckdb

    from tilth.engine.conditions import literal, quoted

    source = f"read_parquet({literal(str(path))})"
    with duckdb.connect() as connection:
        try:
            columns = [name for name, *_rest in connection.execute(f"DESCRIBE FROM {source}").fetchall()]
            texts = ", ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in columns)
            rows = connection.execute(f"SELECT {texts} FROM {source} LIMIT {SAMPLE_ROWS}").fetchall()  # noqa: S608  # identifiers and literals are quoted
        except duckdb.Error as error:
            raise SourceError(path, _("It is not a readable Parquet file: {reason}").format(reason=error)) from error
    return Format("parquet", tuple(columns), tuple(rows))


def _sheet(path: Path, sheet: str | None, header: bool | None, skip: int | None) -> Format:
    names, sheet, rows = sheets.read(path, sheet, SourceError)
    if not rows:
        raise SourceError(path, _("Sheet {sheet} is empty; there are: {names}.").format(sheet=sheet, names=", ".join(names)))
    width = max(len(row) for row in rows)
    at, named = textfile.header_row(rows, width, header, skip)
    body = rows[at + 1 :] if named else rows[at:]
    columns = unique(rows[at] if named else (), width)
    return Format("xlsx", columns, _sample(body, width), header=named, skip=at, sheet=sheet)


def _csv(
    path: Path,
    piece: textfile.Piece,
    compression: str | None,
    delimiter: str | None,
    quote: str,
    header: bool | None,
    skip: int | None,
) -> Format:
    delimiter = delimiter or textfile.delimiter_of(piece.text, quote)
    rows, lines = textfile.parse(piece.text, delimiter, quote)
    if not rows:
        raise SourceError(path, _("The file holds nothing but blank lines."))
    if skip is not None:
        keep = [n for n, line in enumerate(lines) if line >= skip]
        rows, lines = [rows[n] for n in keep], [lines[n] for n in keep]
        if not rows:
            raise SourceError(path, _("Nothing is left after skipping {skip} lines.").format(skip=skip))
    width = textfile.width_of(rows)
    at, named = textfile.header_row(rows, width, header, 0 if skip is not None else None)
    body = rows[at + 1 :] if named else rows[at:]
    if named:
        width = max(width, len(rows[at]))
    for further in piece.further:
        body.extend(textfile.parse(further, delimiter, quote)[0])
    return Format(
        "csv",
        unique(rows[at] if named else (), width),
        _sample(body, width),
        compression=compression,
        encoding=piece.encoding,
        delimiter=delimiter,
        quote=quote,
        header=named,
        skip=skip if skip is not None else lines[at] if at else 0,
    )


def _jsonl(path: Path, piece: textfile.Piece, compression: str | None) -> Format:
    objects = _objects([line for text in (piece.text, *piece.further) for line in text.splitlines()])
    if not objects:
        raise SourceError(path, _("No line of it is a JSON object."))
    columns = unique(tuple(dict.fromkeys(name for one in objects for name in one)), 0)
    rows = [tuple(textfile.json_text(one.get(name)) for name in columns) for one in objects]
    return Format("jsonl", columns, _sample(rows, len(columns)), compression=compression, encoding=piece.encoding)


def _objects(lines: Sequence[str]) -> list[dict[str, Any]]:
    found = []
    for line in lines:
        try:
            one = json.loads(line, parse_float=str, parse_int=str)  # numbers keep every digit they are written with
        except json.JSONDecodeError:
            continue  # a broken line is the loader's to report; here it only gives no sample
        if isinstance(one, dict):
            found.append(one)
    return found


def _sample(rows: Sequence[Sequence[str | None]], width: int) -> tuple[tuple[str | None, ...], ...]:
    """Return the first rows and then rows spread over the others, so that a column's later values are seen too."""
    fitting = [row for row in rows if len(row) == width] or [(*row, *[None] * width)[:width] for row in rows]
    first = fitting[: SAMPLE_ROWS // 4]
    others = fitting[SAMPLE_ROWS // 4 :]
    every = max(1, -(-len(others) // (SAMPLE_ROWS - SAMPLE_ROWS // 4)))
    return tuple(tuple(value or None for value in row) for row in (*first, *others[::every]))


def unique(names: Sequence[str | None], width: int) -> tuple[str, ...]:
    """Return names for `width` columns, or for as many as there are names: none empty, none twice.

    >>> unique(("Id", "", "id", "名称 "), 5)
    ('Id', 'column_2', 'id_2', '名称', 'column_5')
    """
    given = [(name or "").strip(textfile.EDGES) for name in names]
    given += [""] * (width - len(given))
    taken: set[str] = set()
    result = []
    for number, name in enumerate(given, start=1):
        base = name or f"column_{number}"
        one, copy = base, 1
        while one.casefold() in taken:
            copy += 1
            one = f"{base}_{copy}"
        taken.add(one.casefold())
        result.append(one)
    return tuple(result)
