"""The front door, the home page and the pages of failure."""

from __future__ import annotations

from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from tilth.workbench.shell import finding, menu
from tilth.workbench.shell import home as front_page
from tilth.workbench.shell.pages import page
from tilth.workbench.tenancy.models import Membership


def front(request: HttpRequest) -> HttpResponse:
    """Lead to the workspace that the user was in last, at first the one joined first, or say that there is none yet."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect("/sign-in/")
    lately = F("seen_at").desc(nulls_last=True)
    membership = Membership.objects.filter(user=request.user).select_related("workspace").order_by(lately, "joined_at", "pk").first()
    if membership is None:
        return TemplateResponse(request, "shell/no_workspace.html")
    return HttpResponseRedirect(membership.workspace.url)


@page()
def home(request: HttpRequest) -> HttpResponse:
    """Show the workspace's home page."""
    return front_page.draw(request)


@page()
def found(request: HttpRequest) -> HttpResponse:
    """Return what the box in the top bar finds."""
    text = request.GET.get("q", "").strip()[:80]
    rooms = [(str(room["label"]), "", room["url"]) for group in menu.shown(request) for room in group if text.lower() in str(room["label"]).lower()]
    return TemplateResponse(request, "shell/found.html", {"text": text, "found": (rooms if text else []) + finding.find(request, text)})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page, and lead back."""
    return TemplateResponse(request, "shell/not_found.html", status=404).render()


def failed(request: HttpRequest) -> HttpResponse:
    """Say that the page failed, with the number to quote."""
    from tilth.workbench.config.logs import request_id

    return TemplateResponse(request, "shell/failed.html", {"request_id": request_id.get()}, status=500).render()
