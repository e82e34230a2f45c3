"""What Wagtail and Django may ask about a member: answered by the role in the workspace in scope, never by groups or a superuser flag."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from tilth.workbench.shell.policies import media
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Membership
from tilth.workbench.tenancy.roles import MEMBERS

GRANTED = {"wagtailadmin.access_admin": MEMBERS} | {
    f"shell.{verb}_{kind}": media.roles(verb) for kind in ("workspaceimage", "workspacedocument") for verb in media.verbs
}


class MemberBackend(ModelBackend):
    """Signs in by mail address and password, and grants the few permissions that Wagtail asks for, by role."""

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return what the role grants in the workspace in scope."""
        workspace = scope.chosen()
        if workspace is None or not user_obj.is_active or user_obj.is_anonymous:
            return set()
        known = user_obj.__dict__.setdefault("_roles", {})
        if workspace.pk not in known:
            known[workspace.pk] = Membership.objects.filter(workspace=workspace, user=user_obj).values_list("role", flat=True).first()
        return {name for name, roles in GRANTED.items() if known[workspace.pk] in roles}

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return nothing: there are no groups."""
        return set()

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return what the role grants."""
        return self.get_user_permissions(user_obj, obj)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the role grants `perm`."""
        return perm in self.get_user_permissions(user_obj, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether the role grants anything of an app."""
        return any(name.startswith(f"{app_label}.") for name in self.get_user_permissions(user_obj))
