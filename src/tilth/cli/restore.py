"""``tilth restore``: the twin of ``tilth.warehouse.backup.restore``; an archive of a whole installation is known by what it holds."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

import click

from tilth.cli import output
from tilth.cli.command import argument, option
from tilth.cli.command import command as make
from tilth.cli.progress import watching
from tilth.cli.session import Session
from tilth.language import N_, _


@make(
    "restore",
    help=N_(
        "Make a workspace of an archive; every file is checked before anything appears. The folder has to be empty or new.\n\n"
        "An archive of a whole installation (tilth backup --all) is restored into Tilth's data folder, TILTH_HOME, which has to hold none."
    ),
    examples=("tilth -w restored restore tilth-2025-11-11.zip\ntilth restore --check tilth-2025-11-11.zip"),
)
@argument("file", metavar=N_("FILE"), type=click.Path(path_type=Path, dir_okay=False, exists=True))
@option("--check", is_flag=True, help=N_("Only check that the archive is whole."))
def command(session: Session, file: Path, check: bool) -> None:
    """Restore an archive, or check it."""
    from tilth.warehouse import backup

    if _is_installation(file):
        _installation(session, file, check)
        return
    if check:
        manifest = backup.check(file)
        if session.json:
            output.document("restore", {"file": str(file), "whole": True, "made": manifest["made"], "versions": manifest["versions"]})
        else:
            text = _("{file} is whole: {files} files, made {made}.")
            output.say(session, text.format(file=file, files=f"{len(manifest['files']):,}", made=manifest["made"]))
        return
    with watching(session, _("Restore")) as watch:
        made = backup.restore(file, session.folder, watch.report)
    rows = {name: int(count) for name, count in made.status().set_index("table")["rows"].items()}
    if session.json:
        output.document("restore", {"workspace": str(made.root), "rows": rows})
        return
    counted = ", ".join(f"{name} {count:,}" for name, count in rows.items() if count)
    output.say(session, _("Restored into {folder}: {rows}").format(folder=made.root, rows=counted or _("no rows")))


def _is_installation(file: Path) -> bool:
    with suppress(zipfile.BadZipFile, OSError), zipfile.ZipFile(file) as archive:
        return "installation.json" in archive.namelist()
    return False


def _installation(session: Session, file: Path, check: bool) -> None:
    """Restore an archive of a whole installation, or check it."""
    from tilth.workbench.config import setup

    setup.start_django()
    from tilth.workbench.config import backup

    if check:
        told = backup.check(file)
        if session.json:
            output.document("restore", {"file": str(file), "whole": True, "made": told["made"], "rows": told["rows"]})
        else:
            output.say(
                session, _("{file} is whole: {files} files, made {made}.").format(file=file, files=f"{len(told['files']):,}", made=told["made"])
            )
        return
    done = backup.restore(file)
    if session.json:
        output.document("restore", {"workspaces": done.workspaces, "rows": done.rows})
        return
    text = _("Restored {workspaces} workspaces and the control database ({rows} rows). Put the folder 'secrets' back, then: tilth serve")
    output.say(session, text.format(workspaces=len(done.workspaces), rows=f"{sum(done.rows.values()):,}"))
