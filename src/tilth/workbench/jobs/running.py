"""Carrying out one attempt of a job: in whose name, in which language, and how its end is written down."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tilth.errors import TilthError
from tilth.language import using
from tilth.workbench.config.logs import request_id
from tilth.workbench.jobs import ending, queue
from tilth.workbench.jobs.models import Job, State
from tilth.workbench.jobs.policies import jobs
from tilth.workbench.jobs.registry import FOLLOWERS, find
from tilth.workbench.jobs.run import Cancelled, Run
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.models import Membership, Workspace
from tilth.workbench.tenancy.roles import Role

LOG = logging.getLogger("tilth.jobs")
RESULT = 64 * 1024
"""Most bytes of a result: it is for the job's page; what is larger belongs into a file or table that the result names."""


class NoLonger(TilthError):
    """The one in whose name a job was to run may not any more."""


def run_here(job: Job) -> Job:
    """Take a waiting job and carry it out in this process; return it as it ended. For commands and tests; the worker gives each job a process."""
    with scope.use(job.workspace):
        if queue.begin(job.pk, None):
            job.refresh_from_db()
            if not attempt(job):
                ending.give_back(job, _("It stopped."))
        job.refresh_from_db()
    return job


def attempt(job: Job, *, obey: bool = False) -> bool:
    """Carry out the attempt of a running job and write down how it ended; False, with nothing written, when it stopped because it was told to.

    Parameters
    ----------
    job : Job
        As taken from the queue.
    obey : bool
        Whether SIGTERM of this process tells the job to stop.
    """
    token = request_id.set(job.number)
    try:
        with scope.use(job.workspace), in_words_of(job.requested_by, job.workspace):
            return _attempt(job, obey)
    finally:
        request_id.reset(token)


def _attempt(job: Job, obey: bool) -> bool:
    try:
        kind = find(job.kind)
        actor = actor_of(job)
        if not jobs.allows(actor, "start", kind):
            raise NoLonger(_("{who} may not start this any more: the role {role} has no right to it.").format(who=actor.name, role=actor.role.label))
        run = Run(job, actor)
        if obey:
            run.obey()
        LOG.info("%s started", job.kind, extra={"workspace": job.workspace.slug, "attempt": job.attempt})
        result = kind.function(run, **job.arguments)
        size = len(json.dumps(result))
        if size > RESULT:
            raise ValueError(f"the result of {job.kind} has {size} bytes, more than {RESULT}")
        with suppress(Cancelled):  # the work is done
            run.flush()
    except Cancelled:
        return False
    except TilthError as fault:
        ending.fault(job, str(fault))
    except Exception:
        LOG.exception("%s failed", job.kind, extra={"workspace": job.workspace.slug})
        ending.fault(job, _("It failed in a way that was not foreseen. The log has the details under the number {number}.").format(number=job.number))
    else:
        if ending.end(job, State.DONE, result=result):
            _follow(run)
    return True


def _follow(run: Run) -> None:
    """Do what is to be done after a job of this kind."""
    for function in FOLLOWERS.get(run.job.kind, ()):
        try:
            function(run)
        except Exception:
            LOG.exception("what follows %s failed", run.job.kind, extra={"workspace": run.workspace.slug})


def actor_of(job: Job) -> Actor:
    """Return the one who asked for a job, with the role and the rights that they have now; NoLonger when they left the workspace."""
    scopes = None if job.scopes is None else frozenset(job.scopes)
    if job.by_user:
        return actor_in(job.workspace, job.requested_by, scopes, job.who)
    return Actor(job.workspace, Role(job.role), None, job.who, "job", scopes)


def actor_in(workspace: Workspace, user: Any, scopes: frozenset[str] | None = None, who: str = "") -> Actor:
    """Return what `user` is in `workspace` now, acting by a job; NoLonger when they are no member."""
    membership = Membership.objects.filter(workspace=workspace, user=user, user__is_active=True).select_related("user").first() if user else None
    if membership is None:
        raise NoLonger(_("{who} is no member of this workspace any more, and the job was to run in that name.").format(who=who or user or "?"))
    return replace(Actor.of(membership, "job"), scopes=scopes)


@contextmanager
def in_words_of(user: Any, workspace: Workspace) -> Iterator[None]:
    """Speak the language of a user, in the workspace's time zone."""
    profile: Any = getattr(user, "wagtail_userprofile", None)
    code = (profile.preferred_language if profile else "") or settings.LANGUAGE_CODE
    with translation.override(code), using("en" if code == "en" else "zh-Hans"), timezone.override(ZoneInfo(workspace.tz)):
        yield
