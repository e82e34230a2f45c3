"""API keys: how they look, and who acts when one is shown.

A key reads ``tilth_<prefix>_<secret>``. The prefix finds its row; the whole is compared by its keyed hash.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets as random

from django.utils import timezone

from tilth.workbench.accounts.models import ApiKey
from tilth.workbench.config import secrets
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.models import Membership, Workspace
from tilth.workbench.tenancy.roles import Role

USED_EVERY = dt.timedelta(minutes=1)
NOBODY = "0" * 64
"""Compared with when there is no such key, so that both answers take the same time."""


def fresh() -> tuple[str, str]:
    """Return the prefix of a new key, and the key."""
    prefix = random.token_hex(6)
    return prefix, f"tilth_{prefix}_{random.token_urlsafe(32)}"


def digest(key: str) -> str:
    """Return what is kept of a key."""
    return secrets.digest("api key", key)


def authenticate(header: str, slug: str) -> Actor | None:
    """Return who acts with the ``Authorization`` header of a request to a workspace; None for a key that opens it no more, or never did.

    The actor has the role that the key's maker has now, narrowed to the key's scopes: it can no more than its maker and ends with their membership.

    Parameters
    ----------
    header : str
        ``Bearer tilth_…``.
    slug : str
        The workspace that the path names.
    """
    scheme, _blank, key = header.partition(" ")
    parts = key.strip().split("_", 2)
    workspace = Workspace.objects.filter(slug=slug).first()
    if scheme.lower() != "bearer" or len(parts) != 3 or parts[0] != "tilth" or workspace is None:
        return None
    with scope.use(workspace):
        found = ApiKey.objects.filter(prefix=parts[1]).first()
        same = hmac.compare_digest(found.digest if found else NOBODY, digest(key.strip()))
        if found is None or not same or found.revoked_at is not None or found.expired:
            return None
        made_by = Membership.objects.filter(workspace=workspace, user=found.maker_id, user__is_active=True).select_related("user").first()
        if made_by is None:
            return None
        now = timezone.now()
        if found.used_at is None or now - found.used_at > USED_EVERY:
            ApiKey.objects.filter(pk=found.pk).update(used_at=now)
    return Actor(workspace, Role(made_by.role), made_by.user, f"{made_by.user} · {found.name}", "api", frozenset(found.scopes))
