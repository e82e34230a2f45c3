"""What every page of the shell needs to know."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from tilth.workbench.shell import menu
from tilth.workbench.tenancy.models import Membership


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the workspace, the actor, the rooms and, when first looked at, the other workspaces of the user."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return {}
    return {
        "workspace": actor.workspace,
        "actor": actor,
        "rooms": lambda: menu.shown(request),
        "workspaces": lambda: Membership.objects.filter(user=actor.user).select_related("workspace").order_by("workspace__name"),
    }
