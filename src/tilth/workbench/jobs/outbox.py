"""Two stores, one action: what has to happen in the facts is promised in the transaction that changes the control database, and kept after it.

::

    @effect("people.segment.enter")
    def enter(workspace: Workspace, *, key: str, name: str, people: list[str]) -> None:
        workspace.facts.enter_segment(name, people, key=key)      # does nothing the second time that it is given the same key

    promise("people.segment.enter", name="重要挽留", people=ids)      # in an action

The promise is a row of the same transaction: it is there exactly when the action happened. It is kept as soon as the transaction is committed, by the
process that made it; when that process dies first, or the effect fails, a worker keeps it. An effect may thus run twice, never not at all, and gets
the same ``key`` each time: it has to do nothing the second time. Promises of one workspace whose names share all but the last part
(``people.segment.…``) are kept in the order in which they were made: one that fails holds up those behind it rather than be overtaken.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from tilth.errors import TilthError
from tilth.workbench.jobs.models import Intent
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Workspace

LOG = logging.getLogger("tilth.jobs")
LEASE = timedelta(seconds=60)
"""How long a process has an intent for itself; an effect that takes longer may be run by two at once, which its key makes harmless."""
HEAD_START = timedelta(seconds=5)
"""How long workers leave a new intent to the process that made it."""
LONGEST = timedelta(hours=1)
"""Longest pause before another try; the first is as long as a head start, and each further one twice the last."""
KEEP = timedelta(days=7)

EFFECTS: dict[str, Callable[..., Any]] = {}


def effect(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function ``function(workspace, *, key, **payload)`` as an effect; it has to do nothing the second time that it gets the same key."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        if name in EFFECTS and EFFECTS[name].__module__ != function.__module__:
            raise ValueError(f"there is an effect {name!r} already, in {EFFECTS[name].__module__}")
        EFFECTS[name] = function
        return function

    return register


def promise(name: str, **payload: Any) -> Intent:
    """Promise an effect inside the transaction of an action; it comes true after the commit. `payload` is JSON, kept until a week after.

    Raises
    ------
    KeyError
        For a name without an effect.
    RuntimeError
        Outside a transaction: nothing would tie the promise to what it belongs to.
    """
    EFFECTS[name]
    if not connection.in_atomic_block:
        raise RuntimeError(f"promise({name!r}) is for actions: it belongs into their transaction")
    workspace = scope.current()
    made = Intent.objects.create(effect=name, key=uuid.uuid4(), payload=payload, due_at=timezone.now())
    transaction.on_commit(lambda: keep(workspace, name))
    return made


def keep(workspace: Workspace, name: str) -> bool:
    """Keep what is promised in the lane of `name`, oldest first, as far as it is due and nobody else is at it; False when something failed."""
    lane = name.rpartition(".")[0] + "."
    with scope.use(workspace):
        while (intent := _next(lane)) is not None:
            if not _kept(workspace, intent):
                return False
    return True


def due() -> list[tuple[Workspace, str]]:
    """Return the lanes in which something was left to the workers, each by one of its names. Inside ``scope.everywhere()``."""
    now = timezone.now()
    left = Intent.objects.filter(done_at=None, due_at__lt=now, created_at__lt=now - HEAD_START).select_related("workspace").order_by("pk")[:1000]
    return list({(i.workspace_id, i.effect.rpartition(".")[0]): (i.workspace, i.effect) for i in left}.values())


def prune() -> None:
    """Forget promises that were kept long ago. Inside ``scope.everywhere()``."""
    Intent.objects.filter(done_at__lt=timezone.now() - KEEP).delete()


def _next(lane: str) -> Intent | None:
    """Take the oldest intent of a lane that is not done, for one lease; None when there is none or another process has it."""
    now = timezone.now()
    oldest = Intent.objects.filter(done_at=None, effect__startswith=lane).first()
    if oldest is None or oldest.due_at > now:
        return None
    taken = Intent.objects.filter(pk=oldest.pk, done_at=None, due_at=oldest.due_at).update(due_at=now + LEASE, attempts=oldest.attempts + 1)
    oldest.attempts += 1
    return oldest if taken else None


def _kept(workspace: Workspace, intent: Intent) -> bool:
    now = timezone.now
    try:
        EFFECTS[intent.effect](workspace, key=str(intent.key), **intent.payload)
    except Exception as fault:
        LOG.exception("effect %s failed", intent.effect, extra={"workspace": workspace.slug, "intent": intent.pk})
        text = str(fault) if isinstance(fault, TilthError) else type(fault).__name__
        pause = min(HEAD_START * 2 ** min(intent.attempts - 1, 20), LONGEST)
        Intent.objects.filter(pk=intent.pk).update(due_at=now() + pause, error=text)
        return False
    Intent.objects.filter(pk=intent.pk).update(done_at=now(), error="")
    return True
