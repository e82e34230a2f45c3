"""Write keys: all of them, a new one, one of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tilth.collector.loading import recent
from tilth.errors import TilthError
from tilth.workbench.config.options import collector_url
from tilth.workbench.data.actions import write_keys as actions
from tilth.workbench.data.models import WriteKey
from tilth.workbench.data.policies import write_keys
from tilth.workbench.data.views.room import frame
from tilth.workbench.shell.pages import page

GRACES = {
    0: gettext_lazy("ends at once"),
    1: gettext_lazy("counts for another hour"),
    24: gettext_lazy("counts for another day"),
    168: gettext_lazy("counts for another 7 days"),
    720: gettext_lazy("counts for another 30 days"),
}


@require_GET
@page(write_keys, "view")
def listing(request: HttpRequest) -> HttpResponse:
    """Show the keys, those that count first."""
    workspace = request.workspace  # type: ignore[attr-defined]
    last: dict[str, dt.datetime] = {}
    for one in recent.latest(workspace.folder, workspace.tz):
        last.setdefault(one.key, dt.datetime.fromtimestamp(one.received / 1_000_000, dt.UTC))
    keys = sorted(WriteKey.objects.select_related("owner"), key=lambda one: (not one.is_active, one.name))
    context = {**frame(request, "live", (_("Write keys"), None)), "keys": [(one, last.get(str(one.pk))) for one in keys]}
    return TemplateResponse(request, "data/keys.html", context)


@require_http_methods(["GET", "POST"])
@page(write_keys, "create")
def create(request: HttpRequest) -> HttpResponse:
    """Show the form of a key that is to be made, and make it."""
    told: dict[str, Any] = {"platform": WriteKey.Platform.WEB}
    problem = ""
    if request.method == "POST":
        told = _told(request)
        try:
            made = actions.create(request.actor, **told)  # type: ignore[attr-defined]
        except TilthError as fault:
            problem = str(fault)
        else:
            messages.success(request, _("The key counts; now send a first event with it."))
            return HttpResponseRedirect(f"{reverse('data:first')}?key={made.pk}&with={_client(made)}")
    return _form(request, None, told, problem)


@require_http_methods(["GET", "POST"])
@page(write_keys, "view")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a key, and change what is said of it."""
    key = get_object_or_404(WriteKey.objects.select_related("owner", "rotated_by"), pk=pk)
    told = {"name": key.name, "platform": key.platform, "origins": key.origins, "consent": key.consent}
    problem = ""
    if request.method == "POST":
        told = _told(request)
        try:
            actions.change(request.actor, thing=key, **told)  # type: ignore[attr-defined]
        except TilthError as fault:
            problem = str(fault)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("data:write_key", args=[pk]))
    return _form(request, key, told, problem)


@require_POST
@page(write_keys, "rotate")
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a new key in its place."""
    key = get_object_or_404(WriteKey, pk=pk)
    text = request.POST.get("hours", "24")
    hours = int(text) if text.isdecimal() and len(text) < 6 else 24
    return _done(request, pk, _("The new key counts."), lambda: actions.rotate(request.actor, thing=key, hours=hours))  # type: ignore[attr-defined]


@require_POST
@page(write_keys, "revoke")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End it."""
    key = get_object_or_404(WriteKey, pk=pk)
    return _done(request, pk, _("The key lets nothing in any more."), lambda: actions.revoke(request.actor, thing=key))  # type: ignore[attr-defined]


def _done(request: HttpRequest, pk: int, told: str, act: Any) -> HttpResponse:
    try:
        act()
        messages.success(request, told)
    except TilthError as fault:
        messages.error(request, str(fault))
    return HttpResponseRedirect(reverse("data:write_key", args=[pk]))


def _told(request: HttpRequest) -> dict[str, Any]:
    given = request.POST
    lines = given.get("origins", "").replace(",", "\n").splitlines()
    return {"name": given.get("name", ""), "platform": given.get("platform", ""), "origins": lines, "consent": given.get("consent") == "on"}


def _client(key: WriteKey) -> str:
    return {"server": "curl", "mini": "sensors-mini", "app": "curl"}.get(key.platform, "web")


def _form(request: HttpRequest, key: WriteKey | None, told: dict[str, Any], problem: str) -> HttpResponse:
    context = {
        **frame(request, "live", (_("Write keys"), reverse("data:write_keys")), (key.name if key else _("New write key"), None)),
        "key": key,
        "told": told,
        "origins": "\n".join(told.get("origins", ())),
        "problem": problem,
        "platforms": WriteKey.Platform.choices,
        "graces": GRACES.items(),
        "host": collector_url(settings.OPTIONS),
    }
    return TemplateResponse(request, "data/key.html", context, status=422 if problem else 200)
