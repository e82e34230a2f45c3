"""The pages there are inside a workspace: ours by namespace, Wagtail's by name, one by one. Whatever is not listed answers 404."""

from __future__ import annotations

from typing import Any

OURS = {"shell", "jobs", "accounts", "notify", "data", "people", "measure", "api"}
"""Namespaces of our own apps."""

WAGTAIL = {
    "home",
    "wagtailadmin_account",
    "wagtailadmin_logout",
    "wagtailadmin_login",
    "wagtailadmin_sprite",
    "wagtailadmin_javascript_catalog",
    "wagtailadmin_dismissibles",
}
"""Names of Wagtail's pages that our members use."""


def allowed(match: Any) -> bool:
    """Whether a resolved page is listed."""
    return bool(match) and ((match.namespaces[:1] or [""])[0].partition("-")[0] in OURS or match.view_name in WAGTAIL)
