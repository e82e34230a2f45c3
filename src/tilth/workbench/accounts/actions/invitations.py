"""Invitations: a link that is shown or mailed once, opens one place, and ends after a week."""

from __future__ import annotations

import datetime as dt
import secrets as random
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.workbench.accounts.actions.members import require_gift
from tilth.workbench.accounts.models import Invitation, User
from tilth.workbench.accounts.policies import members
from tilth.workbench.config import secrets
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.actions import Actor, action, record
from tilth.workbench.tenancy.models import Membership
from tilth.workbench.tenancy.roles import Role

LASTS = dt.timedelta(days=7)


class Unusable(InputError):
    """An invitation that opens nothing (any more), or not for this account."""


@action(members, "invite")
def invite(actor: Actor, *, role: Role, email: str = "") -> tuple[Invitation, str]:
    """Invite somebody; return the invitation and its token, which is kept nowhere.

    Raises
    ------
    Refused
        For a role above one's own.
    InputError
        When the address is a member's already.
    """
    require_gift(actor, role)
    email = email.strip().lower()
    if email and Membership.objects.filter(workspace=actor.workspace, user__email=email).exists():
        raise InputError(_("{email} is a member already.").format(email=email))
    token = random.token_urlsafe(32)
    if email:
        Invitation.open().filter(email=email).update(revoked_at=timezone.now())  # the newest counts
    made = Invitation.objects.create(
        email=email, role=role, token=secrets.digest("invitation", token), invited_by=actor.user, expires_at=timezone.now() + LASTS
    )
    record(made, role=str(role), by="mail address" if email else "link")
    return made, token


@action(members, "revoke")
def revoke(actor: Actor, *, thing: Invitation) -> None:
    """Make an invitation worthless."""
    Invitation.open().filter(pk=thing.pk).update(revoked_at=timezone.now())
    record(thing, role=thing.role)


def find(token: str) -> Invitation:
    """Return the invitation that a link leads to, of any workspace; Unusable when it is used, revoked, expired or never was."""
    with scope.everywhere():
        found = Invitation.open().filter(token=secrets.digest("invitation", token)).select_related("workspace", "invited_by").first()
    if found is None:
        raise Unusable(_("This invitation has been used or revoked, or its seven days are over. Ask whoever invited you for a new one."))
    return found


def accept(invitation: Invitation, user: User) -> Membership:
    """Join with an account that is there; Unusable when the invitation is for another address, or somebody was faster."""
    if invitation.email and invitation.email != user.email.lower():
        problem = _("This invitation is for {email}. Sign in with that account, or ask for an invitation of your own.")
        raise Unusable(problem.format(email=invitation.email))
    return _join(Actor(invitation.workspace, Role(invitation.role), user, str(user)), invitation)


def accept_anew(invitation: Invitation, *, name: str, email: str, password: str) -> User:
    """Make an account and join with it; the address counts as verified when the invitation was mailed to it."""

    def made() -> User:
        user = User.objects.create_user(invitation.email or email, password, name=name)
        if invitation.email and settings.EMAIL_HOST:  # else whoever was handed the link may have given any address
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    joined = _join(Actor(invitation.workspace, Role(invitation.role), None, name), invitation, made)
    return joined.user


@action(members, "join")
def _join(actor: Actor, invitation: Invitation, made: Any = None) -> Membership:
    if Invitation.open().filter(pk=invitation.pk).update(used_at=timezone.now()) != 1:
        raise Unusable(_("This invitation has just been used."))
    user = actor.user or made()
    joined, _new = Membership.objects.get_or_create(workspace=actor.workspace, user=user, defaults={"role": actor.role})
    record(joined, name=str(user), role=joined.role, invitation=invitation.pk)
    return joined
