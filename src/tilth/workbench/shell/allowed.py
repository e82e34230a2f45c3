"""The pages there are inside a workspace: ours by namespace, Wagtail's by name, one by one. Whatever is not listed answers 404."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OURS = {"shell", "jobs", "accounts", "notify", "data", "people", "measure", "api"}
"""Namespaces of our own apps."""

_MEDIA = {"workspaceimage", "workspacedocument"}

WAGTAIL: dict[str, Mapping[str, set[str]]] = {
    "home": {},
    "wagtailadmin_logout": {},
    "wagtailadmin_login": {},
    "wagtailadmin_sprite": {},
    "wagtailadmin_javascript_catalog": {},
    "wagtailadmin_dismissibles": {},
    # images
    "wagtailimages:index": {},
    "wagtailimages:index_results": {},
    "wagtailimages:add_multiple": {},
    "wagtailimages:edit_multiple": {},
    "wagtailimages:delete_multiple": {},
    "wagtailimages:edit": {},
    "wagtailimages:delete": {},
    "wagtailimages:image_usage": {},
    "wagtailimages_chooser:choose": {},
    "wagtailimages_chooser:choose_results": {},
    "wagtailimages_chooser:chosen": {},
    "wagtailimages_chooser:create": {},
    # documents
    "wagtaildocs:index": {},
    "wagtaildocs:index_results": {},
    "wagtaildocs:add_multiple": {},
    "wagtaildocs:edit_multiple": {},
    "wagtaildocs:delete_multiple": {},
    "wagtaildocs:edit": {},
    "wagtaildocs:delete": {},
    "wagtaildocs:document_usage": {},
    "wagtaildocs_chooser:choose": {},
    "wagtaildocs_chooser:choose_results": {},
    "wagtaildocs_chooser:chosen": {},
    "wagtaildocs_chooser:create": {},
    # both
    "wagtail_bulk_action": {"app_label": {"shell"}, "model_name": _MEDIA, "action": {"add_tags", "delete"}},
    "wagtailadmin_tag_model_autocomplete": {"app_name": {"shell"}, "model_name": {"mediatag"}},
}
"""Names of Wagtail's pages that our members use, and the arguments that are allowed where a page serves many models.

Not listed, and why: collections (workspaces and tags take their place), the pages' explorer (there is no type of page yet), history and reports (the
audit has them), snippets, users, groups, sites, redirects and workflows (they see all workspaces), the admin API, signed image addresses.
"""


def allowed(match: Any) -> bool:
    """Whether a resolved page is listed."""
    if not match:
        return False
    if (match.namespaces[:1] or [""])[0].partition("-")[0] in OURS:
        return True
    wanted = WAGTAIL.get(match.view_name)
    return wanted is not None and all(match.kwargs.get(name) in values for name, values in wanted.items())
