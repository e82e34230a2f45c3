"""Pages of background jobs and of schedules."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tilth.errors import TilthError
from tilth.workbench.jobs import actions, cron, finding
from tilth.workbench.jobs.models import OPEN, Job
from tilth.workbench.jobs.policies import jobs as policy
from tilth.workbench.shell.pages import page
from tilth.workbench.tenancy.roles import MANAGERS

ROWS = 50
LINES = 200


@require_GET
@page(policy, "view")
def listing(request: HttpRequest) -> HttpResponse:
    """List jobs, those that run first; the list asks for itself again while something is open."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    mine = finding.visible(actor)
    state, kind, who = (request.GET.get(name, "") for name in ("state", "kind", "who"))
    shown = Paginator(finding.chosen(mine, state, kind, who), ROWS).get_page(request.GET.get("page"))
    kinds = sorted((finding.kind_words(name), name) for name in mine.order_by().values_list("kind", flat=True).distinct())
    people = sorted({(one.requested_by_id, one.who) for one in mine.exclude(requested_by=None).order_by().only("requested_by", "who")[:500]})
    context = {
        **_around("jobs"),
        "shown": shown,
        "is_live": any(job.is_open for job in shown),
        "state": state,
        "states": finding.STATES.items(),
        "kind": kind,
        "kinds": [("", _("every kind")), *((name, words) for words, name in kinds)],
        "who": who,
        "people": [("", _("everybody")), *people] if actor.role in MANAGERS else [],
        "narrowed": bool(state or kind or who),
        "is_worker_there": finding.is_worker_there(),
        "stuck": finding.stuck() if actor.role in MANAGERS else 0,
    }
    return TemplateResponse(request, "jobs/rows.html" if _is_part(request) else "jobs/list.html", context)


@require_GET
@page(policy, "view")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one job: how far it is, its log, its result or why it failed."""
    job = _job(request, pk)
    lines = list(job.lines.order_by("-pk")[: LINES + 1])
    result = job.result if isinstance(job.result, dict) else {}
    context = {
        "crumbs": [(_("Background jobs"), reverse("jobs:list")), (job.title, None)],
        "job": job,
        "kind": finding.kind_words(job.kind),
        "lines": lines[LINES - 1 :: -1],
        "is_cut": len(lines) > LINES,
        "results": finding.result_words(job.result),
        "result_url": _inside(request, result.get("url")),
        "is_worker_there": finding.is_worker_there(),
    }
    return TemplateResponse(request, "jobs/job.html" if _is_part(request) else "jobs/detail.html", context)


@require_GET
@page(policy, "view")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw how far a job is; once it is over the answer says so to the page by the event ``job-ended``."""
    job = _job(request, pk)
    response = TemplateResponse(request, "jobs/progress.html", {"job": job})
    if not job.is_open:
        response["HX-Trigger"] = "job-ended"
    return response


@require_GET
@page(policy, "view")
def running(request: HttpRequest) -> HttpResponse:
    """Draw the link of the top bar."""
    return TemplateResponse(request, "jobs/running.html", {"count": finding.visible(request.actor).filter(state__in=OPEN).count()})  # type: ignore[attr-defined]


@require_POST
@page(policy, "view")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a job."""
    return _act(request, pk, actions.cancel)


@require_POST
@page(policy, "view")
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a job run again."""
    return _act(request, pk, actions.retry)


@require_GET
@page(policy, "view")
def schedules(request: HttpRequest) -> HttpResponse:
    """List schedules."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    rows = [
        {"it": one, "kind": finding.kind_words(one.kind), "times": cron.in_words(one.cron), "may": policy.allows(actor, "switch", one)}
        for one in finding.visible_schedules(actor)
    ]
    return TemplateResponse(request, "jobs/schedules.html", {**_around("schedules"), "rows": rows})


@require_POST
@page(policy, "view")
def change_schedule(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Pause, resume, run or delete a schedule."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    one = get_object_or_404(finding.visible_schedules(actor), pk=pk)
    if verb not in ("run", "pause", "resume", "delete"):
        raise Http404
    try:
        if verb == "run":
            return HttpResponseRedirect(reverse("jobs:detail", args=[actions.run_now(actor, one).pk]))
        if verb == "delete":
            actions.unschedule(actor, one)
        else:
            actions.switch(actor, one, enabled=verb == "resume")
    except TilthError as fault:
        messages.error(request, str(fault))
    return HttpResponseRedirect(reverse("jobs:schedules"))


def _act(request: HttpRequest, pk: int, act: Any) -> HttpResponse:
    job = _job(request, pk)
    try:
        job = act(request.actor, job)  # type: ignore[attr-defined]
    except TilthError as fault:
        messages.error(request, str(fault))
    if request.htmx:  # type: ignore[attr-defined]
        job.refresh_from_db()
        return TemplateResponse(request, "jobs/progress.html", {"job": job})
    return HttpResponseRedirect(reverse("jobs:detail", args=[pk]))


def _job(request: HttpRequest, pk: int) -> Job:
    return get_object_or_404(finding.visible(request.actor), pk=pk)  # type: ignore[attr-defined]


def _is_part(request: HttpRequest) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request  # type: ignore[attr-defined]


def _inside(request: HttpRequest, url: Any) -> str:
    """Return an address of a result, if it lies in this workspace."""
    return url if isinstance(url, str) and url.startswith(request.workspace.url) else ""  # type: ignore[attr-defined]


def _around(here: str) -> dict[str, Any]:
    tabs = [(_("Jobs"), reverse("jobs:list"), here == "jobs"), (_("Schedules"), reverse("jobs:schedules"), here == "schedules")]
    return {"crumbs": [(_("Background jobs"), None)], "tabs": tabs}
