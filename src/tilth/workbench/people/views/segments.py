"""Segments: the list of them, and one with its people, how it was made and how it grew."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from tilth.engine.people import PersonSet
from tilth.errors import TilthError
from tilth.workbench.data import masking
from tilth.workbench.people import actions, asking, contacts, lists
from tilth.workbench.people.asking import PAGE, Ask
from tilth.workbench.people.columns import Sheet
from tilth.workbench.people.models import Segment, history_of
from tilth.workbench.people.policies import people, segments
from tilth.workbench.people.sources import people_of
from tilth.workbench.shell.pages import page

ORDERS = {"name": "name", "size": "size", "updated": "updated_at"}
SPARK = (72, 20)
"""Width and height of the line of sizes."""


@require_GET
@page(segments, "view")
def list_segments(request: HttpRequest) -> HttpResponse:
    """Show the segments there are."""
    sort = request.GET.get("sort", "-updated")
    found = Segment.objects.select_related("owner")
    text = request.GET.get("q", "").strip()
    if text:
        found = found.filter(name__icontains=text) | found.filter(description__icontains=text)
    order = ORDERS.get(sort.removeprefix("-"), "updated_at")
    shown = Paginator(found.order_by(f"{'-' if sort.startswith('-') else ''}{order}", "-pk"), PAGE).get_page(request.GET.get("page"))
    histories = history_of(list(shown))
    context = {
        "crumbs": [(pgettext("the room", "People"), reverse("people:list")), (_("Segments"), None)],
        "page": shown,
        "rows": [(segment, spark(histories[segment.pk])) for segment in shown],
        "text": text,
        "sort": sort,
    }
    return TemplateResponse(request, "people/segments.html", context)


@require_GET
@page(segments, "view")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one segment."""
    return _shown(request, get_object_or_404(Segment.objects.select_related("owner"), pk=pk))


@require_POST
@page(segments, "save")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a segment another name and description."""
    segment = get_object_or_404(Segment, pk=pk)
    name, description = request.POST.get("name", ""), request.POST.get("description", "")
    try:
        actions.rename(request.actor, thing=segment, name=name, description=description)  # type: ignore[attr-defined]
    except TilthError as fault:
        segment.refresh_from_db()
        return _shown(request, segment, problem=str(fault), written={"name": name, "description": description}, status=422)
    return _back(segment)


@require_POST
@page(segments, "save")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the chosen people out of a segment."""
    segment = get_object_or_404(Segment, pk=pk)
    contact = people.allows(request.actor, "contact")  # type: ignore[attr-defined]
    keys = contacts.known(request.workspace, request.POST.getlist("person"), contact=contact)  # type: ignore[attr-defined]
    chosen = PersonSet.of([masking.id_of(key) for key in keys])
    try:
        actions.remove_people(request.actor, thing=segment, people=chosen)  # type: ignore[attr-defined]
    except TilthError as fault:
        messages.error(request, str(fault))
    return _back(segment)


@require_POST
@page(segments, "save")
def recount(request: HttpRequest, pk: int) -> HttpResponse:
    """Count a segment anew."""
    segment = get_object_or_404(Segment, pk=pk)
    actions.refresh_size(request.actor, thing=segment)  # type: ignore[attr-defined]
    return _back(segment)


@require_POST
@page(segments, "delete")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a segment."""
    segment = get_object_or_404(Segment, pk=pk)
    name = segment.name
    actions.delete(request.actor, thing=segment)  # type: ignore[attr-defined]
    messages.success(request, _("The segment “{name}” has been deleted.").format(name=name))
    return HttpResponseRedirect(reverse("people:segments"))


def spark(sizes: list[int]) -> str:
    """Return the points of a line of sizes, for an SVG of :data:`SPARK`; empty where there is no line to draw."""
    if len(sizes) < 2:
        return ""
    width, height = SPARK
    most = max(sizes) or 1
    step = width / (len(sizes) - 1)
    return " ".join(f"{i * step:.1f},{height - 1 - (height - 2) * size / most:.1f}" for i, size in enumerate(sizes))


def _shown(request: HttpRequest, segment: Segment, problem: str = "", written: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    workspace, actor = request.workspace, request.actor  # type: ignore[attr-defined]
    source = {"kind": "segment", "payload": {"segment": segment.pk}, "url": reverse("people:segment", args=[segment.pk])}
    found = people_of(workspace, source)
    paginator = Paginator(range(len(found)), PAGE)
    shown_page = paginator.get_page(request.GET.get("page"))
    contact = people.allows(actor, "contact")
    try:
        ask = Ask.of(request.GET)
        listed = asking.listed(workspace, Ask(inside=(segment.pk,), sort=ask.sort), contact=contact, offset=(shown_page.number - 1) * PAGE)
    except TilthError as fault:
        ask, problem = Ask(), problem or str(fault)
        listed = asking.listed(workspace, Ask(inside=(segment.pk,)), contact=contact)
    sheet = Sheet(workspace)
    shown = [column for column in sheet.wanted(()) if column.key != "segments"]
    masked = frozenset() if contact else asking.hidden(workspace)
    context: dict[str, Any] = {
        "crumbs": [(pgettext("the room", "People"), reverse("people:list")), (_("Segments"), reverse("people:segments")), (segment.name, None)],
        "segment": segment,
        "state": segment.state,
        "written": written or {"name": segment.name, "description": segment.description},
        "problem": problem,
        "total": len(found),
        "reach": contacts.reach(workspace, found, sheet.register),
        "changes": segment.changes.all()[:20],
        "history": _chart(segment),
        "columns": shown,
        "sortable": {column.key for column in shown if column.sortable and column.key not in masked},
        "sort": ask.sort,
        "rows": sheet.rows(listed.frame, shown),
        "page": shown_page,
        "selecting": segments.allows(actor, "save"),
        "may_delete": segments.allows(actor, "delete", segment),
        **lists.gathering(request, segment.name, len(found), source),
    }
    return TemplateResponse(request, "people/segment.html", context, status=status)


def _chart(segment: Segment) -> dict[str, Any] | None:
    """Return the chart of a segment's size over time; None while it has changed only once."""
    done = list(segment.changes.exclude(done_at=None).order_by("done_at", "pk").values_list("done_at", "size"))
    if len(done) < 2:
        return None
    return {
        "grid": {"top": 16, "right": 24},
        "xAxis": {"type": "time", "axisLabel": {"hideOverlap": True}},
        "yAxis": {"type": "value", "min": 0, "minInterval": 1},
        "tooltip": {"trigger": "axis"},
        "series": [
            {
                "name": pgettext("column", "People"),
                "type": "line",
                "step": "end",
                "symbolSize": 6,
                "data": [[f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}", size] for at, size in done],
            }
        ],
    }


def _back(segment: Segment) -> HttpResponse:
    return HttpResponseRedirect(reverse("people:segment", args=[segment.pk]))
