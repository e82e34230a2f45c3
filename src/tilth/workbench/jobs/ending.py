"""How an attempt ends: done, failed, cancelled, or given back to be tried again. Nothing is written over what another process decided meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tilth.workbench.jobs import queue
from tilth.workbench.jobs.models import Job, Line, State
from tilth.workbench.jobs.registry import KINDS

PAUSE = timedelta(seconds=10)
"""Before the first retry; doubled before each further one."""
REPEATS = 5
"""How often a job that is safe to repeat is begun: one that takes its worker down each time comes to an end."""


def end(job: Job, state: Any, **how: Any) -> bool:
    """End the attempt of `job`; False when it was over already."""
    return _change(job, state=state, finished_at=timezone.now(), worker=None, **how)


def fault(job: Job, error: str) -> None:
    """End the attempt because of a fault; try again after a pause while there are retries left."""
    kind = KINDS.get(job.kind)
    if kind is not None and job.attempt <= kind.retries:
        _again(job, error, PAUSE * 2 ** (job.attempt - 1))
    else:
        end(job, State.FAILED, error=error)


def give_back(job: Job, why: str) -> None:
    """End an attempt that was cut off: cancelled if somebody wished so, tried again if it is safe or a retry is left, else failed."""
    kind = KINDS.get(job.kind)
    if Job.objects.filter(pk=job.pk, cancel_at__isnull=False).exists():
        end(job, State.CANCELLED)
    elif kind is not None and ((kind.safe_to_repeat and job.attempt < REPEATS) or job.attempt <= kind.retries):
        _again(job, why, timedelta(0))
    else:
        end(job, State.FAILED, error=why + " " + _("What it had done by then stays; look before you repeat it."))


def _again(job: Job, why: str, pause: timedelta) -> None:
    with transaction.atomic():
        if _change(job, state=State.WAITING, worker=None, note=_("is tried again")):
            queue.put(job, timezone.now() + pause if pause else None)
            Line.objects.create(job=job, workspace_id=job.workspace_id, at=timezone.now(), attempt=job.attempt, text=why[:500])


def _change(job: Job, **how: Any) -> bool:
    return bool(Job.objects.filter(pk=job.pk, attempt=job.attempt, state=State.RUNNING).update(**how))
