"""``tilth collect``: takes live events and loads them; the twin of ``collector.serving``."""

from __future__ import annotations

import logging
import sys

import click

from tilth.cli import output
from tilth.cli.command import command as make
from tilth.cli.command import option
from tilth.cli.session import Session
from tilth.language import N_, _


@make(
    "collect",
    help=N_(
        "Take live events and load them, until interrupted.\n\n"
        "'tilth serve' does it beside the workbench; run it by itself where events arrive at other machines or with other processes. "
        "It goes on with the write keys that were published last when the control database cannot be reached."
    ),
    examples="tilth collect\ntilth collect --no-loader",
    workspace=False,
)
@option("--no-loader", is_flag=True, help=N_("Only take events; another process loads them."))
@option("--only-loader", is_flag=True, help=N_("Take no events; only load what others took."))
def command(session: Session, no_loader: bool, only_loader: bool) -> None:
    """Take events until interrupted."""
    from tilth.collector.serving import serve
    from tilth.workbench.config import options
    from tilth.workbench.config.serving import collector, require_ports

    if no_loader and only_loader:
        raise click.UsageError(_("--no-loader and --only-loader leave nothing to do."))
    settings = options.read()
    require_ports(settings, answering=False, collecting=not only_loader)
    _publish()

    def ready() -> None:
        if not only_loader:
            output.say(session, _("Live events are taken at {address}").format(address=options.collector_url(settings)))
        sys.stdout.flush()

    code = serve(collector(settings), answering=not only_loader, loading=not no_loader, ready=ready)
    if code:
        raise click.exceptions.Exit(code)


def _publish() -> None:
    """Publish the write keys as the control database has them; where it cannot be asked, those published before count."""
    from tilth.workbench.config import setup

    setup.start_django()
    from django.db import DatabaseError, connection

    from tilth.workbench.data.publishing import publish

    try:
        publish()
    except DatabaseError as fault:
        logging.getLogger(__name__).warning("The control database cannot be asked, the write keys published last count: %s", fault)
    finally:
        connection.close()
