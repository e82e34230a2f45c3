"""``tilth load``: the twin of ``Workspace.load``, ``reload`` and ``export_quarantine``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli import mapping, output, source
from tilth.cli.command import argument, option
from tilth.cli.command import command as make
from tilth.cli.progress import watching
from tilth.cli.session import CANCELLED, FOUND, OK, Session
from tilth.errors import InputError
from tilth.language import N_, _

if TYPE_CHECKING:
    from tilth.warehouse.loading.load import Load
    from tilth.warehouse.workspace import Workspace


@make(
    "load",
    help=N_(
        "Load files or a database's rows into the workspace: all of a source or nothing of it, and no file twice.\n\n"
        "SOURCE is a file (csv, tsv, jsonl, each also .gz, parquet, xlsx) or a database's address with --query. How its columns become the "
        "table's is proposed, shown and asked about. Rows that do not fit go to the quarantine: take them out with --quarantine, mend them in a "
        "spreadsheet and bring them back with --reload. The exit code is 3 when rows were quarantined."
    ),
    examples=(
        "tilth load orders.xlsx\n"
        "tilth load events.csv.gz --table events --map time=ts:unix_ms --map event=action --yes --save-template app\n"
        "tilth load 'postgresql://reader@localhost/shop' --query orders --yes\n"
        "tilth load --quarantine faults.csv\n"
        "tilth load --reload faults.csv"
    ),
)
@argument("sources", metavar=N_("SOURCE…"), nargs=-1)
@mapping.mapping_options
@option("-y", "--yes", is_flag=True, help=N_("Do not ask; needed where nobody can answer."))
@option("--preview", is_flag=True, help=N_("Only show what would be loaded."))
@option("--query", metavar=N_("TABLE|SELECT"), help=N_("What to read from a database: a table's name or a query."))
@option(
    "--quarantine",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=N_("FILE"),
    help=N_("Write the rows that wait in quarantine as CSV, after loading."),
)
@option(
    "--reload",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar=N_("FILE"),
    help=N_("Bring back the mended rows of a file that --quarantine wrote; each is taken once."),
)
def command(
    session: Session,
    sources: tuple[str, ...],
    yes: bool,
    preview: bool,
    query: str | None,
    quarantine: Path | None,
    reload: Path | None,
    **given: Any,
) -> int:
    """Load, export the quarantine, reload mended rows; any of them or several in that order."""
    if not (sources or quarantine or reload):
        raise click.UsageError(_("Name what to load, or --reload FILE, or --quarantine FILE."))
    workspace = source.workspace(session)
    facts: dict[str, Any] = {"workspace": str(workspace.root), "loads": []}
    code = OK
    for one in sources:
        found = _load(session, workspace, one, query, yes, preview, given)
        if found is None:
            return CANCELLED
        facts["loads"].append(found)
        code = max(code, FOUND if found.get("quarantined") else OK)
    if reload is not None:
        facts["reload"], left = _reload(session, workspace, reload)
        code = max(code, FOUND if left else OK)
    if quarantine is not None:
        if quarantine.exists():
            raise InputError(
                _("{file} is there already, perhaps with rows that somebody mended: name another file, or take it away first.").format(
                    file=quarantine
                )
            )
        count = workspace.export_quarantine(quarantine)
        facts["quarantine"] = {"file": str(quarantine), "rows": count}
        output.say(session, _("{count} rows wait in quarantine; written to {file}").format(count=f"{count:,}", file=quarantine))
    if session.json:
        output.document("load", facts)
    return code


def _load(session: Session, workspace: Workspace, one: str, query: str | None, yes: bool, preview: bool, given: dict[str, Any]) -> Any:
    """Load a source and return what was done; None when the person at the terminal said no."""
    plan = mapping.planned(workspace, one, query, given)
    if not session.json:
        mapping.show(session, plan, workspace.tz)
    if preview:
        return {"source": plan.name, "mapping": plan.mapping.to_dict(), "template": plan.template, "reasons": list(plan.reasons)}
    if not yes:
        if session.json or not sys.stdin.isatty():
            raise click.UsageError(_("Nobody is here to confirm: add --yes to load as proposed, or --preview only to look."))
        if not click.confirm(_("Load it like this?"), default=True):
            output.note(_("Nothing was loaded. Change it with --map COLUMN=SOURCE, --table or --template."))
            return None
    if given.get("save_template"):
        from tilth.warehouse.loading import templates

        kept = templates.save(workspace.root, given["save_template"], plan.mapping, plan.format)
        output.say(session, _("Saved the template {name} in {file}").format(name=repr(given["save_template"]), file=kept))
    from tilth.warehouse.loading.ingest import CancelledError

    try:
        with watching(session, plan.name, cancellable=True) as watch:
            done = workspace.load(plan.rows(), plan.mapping, name=plan.name, format=plan.format, progress=watch.report, cancel=watch.cancelled)
    except CancelledError as fault:
        text = _("Cancelled. Nothing of {source} was loaded; its table is as it was.")
        raise click.Abort(text.format(source=plan.name)) from fault
    _report(session, done)
    return {**vars(done), "mapping": plan.mapping.to_dict(), "template": plan.template}


def _report(session: Session, done: Load) -> None:
    if done.already:
        text = _("{source}: the same file was loaded before; nothing was added.")
    else:
        text = _("{source} → {table}: {accepted} rows in {seconds} s")
    parts = [text.format(source=done.source, table=done.table, accepted=f"{done.accepted:,}", seconds=f"{done.seconds:.1f}")]
    if done.skipped:
        parts.append(_("{count} rows left out: the table has their keys already").format(count=f"{done.skipped:,}"))
    if done.quarantined:
        parts.append(_("{count} rows do not fit and are in quarantine: tilth load --quarantine faults.csv").format(count=f"{done.quarantined:,}"))
    output.say(session, "\n  ".join(parts))


def _reload(session: Session, workspace: Workspace, file: Path) -> tuple[dict[str, Any], int]:
    """Bring mended rows back; return what was done and how many rows still do not fit."""
    done = workspace.reload(file)
    left = done.rows - done.accepted - done.repeated
    text = _("{file}: {accepted} rows accepted, {repeated} had been before, {left} still do not fit")
    output.say(session, text.format(file=file, accepted=f"{done.accepted:,}", repeated=f"{done.repeated:,}", left=f"{left:,}"))
    for fault in done.faults[:10]:
        output.say(session, f"  {fault}")
    return {"file": str(file), "rows": done.rows, "accepted": done.accepted, "repeated": done.repeated, "faults": list(done.faults)}, left
