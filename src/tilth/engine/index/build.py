"""Making an index of rows: two passes over them, in memory that does not grow with their number.

The first pass finds who there is and what happened (ids, names, slots). The second reads the rows once more as numbers, and keeps these aside in flat
files; from there they go, range of people by range of people, to their places, where each person's few rows are put in order.
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
from tilth.engine.index.layout import MOST_ROWS, About, Index, create, finish, width, write_values
from tilth.engine.kernels import index as kernels
from tilth.errors import InputError
from tilth.language import _

BATCH = 1 << 20  # rows read at once
RANGE = 1 << 26  # events that are put in order at once: about a gigabyte


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

    def ids(self) -> tuple[pa.Array, pa.Array]:
        """Return every id that occurs, and whose rows its rows are."""
        found = _array(self.ask("SELECT DISTINCT person FROM given WHERE person IS NOT NULL AND time IS NOT NULL ORDER BY person")["person"])
        if self.links is None or not self.links.num_rows:
            return found, found
        at = pc.index_in(found, value_set=_array(self.links["value"]))
        return found, pc.coalesce(_array(self.links["person"]).take(at), found)


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
    raw, people = rows.ids()
    everybody = pc.unique(people)
    nothing = np.empty(0, np.int64)
    known = enlarged(Known(everybody, pa.array([], pa.string()), nothing, nothing, 0), rows)
    aside = begun(folder)
    try:
        order, left_out = put_in_order(rows, raw, pc.index_in(people, value_set=everybody), known, aside, progress)
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
    if len(new) and len(known.slots) and new[0] <= known.slots[-1]:
        raise SlotError
    ends = known.rows + np.cumsum(places)
    taken = int(ends[-1]) if len(ends) else known.rows
    if taken > MOST_ROWS:
        raise InputError(_("An index holds up to {most} rows; there are {rows}.").format(most=f"{MOST_ROWS:,}", rows=f"{taken:,}"))
    return Known(known.people, names, np.concatenate([known.slots, new]), np.concatenate([known.bases, ends - places]), taken)


class SlotError(Exception):
    """New rows belong before rows that are known: numbers cannot go on, the index is to be made anew."""


@dataclass(frozen=True)
class Order:
    """Events in the order of people and time; see :mod:`tilth.engine.index.layout`."""

    offsets: NDArray[np.int64]
    times: NDArray[np.int64]
    events: NDArray[Any]
    rows: NDArray[np.uint32]


def put_in_order(
    rows: Rows, raw: pa.Array, codes_of: pa.Array, known: Known, aside: Path, progress: Callable[[int, int], object] | None
) -> tuple[Order, int]:
    """Return the rows in the order of people and time, as files in `aside`, and how many lack a person or a time.

    `codes_of` are the codes of the people whom the ids `raw` stand for.
    """
    total = rows.ask("SELECT count(*) AS rows FROM given")["rows"][0].as_py()
    scratch = aside / "scratch"
    scratch.mkdir()
    kind = width(len(known.names))
    codes, times = create(scratch / "codes", np.int32, total), create(scratch / "times", np.int64, total)
    events, numbers = create(scratch / "events", kind, total), create(scratch / "rows", np.uint32, total)
    counts = np.zeros(len(known.people), np.int64)
    salt, keys, places = _table(rows, raw, codes_of)
    done = 0
    hashed = "hash(person)" if not salt else f"hash(person || '{salt}')"
    query = f"SELECT {hashed} AS hash, person IS NOT NULL AND time IS NOT NULL AS known, epoch_us(time) AS time, event, seq FROM given"
    for batch in rows.connection.sql(f"WITH given AS ({rows.sql}) {query}").to_arrow_reader(BATCH):
        end = done + batch.num_rows
        there = batch["known"].to_numpy(zero_copy_only=False)
        kernels.look_up(_numbers(batch["hash"], np.uint64), there, keys, places, codes[done:end], counts)
        times[done:end] = _numbers(batch["time"], np.int64)
        events[done:end] = pc.index_in(batch["event"], value_set=known.names).fill_null(-1).to_numpy(zero_copy_only=False)
        kernels.number(_numbers(batch["seq"], np.int64), known.slots, known.bases, numbers[done:end])
        done = end
        if progress is not None:
            progress(done, total)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    order = Order(
        offsets,
        create(aside / "times", np.int64, int(offsets[-1])),
        create(aside / "events", kind, int(offsets[-1])),
        create(aside / "rows", np.uint32, int(offsets[-1])),
    )
    place = offsets[:-1].copy()
    pieces = max(shards.cores(), int(-(-offsets[-1] // RANGE)))

    def shard(first: int, last: int) -> None:
        low, high = offsets[first], offsets[last]
        to = order.times[low:high], order.events[low:high], order.rows[low:high]
        kernels.scatter(codes, times, events, numbers, offsets, place, *to, first, last)
        kernels.sort_each(offsets, *to, first, last)

    shards.run(shard, offsets, pieces=pieces)
    shutil.rmtree(scratch)
    return order, total - int(offsets[-1])


def _table(rows: Rows, raw: pa.Array, codes_of: pa.Array) -> tuple[str, NDArray[np.uint64], NDArray[np.int32]]:
    """Return a table of hashes, at most half full, in which every id has its own."""
    size = 1 << max(4, (2 * len(raw)).bit_length())
    keys, places = np.zeros(size, np.uint64), np.full(size, kernels.FREE, np.int32)
    salt = ""
    while True:
        rows.connection.register("raw_ids", pa.table({"person": raw}))
        hashed = "hash(person)" if not salt else f"hash(person || '{salt}')"
        hashes = _numbers(rows.connection.sql(f"SELECT {hashed} AS hash FROM raw_ids").to_arrow_table()["hash"], np.uint64)
        if len(np.unique(hashes)) == len(hashes):
            break
        salt += "."  # two ids share a hash: with another ending they will not
    kernels.fill(hashes, _numbers(codes_of, np.int32), keys, places)
    return salt, keys, places


def _numbers(column: pa.Array | pa.ChunkedArray, kind: Any) -> NDArray[Any]:
    filled = column.fill_null(0) if column.null_count else column
    return np.ascontiguousarray(_array(filled).to_numpy(zero_copy_only=False)).astype(kind, copy=False)


def _array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if not isinstance(column, pa.ChunkedArray):
        return column
    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole
