"""``tilth demo``: the demo brand in a workspace of its own, brought there by the real loader."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from typing import TYPE_CHECKING

import click

from tilth.cli import output
from tilth.cli.command import command as make
from tilth.cli.command import option
from tilth.cli.progress import watching
from tilth.cli.session import Session, demo_folder
from tilth.language import N_, _

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace


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
    from tilth.warehouse.demo import filling
    from tilth.warehouse.workspace import Workspace

    began = time.monotonic()
    folder = demo_folder()
    if rebuild and folder.exists():
        Workspace.open(folder)  # whatever else is in that place is not ours to delete
        shutil.rmtree(folder)
    workspace = Workspace.open(folder) if (folder / "workspace.toml").exists() else Workspace.create(folder)
    built = not filling.filled(workspace)
    if built:
        from tilth.warehouse.demo import generate

        output.say(session, _("Simulating two years of {people} people …").format(people=f"{people:,}"))
        from tilth.warehouse.loading.ingest import CancelledError

        try:
            brand = generate(seed, end.date() if end else None, people)
            with watching(session, _("Loading"), cancellable=True) as watch:
                filling.fill(workspace, brand, watch.report, watch.cancelled, who="tilth demo")
        except CancelledError as fault:
            raise click.Abort(_("Cancelled. What was loaded whole is kept; 'tilth demo' goes on from there.")) from fault
        from tilth.analysis.display.overview import overview

        output.say(session, _("Asking the first questions, so that the pages need not wait for them …"))
        overview(workspace.events(), workspace.orders())  # makes the index, and compiles what most questions need
    _report(session, workspace, built, time.monotonic() - began)


def _report(session: Session, workspace: Workspace, built: bool, seconds: float) -> None:
    rows = {name: int(count) for name, count in workspace.status().set_index("table")["rows"].items()}
    waiting = int(workspace.quarantine_counts()["waiting"].sum())
    if session.json:
        facts = {"workspace": str(workspace.root), "built": built, "rows": rows, "quarantined": waiting, "seconds": seconds}
        output.document("demo", facts)
        return
    counted = ", ".join(f"{name} {count:,}" for name, count in rows.items())
    text = _("Built the demo brand in {seconds} s: {rows}") if built else _("The demo brand is there: {rows}")
    output.say(session, text.format(seconds=f"{seconds:.0f}", rows=counted))
    output.say(session, _("In quarantine: {count} rows. Next: tilth report --demo").format(count=f"{waiting:,}"))
