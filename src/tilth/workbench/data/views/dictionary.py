"""The dictionary of events and properties."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tilth.errors import InputError
from tilth.workbench.data import facts, names
from tilth.workbench.data.actions import dictionary as actions
from tilth.workbench.data.models import EventEntry
from tilth.workbench.data.policies import dictionary
from tilth.workbench.data.views import properties
from tilth.workbench.data.views.home import by_day
from tilth.workbench.data.views.room import frame
from tilth.workbench.shell.pages import page
from tilth.workbench.tenancy.models import Membership, Workspace

PAGE = 50
SORTS = {
    "name": lambda one: one["label"].lower(),
    "rows": lambda one: one["rows"],
    "people": lambda one: one["people"],
    "last": lambda one: str(one["last"] or ""),
}


def lines(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the events that happened or that somebody described, most rows first."""
    called = names.calling(workspace)
    entries = {entry.code: entry for entry in EventEntry.objects.select_related("owner", "merged_into")}
    told = {event.code: event for event in facts.events(workspace)}
    end = max((event.last.date() for event in told.values()), default=None)
    found = []
    for code in [*told, *(code for code in entries if code not in told)]:
        event, entry = told.get(code), entries.get(code)
        found.append(
            {
                "code": code,
                "label": called.get(code, code),
                "named": code in called,
                "entry": entry,
                "rows": event.rows if event else 0,
                "people": event.people if event else 0,
                "first": event.first if event else None,
                "last": event.last if event else None,
                "daily": event.daily if event else (),
                "end": end,  # daily counts end with the last day of the table, which another event may have set
            }
        )
    return found


@require_GET
@page(dictionary, "view")
def listing(request: HttpRequest) -> HttpResponse:
    """Show the events: searched by name or code, filtered, sorted."""
    found = lines(request.workspace)  # type: ignore[attr-defined]
    text, which, sort = request.GET.get("q", "").strip().lower(), request.GET.get("which", ""), request.GET.get("sort", "-rows")
    kinds = {
        "": [one for one in found if not (one["entry"] and (one["entry"].hidden or one["entry"].merged_into))],
        "unnamed": [one for one in found if not one["named"] and not (one["entry"] and one["entry"].hidden)],
        "hidden": [one for one in found if one["entry"] and one["entry"].hidden],
        "merged": [one for one in found if one["entry"] and one["entry"].merged_into],
    }
    shown = [one for one in kinds.get(which, found) if text in f"{one['code']} {one['label']}".lower()]
    if (key := sort.removeprefix("-")) in SORTS:
        shown.sort(key=SORTS[key], reverse=sort.startswith("-"))
    labels = {"": _("In use"), "unnamed": _("Without a name"), "hidden": _("Hidden"), "merged": _("Merged")}
    context = {
        **frame(request, "events"),
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "kinds": [(code, label, len(kinds[code]), code == which) for code, label in labels.items()],
        "q": request.GET.get("q", ""),
        "sort": sort,
        "any": bool(found),
    }
    return TemplateResponse(request, "data/events.html", context)


@require_GET
@page(dictionary, "view")
def event(request: HttpRequest, code: str) -> HttpResponse:
    """Show one event: how often, since when, its properties, and what is said about it."""
    workspace = request.workspace  # type: ignore[attr-defined]
    all_lines = lines(workspace)
    found = next((one for one in all_lines if one["code"] == code), None)
    if found is None:
        raise Http404
    entry = found["entry"]
    context = {
        **frame(request, "events", (found["label"], None)),
        "event": found,
        "option": _chart(found),
        **properties.listed(request, "events", [one for one in facts.properties(workspace, code) if one.filled]),
        "members": Membership.objects.filter(workspace=workspace).select_related("user"),
        "others": [one for one in all_lines if one["code"] != code and not (one["entry"] and one["entry"].merged_into)],
        "merged": entry.merged.all() if entry else [],
    }
    return TemplateResponse(request, "data/event.html", context)


def _chart(found: dict[str, Any]) -> dict[str, Any] | None:
    if found["end"] is None or not found["daily"]:
        return None
    count, last = len(found["daily"]), found["end"]
    return by_day({last - dt.timedelta(days=count - 1 - n): rows for n, rows in enumerate(found["daily"])}, _("Rows"))


@require_POST
@page(dictionary, "edit")
def describe(request: HttpRequest, code: str) -> HttpResponse:
    """Take what people say about an event; by htmx the line of the list comes back."""
    data = request.POST
    problem = ""
    try:
        actions.describe_event(
            request.actor,  # type: ignore[attr-defined]
            code,
            name=data.get("name"),
            description=data.get("description"),
            hidden=data["hidden"] == "1" if "hidden" in data else None,
            owner=int(data["owner"] or 0) if data.get("owner", "x").isdecimal() or data.get("owner") == "" else None,
        )
    except InputError as fault:
        problem = str(fault)
    if request.htmx:  # type: ignore[attr-defined]
        found = next((one for one in lines(request.workspace) if one["code"] == code), None)  # type: ignore[attr-defined]
        return TemplateResponse(request, "data/event_line.html", {"one": found, "problem": problem})
    return _back(request, code, problem)


@require_POST
@page(dictionary, "edit")
def merge(request: HttpRequest, code: str) -> HttpResponse:
    """Merge an event into another, or take it apart again."""
    problem = ""
    try:
        if into := request.POST.get("into", ""):
            actions.merge(request.actor, code, into)  # type: ignore[attr-defined]
        else:
            actions.part(request.actor, code)  # type: ignore[attr-defined]
    except InputError as fault:
        problem = str(fault)
    except EventEntry.DoesNotExist:
        raise Http404 from None
    return _back(request, code, problem)


def _back(request: HttpRequest, code: str, problem: str) -> HttpResponse:
    if problem:
        messages.error(request, problem)
    else:
        messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("data:event", args=[code]))
