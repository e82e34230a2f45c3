"""What is kept of background work: jobs and their log, schedules, promised effects, and the workers that run them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tilth.workbench.tenancy.models import Scoped


class State(models.TextChoices):
    """Where a job stands."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


OPEN = (State.WAITING, State.RUNNING)
"""States that something still follows."""


class Worker(models.Model):
    """A worker process that lives, as far as its last sign says. It belongs to the installation, not to a workspace."""

    name = models.CharField(_("name"), max_length=120)
    started_at = models.DateTimeField(_("started at"))
    seen_at = models.DateTimeField(_("last sign"), db_index=True)

    class Meta:
        verbose_name = _("worker")

    def __str__(self) -> str:
        return self.name


class Chore(models.Model):
    """Work that the installation needs from time to time, done by whichever worker comes first."""

    name = models.CharField(max_length=40, primary_key=True)
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Job(Scoped):
    """A piece of background work: a kind, its arguments, how far it is and how it ended.

    ``attempt`` counts the times it was taken up. Whoever carries out an attempt may write only while the row still shows that attempt as running:
    a worker that was thought dead and comes back finds its attempt over and changes nothing.
    """

    kind = models.CharField(_("kind"), max_length=80, db_index=True)
    title = models.CharField(_("title"), max_length=200)
    arguments = models.JSONField(default=dict, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING, db_index=True)
    unique = models.CharField(max_length=200, blank=True, editable=False)
    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    done = models.BigIntegerField(_("done so far"), default=0)
    total = models.BigIntegerField(_("in all"), null=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    result = models.JSONField(_("result"), null=True)
    error = models.TextField(_("error"), blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by"))
    who = models.CharField(_("asked by"), max_length=120, blank=True)
    by_user = models.BooleanField(default=True, editable=False)
    role = models.CharField(max_length=10, editable=False)
    scopes = models.JSONField(null=True, editable=False)
    worker = models.ForeignKey(Worker, models.SET_NULL, null=True, editable=False, related_name="+")
    cancel_at = models.DateTimeField(_("cancelling since"), null=True, editable=False)
    created_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("background job")
        ordering: ClassVar = ["-created_at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["workspace", "-created_at"], name="jobs_by_time")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "unique"], condition=~Q(unique="") & Q(state__in=["waiting", "running"]), name="one_open_job"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN

    @property
    def share(self) -> float | None:
        """How far it is, from 0 to 1; None where that is not known."""
        return min(self.done / self.total, 1.0) if self.total else None

    @property
    def seconds(self) -> float | None:
        """How long its last attempt took, or has been taking; None before the first."""
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds() if self.started_at else None

    @property
    def number(self) -> str:
        """What to quote when asking about it: the log names the same."""
        return f"J{self.pk}-{self.attempt}"


class Line(Scoped):
    """A line of a job's log."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="lines")
    at = models.DateTimeField()
    attempt = models.PositiveIntegerField()
    text = models.CharField(max_length=500)

    class Meta(Scoped.Meta):
        abstract = False
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.text


class Schedule(Scoped):
    """A job that starts by the clock, in the name of the one who scheduled it."""

    kind = models.CharField(_("kind"), max_length=80)
    title = models.CharField(_("title"), max_length=200)
    arguments = models.JSONField(default=dict)
    cron = models.CharField(_("times"), max_length=80)
    tz = models.CharField(_("time zone"), max_length=64)
    enabled = models.BooleanField(_("active"), default=True)
    next_at = models.DateTimeField(_("next time"), null=True, db_index=True)
    last_job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("last run"))
    as_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("in the name of"))
    problem = models.TextField(_("problem"), blank=True)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("schedule")
        ordering: ClassVar = ["title", "pk"]

    def __str__(self) -> str:
        return self.title


class Intent(Scoped):
    """An effect on another store that was promised in a transaction here and has to come true, once, after it."""

    effect = models.CharField(max_length=80)
    key = models.UUIDField(unique=True)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(help_text="Not to be taken up before: leased to a process until then, or to be tried again.")
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        abstract = False
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [models.Index(fields=["due_at"], condition=Q(done_at=None), name="intents_due")]

    def __str__(self) -> str:
        return self.effect
