"""API keys: made with some of one's own rights, shown once, revoked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.utils import timezone
from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.workbench.accounts import keys as form
from tilth.workbench.accounts.models import ApiKey
from tilth.workbench.accounts.policies import keys
from tilth.workbench.tenancy.actions import Actor, action, record
from tilth.workbench.tenancy.policy import POLICIES, Refused

PERSONAL = {"account", "key", "member", "workspace"}
"""Kinds that no program acts upon: it makes no members and no keys."""


def offered(actor: Actor) -> list[tuple[str, list[str]]]:
    """Return the rights that the actor may give a key, by kind: those of their own that programs may have."""
    mine = [(p.kind, [f"{p.kind}:{verb}" for verb in p.verbs if p.allows(actor, verb)]) for p in POLICIES.values() if p.kind not in PERSONAL]
    return [(kind, rights) for kind, rights in mine if rights]


@action(keys, "create")
def create_key(actor: Actor, *, name: str, scopes: Collection[str], days: int | None = None) -> tuple[ApiKey, str]:
    """Make a key; return its row and the key itself, which is kept nowhere.

    Raises
    ------
    Refused
        For a scope that the actor does not have.
    InputError
        Without any scope.
    """
    if not scopes:
        raise InputError(_("Choose at least one right: a key without any opens nothing."))
    beyond = set(scopes) - {right for _kind, rights in offered(actor) for right in rights}
    if beyond:
        raise Refused(_("You cannot give a key rights that are not yours: {rights}.").format(rights=", ".join(sorted(beyond))))
    prefix, key = form.fresh()
    expires = timezone.now() + dt.timedelta(days=days) if days else None
    made = ApiKey.objects.create(name=name, prefix=prefix, digest=form.digest(key), scopes=sorted(scopes), maker=actor.user, expires_at=expires)
    record(made, scopes=made.scopes, days=days)
    return made, key


@action(keys, "revoke")
def revoke_key(actor: Actor, *, thing: ApiKey) -> None:
    """End a key at once."""
    ApiKey.objects.filter(pk=thing.pk, revoked_at=None).update(revoked_at=timezone.now())
    record(thing, prefix=thing.prefix)
