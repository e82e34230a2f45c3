"""One's own account: name, mail address, how pages look; and the note in the audit when the way of signing in changes."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.utils.translation import gettext as _
from wagtail.users.models import UserProfile

from tilth.errors import InputError
from tilth.workbench.accounts.models import User
from tilth.workbench.accounts.policies import account
from tilth.workbench.tenancy.actions import Actor, action, record
from tilth.workbench.tenancy.models import Membership
from tilth.workbench.tenancy.roles import Role


@action(account, "change")
def rename(actor: Actor, *, name: str) -> None:
    """Change one's name."""
    User.objects.filter(pk=actor.user.pk).update(name=name)
    record(actor.user, name=name, changed="name")


@action(account, "change")
def show_as(actor: Actor, *, language: str, theme: str) -> None:
    """Choose the language and the colours of pages."""
    UserProfile.objects.update_or_create(user=actor.user, defaults={"preferred_language": language, "theme": theme})
    record(actor.user, language=language, theme=theme)


def change_email(user: User, email: str, *, verified: bool) -> None:
    """Change the address that an account signs in with; InputError when another account has it."""
    email = email.strip().lower()
    if User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise InputError(_("Another account has this mail address."))
    EmailAddress.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(email=email)
    if verified:
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    note(user, "email")


@action(account, "secure")
def end_sessions(actor: Actor, *, keep: str = "") -> None:
    """End every session of the account but the one with the key `keep`."""
    others = UserSession.objects.filter(user=actor.user).exclude(session_key=keep)
    ended = len([one.end() for one in others])
    record(actor.user, changed="sessions", ended=ended)


def note(user: User, what: str, *, by: str = "") -> None:
    """Leave a line in the audit of every workspace of a user: how they sign in has changed, by themselves or by a command of the terminal."""
    for membership in Membership.objects.filter(user=user).select_related("workspace", "user"):
        _secured(Actor(membership.workspace, Role("owner"), None, by, "cli") if by else Actor.of(membership), user, what)


@action(account, "secure")
def _secured(actor: Actor, user: User, what: str) -> None:
    record(user, changed=what)
