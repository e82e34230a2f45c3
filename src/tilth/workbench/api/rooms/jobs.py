"""Background jobs: one's own, and for managers all."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from tilth.workbench.api.forms import Page, Slice, cut
from tilth.workbench.jobs import actions, finding
from tilth.workbench.jobs.models import Job
from tilth.workbench.jobs.policies import jobs as policy

router = Router(tags=["jobs"])


class OneJob(Schema):
    """A job; `result` is what it returned, `error` why it failed."""

    id: int
    number: str
    kind: str
    title: str
    state: str
    done: int
    total: int | None
    note: str
    result: Any = None
    error: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@router.get("", response=Page[OneJob])
def list_jobs(
    request: HttpRequest, part: Query[Slice], state: Literal["", "open", "done", "failed", "cancelled"] = "", kind: str = ""
) -> dict[str, Any]:
    """List jobs: those that run first, then what waits, then the latest."""
    policy.require(request.actor, "view")
    return cut(request, finding.chosen(finding.visible(request.actor), state, kind), part, lambda job: job)


@router.get("/{int:pk}", response=OneJob)
def get_job(request: HttpRequest, pk: int) -> Job:
    """Return a job."""
    return found(request, pk)


@router.post("/{int:pk}/cancel", response=OneJob)
def cancel_job(request: HttpRequest, pk: int) -> Job:
    """Cancel a job that waits or runs."""
    return actions.cancel(request.actor, found(request, pk))


@router.post("/{int:pk}/retry", response=OneJob)
def retry_job(request: HttpRequest, pk: int) -> Job:
    """Run a job again that failed or was cancelled."""
    return actions.retry(request.actor, found(request, pk))


def found(request: HttpRequest, pk: int) -> Job:
    """Return a job that the actor may see; 404 for any other."""
    policy.require(request.actor, "view")
    job: Job = get_object_or_404(finding.visible(request.actor), pk=pk)
    return job
