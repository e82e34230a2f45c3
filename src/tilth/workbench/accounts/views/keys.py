"""API keys."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tilth.errors import InputError
from tilth.workbench.accounts.actions import keys as acting
from tilth.workbench.accounts.forms import KeyForm
from tilth.workbench.accounts.models import ApiKey
from tilth.workbench.accounts.policies import keys
from tilth.workbench.accounts.rooms import framed
from tilth.workbench.shell.pages import page
from tilth.workbench.tenancy.models import Membership
from tilth.workbench.tenancy.policy import POLICIES
from tilth.workbench.tenancy.words import action_words


@page(keys, "view")
def listing(request: HttpRequest, **fresh: Any) -> HttpResponse:
    """Show one's keys; to a manager, all."""
    present = set(Membership.objects.filter(workspace=request.workspace).values_list("user", flat=True))
    rows = [
        {"key": one, "state": _state(one, present), "rights": [_words(scope) for scope in one.scopes]}
        for one in ApiKey.objects.select_related("maker")
        if keys.allows(request.actor, "view", one)
    ]
    return TemplateResponse(request, "accounts/keys.html", framed(request, _("API keys"), tab="accounts:keys", rows=rows, **fresh))


@page(keys, "create")
@never_cache
def create(request: HttpRequest) -> HttpResponse:
    """Show the form of a key in the drawer; make one and show it once."""
    offered = acting.offered(request.actor)
    form = KeyForm([right for _kind, rights in offered for right in rights], request.POST or None)
    fault = ""
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made, key = acting.create_key(request.actor, name=told["name"], scopes=told["scopes"], days=int(told["days"] or 0) or None)
            return listing(request, made=made, shown_once=key)
        except InputError as refused:
            fault = str(refused)
    chosen = set(request.POST.getlist("scopes"))
    groups = [(POLICIES[kind].label, [(right, _words(right), right in chosen) for right in rights]) for kind, rights in offered]
    context = {"form": form, "groups": groups, "fault": fault}
    if request.htmx:
        return TemplateResponse(request, "accounts/key_drawer.html", context)
    return listing(request, **context)


@page(keys, "revoke")
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a key."""
    acting.revoke_key(request.actor, thing=get_object_or_404(ApiKey, pk=pk))
    messages.success(request, _("The key is revoked: nothing can use it any more."))
    return HttpResponseRedirect(reverse("accounts:keys"))


def _words(right: str) -> str:
    return action_words(right.replace(":", ".", 1))


def _state(key: ApiKey, present: set[int]) -> tuple[str, str]:
    """Return the kind and words of a key's state."""
    if key.revoked_at:
        return "idle", _("revoked")
    if key.expired:
        return "idle", _("expired")
    if key.maker_id not in present:
        return "warn", _("asleep: its maker has left")
    return "good", _("in use") if key.used_at else _("not used yet")
