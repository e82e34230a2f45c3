"""Jobs whose worker died: given back, so that another attempt is made or the list says what became of them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tilth.workbench.jobs import ending
from tilth.workbench.jobs.models import Job, State, Worker
from tilth.workbench.jobs.running import in_words_of
from tilth.workbench.tenancy import scope


def sweep(dead: QuerySet[Worker]) -> int:
    """Give back what dead workers were at, and what runs without a worker and is past its time; return how many. Inside ``scope.everywhere()``."""
    gone = list(dead.values_list("pk", flat=True))
    longest = timezone.now() - timedelta(minutes=settings.OPTIONS.worker.job_minutes)
    orphans = Job.objects.filter(Q(worker__in=gone) | Q(worker=None, started_at__lt=longest), state=State.RUNNING)
    count = 0
    for job in orphans.select_related("workspace", "requested_by"):
        with scope.use(job.workspace), in_words_of(job.requested_by, job.workspace):
            ending.give_back(job, _("Its worker ended without a word."))
        count += 1
    Worker.objects.filter(pk__in=gone).delete()
    return count
