"""Who the key or the session acts for, and what they may do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from tilth.workbench.tenancy.policy import POLICIES

router = Router(tags=["me"])


class Where(Schema):
    """A workspace."""

    slug: str
    name: str
    tz: str
    currency: str
    week_start: str


class Me(Schema):
    """Who acts: `rights` are what the role allows, narrowed by the key's."""

    name: str
    role: str
    rights: list[str]
    workspace: Where


@router.get("", response=Me)
def me(request: HttpRequest) -> dict[str, Any]:
    """Say who acts here, and with which rights."""
    actor = request.actor
    rights = [f"{kind}:{verb}" for kind, policy in sorted(POLICIES.items()) for verb in policy.verbs if policy.allows(actor, verb)]
    return {"name": actor.name, "role": actor.role, "rights": rights, "workspace": actor.workspace}
