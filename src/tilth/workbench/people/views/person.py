"""One person: what is known of them, what they did, where they belong."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tilth.engine.people import PersonSet
from tilth.errors import TilthError
from tilth.warehouse import persons
from tilth.warehouse.persons import Person, UnknownPerson
from tilth.workbench.data import masking, names
from tilth.workbench.people import actions, contacts, portrait, value
from tilth.workbench.people.columns import Sheet
from tilth.workbench.people.models import Segment
from tilth.workbench.people.policies import people, segments
from tilth.workbench.shell.pages import page

MOMENTS = 40


@require_GET
@page(people, "view")
def show(request: HttpRequest, key: str) -> HttpResponse:
    """Show a person, masked."""
    return _shown(request, key, contact=False)


@never_cache
@require_POST
@page(people, "contact")
def unmask(request: HttpRequest, key: str) -> HttpResponse:
    """Show a person in full, this once; the audit notes who looked."""
    try:
        found = _person(request, key)
    except UnknownPerson:
        return _unknown(request, key)
    actions.unmask(request.actor, person=masking.key(found.kind, found.id))  # type: ignore[attr-defined]
    return _shown(request, key, contact=True)


@require_GET
@page(people, "view")
def timeline(request: HttpRequest, key: str) -> HttpResponse:
    """Return the next part of a person's timeline."""
    try:
        _person(request, key)
        return TemplateResponse(request, "people/moments.html", _moments(request, Sheet(request.workspace), key))  # type: ignore[attr-defined]
    except TilthError as fault:
        raise Http404 from fault


@require_GET
@page(people, "view")
def rfm(request: HttpRequest, key: str) -> HttpResponse:
    """Return a person's place among all who bought."""
    try:
        found = _person(request, key)
    except UnknownPerson as fault:
        raise Http404 from fault
    return TemplateResponse(request, "people/rfm.html", {"rfm": value.rfm(request.workspace, found.id)})  # type: ignore[attr-defined]


@require_POST
@page(segments, "save")
def join(request: HttpRequest, key: str) -> HttpResponse:
    """Put a person into a segment."""
    segment = get_object_or_404(Segment, pk=request.POST.get("segment") or 0)
    try:
        actions.add_people(request.actor, thing=segment, people=PersonSet.of([_person(request, key).id]))  # type: ignore[attr-defined]
    except UnknownPerson:
        return _unknown(request, key)
    except TilthError as fault:
        messages.error(request, str(fault))
    return HttpResponseRedirect(reverse("people:person", args=[key]))


@require_POST
@page(segments, "save")
def leave(request: HttpRequest, key: str) -> HttpResponse:
    """Take a person out of a segment."""
    segment = get_object_or_404(Segment, pk=request.POST.get("segment") or 0)
    try:
        actions.remove_people(request.actor, thing=segment, people=PersonSet.of([_person(request, key).id]))  # type: ignore[attr-defined]
    except UnknownPerson:
        return _unknown(request, key)
    return HttpResponseRedirect(reverse("people:person", args=[key]))


def _shown(request: HttpRequest, key: str, *, contact: bool) -> HttpResponse:
    workspace = request.workspace  # type: ignore[attr-defined]
    try:
        found = _person(request, key)
    except UnknownPerson:
        return _unknown(request, key)
    own = masking.key(found.kind, found.id)
    if own != key and not contact:  # another id of theirs
        return HttpResponseRedirect(reverse("people:person", args=[own]))
    name = found.id if contact else masking.id(found.kind, found.id)
    joined, sheet = _segments(found), Sheet(workspace)
    context = {
        "crumbs": [(pgettext("the room", "People"), reverse("people:list")), (name, None)],
        "person": found,
        "key": own,
        "name": name,
        "contact": contact,
        "figures": portrait.figures(sheet, found),
        "profile": portrait.profile(sheet, found, contact=contact),
        "ids": portrait.ids(found, contact=contact),
        "joined": joined,
        "others": Segment.objects.exclude(pk__in=[one["segment"].pk for one in joined if one["segment"]]).order_by("name"),
        "variants": [stay for stay in found.stays if stay.kind != "segment"],
        "growth": value.growth(workspace, found),
        "currency": workspace.currency,
        **_moments(request, sheet, own),
    }
    return TemplateResponse(request, "people/person.html", context)


def _person(request: HttpRequest, key: str) -> Person:
    """Return the person that a key stands for; UnknownPerson also for a number or mail address of somebody, from who may not see those."""
    workspace, contact = request.workspace, people.allows(request.actor, "contact")  # type: ignore[attr-defined]
    if not contacts.known(workspace, [key], contact=contact):
        raise UnknownPerson(key)
    return persons.person(workspace.facts, masking.id_of(key))


def _segments(person: Person) -> list[dict[str, Any]]:
    """Return the segments somebody is in, each with the segment kept here, or None for one that came with the facts."""
    known = {segment.code: segment for segment in Segment.objects.all()}
    stays = [stay for stay in person.stays if stay.kind == "segment"]
    return [{"segment": known.get(stay.name), "name": known.get(stay.name, stay.name), "since": stay.since} for stay in stays]


def _moments(request: HttpRequest, sheet: Sheet, key: str) -> dict[str, Any]:
    """Return a part of the timeline, by days, and what is offered to narrow it."""
    workspace = sheet.workspace
    show, event = request.GET.get("show", ""), request.GET.get("event", "")
    wanted = [] if show == "orders" else [*names.sources(workspace, event)] if event else None
    found = persons.timeline(
        workspace.facts, masking.id_of(key), request.GET.get("before") or None, MOMENTS, wanted, orders=show in ("", "orders") and not event
    )
    told = [portrait.told(sheet, moment) for moment in found.moments]
    days = [(portrait.day(day, sheet.today), list(group)) for day, group in groupby(told, key=lambda one: timezone.localtime(one.time).date())]
    return {
        "key": key,
        "days": days,
        "next": found.next,
        "show": show,
        "event": event,
        "events": names.events(workspace),
        "going_on": request.GET.get("day", ""),
    }


def _unknown(request: HttpRequest, key: str) -> HttpResponse:
    """Say that nobody is known by an id, and where to look."""
    context = {"crumbs": [(pgettext("the room", "People"), reverse("people:list")), (_("Unknown"), None)], "name": "" if key.startswith("~") else key}
    return TemplateResponse(request, "people/unknown.html", context, status=404)
