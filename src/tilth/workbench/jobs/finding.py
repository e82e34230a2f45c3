"""Which jobs and schedules somebody sees, and what lists say about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.analysis.display import wording
from tilth.workbench.jobs.models import OPEN, Intent, Job, Schedule, State, Worker
from tilth.workbench.jobs.registry import KINDS
from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.roles import MANAGERS

SILENT = timedelta(seconds=20)
"""Silence of all workers after which the page says that none runs."""
STUCK = 3
"""Failed tries after which a promised effect is shown to managers."""

TONES = {State.WAITING: "idle", State.RUNNING: "run", State.DONE: "good", State.FAILED: "bad", State.CANCELLED: "idle"}
STATES: dict[str, Any] = {
    "": gettext_lazy("all"),
    "open": gettext_lazy("running and waiting"),
    "done": gettext_lazy("done"),
    "failed": gettext_lazy("failed"),
    "cancelled": gettext_lazy("cancelled"),
}
RESULTS: dict[str, Any] = {
    "rows": gettext_lazy("Rows"),
    "accepted": gettext_lazy("Accepted rows"),
    "quarantined": gettext_lazy("Rows set aside"),
    "skipped": gettext_lazy("Rows that were there already"),
    "people": gettext_lazy("Number of people"),
    "answered": gettext_lazy("Questions answered ahead"),
    "files": gettext_lazy("Files"),
    "taken": gettext_lazy("Pieces taken in"),
    "problems": gettext_lazy("Problems"),
    "sent": gettext_lazy("Mails sent"),
}
"""What results of jobs tell, in words; keys that are not here are for programs."""


def visible(actor: Actor) -> QuerySet[Job]:
    """Return the jobs that `actor` may see: managers all, others their own."""
    jobs: QuerySet[Job] = Job.objects.select_related("requested_by")
    return jobs if actor.role in MANAGERS else jobs.filter(_own(actor, "requested_by"))


def visible_schedules(actor: Actor) -> QuerySet[Schedule]:
    """Return the schedules that `actor` may see: managers all, others their own."""
    found: QuerySet[Schedule] = Schedule.objects.select_related("as_user", "last_job")
    return found if actor.role in MANAGERS else found.filter(_own(actor, "as_user"))


def _own(actor: Actor, field: str) -> Q:
    return Q(**{field: actor.user.pk}) if actor.user is not None else Q(pk__in=())


def chosen(jobs: QuerySet[Job], state: str = "", kind: str = "", who: str = "") -> QuerySet[Job]:
    """Narrow `jobs` to a state, a kind and a user's key, what runs first, then what waits, then the latest."""
    if state == "open":
        jobs = jobs.filter(state__in=OPEN)
    elif state in STATES and state:
        jobs = jobs.filter(state=state)
    if kind:
        jobs = jobs.filter(kind=kind)
    if who.isdecimal():
        jobs = jobs.filter(requested_by=int(who))
    place = Case(When(state=State.RUNNING, then=Value(0)), When(state=State.WAITING, then=Value(1)), default=Value(2), output_field=IntegerField())
    return jobs.order_by(place, "-created_at", "-pk")


def kind_words(kind: str) -> str:
    """Return a kind in words; its code when no app has it any more."""
    return str(KINDS[kind].label) if kind in KINDS else kind


def result_words(result: Any) -> list[tuple[str, str]]:
    """Return what a job's result tells people."""
    if not isinstance(result, Mapping):
        return []
    shown = [(str(RESULTS[key]), wording.count(value)) for key, value in result.items() if key in RESULTS and isinstance(value, int)]
    shown += [(str(label), str(value)) for label, value in result.get("told", ())]
    if isinstance(result.get("bytes"), int):
        shown.append((_("File size"), _("{size} MB").format(size=f"{result['bytes'] / 1e6:,.1f}")))
    return shown


def is_worker_there() -> bool:
    """Whether any worker gave a sign of late."""
    return Worker.objects.filter(seen_at__gte=Now() - SILENT).exists()


def stuck() -> int:
    """Return how many promised effects of the workspace have failed several times."""
    return Intent.objects.filter(done_at=None, attempts__gte=STUCK).count()
