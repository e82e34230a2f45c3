"""``tilth accounts``: helps people back in; the twin of ``workbench.accounts.recovery``."""

from __future__ import annotations

import click

from tilth.cli import output
from tilth.cli.command import Group, argument, everywhere, option
from tilth.cli.command import command as make
from tilth.cli.session import Session
from tilth.cli.source import stacked
from tilth.language import N_, _


@click.group(
    "accounts",
    cls=Group,
    help=N_("Help people of the workbench back in."),
    epilog="tilth accounts link li@example.com\ntilth accounts unlock li@example.com",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@stacked(*everywhere(workspace=False))
def command() -> None:
    """Hold what can be done for an account."""


@make(
    "link",
    help=N_("Print a link by which somebody chooses a new password, once, within three days."),
    examples="tilth accounts link li@example.com\ntilth accounts link li@example.com --drop-second-factor",
    workspace=False,
)
@argument("mail", N_("MAIL"))
@option("--drop-second-factor", is_flag=True, help=N_("Also forget their authenticator app and recovery codes, when those are lost."))
def _link(session: Session, mail: str, drop_second_factor: bool) -> None:
    from tilth.workbench.config import setup

    setup.start_django()
    from tilth.workbench.accounts.recovery import password_link

    link = password_link(mail, drop_second_factor=drop_second_factor)
    if session.json:
        output.document("accounts link", {"link": link})
    output.say(session, link)


@make(
    "unlock",
    help=N_("Let an account be tried again at once after too many wrong passwords."),
    examples="tilth accounts unlock li@example.com",
    workspace=False,
)
@argument("mail", N_("MAIL"))
def _unlock(session: Session, mail: str) -> None:
    from tilth.workbench.config import setup

    setup.start_django()
    from tilth.workbench.accounts.recovery import unlock

    dropped = unlock(mail)
    if session.json:
        output.document("accounts unlock", {"dropped": dropped})
    output.say(session, _("The account can be tried again.") if dropped else _("The account was not waiting."))


for _inner in (_link, _unlock):
    command.add_command(_inner)
