"""``tilth secrets``: what keys there are, and a new one before them; the twin of ``workbench.config.secrets``."""

from __future__ import annotations

import click

from tilth.cli import output
from tilth.cli.command import Choice, Group, everywhere
from tilth.cli.command import command as make
from tilth.cli.session import FOUND, Session
from tilth.cli.source import stacked
from tilth.language import N_, _


@click.group(
    "secrets",
    cls=Group,
    help=N_("List the workbench's secrets, or put a new key before the old ones."),
    epilog="tilth secrets list\ntilth secrets rotate signing",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@stacked(*everywhere(workspace=False))
def command() -> None:
    """Hold what can be done with secrets."""


@make(
    "list",
    help=N_("List the secrets there are, never their values. Exits 3 when anybody but their owner could read one."),
    examples="tilth secrets list",
    workspace=False,
)
def _list(session: Session) -> None:
    from tilth.workbench.config import secrets

    found = secrets.kept()
    if session.json:
        facts = [{"name": one.name, "keys": one.keys, "changed_at": one.changed_at, "open_to_others": one.open_to_others} for one in found]
        output.document("secrets list", {"folder": str(secrets.folder()), "secrets": facts})
    output.say(session, str(secrets.folder()))
    for one in found:
        what = _("{keys} keys").format(keys=one.keys) if one.keys else _("password")
        warning = "   " + _("others can read it: chmod 600 {path}").format(path=secrets.folder() / one.name) if one.open_to_others else ""
        output.say(session, f"  {one.name:<10} {what:<8} {one.changed_at.astimezone():%Y-%m-%d %H:%M}{warning}")
    if any(one.open_to_others for one in found):
        raise click.exceptions.Exit(FOUND)


@make(
    "rotate",
    help=N_(
        "Put a new key before those of a name; what older keys signed or encrypted stays readable.\n\n"
        "Restart 'tilth serve' and 'tilth worker' afterwards, so that they use it."
    ),
    examples="tilth secrets rotate signing\ntilth secrets rotate personal",
    workspace=False,
)
@click.argument("name", type=Choice(["signing", "personal"]))
def _rotate(session: Session, name: str) -> None:
    from tilth.workbench.config import secrets

    count = secrets.rotate(name)
    if session.json:
        output.document("secrets rotate", {"name": name, "keys": count})
    output.say(session, _("{name} has {keys} keys now, the newest in use after a restart.").format(name=name, keys=count))


for _inner in (_list, _rotate):
    command.add_command(_inner)
