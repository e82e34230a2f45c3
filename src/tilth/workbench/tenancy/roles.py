"""Roles of members, from the one who may do everything to the one who may look."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member is in a workspace."""

    OWNER = "owner", _("owner")
    MANAGER = "manager", _("manager")
    ANALYST = "analyst", _("analyst")
    OPERATOR = "operator", _("operator")
    VIEWER = "viewer", _("viewer")


ABOUT = {
    Role.OWNER: _("Everything, and the workspace itself: its settings, its owners, its removal."),
    Role.MANAGER: _("Everything but the workspace itself: invites members, gives roles, sees personal data."),
    Role.ANALYST: _("Loads data, keeps the events dictionary, asks, saves and shares questions and dashboards."),
    Role.OPERATOR: _("Works with people: questions, segments, tasks and outreach, with personal data masked where it need not be seen."),
    Role.VIEWER: _("Looks at what is shared. Changes nothing, exports no people, sees personal data masked."),
}

OWNERS: frozenset[Any] = frozenset({Role.OWNER})
MANAGERS: frozenset[Any] = OWNERS | {Role.MANAGER}
ANALYSTS: frozenset[Any] = MANAGERS | {Role.ANALYST}
OPERATORS: frozenset[Any] = MANAGERS | {Role.OPERATOR}
EDITORS: frozenset[Any] = ANALYSTS | OPERATORS
MEMBERS: frozenset[Any] = EDITORS | {Role.VIEWER}


def may_give(giver: Role, role: Role) -> bool:
    """Whether one with the role `giver` may give `role`, or take it from its bearer: nobody gives or takes more than they have.

    >>> may_give(Role.MANAGER, Role.ANALYST), may_give(Role.MANAGER, Role.OWNER)
    (True, False)
    """
    order = list(Role)
    return giver in MANAGERS and order.index(giver) <= order.index(role)
