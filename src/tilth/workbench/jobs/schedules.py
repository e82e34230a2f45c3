"""Schedules that are due: each started once, by whichever worker comes first; what was missed while no worker ran is started once, late."""

from __future__ import annotations

from zoneinfo import ZoneInfoNotFoundError

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from tilth.errors import TilthError
from tilth.workbench.jobs import cron
from tilth.workbench.jobs.actions import start
from tilth.workbench.jobs.cron import BadTimes
from tilth.workbench.jobs.models import Job, Schedule
from tilth.workbench.jobs.running import actor_in, in_words_of
from tilth.workbench.tenancy import scope


def run_due() -> None:
    """Start the jobs of schedules whose time has come. Inside ``scope.everywhere()``."""
    now = timezone.now()
    due = Schedule.objects.filter(enabled=True, next_at__lte=now).select_related("workspace", "as_user").order_by("next_at")
    for one in due[:50]:
        with scope.use(one.workspace), in_words_of(one.as_user, one.workspace), transaction.atomic():
            this = Schedule.objects.filter(pk=one.pk, enabled=True, next_at=one.next_at)
            try:
                following = cron.following(one.cron, one.tz, now)
            except (BadTimes, ZoneInfoNotFoundError) as fault:
                this.update(enabled=False, problem=str(fault))
                continue
            if this.update(next_at=following):
                _start(one)


def _start(one: Schedule) -> None:
    """Start the job of a schedule, or pause the schedule and say why. While the last run is not over no other begins."""
    try:
        job: Job | None = start(actor_in(one.workspace, one.as_user), one.kind, title=one.title, unique=f"schedule:{one.pk}", **one.arguments)
        problem = ""
    except (TilthError, PermissionDenied) as fault:
        job, problem = one.last_job, str(fault)
    Schedule.objects.filter(pk=one.pk).update(last_job=job, problem=problem, enabled=not problem)
