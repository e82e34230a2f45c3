"""Sources as batches of text columns: delimited text, JSON lines, Parquet, spreadsheets, and anything that gives Arrow batches.

A reader gives *pieces* in the order of the source, one thread asking; several workers then :meth:`~Reader.parse` them at once. Pieces are bounded
in size, so memory is too, except that a spreadsheet is read as a whole, as its format wants it (it cannot hold much more than a million rows).
"""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from tilth.engine.conditions import quoted
from tilth.warehouse.loading import blocks, sheets
from tilth.warehouse.loading.blocks import UNREADABLE, Block, DamagedFileError, Digested
from tilth.warehouse.loading.fitting import LINE, ROW
from tilth.warehouse.loading.sniff import Format, SourceError, unique

PIECE_ROWS = 256 * 1024
ARROW_BLOCK = 4 << 20
SURPLUS = "tilth_surplus"  # among a broken row's values: those beyond the source's columns


@dataclass(frozen=True)
class Broken:
    """A row that could not be taken apart: its place in the piece, what is wrong, what shows it, its text, and its values as far as can be told."""

    offset: int
    fault: str
    value: str | None
    line: str
    fields: dict[str, str] | None = None


@dataclass(frozen=True)
class Piece:
    """Rows of a piece as columns.

    Attributes
    ----------
    rows : pyarrow.Table
        The rows that could be taken apart.
    offsets : numpy.ndarray
        Each one's place among the data rows of the piece, from 0.
    count : int
        Number of data rows, broken ones among them.
    broken : tuple of Broken
        The rows that could not be taken apart.
    marked : bool
        Whether some text holds :data:`~tilth.warehouse.loading.blocks.UNREADABLE`.
    absolute : bool
        Whether `offsets` are the rows' places in the whole source.
    """

    rows: pa.Table
    offsets: Any
    count: int
    broken: tuple[Broken, ...] = field(default=())
    marked: bool = False
    absolute: bool = False

    def first(self, before: int) -> int:
        """Return the number of the row at offset 0, when `before` data rows came before the piece."""
        return 1 if self.absolute else before + 1

    def numbered(self, before: int) -> pa.Table:
        """Return the rows with their numbers, when `before` data rows came before the piece."""
        return self.rows.append_column(ROW, pa.array(self.offsets + self.first(before)))


class Reader(Protocol):
    """What the loader asks of a source."""

    columns: tuple[str, ...]
    json_lines: bool
    total: int  # what `done` will be at the end

    @property
    def done(self) -> int:
        """How much was read so far: bytes of a file, rows of what is none."""

    def pieces(self) -> Iterator[Any]:
        """Yield the source piece by piece, from its beginning each time."""

    def parse(self, piece: Any) -> Piece:
        """Take a piece apart; several threads may do so at once."""

    def view(self, name: str) -> str:
        """Return SQL for the rows of the parsed table `name` as text columns."""

    def digest(self) -> str | None:
        """Return the digest of the source once it was read to its end; None for what is no file."""


