"""``tilth backup``: the twin of ``tilth.warehouse.backup.backup``, and with ``--all`` of ``tilth.workbench.config.backup.backup``."""

from __future__ import annotations

from pathlib import Path

import click

from tilth.cli import output, source
from tilth.cli.command import argument, option
from tilth.cli.command import command as make
from tilth.cli.progress import watching
from tilth.cli.session import Session
from tilth.language import N_, _


@make(
    "backup",
    help=N_("Write an archive of the workspace, also while it is in use; an archive of that name is replaced once the new one is whole."),
    examples=("tilth backup tilth-2025-11-11.zip\ntilth backup --all installation-2025-11-11.zip"),
)
@argument("file", metavar=N_("FILE"), type=click.Path(path_type=Path, dir_okay=False))
@option("--demo", is_flag=True, help=N_("Of the demo brand's workspace."))
@option(
    "--all", "whole", is_flag=True, help=N_("Of the whole installation: the control database, all workspaces, pictures and settings; no secrets.")
)
def command(session: Session, file: Path, demo: bool, whole: bool) -> None:
    """Write an archive."""
    if whole:
        _installation(session, file)
        return
    from tilth.warehouse.backup import backup

    workspace = source.workspace(session, demo)
    with watching(session, _("Backup")) as watch:
        done = backup(workspace, file, watch.report)
    if session.json:
        output.document("backup", {"file": str(done.path), "files": done.files, "bytes": done.bytes, "versions": done.versions})
        return
    text = _("Packed {files} files, {megabytes} MB, into {path}. Restore it with: tilth -w FOLDER restore {path}")
    output.say(session, text.format(files=f"{done.files:,}", megabytes=f"{done.bytes / 1e6:,.1f}", path=done.path))


def _installation(session: Session, file: Path) -> None:
    """Write an archive of the whole installation."""
    from tilth.workbench.config import setup

    setup.start_django()
    from tilth.workbench.config.backup import backup

    done = backup(file.absolute())
    if session.json:
        output.document("backup", {"file": str(done.path), "workspaces": done.workspaces, "rows": done.rows, "bytes": done.bytes})
        return
    text = _("Packed {workspaces} workspaces and the control database ({rows} rows), {megabytes} MB, into {path}.")
    rows, megabytes = sum(done.rows.values()), done.bytes / 1e6
    output.say(session, text.format(workspaces=len(done.workspaces), rows=f"{rows:,}", megabytes=f"{megabytes:,.1f}", path=done.path))
    output.say(
        session, _("The secrets are not in it: keep a copy of the folder 'secrets' apart. Restore with: tilth restore {path}").format(path=done.path)
    )
