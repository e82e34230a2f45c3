"""``tilth demo``: the demo brand in a workspace of its own, brought there by the real loader.

The brand's tables go in as files; its raw export of the last orders, dirty lines among them, goes in after them as an overlapping export, so
that its clean rows are recognised and only what does not fit is new: the quarantine then has something to show.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli import output
from tilth.cli.command import command as make
from tilth.cli.command import option
from tilth.cli.progress import watching
from tilth.cli.session import Session, demo_folder
from tilth.language import N_, _

if TYPE_CHECKING:
    from tilth.warehouse.demo import Brand
    from tilth.warehouse.workspace import Workspace

DIRTY = "orders_dirty.csv"
KEY = ("订单编号", "商品编码")
"""The columns by which an order line of the raw export is known again."""


@make(
    "demo",
    help=N_(
        "Build the demo brand: two years of a simulated Chinese retail business with a known truth, in a workspace of its own.\n\n"
        "What is there already is kept; a second run only says so. The commands that answer questions look at it with --demo."
    ),
    examples=("tilth demo\ntilth demo --rebuild --people 2000\ntilth funnel view_goods add_to_cart pay --within 7d --demo"),
    workspace=False,
)
@option("--rebuild", is_flag=True, help=N_("Throw the demo's workspace away and build it anew."))
@option("--seed", type=int, default=2025, show_default=True, metavar=N_("NUMBER"), help=N_("The same seed, end and people give the same rows."))
@option("--end", type=click.DateTime(["%Y-%m-%d"]), metavar=N_("DAY"), help=N_("The last day; default 2025-12-31."))
@option("--people", type=int, default=20_000, show_default=True, metavar=N_("NUMBER"), help=N_("How many people."))
def command(session: Session, rebuild: bool, seed: int, end: dt.datetime | None, people: int) -> None:
    """Build the demo brand, or say that it is there."""
    from tilth.warehouse.workspace import Workspace

    began = time.monotonic()
    folder = demo_folder()
    if rebuild and folder.exists():
        Workspace.open(folder)  # whatever else is in that place is not ours to delete
        shutil.rmtree(folder)
    workspace = Workspace.open(folder) if (folder / "workspace.toml").exists() else Workspace.create(folder)
    built = not _complete(workspace)
    if built:
        from tilth.warehouse.demo import generate

        output.say(session, _("Simulating two years of {people} people …").format(people=f"{people:,}"))
        from tilth.warehouse.loading.ingest import CancelledError

        try:
            _fill(session, workspace, generate(seed, end.date() if end else None, people))
        except CancelledError as fault:
            raise click.Abort(_("Cancelled. What was loaded whole is kept; 'tilth demo' goes on from there.")) from fault
    _report(session, workspace, built, time.monotonic() - began)


def _complete(workspace: Workspace) -> bool:
    """Return whether every part of the brand has been loaded; a build that was broken off is taken up again."""
    from tilth.warehouse import schema

    expected = {*(f"{name}.parquet" for name in schema.TABLES), DIRTY}
    return expected <= set(workspace.loads()["source"])


def _fill(session: Session, workspace: Workspace, brand: Brand) -> None:
    with tempfile.TemporaryDirectory() as folder, watching(session, _("Loading"), cancellable=True) as watch:
        for name, rows in brand.tables.items():
            file = Path(folder) / f"{name}.parquet"
            _write(rows, file)
            workspace.load(file, _mapping(name), progress=watch.report, cancel=watch.cancelled, who="tilth demo")
        file = Path(folder) / DIRTY
        file.write_bytes(brand.dirty_export.content())
        workspace.load(file, _overlapping(file), progress=watch.report, cancel=watch.cancelled, who="tilth demo")


def _write(rows: Any, file: Path) -> None:
    """Write a table with each property as a column of its own, as an export has them."""
    import pyarrow.parquet as pq

    from tilth.engine.conditions import literal, quoted
    from tilth.engine.sources import connect

    with connect() as connection:
        source = connection.from_arrow(rows)
        names = [row[0] for row in source.project("unnest(json_keys(properties)) AS name").distinct().order("name").fetchall()]
        offered = [f"json_extract_string(properties, {literal('$.' + quoted(name))}) AS {quoted(name)}" for name in names]
        wide = source.project(", ".join(["* EXCLUDE (properties)", *offered])).to_arrow_table()
    pq.write_table(wide, file, compression="zstd")


def _mapping(table: str) -> Any:
    """Return the mapping of a table's file: every column to the column of its name."""
    import pyarrow as pa

    from tilth.warehouse import schema
    from tilth.warehouse.loading.mapping import Field, Mapping

    def kind(column: schema.Column) -> str:
        if pa.types.is_timestamp(column.type):
            return "iso"
        return "text" if pa.types.is_string(column.type) else "number"

    return Mapping(table, {column.name: Field(column.name, kind(column)) for column in schema.TABLES[table].columns})


def _overlapping(file: Path) -> Any:
    """Return the mapping that is proposed for the raw export, with the key by which its rows are known again."""
    from dataclasses import replace

    from tilth.warehouse.loading.propose import propose
    from tilth.warehouse.loading.sniff import sniff

    return replace(propose(sniff(file), "orders").mapping, key=KEY)


def _report(session: Session, workspace: Workspace, built: bool, seconds: float) -> None:
    rows = {name: int(count) for name, count in workspace.status().set_index("table")["rows"].items()}
    waiting = int(workspace.loads()["quarantined"].sum())
    if session.json:
        facts = {"workspace": str(workspace.root), "built": built, "rows": rows, "quarantined": waiting, "seconds": seconds}
        output.document("demo", facts)
        return
    counted = ", ".join(f"{name} {count:,}" for name, count in rows.items())
    text = _("Built the demo brand in {seconds} s: {rows}") if built else _("The demo brand is there: {rows}")
    output.say(session, text.format(seconds=f"{seconds:.0f}", rows=counted))
    output.say(session, _("In quarantine: {count} rows. Next: tilth report --demo").format(count=f"{waiting:,}"))
