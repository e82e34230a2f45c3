"""The workspace itself: made with the folder of its facts, and its settings."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.warehouse.workspace import Workspace as Facts
from tilth.warehouse.workspace import WorkspaceError, write_settings
from tilth.workbench.accounts.policies import workspaces
from tilth.workbench.tenancy.actions import Actor, action, record
from tilth.workbench.tenancy.models import Membership, Workspace
from tilth.workbench.tenancy.policy import Refused
from tilth.workbench.tenancy.roles import Role

OF_FACTS = ("tz", "currency", "week_start")
"""Settings that the facts keep too, because they decide how days are cut and what amounts mean."""


def create_workspace(user: Any, *, slug: str, name: str, **settings: Any) -> Workspace:
    """Make a workspace with an empty folder of facts, owned by its maker.

    Raises
    ------
    Refused
        For anybody but an administrator of the installation.
    InputError
        When the address is taken, or its folder is not empty.
    """
    if not user.is_staff:
        raise Refused(_("Only an administrator of this installation makes workspaces."))
    if Workspace.objects.filter(slug=slug).exists():
        raise InputError(_("There is a workspace with the address {slug} already; choose another.").format(slug=slug))
    with transaction.atomic():
        made = Workspace.objects.create(slug=slug, name=name, **settings)
        mine = Membership.objects.create(workspace=made, user=user, role=Role.OWNER)
        _begin(Actor.of(mine))
    return made


@action(workspaces, "create")
def _begin(actor: Actor) -> None:
    made = actor.workspace
    try:
        Facts.create(made.folder, made.tz, made.currency, made.week_start)  # last: what failed before leaves no folder
    except WorkspaceError as fault:
        raise InputError(_("The folder {folder} holds files of something else; choose another address.").format(folder=made.slug)) from fault
    record(made)


@action(workspaces, "change")
def change_workspace(actor: Actor, /, **settings: Any) -> None:
    """Change the settings of the workspace, in the control database and, where they decide how facts are read, beside the facts."""
    before = Workspace.objects.get(pk=actor.workspace.pk)
    changed = {name: value for name, value in settings.items() if getattr(before, name) != value}
    for name, value in changed.items():
        setattr(before, name, value)
    before.full_clean()
    before.save(update_fields=list(changed))
    record(before, **{name: value for name, value in changed.items() if name != "name"}, changed=sorted(changed))
    if set(changed) & set(OF_FACTS):
        write_settings(before.folder, {"version": before.facts.version, **{name: getattr(before, name) for name in OF_FACTS}})
