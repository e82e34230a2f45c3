"""What Wagtail asks about images and documents, answered by roles; collections, which Wagtail sorts by, are not offered."""

from __future__ import annotations

from collections.abc import Collection as Names
from typing import Any

from django.contrib.auth import get_user_model
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.models import Collection
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from tilth.workbench.shell.models import WorkspaceDocument, WorkspaceImage
from tilth.workbench.shell.policies import media
from tilth.workbench.tenancy import scope


class MediaPermissions(ModelPermissionPolicy):
    """Rights over images or documents: those of the member's role, and one collection for everything."""

    def users_with_any_permission(self, actions: Names[str]) -> Any:
        """Return the members of the workspace whose role has one of the rights."""
        roles = {role for action in actions if action in media.verbs for role in media.roles(action)}
        return get_user_model().objects.filter(memberships__workspace=scope.current(), memberships__role__in=roles)

    def collections_user_has_any_permission_for(self, user: Any, actions: Names[str]) -> Any:
        """Return the root collection: with one only, Wagtail shows none."""
        return Collection.objects.filter(depth=1)

    def collections_user_has_permission_for(self, user: Any, action: str) -> Any:
        """Return the root collection."""
        return self.collections_user_has_any_permission_for(user, [action])


def register() -> None:
    """Put our policies before those that Wagtail's apps register for the same models, and take back the action that sorts into collections."""
    for model in (WorkspaceImage, WorkspaceDocument):
        register_permission_policy(model, MediaPermissions(model), exact_class=True)
        bulk_action_registry.get_bulk_actions_for_model("shell", model._meta.model_name)  # reads them in
        bulk_action_registry.actions["shell"][model._meta.model_name].pop("add_to_collection", None)
