"""Taking new rows into an index: a new one is made of the old one and them, in one pass over both.

Whoever reads the old index goes on reading it. People who turned out to be one person are joined on the way.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tilth.engine import shards
from tilth.engine.index.build import Known, Order, Rows, begun, enlarged, put_in_order, settle
from tilth.engine.index.layout import Index, create, finish, width
from tilth.engine.kernels import index as kernels


def fold(
    index: Index,
    rows: Rows,
    folder: Path,
    source: dict[str, Any],
    joined: dict[str, str] | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Index:
    """Make an index in `folder` of an older one and of new rows.

    Parameters
    ----------
    index : Index
    rows : Rows
        New rows only; their links are those that hold now.
    folder : Path
    source : dict
        Kept as it is in :attr:`About.source`.
    joined : dict, optional
        Whom people of the older index turned out to be: ids by id.
    progress : callable, optional
        As in :func:`~tilth.engine.index.build.build`.

    Raises
    ------
    SlotError
        When new rows belong before known ones: the index has to be made anew.
    """
    about = index.about
    ids = rows.ids()
    before = index.directory.ids
    now = _renamed(before, joined or {})
    everybody = pc.unique(pa.concat_arrays([now, ids.people]))
    known = enlarged(
        Known(everybody, index.names, np.array(about.slots, np.int64), np.array(about.bases, np.int64), about.rows),
        rows,
    )
    aside = begun(folder)
    try:
        fresh = aside / "new"
        fresh.mkdir()
        new, left_out = put_in_order(rows, ids, known, fresh, progress)
        order = _merged(index, new, pc.index_in(now, value_set=everybody).to_numpy(zero_copy_only=False), aside, len(known.names))
        del new
        shutil.rmtree(fresh)
        return settle(aside, folder, order, known, about.left_out + left_out, source)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def relink(index: Index, folder: Path, source: dict[str, Any]) -> Index:
    """Make an index in `folder` of the same events as another: the files are shared, only `source` is another."""
    about = index.about
    aside = begun(folder)
    for file in index.folder.rglob("*"):
        to = aside / file.relative_to(index.folder)
        if file.is_dir():
            to.mkdir(exist_ok=True)
        elif file.name != "about.json" and not file.name.startswith("."):
            os.link(file, to)
    return finish(aside, folder, replace(about, source=source))


def _renamed(people: pa.Array, joined: dict[str, str]) -> pa.Array:
    if not joined:
        return people
    at = pc.index_in(people, value_set=pa.array(list(joined), pa.string()))
    return pc.coalesce(pa.array(list(joined.values()), pa.string()).take(at), people)


def _merged(index: Index, new: Order, codes_now: np.ndarray, aside: Path, names: int) -> Order:
    """Return both in one order, as files in `aside`; `codes_now` are the codes that the older index's people have now."""
    everybody = len(new.offsets) - 1
    runs = np.argsort(codes_now, kind="stable").astype(np.int64)
    heads = np.concatenate([[0], np.cumsum(np.bincount(codes_now, minlength=everybody))]).astype(np.int64)
    before = np.bincount(codes_now, weights=np.diff(index.offsets), minlength=everybody).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(before + np.diff(new.offsets))]).astype(np.int64)
    length = int(offsets[-1])
    order = Order(
        offsets,
        create(aside / "times", np.int64, length),
        create(aside / "events", width(names), length),
        create(aside / "rows", np.uint32, length),
    )

    def shard(first: int, last: int) -> None:
        kernels.merge(
            heads, runs, index.offsets, index.times, index.events, index.rows, new.offsets, new.times, new.events, new.rows,
            offsets, order.times, order.events, order.rows, first, last,
        )  # fmt: skip

    shards.run(shard, offsets)
    return order
