"""A demo brand as a thing to hold: its tables, the answers behind them, its digest, and its exports on disk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tilth.warehouse.demo.dirt import DirtyExport, DirtyRow
from tilth.warehouse.demo.truth import Truth


@dataclass(frozen=True)
class Brand:
    """A simulated brand.

    Attributes
    ----------
    tables : dict of str to pyarrow.Table
        One for each table of the warehouse, with the columns that sources give and ``properties``; by time.
    answers : dict of str to pyarrow.Table
        What no real brand knows: who churned when, which rows are fraud, what media and touches really brought. The reference names
        every table and column.
    truth : Truth
        The parameters all of it was generated from.
    seed : int
        The seed.
    first, end : date
        First and last day.
    tz : str
        Time zone of the days.
    dirty_export : DirtyExport
        The raw export of orders with dirty lines among the clean.
    """

    tables: dict[str, pa.Table]
    answers: dict[str, pa.Table]
    truth: Truth
    seed: int
    first: date
    end: date
    tz: str
    dirty_export: DirtyExport

    @property
    def dirty(self) -> tuple[DirtyRow, ...]:
        """Which rows of the dirty export are dirty, and why."""
        return self.dirty_export.dirty

    def digest(self) -> str:
        """Return the SHA-256 of the content of all tables, however Arrow holds them."""
        total = sha256()
        for name in sorted(self.tables):
            table = self.tables[name]
            total.update(f"{name}:{table.num_rows};".encode())
            for column in table.column_names:
                total.update(f"{column}:{table.schema.field(column).type};".encode())
                for part in _content(table[column]):
                    total.update(part)
        return total.hexdigest()

    def write(self, folder: str | Path, *, events: str = "parquet") -> dict[str, Path]:
        """Write exports as a business would have them, and return where each is.

        Parameters
        ----------
        folder : str or Path
            Made if there is none.
        events : {"parquet", "csv.gz"}
            Format of the events.

        Returns
        -------
        dict of str to Path
            The tables' names, ``"dirty"`` for the raw export and ``"truth"`` for the parameters.

        Raises
        ------
        tilth.errors.UnknownName
            For another format.
        """
        from tilth.warehouse.demo.exports import write

        return write(self, Path(folder), events)


def _content(column: pa.ChunkedArray) -> list[Any]:
    """Return a column's content as bytes that depend on the values alone."""
    array = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    valid = np.asarray(array.is_valid())
    parts: list[Any] = [np.packbits(valid).tobytes()]
    if pa.types.is_string(array.type):
        texts = pc.fill_null(array, "")
        parts.append(np.asarray(pc.binary_length(texts)).astype("<i8").tobytes())
        offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
        if len(texts) and offsets[-1] > offsets[0]:
            parts.append(memoryview(texts.buffers()[2])[offsets[0] : offsets[-1]])
    elif pa.types.is_decimal(array.type):
        whole = pc.fill_null(array, pa.scalar(0, array.type))
        words = np.frombuffer(whole.buffers()[1], dtype="<i8")[2 * whole.offset : 2 * (whole.offset + len(whole))]
        parts.append(words.tobytes())
    else:
        numbers = array.cast(pa.int64())
        parts.append(np.asarray(pc.fill_null(numbers, 0)).astype("<i8").tobytes())
    return parts
