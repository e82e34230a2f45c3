"""Making an index of rows: two passes over them, in memory that does not grow with their number.

The first pass finds who there is and what happened (ids and their rows, names, slots). The second reads the rows once more as numbers, and deals them
out to blocks of people, in flat files aside; from there they go, block by block, to their places, where each person's few rows are put in order. A
block is small enough for a core's cache, so that ten times the rows take ten times as long, and not more.
"""

# ruff: noqa: S608  (what stands in the SQL is SQL of ours)

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tilth.engine import shards
from tilth.engine.index.layout import MOST_ROWS, About, Index, create, finish, mapped, width, write_values
from tilth.engine.kernels import index as kernels
from tilth.errors import InputError
from tilth.language import _

BATCH = 1 << 20  # rows read at once
BLOCK = 1 << 18  # events of a block, about
IN_MEMORY = 1 << 30  # bytes of rows that are dealt out in memory; more are in files, whose pages take four times as long to come by


@dataclass(frozen=True)
class Rows:
    """Rows that can be read again and again.

    Attributes
    ----------
    connection : duckdb.DuckDBPyConnection
    sql : str
        A ``SELECT`` of person (text), time (timestamp with time zone), event (text) and seq (whole number), in any order.
    links : pyarrow.Table or None
        value, person: rows of the id `value` are those of `person`.
    """

    connection: Any
    sql: str
    links: pa.Table | None = None

    def ask(self, query: str) -> pa.Table:
        """Return the answer to a query over ``given``."""
        table: pa.Table = self.connection.sql(f"WITH given AS ({self.sql}) {query}").to_arrow_table()
        return table

    def ids(self) -> Ids:
        """Return every id that occurs, with what its rows are."""
        found = self.ask("SELECT person, count(*) AS rows FROM given WHERE person IS NOT NULL AND time IS NOT NULL GROUP BY person ORDER BY person")
        values, rows = _array(found["person"]), _numbers(found["rows"], np.int64)
        if self.links is None or not self.links.num_rows:
            return Ids(values, values, rows)
        at = pc.index_in(values, value_set=_array(self.links["value"]))
        return Ids(values, pc.coalesce(_array(self.links["person"]).take(at), values), rows)


@dataclass(frozen=True)
class Ids:
    """The ids of some rows.

    Attributes
    ----------
    values : pyarrow.Array
    people : pyarrow.Array
        Whose rows those of each id are.
    rows : ndarray of int64
        How many rows with a time each id has.
    """

    values: pa.Array
    people: pa.Array
    rows: NDArray[np.int64]

    def codes(self, everybody: pa.Array) -> NDArray[np.int32]:
        """Return the place of each id's person among `everybody`."""
        if everybody is self.values:
            return np.arange(len(everybody), dtype=np.int32)
        return _numbers(pc.index_in(self.people, value_set=everybody), np.int32)


@dataclass(frozen=True)
class Known:
    """What codes mean: the people of an older index first, then those who are new.

    Attributes
    ----------
    people, names : pyarrow.Array
        Ids of people, and names of events, by code.
    slots, bases : ndarray of int64
    rows : int
    """

    people: pa.Array
    names: pa.Array
    slots: NDArray[np.int64]
    bases: NDArray[np.int64]
    rows: int


def build(rows: Rows, folder: Path, source: dict[str, Any], progress: Callable[[int, int], object] | None = None) -> Index:
    """Make an index in `folder`, which is not there yet.

    Parameters
    ----------
    rows : Rows
    folder : Path
        It is made beside it and put in place whole.
    source : dict
        Kept as it is in :attr:`About.source`.
    progress : callable, optional
        Called with the rows read so far and all rows; may raise to stop.

    Raises
    ------
    InputError
        When there are more rows than row numbers.
    """
    ids = rows.ids()
    everybody = ids.values if ids.people is ids.values else pc.unique(ids.people)
    nothing = np.empty(0, np.int64)
    known = enlarged(Known(everybody, pa.array([], pa.string()), nothing, nothing, 0), rows)
    aside = begun(folder)
    try:
        order, left_out = put_in_order(rows, ids, known, aside, progress)
        return settle(aside, folder, order, known, left_out, source)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def begun(folder: Path) -> Path:
    """Return a new folder beside the one that is to be."""
    aside = folder.with_name(f".{folder.name}-{uuid.uuid4().hex[:8]}")
    aside.mkdir(parents=True)
    return aside