class TextReader:
    """Delimited text or JSON lines, gzipped or not."""

    def __init__(self, path: Path, form: Format) -> None:
        self._path, self._form = path, form
        self.json_lines = form.kind == "jsonl"
        self.columns = form.columns
        self.total = path.stat().st_size
        self._counter: Digested | None = None

    @property
    def done(self) -> int:
        """Bytes read so far."""
        return self._counter.read_bytes if self._counter else 0

    def pieces(self) -> Iterator[Block]:
        """Yield blocks of whole rows."""
        form = self._form
        with self._path.open("rb", buffering=0) as file:
            self._counter = Digested(file)
            yield from blocks.text_blocks(
                blocks.unpacked(self._counter, form.compression),
                encoding=form.encoding,
                delimiter=None if self.json_lines else form.delimiter,
                quote=form.quote or None,
                columns=len(form.columns),
                skip=form.skip,
                header=form.header and not self.json_lines,
                name=self._path.name,
                counter=self._counter,
            )
            self._digest = self._counter.digest()

    def digest(self) -> str:
        """Return the SHA-256 of the file's bytes."""
        return self._digest

    def view(self, name: str) -> str:
        """Return the table as it is: all its columns are text."""
        return name

    def parse(self, piece: Block) -> Piece:
        """Take a block apart."""
        names = [LINE] if self.json_lines else list(self.columns)
        invalid: list[Any] = []
        rows = self._arrow(piece.data, names, invalid)
        broken: list[Broken] = []
        mended: list[tuple[int, list[str]]] = []
        blank = 0
        for row in invalid:
            offset = row.number - 1 - blank
            if row.text.startswith(f"{UNREADABLE}#"):
                torn = piece.torn[int(row.text[2:].partition(self._form.delimiter)[0])]
                broken.append(Broken(offset, "quote", None, torn, self._fields(torn.split(self._form.delimiter))))
            elif not row.text.strip():
                blank += 1  # spaces alone are no row
            elif self._surplus_is_empty(values := self._values(row.text)):
                mended.append((offset, values[: len(self.columns)]))
            else:
                shown = f"{row.actual_columns}/{row.expected_columns}"
                broken.append(Broken(offset, "json" if self.json_lines else "values", shown, row.text, self._fields(values)))
        count = rows.num_rows + len(invalid) - blank
        offsets = np.arange(count, dtype=np.int64)
        if invalid:
            aside = [one.offset for one in broken] + [offset for offset, _values in mended]
            offsets = np.concatenate([np.delete(offsets, aside), np.array([offset for offset, _values in mended], dtype=np.int64)])
            rows = pa.concat_tables([rows, _texts(names, [values for _offset, values in mended])])
        return Piece(rows, offsets, count, tuple(broken), piece.marked)

    def _arrow(self, data: bytes, names: list[str], invalid: list[Any]) -> pa.Table:
        def aside(row: Any) -> str:
            invalid.append(row)
            return "skip"

        if not data.strip(b"\r\n"):
            return _texts(names, [])
        parse = pa.csv.ParseOptions(
            delimiter="\x01" if self.json_lines else self._form.delimiter,  # no line of JSON can hold a control character
            quote_char=False if self.json_lines else self._form.quote or False,
            newlines_in_values=not self.json_lines,
            invalid_row_handler=aside,
        )
        convert = pa.csv.ConvertOptions(
            column_types={name: pa.string() for name in names},
            check_utf8=False,  # blocks are UTF-8 by their making
            strings_can_be_null=True,
            null_values=[""],
        )
        for size in (ARROW_BLOCK, len(data) + 1):
            invalid.clear()
            try:
                read = pa.csv.ReadOptions(column_names=names, use_threads=False, block_size=size)  # numbers of invalid rows need one thread
                return pa.csv.read_csv(pa.BufferReader(data), read_options=read, parse_options=parse, convert_options=convert)
            except pa.ArrowInvalid as fault:  # a row longer than Arrow's block
                reason = fault
        raise DamagedFileError(self._path.name, str(reason))

    def _values(self, text: str) -> list[str]:
        """Return the values of a row that Arrow did not take."""
        if self.json_lines:
            return []
        quote = self._form.quote or None
        rows = csv.reader(
            io.StringIO(text, newline=""),
            delimiter=self._form.delimiter,
            quotechar=quote,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        )
        return next(rows, [])

    def _surplus_is_empty(self, values: list[str]) -> bool:
        width = len(self.columns)
        return len(values) > width and not any(values[width:])

    def _fields(self, values: list[str]) -> dict[str, str] | None:
        """Return values by column, what is beyond them as :data:`SURPLUS`."""
        if self.json_lines:
            return None
        fields = dict(zip(self.columns, values, strict=False))
        surplus = values[len(self.columns) :]
        return {**fields, SURPLUS: self._form.delimiter.join(surplus)} if surplus else fields


