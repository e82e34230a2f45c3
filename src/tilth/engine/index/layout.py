"""What an index consists of, and how it is opened.

A folder with one flat file a column, little-endian, person after person and each one's events by time, then by row number:

====================  ==============  ==================================================================================
``offsets``           int64           person p's events are ``offsets[p]`` up to ``offsets[p + 1]``; people + 1 of them
``times``             int64           instants in microseconds
``events``            int8, 16 or 32  codes of event names; -1 for none
``rows``              uint32          row numbers; they grow as the rows' ``seq`` does
``people.arrow``                      ids of people, and in ``names.arrow`` names of events, by code
``columns/<digest>``  as events       a property's codes in the order of the events, and its values in ``<digest>.arrow``
``about.json``                        what it was made of
====================  ==============  ==================================================================================

So an event takes 13 bytes with up to 127 names of events. The files are never changed: a newer index is another folder.

A row's number is the place of its slot (the upper 32 bits of ``seq``, one a load) and its place in there (the lower 32 bits), so that it can be found
from ``seq`` at any time, in whatever file the row lies by then.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tilth.engine.people import Directory

FORMAT = 2
MOST_ROWS = 1 << 32
"""Row numbers that fit into a file of rows."""


@dataclass(frozen=True)
class About:
    """What an index was made of.

    Attributes
    ----------
    events : int
        How many it holds.
    left_out : int
        Rows without a person or a time.
    slots, bases : list of int
        The slots of ``seq``, ascending, and the row number at which each begins.
    rows : int
        Row numbers that are taken, gaps included.
    span : list of int
        The times of the first event and of the last.
    source : dict
        What the floor above has to remember.
    """

    events: int
    left_out: int
    slots: list[int]
    bases: list[int]
    rows: int
    span: list[int]
    source: dict[str, Any]


@dataclass(frozen=True)
class Index:
    """An opened index; its arrays are mapped, not read."""

    folder: Path
    about: About

    @classmethod
    def open(cls, folder: Path) -> Index:
        """Open an index; FileNotFoundError when there is none."""
        return cls(folder, About(**json.loads((folder / "about.json").read_text())))

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Where each person's events begin, and the end."""
        return mapped(self.folder / "offsets", np.int64)

    @cached_property
    def times(self) -> NDArray[np.int64]:
        """Instants in microseconds."""
        return mapped(self.folder / "times", np.int64)

    @cached_property
    def events(self) -> NDArray[Any]:
        """Codes of event names."""
        return mapped(self.folder / "events", width(len(self.names)))

    @cached_property
    def rows(self) -> NDArray[np.uint32]:
        """Row numbers."""
        return mapped(self.folder / "rows", np.uint32)

    @cached_property
    def names(self) -> pa.Array:
        """Names of events by code."""
        return read_values(self.folder / "names.arrow")

    @cached_property
    def directory(self) -> Directory:
        """The people."""
        return Directory(read_values(self.folder / "people.arrow"))

    def column(self, name: str) -> tuple[NDArray[Any], pa.Array] | None:
        """Return a property's codes in the order of the events, -1 for null, and its values; None when it was not asked for yet."""
        file = self._file(name)
        try:
            values = read_values(file.with_suffix(".arrow"))
            return mapped(file, width(len(values))), values
        except FileNotFoundError:
            return None

    def keep_column(self, name: str, codes: NDArray[Any], values: pa.Array) -> tuple[NDArray[Any], pa.Array]:
        """Keep a property, and return it mapped. Where it cannot be written it is returned as it is."""
        file, codes = self._file(name), codes.astype(width(len(values)), copy=False)
        aside = file.with_name(f".{uuid.uuid4().hex}")
        try:
            file.parent.mkdir(exist_ok=True)
            codes.tofile(aside)
            aside.rename(file)
            write_values(file.with_suffix(".arrow"), values)  # last: it says that the column is there
        except OSError:
            aside.unlink(missing_ok=True)
            return codes, values
        return mapped(file, codes.dtype), values

    @property
    def bytes(self) -> int:
        """The size of its files."""
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())

    def _file(self, name: str) -> Path:
        return self.folder / "columns" / hashlib.sha256(name.encode()).hexdigest()[:24]


def width(values: int) -> Any:
    """Return the smallest type that holds the codes of so many values and -1."""
    return np.int8 if values <= 0x7F else np.int16 if values <= 0x7FFF else np.int32


def mapped(file: Path, kind: Any) -> NDArray[Any]:
    """Return a flat file as an array; what is written into it stays in memory."""
    if not file.stat().st_size:  # nothing to map
        return np.empty(0, kind)
    return np.asarray(np.memmap(file, kind, mode="c"))


def create(file: Path, kind: Any, length: int) -> NDArray[Any]:
    """Return an array that is a new flat file."""
    if not length:
        file.touch()
        return np.empty(0, kind)
    return np.memmap(file, kind, mode="w+", shape=(length,))


def write_values(file: Path, values: pa.Array) -> None:
    """Write ids or names, one after the other, whole or not at all."""
    aside = file.with_name(f".{uuid.uuid4().hex}")
    table = pa.table({"value": values})
    with pa.OSFile(str(aside), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    aside.rename(file)


def read_values(file: Path) -> pa.Array:
    """Return what :func:`write_values` wrote, mapped."""
    with pa.memory_map(str(file)) as source:
        column = pa.ipc.open_file(source).read_all()["value"]
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def finish(aside: Path, folder: Path, about: About) -> Index:
    """Put a finished index in place, whole, and open it; if another process was quicker, its one."""
    (aside / "about.json").write_text(json.dumps(asdict(about)))
    for file in filter(Path.is_file, aside.rglob("*")):
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
    try:
        aside.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(aside, ignore_errors=True)
    return Index.open(folder)
