"""Members: their roles, their leaving, and the owner there always is."""

from __future__ import annotations

from dataclasses import replace

from django.utils import timezone
from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.workbench.accounts.models import Invitation
from tilth.workbench.accounts.policies import members
from tilth.workbench.tenancy.actions import Actor, action, record
from tilth.workbench.tenancy.models import Membership, Workspace
from tilth.workbench.tenancy.policy import Refused
from tilth.workbench.tenancy.roles import Role, may_give


class LastOwner(InputError):
    """The workspace would be left without an owner."""

    def __init__(self) -> None:
        super().__init__(_("A workspace needs an owner: hand over the ownership first."))


@action(members, "change")
def change_role(actor: Actor, *, thing: Membership, role: Role) -> None:
    """Give a member another role; Refused for one above one's own, LastOwner when nobody would own the workspace."""
    require_gift(_in_turn(actor, "change", thing), role)
    before = thing.role
    _keep_owner(actor.workspace, thing, role)
    thing.role = role
    thing.save(update_fields=["role"])
    _end_invitations(thing, role)
    record(thing, name=str(thing.user), before=before, after=str(role))


@action(members, "remove")
def remove_member(actor: Actor, *, thing: Membership) -> None:
    """Take a member out of the workspace; their keys and open invitations end with it."""
    _in_turn(actor, "remove", thing)
    _end(actor, thing)


@action(members, "leave")
def leave(actor: Actor) -> None:
    """Leave the workspace oneself."""
    _in_turn(actor, "leave")
    _end(actor, Membership.objects.get(workspace=actor.workspace, user=actor.user))


@action(members, "transfer")
def transfer(actor: Actor, *, to: Membership) -> None:
    """Make another member an owner and oneself a manager."""
    _in_turn(actor, "transfer", to)
    if to.workspace_id != actor.workspace.pk or to.user_id == actor.user.pk or not to.user.is_active:
        raise InputError(_("Ownership goes to another member of this workspace."))
    to.role = Role.OWNER
    to.save(update_fields=["role"])
    mine = Membership.objects.get(workspace=actor.workspace, user=actor.user)
    mine.role = Role.MANAGER
    mine.save(update_fields=["role"])
    _end_invitations(mine, Role("manager"))
    record(to, name=str(to.user))


def require_gift(actor: Actor, role: Role) -> None:
    """Raise Refused when `actor` may not give `role`."""
    if not may_give(actor.role, role):
        raise Refused(_("As {own} you cannot give the role {role}: nobody gives more than they have.").format(own=actor.role.label, role=role.label))


def _end(actor: Actor, membership: Membership) -> None:
    _keep_owner(actor.workspace, membership, None)
    record(membership, name=str(membership.user), role=membership.role)
    _end_invitations(membership, None)
    membership.delete()


def _end_invitations(membership: Membership, role: Role | None) -> None:
    """Revoke the open invitations that a member made and could not make any more: else they would come back by one, or up again."""
    beyond = [given for given in Role if role is None or not may_give(role, given)]
    Invitation.open().filter(invited_by=membership.user, role__in=beyond).update(revoked_at=timezone.now())


def _in_turn(actor: Actor, verb: str, thing: Membership | None = None) -> Actor:
    """Let changes of a workspace's members wait for one another, and ask for the right again: who waited may have lost it.

    Return the actor in the role that they have now.
    """
    Workspace.objects.select_for_update().get(pk=actor.workspace.pk)
    if thing is not None:
        now = Membership.objects.filter(pk=thing.pk).first()
        if now is None:
            raise InputError(_("{name} is no member any more.").format(name=thing.user))
        thing.role = now.role
    mine = actor.user and Membership.objects.filter(workspace=actor.workspace, user=actor.user).first()
    found = replace(actor, role=Role(mine.role)) if mine else actor if actor.user is None else None
    members.require(found, verb, thing)
    return found or actor


def _keep_owner(workspace: Workspace, membership: Membership, role: Role | None) -> None:
    """Raise LastOwner when `membership` is the only owner's and gets another role, or none; inside :func:`_in_turn`."""
    if membership.role != Role.OWNER or role == Role.OWNER:
        return
    if not workspace.memberships.filter(role=Role.OWNER, user__is_active=True).exclude(pk=membership.pk).exists():
        raise LastOwner
