"""``tilth upgrade``: the twin of ``tilth.warehouse.upgrade.upgrade``."""

from __future__ import annotations

from tilth.cli import output
from tilth.cli.command import command as make
from tilth.cli.progress import watching
from tilth.cli.session import Session
from tilth.language import N_, _


@make("upgrade", help=N_("Bring a workspace of an older Tilth to today's format. Make a backup first."), examples=("tilth upgrade"))
def command(session: Session) -> None:
    """Upgrade a workspace."""
    from tilth.warehouse.upgrade import upgrade

    with watching(session, _("Upgrading")) as watch:
        passed = upgrade(session.folder, watch.report)
    if session.json:
        output.document("upgrade", {"workspace": str(session.folder), "versions": passed})
        return
    output.say(session, _("Upgraded to format {version}.").format(version=passed[-1]) if passed else _("It is up to date already."))
