"""The room of settings and its tabs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.workbench.shell import menu
from tilth.workbench.tenancy.policy import POLICIES

TABS = (
    ("accounts:members", gettext_lazy("Members"), "member"),
    ("accounts:roles", gettext_lazy("Roles and rights"), "member"),
    ("accounts:keys", gettext_lazy("API keys"), "key"),
    ("accounts:audit", gettext_lazy("Audit"), "audit"),
    ("accounts:workspace", gettext_lazy("Workspace"), "workspace"),
    ("notify:mail", gettext_lazy("Mail"), "mail"),
    ("jobs:list", gettext_lazy("Jobs"), "job"),
)
"""View, words, and the kind whose ``view`` right shows the tab."""


def settings_room() -> menu.Room:
    """Return the room, for the side bar."""
    return menu.Room("settings", gettext_lazy("Settings"), "settings", "accounts:members", "member", group=menu.FACTS, order=90)


def framed(request: HttpRequest, title: str, *, tab: str = "", **context: Any) -> dict[str, Any]:
    """Return what a page of settings needs besides its own: the place, and tabs, of which that of the view `tab` is open, else the request's."""
    here = tab or (request.resolver_match.view_name if request.resolver_match else "")
    tabs = []
    for view, words, kind in TABS:
        if kind in POLICIES and POLICIES[kind].allows(request.actor, "view"):  # type: ignore[attr-defined]
            try:
                tabs.append((words, reverse(view), view == here))
            except NoReverseMatch:  # pragma: no cover  (an app without that page)
                continue
    return {"tabs": tabs, "title": title, "crumbs": [(_("Settings"), reverse("accounts:members")), (title, None)], **context}
