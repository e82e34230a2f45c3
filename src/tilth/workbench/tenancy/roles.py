"""Roles of members, from the one who may do everything to the one who may look."""

from __future__ import annotations

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

OWNERS = frozenset({Role.OWNER})
MANAGERS = OWNERS | {Role.MANAGER}
ANALYSTS = MANAGERS | {Role.ANALYST}
OPERATORS = MANAGERS | {Role.OPERATOR}
EDITORS = ANALYSTS | OPERATORS
MEMBERS = EDITORS | {Role.VIEWER}
