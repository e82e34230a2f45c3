"""What operators do with background work: start, cancel, repeat, schedule."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.workbench.jobs import cron as times
from tilth.workbench.jobs import queue
from tilth.workbench.jobs.models import OPEN, Job, Schedule, State
from tilth.workbench.jobs.policies import jobs
from tilth.workbench.jobs.registry import Kind, find
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.actions import Actor, action, record
from tilth.workbench.tenancy.looks import free


def start(actor: Actor, kind: str, *, title: str, unique: str | None = None, **arguments: Any) -> Job:
    """Start a job of a registered kind.

    Parameters
    ----------
    actor : Actor
        In whose name it runs; the kind's right is asked for now and when it runs.
    kind : str
    title : str
        What its line in the list says: the name of the file, of the question.
    unique : str, optional
        While a job with the same text waits or runs in the workspace, that one is returned and none is started.
    **arguments
        Of the kind's function; JSON only.

    Raises
    ------
    UnknownName
        For a kind that no app has registered.
    InputError
        For arguments that the kind does not take.
    Refused
        When the actor's role may not start it.
    """
    definition = find(kind)
    definition.check_arguments(arguments)
    there = _open(actor, unique)
    if there is not None:
        jobs.require(actor, "start", definition)
        return there
    try:
        return _start(actor, thing=definition, title=title, unique=unique or "", arguments=arguments)
    except IntegrityError:
        there = _open(actor, unique)  # another request was quicker
        if there is None:
            raise
        return there


def _open(actor: Actor, unique: str | None) -> Job | None:
    if not unique:
        return None
    with scope.use(actor.workspace):
        return Job.objects.filter(unique=unique, state__in=OPEN).first()


@action(jobs, "start")
def _start(actor: Actor, *, thing: Kind, title: str, unique: str, arguments: dict[str, Any]) -> Job:
    job = Job.objects.create(
        kind=thing.name,
        title=free(title)[:200],
        arguments=arguments,
        unique=unique[:200],
        **_asker(actor),
    )
    queue.put(job)
    record(job, kind=thing.name)
    return job


def _asker(actor: Actor) -> dict[str, Any]:
    scopes = None if actor.scopes is None else sorted(actor.scopes)
    return {"requested_by": actor.user, "by_user": actor.user is not None, "who": actor.name[:120], "role": actor.role, "scopes": scopes}


@action(jobs, "cancel")
def cancel(actor: Actor, thing: Job) -> Job:
    """Cancel a job: one that waits never starts, one that runs is asked to stop and, if it does not, ended. InputError when it is over."""
    now = timezone.now()
    waiting = Job.objects.filter(pk=thing.pk, state=State.WAITING).update(state=State.CANCELLED, finished_at=now)
    if not waiting and not Job.objects.filter(pk=thing.pk, state=State.RUNNING).update(cancel_at=now):
        raise InputError(_("“{job}” is over already: there is nothing to cancel.").format(job=thing))
    record(thing)
    thing.refresh_from_db()
    return thing


@action(jobs, "retry")
def retry(actor: Actor, thing: Job) -> Job:
    """Let a failed or cancelled job run again, in the name of the actor. InputError when it is not over, or when its like runs already."""
    find(thing.kind).check_arguments(thing.arguments)
    again = {"state": State.WAITING, "cancel_at": None, "finished_at": None, **_asker(actor)}
    try:
        with transaction.atomic():
            changed = Job.objects.filter(pk=thing.pk, state__in=(State.FAILED, State.CANCELLED)).update(**again)
    except IntegrityError:
        raise InputError(_("The same work waits or runs already; wait until it has ended.")) from None
    if not changed:
        raise InputError(_("Only a job that failed or was cancelled can be repeated."))
    queue.put(thing)
    record(thing, attempt=thing.attempt + 1)
    thing.refresh_from_db()
    return thing


def schedule(actor: Actor, kind: str, title: str, cron: str = "0 8 * * 1", **arguments: Any) -> Schedule:
    """Start a job of a kind at the times that `cron` gives in the workspace's time zone, in the name of the actor.

    How times are written is told in :mod:`tilth.workbench.jobs.cron`.

    Raises
    ------
    BadTimes
        For times that cannot be read or never come.
    UnknownName, InputError, Refused
        As :func:`start`.
    """
    definition = find(kind)
    definition.check_arguments(arguments)
    return _schedule(actor, thing=definition, title=title, cron=cron, arguments=arguments)


@action(jobs, "schedule")
def _schedule(actor: Actor, *, thing: Kind, title: str, cron: str, arguments: dict[str, Any]) -> Schedule:
    tz = actor.workspace.tz
    made = Schedule.objects.create(
        kind=thing.name,
        title=free(title)[:200],
        arguments=arguments,
        cron=cron,
        tz=tz,
        as_user=actor.user,
        next_at=times.following(cron, tz, timezone.now()),
    )
    record(made, kind=thing.name, cron=cron)
    return made


@action(jobs, "unschedule")
def unschedule(actor: Actor, thing: Schedule) -> None:
    """Delete a schedule; jobs that it has started stay."""
    record(thing, kind=thing.kind)
    thing.delete()


@action(jobs, "switch")
def switch(actor: Actor, thing: Schedule, *, enabled: bool) -> Schedule:
    """Pause a schedule, or let it go on from the next time that comes."""
    thing.enabled, thing.problem = enabled, ""
    thing.next_at = times.following(thing.cron, thing.tz, timezone.now()) if enabled else None
    thing.save(update_fields=["enabled", "problem", "next_at"])
    record(thing, enabled=enabled)
    return thing


def run_now(actor: Actor, thing: Schedule) -> Job:
    """Start a schedule's job at once, in the name of the actor; its times stay as they are."""
    job = start(actor, thing.kind, title=thing.title, unique=f"schedule:{thing.pk}", **thing.arguments)
    with scope.use(actor.workspace):
        Schedule.objects.filter(pk=thing.pk).update(last_job=job)
    return job
