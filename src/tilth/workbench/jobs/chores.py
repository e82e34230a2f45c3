"""The house's own regular work: publishing what was scheduled, forgetting what is old. Done by one worker at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from tilth.workbench.jobs import outbox
from tilth.workbench.jobs.models import OPEN, Chore, Job


def publish() -> None:
    """Publish and expire pages and snippets whose time has come."""
    call_command("publish_scheduled")


def prune() -> None:
    """Forget jobs that ended long ago, with their logs, and promises that were kept."""
    Job.objects.filter(finished_at__lt=timezone.now() - timedelta(days=settings.OPTIONS.worker.keep_days)).exclude(state__in=OPEN).delete()
    outbox.prune()


CHORES: dict[str, tuple[Callable[[], None], timedelta]] = {"publish": (publish, timedelta(minutes=1)), "prune": (prune, timedelta(hours=1))}


def claim_due() -> list[str]:
    """Return the chores that are due and now this process's to do."""
    now = timezone.now()
    known = dict(Chore.objects.values_list("name", "next_at"))
    for name in CHORES.keys() - known.keys():
        known[name] = Chore.objects.get_or_create(name=name, defaults={"next_at": now})[0].next_at
    return [
        name
        for name, (_function, every) in CHORES.items()
        if known[name] <= now and Chore.objects.filter(name=name, next_at=known[name]).update(next_at=now + every)
    ]


def do(name: str) -> None:
    """Do a chore. Inside ``scope.everywhere()``."""
    CHORES[name][0]()
