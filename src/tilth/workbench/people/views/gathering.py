"""What is done with people who were found somewhere: kept as a segment, added to one, carried away in a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tilth.errors import InputError, TilthError
from tilth.workbench.jobs.actions import start
from tilth.workbench.jobs.models import Job, State
from tilth.workbench.people import actions, asking, contacts, describing, exporting
from tilth.workbench.people.asking import Ask
from tilth.workbench.people.columns import Sheet
from tilth.workbench.people.lists import gathering
from tilth.workbench.people.models import Segment
from tilth.workbench.people.policies import people as policy
from tilth.workbench.people.policies import segments
from tilth.workbench.people.sources import opened, people_of
from tilth.workbench.shell import export as files
from tilth.workbench.shell.pages import page
from tilth.workbench.tenancy.models import Workspace
from tilth.workbench.tenancy.roles import MANAGERS


@require_GET
@page(policy, "view")
def gather(request: HttpRequest) -> HttpResponse:
    """Return the drawer that keeps or carries away the people chosen in the list, or all whom it shows."""
    chosen, query = request.GET.getlist("person"), request.GET.get("base", "")
    contact = policy.allows(request.actor, "contact")  # type: ignore[attr-defined]
    back = reverse("people:list") + (f"?{query}" if query else "")
    try:
        ask = Ask.of(QueryDict(query))
        if chosen:
            keys = contacts.known(request.workspace, chosen, contact=contact)  # type: ignore[attr-defined]
            source: dict[str, Any] = {"kind": "people", "payload": {"people": keys}, "url": ""}
        else:
            source = {"kind": "list", "payload": {"query": ask.query, "contact": contact}, "url": back}
        found = people_of(request.workspace, source)  # type: ignore[attr-defined]
    except TilthError as fault:
        return TemplateResponse(request, "people/gathering.html", {"problem": str(fault)}, status=400)
    is_open = not chosen and not asking.is_personal(request.workspace, ask)  # type: ignore[attr-defined]
    about = "" if not is_open else _("; ").join(f"{chip.label} {chip.text}" for chip in describing.chips(Sheet(request.workspace), ask))  # type: ignore[attr-defined]
    context = {
        **gathering(request, "", len(found), source),
        "total": len(found),
        "about": about[:500],
        "open": request.GET.get("open", "save"),
        "exported": ",".join(ask.columns),
    }
    return TemplateResponse(request, "people/gathering.html", context)


@require_POST
@page(segments, "save")
def save(request: HttpRequest) -> HttpResponse:
    """Keep people as a segment."""
    token = request.POST.get("token", "")
    try:
        source = opened(request.workspace, token)  # type: ignore[attr-defined]
        segment = actions.save_segment(
            request.actor,  # type: ignore[attr-defined]
            name=request.POST.get("name", ""),
            people=people_of(request.workspace, source),  # type: ignore[attr-defined]
            description=request.POST.get("description", ""),
            source=_kept(request.workspace, source),  # type: ignore[attr-defined]
        )
    except TilthError as fault:
        return _again(request, "save", fault)
    return _gathered(request, segment)


@require_POST
@page(segments, "save")
def add(request: HttpRequest) -> HttpResponse:
    """Let people into a segment that there is."""
    segment = get_object_or_404(Segment, pk=request.POST.get("segment") or 0)
    try:
        source = opened(request.workspace, request.POST.get("token", ""))  # type: ignore[attr-defined]
        found = people_of(request.workspace, source)  # type: ignore[attr-defined]
        actions.add_people(request.actor, thing=segment, people=found)  # type: ignore[attr-defined]
    except TilthError as fault:
        return _again(request, "add", fault)
    return _gathered(request, segment)


@require_POST
@page(policy, "export")
def export(request: HttpRequest) -> HttpResponse:
    """Write people into a file: at once when they are few, by a job when they are many."""
    workspace, actor = request.workspace, request.actor  # type: ignore[attr-defined]
    form, contact = request.POST.get("form", ""), request.POST.get("contacts") == "1"
    back = request.POST.get("back", "")
    back = back if url_has_allowed_host_and_scheme(back, None) else reverse("people:list")
    try:
        if form not in exporting.FORMS:
            raise InputError(_("Files are written as xlsx or csv."))
        source = opened(workspace, request.POST.get("token", ""))
        found = people_of(workspace, source)
        shown = [key for key in request.POST.get("columns", "").split(",") if key]
        actions.export(actor, what=str(source.get("title") or source["kind"]), people=len(found), form=form, contacts=contact)
        title = exporting.title_of(source, found)
        if len(found) > exporting.DIRECT:
            job = start(actor, "people.export", title=title, source=source, shown=shown, form=form, contact=contact)
            return HttpResponseRedirect(reverse("jobs:detail", args=[job.pk]))
    except TilthError as fault:
        messages.error(request, str(fault))
        return HttpResponseRedirect(back)
    sheet = Sheet(workspace)
    wanted = sheet.wanted(shown)
    write = files.xlsx_response if form == "xlsx" else files.csv_response
    return write(title, exporting.heads(wanted), exporting.rows(sheet, found, wanted, contact=contact))


@require_GET
@page(policy, "export")
def exported(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the file that a job wrote, to the one who asked for it and to managers."""
    actor, workspace = request.actor, request.workspace  # type: ignore[attr-defined]
    job = get_object_or_404(Job, pk=pk, kind="people.export", state=State.DONE)
    if actor.role not in MANAGERS and job.requested_by_id != actor.user.pk:
        raise Http404
    if job.arguments["contact"] and not policy.allows(actor, "contact"):
        raise PermissionDenied
    form = job.arguments["form"]
    path = workspace.folder / "exports" / f"people-{job.pk}.{form}"
    if not path.exists():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{job.title}.{form}", content_type=exporting.FORMS[form])


def _kept(workspace: Workspace, source: dict[str, Any]) -> dict[str, Any]:
    """Return what a segment keeps of how it was made: no names and numbers by which somebody searched, for everybody reads it."""
    if source["kind"] == "list" and asking.is_personal(workspace, Ask.of(QueryDict(source["payload"]["query"]))):
        return {"kind": "list"}
    return source


def _again(request: HttpRequest, form: str, fault: Exception) -> HttpResponse:
    """Show the forms again, with what was wrong."""
    if not request.htmx:  # type: ignore[attr-defined]
        messages.error(request, str(fault))
        return HttpResponseRedirect(reverse("people:list"))
    context = {
        "problem": str(fault),
        "open": form,
        "token": request.POST.get("token", ""),
        "proposed": request.POST.get("name", ""),
        "about": request.POST.get("description", ""),
        "segments": Segment.objects.order_by("name").only("pk", "name"),
    }
    return TemplateResponse(request, "people/gather.html", context, status=422)


def _gathered(request: HttpRequest, segment: Segment) -> HttpResponse:
    segment.refresh_from_db()
    if request.htmx:  # type: ignore[attr-defined]
        return TemplateResponse(request, "people/gathered.html", {"segment": segment})
    return HttpResponseRedirect(reverse("people:segment", args=[segment.pk]))