def settle(aside: Path, folder: Path, order: Order, known: Known, left_out: int, source: dict[str, Any]) -> Index:
    """Write what codes mean, and put the index in place."""
    for array in (order.times, order.events, order.rows):
        if isinstance(array, np.memmap):
            array.flush()
    order.offsets.tofile(aside / "offsets")
    write_values(aside / "people.arrow", known.people)
    write_values(aside / "names.arrow", known.names)
    span = [int(order.times.min()), int(order.times.max())] if len(order.times) else [0, 0]
    about = About(len(order.times), left_out, known.slots.tolist(), known.bases.tolist(), known.rows, span, source)
    return finish(aside, folder, about)


def enlarged(known: Known, rows: Rows) -> Known:
    """Return what codes mean when the names and slots of `rows` have come to it.

    Raises
    ------
    InputError
        When a slot is older than one that is known, or row numbers run out.
    """
    names = _array(rows.ask("SELECT event FROM given WHERE event IS NOT NULL GROUP BY event ORDER BY count(*) DESC, event")["event"])
    names = pa.concat_arrays([known.names, names.filter(pc.invert(pc.is_in(names, value_set=known.names)))])
    slots = rows.ask("SELECT seq >> 32 AS slot, max(seq & 4294967295) + 1 AS places FROM given GROUP BY slot ORDER BY slot")
    new, places = slots["slot"].to_numpy().astype(np.int64), slots["places"].to_numpy().astype(np.int64)
    if len(new) and len(known.slots) and new[0] < known.slots[-1]:
        raise SlotError
    settled = len(known.slots) - int(len(new) and len(known.slots) and new[0] == known.slots[-1])  # the last slot may go on growing
    begin = known.rows if settled == len(known.slots) else int(known.bases[settled])
    ends = begin + np.cumsum(places)
    taken = int(ends[-1]) if len(ends) else known.rows
    if taken > MOST_ROWS:
        raise InputError(_("An index holds up to {most} rows; there are {rows}.").format(most=f"{MOST_ROWS:,}", rows=f"{taken:,}"))
    return Known(known.people, names, np.concatenate([known.slots[:settled], new]), np.concatenate([known.bases[:settled], ends - places]), taken)


class SlotError(Exception):
    """New rows belong before rows that are known: numbers cannot go on, the index is to be made anew."""


@dataclass(frozen=True)
class Order:
    """Events in the order of people and time; see :mod:`tilth.engine.index.layout`."""

    offsets: NDArray[np.int64]
    times: NDArray[np.int64]
    events: NDArray[Any]
    rows: NDArray[np.uint32]


