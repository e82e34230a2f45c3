"""The exports go through the real loader: every file is recognised, and the quarantine holds exactly the rows that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc

from tilth.warehouse.demo import Brand
from tilth.warehouse.demo.exports import HEADERS
from tilth.warehouse.loading.propose import propose
from tilth.warehouse.loading.sniff import sniff
from tilth.warehouse.schema import TABLES
from tilth.warehouse.workspace import Workspace

UNREADABLE = {"no_order", "bad_time", "bad_columns", "bad_encoding"}
"""Kinds of dirt that no reader can load; negative prices and equal rows are for a person to judge."""


def test_every_export_is_proposed_for_its_own_table(small: Brand, tmp_path: Path) -> None:
    written = small.write(tmp_path)
    for name, headers in HEADERS.items():
        mapping = propose(sniff(written[name])).mapping
        assert mapping.table == name
        found = {target: f.column for target, f in mapping.fields.items()}
        # a column without a single value says nothing of what it is
        filled = {column: header for column, header in headers.items() if small.tables[name][column].null_count < small.tables[name].num_rows}
        assert found == filled, name
    events = propose(sniff(written["events"])).mapping
    assert set(events.fields) == {c.name for c in TABLES["events"].columns}


def test_the_quarantine_holds_the_unreadable_rows_and_only_they(brand: Brand, tmp_path: Path) -> None:
    file = tmp_path / "orders_dirty.csv"
    file.write_bytes(brand.dirty_export.content())
    workspace = Workspace.create(tmp_path / "workspace")
    workspace.load(file, propose(sniff(file), "orders").mapping)
    aside = workspace.quarantine()
    assert sorted(aside["row"]) == [row.row for row in brand.dirty if row.reason in UNREADABLE]


def test_loaded_orders_sum_to_what_was_sold(small: Brand, tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    workspace.load(small.write(tmp_path / "exports")["orders"])
    assert workspace.quarantine().empty
    [loaded] = workspace.relation("orders").aggregate('count(*), sum(amount), count(person), count(DISTINCT "order")').fetchall()
    sold = small.tables["orders"]
    assert loaded == (sold.num_rows, pc.sum(sold["amount"]).as_py(), pc.count(sold["person"]).as_py(), len(pc.unique(sold["order"])))
