"""A job's own view of its run: where it says how far it is, writes its log, and learns that it should stop."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tilth.workbench.jobs.models import Job, Line, State

if TYPE_CHECKING:
    from tilth.workbench.tenancy.actions import Actor
    from tilth.workbench.tenancy.models import Workspace

PAUSE = 0.5
"""Seconds between two writes of progress: at most two a second."""
LINES = 1000
"""Lines of log that are kept of an attempt: the last ones."""


class Cancelled(BaseException):
    """The job should stop: somebody cancelled it, its time is over, or its worker ends.

    No ``Exception``, so that a job that catches what its own work may raise does not catch this by mistake; ``finally`` blocks run.
    """


class Run:
    """One attempt of a job, as its function sees it.

    Attributes
    ----------
    job : Job
    workspace : Workspace
    actor : Actor
        Who asked, with the rights that they have now, via ``job``.
    attempt : int
        1 the first time.
    """

    def __init__(self, job: Job, actor: Actor) -> None:
        self.job, self.actor, self.attempt = job, actor, job.attempt
        self.workspace: Workspace = actor.workspace
        self._told_to_stop = False
        self._state: dict[str, Any] = {}
        self._lines: list[Line] = []
        self._logged = 0
        self._wrote_at = float("-inf")

    def obey(self) -> None:
        """Take SIGTERM of this process as the wish that the job stops."""
        signal.signal(signal.SIGTERM, self.stop)

    def stop(self, *_: object) -> None:
        """Ask the job to stop at its next ``check()``."""
        self._told_to_stop = True

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Say how far the job is: `done` of `total`, or of nobody knows how many; `note` in a few words. Written twice a second at most."""
        self.check()
        self._state = {"done": int(done), "total": None if total is None else int(total), "note": note[:200]}
        self._write()

    def log(self, text: str) -> None:
        """Add a line to the job's log; never personal data. The last thousand are kept."""
        self._lines.append(Line(job=self.job, at=timezone.now(), attempt=self.attempt, text=str(text)[:500]))
        self._write()

    def check(self) -> None:
        """Raise Cancelled when the job should stop. Costs nothing: call it in loops."""
        if self._told_to_stop:
            raise Cancelled

    def cancelled(self) -> bool:
        """Whether the job should stop."""
        return self._told_to_stop

    def flush(self) -> None:
        """Write what has not been written yet; Cancelled when another process took the attempt over."""
        if self._lines:
            Line.objects.bulk_create(self._lines)
            self._logged += len(self._lines)
            self._lines.clear()
            if self._logged > LINES:
                mine = Line.objects.filter(job=self.job, attempt=self.attempt)
                mine.filter(pk__lt=mine.order_by("-pk").values_list("pk", flat=True)[LINES - 1]).delete()
                self._logged = LINES
        if self._state:
            if not Job.objects.filter(pk=self.job.pk, attempt=self.attempt, state=State.RUNNING).update(**self._state):
                self.stop()
            self._state = {}
        self._wrote_at = time.monotonic()
        self.check()

    def _write(self) -> None:
        if time.monotonic() - self._wrote_at >= PAUSE:
            self.flush()
