"""The brand in a workspace, brought there by the real loader.

Its tables go in as files; its raw export of the last orders, dirty lines among them, goes in after them as an overlapping export, so that its clean
rows are recognised and only what does not fit is new: the quarantine then has something to show.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from tilth.engine.conditions import literal, quoted
from tilth.engine.sources import connect
from tilth.warehouse import schema
from tilth.warehouse.demo.brand import Brand
from tilth.warehouse.loading.ingest import Progress
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.loading.propose import propose
from tilth.warehouse.loading.sniff import sniff

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace

DIRTY = "orders_dirty.csv"
KEY = ("订单编号", "商品编码")
"""The columns by which an order line of the raw export is known again."""


def filled(workspace: Workspace) -> bool:
    """Return whether every part of the brand has been loaded; a build that was broken off is taken up again by :func:`fill`."""
    expected = {*(f"{name}.parquet" for name in schema.TABLES), DIRTY}
    return expected <= {record.source for record in workspace.history.all()}


def fill(
    workspace: Workspace,
    brand: Brand,
    progress: Callable[[Progress], object] | None = None,
    cancel: Callable[[], bool] | None = None,
    who: str | None = None,
) -> None:
    """Load a brand into a workspace; what was loaded whole before is recognised.

    Raises
    ------
    CancelledError
        When it was cancelled; what was loaded whole is kept.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in brand.tables.items():
            workspace.load(written(rows, Path(folder) / f"{name}.parquet"), as_it_is(name), progress=progress, cancel=cancel, who=who)
        file = Path(folder) / DIRTY
        file.write_bytes(brand.dirty_export.content())
        mapping = replace(propose(sniff(file), "orders").mapping, key=KEY)
        workspace.load(file, mapping, progress=progress, cancel=cancel, who=who)


def written(rows: pa.Table, file: Path) -> Path:
    """Write a table with each property as a column of its own, as an export has them; return the file."""
    with connect() as connection:
        source = connection.from_arrow(rows)
        names = [row[0] for row in source.project("unnest(json_keys(properties)) AS name").distinct().order("name").fetchall()]
        offered = [f"json_extract_string(properties, {literal('$.' + quoted(name))}) AS {quoted(name)}" for name in names]
        wide = source.project(", ".join(["* EXCLUDE (properties)", *offered])).to_arrow_table()
    pq.write_table(wide, file, compression="zstd")
    return file


def as_it_is(table: str) -> Mapping:
    """Return the mapping of a table's own file: every column to the column of its name."""

    def kind(column: schema.Column) -> str:
        if pa.types.is_timestamp(column.type):
            return "iso"
        return "text" if pa.types.is_string(column.type) else "number"

    return Mapping(table, {column.name: Field(column.name, kind(column)) for column in schema.TABLES[table].columns})
