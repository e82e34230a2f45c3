"""The hand-over of waiting jobs to workers: a row of django-tasks' queue for each, written with the job and gone when a worker takes it.

The queue holds only what waits. Everything else about a job (state, attempt, progress, result) is in its own row, because the queue knows neither
cancelling nor workers that died: a task whose worker was killed stays RUNNING there for ever.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from tilth.workbench.jobs.models import Job, State, Worker
from tilth.workbench.jobs.registry import KINDS
from tilth.workbench.tenancy import scope

BACKEND = "jobs"


@task(backend=BACKEND)
def carry_out(job: int) -> None:
    """Carry out a waiting job in this process: what a plain django-tasks worker would do with the queue's row."""
    from tilth.workbench.jobs.running import run_here

    with scope.everywhere():
        run_here(Job.objects.select_related("workspace").get(pk=job))


def put(job: Job, after: datetime | None = None) -> None:
    """Let a waiting job be taken, from `after` on, once the transaction is committed."""
    kind = KINDS.get(job.kind)
    carry_out.using(run_after=after, priority=kind.priority if kind else 0).enqueue(job.pk)


def any_ready() -> bool:
    """Whether a job can be taken now; a mere look, that takes no lock."""
    return DBTaskResult.objects.ready().filter(backend_name=BACKEND).exists()


def take(worker: Worker) -> Job | None:
    """Take the job that waits longest for a worker, which nobody else can then; None when there is none. Inside ``scope.everywhere()``."""
    with transaction.atomic():
        while (row := DBTaskResult.objects.ready().filter(backend_name=BACKEND).get_locked()) is not None:
            (pk,) = row.args_kwargs["args"]
            row.delete()
            if begin(pk, worker):
                return Job.objects.select_related("workspace", "requested_by").get(pk=pk)
        return None


def begin(pk: int, worker: Worker | None) -> bool:
    """Mark a waiting job as running, one attempt further; False when it does not wait any more."""
    changed = {"state": State.RUNNING, "attempt": F("attempt") + 1, "worker": worker, "started_at": timezone.now(), "finished_at": None}
    return bool(Job.objects.filter(pk=pk, state=State.WAITING).update(done=0, total=None, note="", error="", result=None, **changed))
