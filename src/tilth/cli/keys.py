"""``tilth keys``: write keys of a workspace, by the same actions as its pages."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

import click

from tilth.cli import output
from tilth.cli.command import Choice, Group, argument, everywhere, option
from tilth.cli.command import command as make
from tilth.cli.session import Session, workspaces
from tilth.cli.source import stacked
from tilth.errors import InputError, UnknownName
from tilth.language import N_, _


@click.group(
    "keys",
    cls=Group,
    help=N_("List, make, replace and revoke the write keys that live events are sent with."),
    epilog="tilth keys list\ntilth keys add Shop --origin https://shop.example",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@stacked(*everywhere(workspace=True))
def command() -> None:
    """Hold what can be done with write keys."""


@make("list", help=N_("List the write keys of a workspace."), examples="tilth keys list")
def _list(session: Session) -> None:
    actor = _actor(session.folder)
    from tilth.workbench.data.models import WriteKey
    from tilth.workbench.tenancy import scope

    with scope.use(actor.workspace):
        found = [_told(one) for one in WriteKey.objects.all()]
    if session.json:
        output.document("keys list", {"keys": found})
    for one in found:
        output.say(session, f"  {one['key']}  {one['name']}{'' if one['active'] else '   ' + _('revoked')}")
    if not found:
        output.say(session, _("There are no write keys yet: tilth keys add NAME makes one."))


@make("add", help=N_("Make a write key."), examples="tilth keys add Shop --origin https://shop.example\ntilth keys add Till --platform server")
@argument("name", N_("NAME"))
@option("--platform", type=Choice(["web", "app", "mini", "server"]), default="web", show_default=True, help=N_("Where events come from."))
@option(
    "--origin", "origins", multiple=True, metavar=N_("ORIGIN"), help=N_("A web page that may send, such as https://shop.example; again for more.")
)
@option("--consent", is_flag=True, help=N_("The web script sends nothing before its visitor agreed."))
def _add(session: Session, name: str, platform: str, origins: tuple[str, ...], consent: bool) -> None:
    actor = _actor(session.folder)
    from tilth.workbench.data.actions import write_keys

    made = write_keys.create(actor, name=name, platform=platform, origins=origins, consent=consent)
    _say(session, "keys add", made)


@make(
    "rotate",
    help=N_("Put a new key in the place of one; the one before goes on counting for some hours, or ends at once."),
    examples="tilth keys rotate Shop --hours 24",
)
@argument("name", N_("NAME"))
@option("--hours", type=int, default=24, show_default=True, help=N_("How long the key before goes on counting; 0 ends it at once."))
def _rotate(session: Session, name: str, hours: int) -> None:
    actor = _actor(session.folder)
    from tilth.workbench.data.actions import write_keys

    _say(session, "keys rotate", write_keys.rotate(actor, thing=_found(actor, name), hours=hours))


@make("revoke", help=N_("End a write key for good; what came with it stays."), examples="tilth keys revoke Shop")
@argument("name", N_("NAME"))
def _revoke(session: Session, name: str) -> None:
    actor = _actor(session.folder)
    from tilth.workbench.data.actions import write_keys

    _say(session, "keys revoke", write_keys.revoke(actor, thing=_found(actor, name)))


def _actor(folder: Path) -> Any:
    """Return whoever sits at this terminal, as an owner of the workspace: they could change its files anyway."""
    from tilth.workbench.config import setup

    setup.start_django()
    from tilth.workbench.tenancy.actions import Actor
    from tilth.workbench.tenancy.models import Workspace
    from tilth.workbench.tenancy.roles import Role

    found = Workspace.objects.filter(slug=folder.name).first() if folder.resolve().parent == workspaces().resolve() else None
    if found is None:
        raise InputError(
            _("{folder} is no workspace of the workbench: 'tilth serve' registers those below {parent}.").format(folder=folder, parent=workspaces())
        )
    return Actor(found, Role("owner"), None, getpass.getuser(), "cli")


def _found(actor: Any, name: str) -> Any:
    from tilth.workbench.data.models import WriteKey
    from tilth.workbench.tenancy import scope

    with scope.use(actor.workspace):
        keys = {one.name: one for one in WriteKey.objects.all()}
    if name not in keys:
        raise UnknownName(_("write key"), name, keys)
    return keys[name]


def _told(key: Any) -> dict[str, Any]:
    return {
        "name": key.name,
        "key": key.key,
        "platform": key.platform,
        "origins": key.origins,
        "consent": key.consent,
        "active": key.is_active,
        "former_until": key.former_counts and key.former_counts.isoformat(),
    }


def _say(session: Session, name: str, key: Any) -> None:
    if session.json:
        output.document(name, {"key": _told(key)})
    output.say(session, f"{key.name}   {key.key}" if key.is_active else _("{name} is revoked.").format(name=key.name))
    if key.former_counts:
        output.say(session, _("The key before counts until {when}.").format(when=f"{key.former_counts.astimezone():%Y-%m-%d %H:%M}"))


for _inner in (_list, _add, _rotate, _revoke):
    command.add_command(_inner)
