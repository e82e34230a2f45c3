"""``tilth undo``: the twin of ``Workspace.undo``."""

from __future__ import annotations

from dataclasses import asdict

from tilth.cli import output
from tilth.cli import source as sources
from tilth.cli.command import argument
from tilth.cli.command import command as make
from tilth.cli.session import Session
from tilth.language import N_, _


@make(
    "undo",
    help=N_(
        "Take the rows of a load out of its table again, those that were mended later with them.\n\n"
        "Without a load, list the loads. The history keeps what was undone, and the same file can be loaded again."
    ),
    examples=("tilth undo\ntilth undo 20251111T120500-1a2b3c4d"),
)
@argument("load", N_("[LOAD]"), required=False)
def command(session: Session, load: str | None) -> None:
    """Undo a load, or list the loads there are."""
    workspace = sources.workspace(session)
    if load is not None:
        done = workspace.undo(load)
        if session.json:
            output.document("undo", asdict(done))
        else:
            output.say(session, _("Undone: {load}; {rows} rows left the table.").format(load=done.load, rows=f"{done.rows:,}"))
        return
    loads = workspace.loads()
    if session.json:
        output.document("undo", {"loads": output.records(loads.drop(columns=["mapping", "columns", "properties"]))})
        return
    for one in loads.itertuples():
        line = _("{load}  {source} → {table}: {rows} rows").format(load=one.load, source=one.source, table=one.table, rows=f"{one.accepted:,}")
        output.say(session, line if one.undone is None or one.undone != one.undone else line + "  " + _("(undone)"))
