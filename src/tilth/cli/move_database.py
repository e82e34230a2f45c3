"""``tilth move-database``: the twin of ``tilth.workbench.config.moving.move``."""

from __future__ import annotations

import click

from tilth.cli import output
from tilth.cli.command import argument, option
from tilth.cli.command import command as make
from tilth.cli.session import Session
from tilth.errors import InputError
from tilth.language import N_, _


class StillRunning(InputError):
    """A worker gives signs, so the installation is in use."""

    def __init__(self) -> None:
        super().__init__(_("A worker is running. End 'tilth serve' and 'tilth worker' first: what they write meanwhile would be lost, or wait."))


@make(
    "move-database",
    help=N_(
        "Carry the control database to an empty PostgreSQL database, compare every table, and say how to switch over.\n\n"
        "The password comes from secrets/database or PGPASSWORD, or stands in the URL. What is here stays as it is."
    ),
    examples="tilth move-database postgresql://tilth@127.0.0.1/tilth",
    workspace=False,
)
@argument("url", metavar=N_("URL"))
@option("--anyway", is_flag=True, help=N_("Although a worker gave a sign a moment ago."))
def command(session: Session, url: str, anyway: bool) -> None:
    """Carry the control database elsewhere."""
    from tilth.workbench.config import setup

    setup.start_django()
    from tilth.workbench.config import moving
    from tilth.workbench.jobs.finding import is_worker_there

    if not url.startswith(("postgresql://", "postgres://")):
        raise click.BadParameter(_("Give the address of a PostgreSQL database: postgresql://user@host/name"), param_hint="URL")
    if is_worker_there() and not anyway:
        raise StillRunning
    sums = moving.move(url)
    if session.json:
        output.document("move-database", {"rows": {name: one.rows for name, one in sums.items()}})
        return
    filled = {name: one.rows for name, one in sums.items() if one.rows}
    text = _("Carried {rows} rows in {tables} tables; every table holds the same on both sides.")
    output.say(session, text.format(rows=f"{sum(filled.values()):,}", tables=len(filled)))
    output.say(session, _('Switch over in tilth.toml:\n\n[database]\nurl = "{url}"').format(url=_without_password(url)))


def _without_password(url: str) -> str:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", "@", 1) if parts.password else url