def put_in_order(rows: Rows, ids: Ids, known: Known, aside: Path, progress: Callable[[int, int], object] | None) -> tuple[Order, int]:
    """Return the rows in the order of people and time, as files in `aside`, and how many lack a person or a time."""
    total = rows.ask("SELECT count(*) AS rows FROM given")["rows"][0].as_py()
    codes_of = ids.codes(known.people)
    counts = np.zeros(len(known.people), np.int64)
    np.add.at(counts, codes_of, ids.rows)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    there = int(offsets[-1])
    shift = max(0, (len(known.people) * BLOCK // max(there, 1)).bit_length() - 1)
    bounds = offsets[np.minimum(np.arange(0, len(offsets) + (1 << shift) - 1, 1 << shift), len(offsets) - 1)]
    kinds = {"codes": np.int32, "times": np.int64, "events": width(len(known.names)), "rows": np.uint32}
    scratch = aside / "scratch"
    scratch.mkdir()
    in_memory = there * sum(np.dtype(kind).itemsize for kind in kinds.values()) <= IN_MEMORY
    dealt = [np.empty(there, kind) if in_memory else create(scratch / name, kind, there) for name, kind in kinds.items()]
    _deal(rows, ids, codes_of, known, shift, bounds[:-1].copy(), dealt, total, progress)
    place, files = offsets[:-1].copy(), [aside / name for name in ("times", "events", "rows")]

    def shard(first: int, last: int) -> None:
        with files[0].open("r+b") as times, files[1].open("r+b") as events, files[2].open("r+b") as rows_:
            for block in range(first, last):
                low, high = int(bounds[block]), int(bounds[block + 1])
                ordered = [np.empty(high - low, kinds[file.name]) for file in files]
                kernels.scatter(*dealt, place, *ordered, low, high)
                kernels.sort_each(offsets, *ordered, block << shift, min((block + 1) << shift, len(known.people)))
                for file, column in zip((times, events, rows_), ordered, strict=True):
                    file.seek(low * column.itemsize)
                    file.write(column.data)

    for file in files:
        file.touch()
    shards.run(shard, bounds)
    order = Order(offsets, *(mapped(file, kinds[file.name]) for file in files))
    shutil.rmtree(scratch)
    return order, total - there


def _deal(
    rows: Rows,
    ids: Ids,
    codes_of: NDArray[np.int32],
    known: Known,
    shift: int,
    ends: NDArray[np.int64],
    dealt: list[NDArray[Any]],
    total: int,
    progress: Callable[[int, int], object] | None,
) -> None:
    """Read the rows, and append each to the block of its person."""
    hashed, table = _table(rows, ids, codes_of)
    kind = width(len(known.names))
    query = f"SELECT {hashed} AS hash, person IS NOT NULL AND time IS NOT NULL AS known, epoch_us(time) AS time, event, seq FROM given"
    done = 0
    for batch in rows.connection.sql(f"WITH given AS ({rows.sql}) {query}").to_arrow_reader(BATCH):
        codes, numbers = np.empty(batch.num_rows, np.int32), np.empty(batch.num_rows, np.uint32)
        kernels.look_up(_numbers(batch["hash"], np.uint64), batch["known"].to_numpy(zero_copy_only=False), table, codes)
        kernels.number(_numbers(batch["seq"], np.int64), known.slots, known.bases, numbers)
        events = _numbers(pc.index_in(batch["event"], value_set=known.names), kind, missing=-1)
        kernels.deal(codes, _numbers(batch["time"], np.int64), events, numbers, shift, ends, *dealt)
        done += batch.num_rows
        if progress is not None:
            progress(done, total)


def _table(rows: Rows, ids: Ids, codes_of: NDArray[np.int32]) -> tuple[str, NDArray[np.uint64]]:
    """Return how ids are hashed, and their codes by hash, in a table at most half full."""
    rows.connection.register("raw_ids", pa.table({"person": ids.values}))
    hashed = "hash(person)"
    while True:
        hashes = _numbers(rows.connection.sql(f"SELECT {hashed} AS hash FROM raw_ids").to_arrow_table()["hash"], np.uint64)
        table = np.zeros(1 << max(4, (2 * len(hashes)).bit_length()), np.uint64)
        if kernels.fill(hashes, codes_of, table):
            return hashed, table
        hashed = hashed.replace("person", "person || '.'")  # two ids cannot be told apart by their hashes: with another ending they will be


def _numbers(column: pa.Array | pa.ChunkedArray, kind: Any, missing: int = 0) -> NDArray[Any]:
    filled = column.fill_null(missing) if column.null_count else column
    return np.ascontiguousarray(_array(filled).to_numpy(zero_copy_only=False)).astype(kind, copy=False)


def _array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if not isinstance(column, pa.ChunkedArray):
        return column
    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole
