"""Folders and databases that are read by schedule."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tilth.errors import TilthError
from tilth.warehouse.loading import templates
from tilth.workbench.data import reach, words
from tilth.workbench.data.actions import sources as actions
from tilth.workbench.data.models import Source, SourceRun
from tilth.workbench.data.policies import loads
from tilth.workbench.data.views.room import frame
from tilth.workbench.shell.pages import page

TIMES = {
    "": gettext_lazy("Only by hand"),
    "0 * * * *": gettext_lazy("Every hour"),
    "0 6 * * *": gettext_lazy("Every day at 6:00"),
    "0 8 * * 1": gettext_lazy("Mondays at 8:00"),
}
"""Times that are offered; any other can be written."""
PARTS = ("name", "kind", "folder", "pattern", "url", "what", "column", "table", "template", "cron")


@require_GET
@page(loads, "view")
def listing(request: HttpRequest) -> HttpResponse:
    """Show the sources with their next time and how their last reading went."""
    sources = list(Source.objects.select_related("schedule", "owner"))
    last: dict[int, SourceRun] = {}
    for run in SourceRun.objects.filter(source__in=sources).order_by("started_at"):
        last[run.source_id] = run
    context = {**frame(request, "sources"), "sources": [(source, last.get(source.pk)) for source in sources]}
    return TemplateResponse(request, "data/sources.html", context)


@require_http_methods(["GET", "POST"])
@page(loads, "schedule")
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Show a source to be made or changed, with its readings."""
    source = get_object_or_404(Source.objects.select_related("schedule"), pk=pk) if pk else None
    told: dict[str, Any] = _told(source) if source else {"kind": request.GET.get("kind", Source.Kind.FOLDER), "pattern": "*"}
    problem = ""
    if request.method == "POST":
        told |= {name: request.POST.get(name, "") for name in PARTS}
        told["cron"] = request.POST.get("times", "") if request.POST.get("times") != "own" else told["cron"]
        try:
            kept = actions.keep(request.actor, actions.Given(**{name: told.get(name, "") for name in PARTS}), source)  # type: ignore[attr-defined]
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("data:source", args=[kept.pk]))
        except TilthError as fault:
            problem = str(fault)
    return TemplateResponse(request, "data/source.html", _context(request, source, told, problem), status=422 if problem else 200)


def _context(request: HttpRequest, source: Source | None, told: dict[str, Any], problem: str = "") -> dict[str, Any]:
    workspace = request.workspace  # type: ignore[attr-defined]
    cron = told.get("cron", "")
    return {
        **frame(request, "sources", (source.name if source else _("New source"), None)),
        "source": source,
        "told": told,
        "problem": problem,
        "kinds": Source.Kind.choices,
        "roots": reach.roots(workspace),
        "databases": reach.kinds(),
        "tables": [(code, str(label)) for code, label in words.TABLES.items()],
        "templates": templates.known(workspace.folder),
        "times": TIMES.items(),
        "own_time": cron if cron not in TIMES else "",
        "runs": source.runs.select_related("job")[:20] if source else (),
    }


def _told(source: Source) -> dict[str, Any]:
    return {**source.spec, "name": source.name, "kind": source.kind, "cron": source.schedule.cron if source.schedule else ""}


@require_POST
@page(loads, "schedule")
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the source has that was not loaded yet."""
    source = get_object_or_404(Source.objects.select_related("schedule"), pk=pk)
    context: dict[str, Any] = {"source": source}
    try:
        context["due"] = actions.attempt(request.actor, source)  # type: ignore[attr-defined]
    except TilthError as fault:
        context["problem"] = actions.problem_of(fault, source)
    if request.htmx:  # type: ignore[attr-defined]
        return TemplateResponse(request, "data/source_due.html", context)
    return TemplateResponse(request, "data/source.html", {**_context(request, source, _told(source)), **context, "tried": True})


@require_POST
@page(loads, "schedule")
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Start to load what the source has."""
    source = get_object_or_404(Source, pk=pk)
    try:
        actions.read(request.actor, source)  # type: ignore[attr-defined]
        messages.success(request, _("It is being read; what it brings stands here in a moment."))
    except TilthError as fault:
        messages.error(request, str(fault))
    return HttpResponseRedirect(reverse("data:source", args=[pk]))


@require_POST
@page(loads, "schedule")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the source no more."""
    actions.remove(request.actor, get_object_or_404(Source.objects.select_related("schedule"), pk=pk))  # type: ignore[attr-defined]
    messages.success(request, _("The source is read no more; what it brought stays."))
    return HttpResponseRedirect(reverse("data:sources"))
