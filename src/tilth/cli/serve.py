"""``tilth serve``: the workbench in a browser, its worker and the collector of live events beside it."""

from __future__ import annotations

import sys

import click

from tilth.cli import output
from tilth.cli.command import command as make
from tilth.cli.command import option
from tilth.cli.session import Session, demo_folder
from tilth.language import N_, _


@make(
    "serve",
    help=N_(
        "Serve the workbench, with its worker and the collector of live events beside it.\n\n"
        "Settings are in tilth.toml of the data folder. The first run makes an administrator and prints the generated password once."
    ),
    examples="tilth serve\ntilth serve --no-worker --no-collector",
    workspace=False,
)
@option("--no-worker", is_flag=True, help=N_("Run no worker; start 'tilth worker' by yourself."))
@option("--no-collector", is_flag=True, help=N_("Take no live events; start 'tilth collect' by yourself."))
@option("--administrator", default="admin@localhost", show_default=True, metavar=N_("MAIL"), help=N_("Mail address of the first account."))
def command(session: Session, no_worker: bool, no_collector: bool, administrator: str) -> None:
    """Prepare what is missing and serve until interrupted."""
    from tilth.workbench.config import options, setup
    from tilth.workbench.config.serving import require_ports, serve

    settings = options.read()
    require_ports(settings, collecting=not no_collector)
    setup.start_django()
    demo = demo_folder()
    prepared = setup.prepare(administrator, demo if (demo / "workspace.toml").exists() else None)
    if not no_collector:
        from tilth.workbench.data.publishing import publish

        publish()
    if prepared.password:
        output.say(session, _("Administrator: {mail}   password: {password}").format(mail=prepared.administrator, password=prepared.password))
        output.say(session, _("The password is shown this once; change it after signing in."))
    address = settings.server.url or f"http://{settings.server.host}:{settings.server.port}"
    output.say(session, _("The workbench is at {address}   (Ctrl+C ends it)").format(address=address))
    if not no_collector:
        output.say(session, _("Live events are taken at {address}").format(address=options.collector_url(settings)))
    sys.stdout.flush()
    code = serve(settings, with_worker=not no_worker, with_collector=not no_collector)
    if code:
        raise click.exceptions.Exit(code)