class ArrowReader:
    """Arrow batches: a table, a database's answer, a data frame. Values are read as their text."""

    json_lines = False

    def __init__(self, batches: Any) -> None:
        self._batches = batches
        self._schema: pa.Schema = batches.schema
        self.columns = unique(self._schema.names, 0)
        self.total = batches.num_rows if isinstance(batches, pa.Table) else 0
        self._rows = 0

    @property
    def done(self) -> int:
        """Rows read so far."""
        return self._rows

    def pieces(self) -> Iterator[pa.Table]:
        """Yield the batches, small ones together."""
        self._rows = 0
        batches = self._batches.to_batches(max_chunksize=PIECE_ROWS) if isinstance(self._batches, pa.Table) else self._batches
        gathered: list[pa.RecordBatch] = []
        waiting = 0
        for batch in batches:
            gathered.append(batch)
            waiting += batch.num_rows
            if waiting >= PIECE_ROWS // 2:
                self._rows += waiting
                yield pa.Table.from_batches(gathered, self._schema)
                gathered, waiting = [], 0
        if waiting:
            self._rows += waiting
            yield pa.Table.from_batches(gathered, self._schema)

    def parse(self, piece: pa.Table) -> Piece:
        """Return the batch as it is."""
        named = piece.rename_columns(list(self.columns))
        return Piece(named, np.arange(piece.num_rows, dtype=np.int64), piece.num_rows)

    def view(self, name: str) -> str:
        """Return the columns as their text; what is nested as JSON."""
        texts = ", ".join(
            f"CAST({f'to_json({quoted(name)})' if pa.types.is_nested(type) else quoted(name)} AS VARCHAR) AS {quoted(name)}"
            for name, type in zip(self.columns, self._schema.types, strict=True)
        )
        return f"(SELECT {texts}, {quoted(ROW)} FROM {name})"

    def digest(self) -> str | None:
        """Return None: rows that are in no file have no digest."""
        return None


class ParquetReader(ArrowReader):
    """A Parquet file."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        self._path, self.columns = path, columns
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowInvalid, OSError) as fault:
            raise DamagedFileError(path.name, str(fault)) from fault
        self._schema = self._file.schema_arrow
        self.total = self._file.metadata.num_rows
        self._rows = 0

    def pieces(self) -> Iterator[pa.Table]:
        """Yield the file's rows in batches."""
        self._rows = 0
        try:
            for batch in self._file.iter_batches(batch_size=PIECE_ROWS, use_threads=False):
                self._rows += batch.num_rows
                yield pa.Table.from_batches([batch])
        except (pa.ArrowInvalid, OSError) as fault:
            raise DamagedFileError(self._path.name, str(fault)) from fault

    def digest(self) -> str:
        """Return the SHA-256 of the file's bytes."""
        return blocks.digest_of(self._path)


class SheetReader:
    """A sheet of a workbook. Blank rows are no rows."""

    json_lines = False

    def __init__(self, path: Path, form: Format) -> None:
        self._path, self.columns = path, form.columns
        rows = sheets.read(path, form.sheet, SourceError)[2][form.skip + form.header :]
        self._values = [row for row in rows if any(row)]
        self.total = len(self._values)
        self._rows = 0

    @property
    def done(self) -> int:
        """Rows read so far."""
        return self._rows

    def pieces(self) -> Iterator[list[tuple[str, ...]]]:
        """Yield the rows, some at a time."""
        for start in range(0, len(self._values), PIECE_ROWS):
            piece = self._values[start : start + PIECE_ROWS]
            self._rows = start + len(piece)
            yield piece

    def parse(self, piece: list[tuple[str, ...]]) -> Piece:
        """Make columns of the rows."""
        width = len(self.columns)
        rows = _texts(list(self.columns), [[*row[:width], *[""] * (width - len(row))] for row in piece])
        return Piece(rows, np.arange(len(piece), dtype=np.int64), len(piece))

    def view(self, name: str) -> str:
        """Return the table as it is: all its columns are text."""
        return name

    def digest(self) -> str:
        """Return the SHA-256 of the file's bytes."""
        return blocks.digest_of(self._path)


def reader_of(path: Path, form: Format) -> Reader:
    """Return the reader of a file of a given format."""
    if form.kind == "parquet":
        return ParquetReader(path, form.columns)
    if form.kind == "xlsx":
        return SheetReader(path, form)
    return TextReader(path, form)


def _texts(names: list[str], rows: list[list[str]]) -> pa.Table:
    """Return rows of texts as columns, empty ones as nulls."""
    columns = [[value or None for value in column] for column in zip(*rows, strict=True)] if rows else [[] for _name in names]
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})
