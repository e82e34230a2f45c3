"""The settings of the workspace, and the ways of signing in that the installation offers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tilth.workbench.accounts.actions.workspaces import change_workspace
from tilth.workbench.accounts.forms import WorkspaceForm
from tilth.workbench.accounts.policies import workspaces
from tilth.workbench.accounts.rooms import framed
from tilth.workbench.accounts.services import SERVICES
from tilth.workbench.accounts.templatetags.accounts import door
from tilth.workbench.shell.pages import page
from tilth.workbench.tenancy.models import Workspace


@page(workspaces, "view")
def workspace(request: HttpRequest) -> HttpResponse:
    """Show the settings; owners change them."""
    may_change = workspaces.allows(request.actor, "change")
    if request.method == "POST":
        workspaces.require(request.actor, "change")
    current = Workspace.objects.get(pk=request.workspace.pk)  # a copy: a form that fails leaves the page's own as it is
    form = WorkspaceForm(request.POST or None, instance=current)
    if request.method == "POST" and form.is_valid():
        change_workspace(request.actor, **form.cleaned_data)
        messages.success(request, _("The settings are saved."))
        return HttpResponseRedirect(reverse("accounts:workspace"))
    if not may_change:
        for field in form.fields.values():
            field.disabled = True
    context = framed(request, _("Workspace"), form=form, may_change=may_change, services=_services(), mail=settings.EMAIL_HOST)
    return TemplateResponse(request, "accounts/workspace.html", context)


def _services() -> list[dict[str, Any]]:
    """Return the services by which people may sign in: those that are set up, and what the others need."""
    return [
        {
            "name": service.name,
            "on": key in settings.SOCIALACCOUNT_PROVIDERS,
            "options": ", ".join(f"{option} = …" for option in service.options),
            "secret": f"secrets/{key}",
            "callback": settings.BASE_URL + door(f"{key}_callback"),
        }
        for key, service in SERVICES.items()
    ]
