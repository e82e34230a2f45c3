"""The worker: takes waiting jobs, gives each a process of its own, and looks after what others left behind.

Why a process for each job: only a process can be ended when a job neither asks whether it should stop nor ends in time; its memory goes back whole,
and a fault in compiled code takes nothing else with it. It is forked, not started anew: a fork takes 5 to 10 ms, a new Python with Django and the
engine 2 to 3 s. What makes forking sound is that the worker itself stays small: it runs no thread, asks no question of the facts (DuckDB, Arrow and
Delta bring threads of their own) and holds no connection to the database while it forks.

Who died is known by silence: a worker gives a sign every few seconds, and jobs of one that has been silent too long are given back by another. With
SQLite there is one worker, held to that by a lock on a file; what it finds running when it starts is dead at once. A job's process ends with its
worker (Linux: the kernel sees to that), and an attempt that was given back can write nothing any more, whoever still runs it.
"""

from __future__ import annotations

import ctypes
import fcntl
import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import connection as waiting
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection, connections
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from tilth.analysis.display import wording
from tilth.engine.home import home
from tilth.errors import TilthError
from tilth.workbench.jobs import chores, ending, outbox, queue, schedules, sweeping
from tilth.workbench.jobs.models import Job, State, Worker
from tilth.workbench.jobs.registry import KINDS
from tilth.workbench.jobs.running import attempt, in_words_of
from tilth.workbench.tenancy import scope

LOG = logging.getLogger("tilth.jobs")
FORK = multiprocessing.get_context("fork")
GAVE_WAY = 3
"""Exit code of a job's process that stopped because it was told to."""
PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that the kernel sends a process when its parent dies."""


class AnotherWorker(TilthError):
    """A second worker was started on SQLite."""

    def __init__(self, process: str) -> None:
        self.process = process
        super().__init__(
            _("Another worker runs already (process {process}). With SQLite there is one; set database.url to PostgreSQL for several.").format(
                process=process or "?"
            )
        )


@dataclass(frozen=True)
class Pace:
    """How often the worker looks and how long it waits, in seconds.

    Attributes
    ----------
    tick : float
        Between two looks at the queue.
    watch : float
        Between two looks at whether running jobs were cancelled, and at what is due by the clock.
    beat : float
        Between two signs of life.
    dead : float
        Silence after which a worker counts as dead.
    grace : float
        From telling a job to stop until its process is ended.
    linger : float
        How long running jobs may go on once the worker was told to end.
    patience : float
        How long a worker on SQLite waits for another one to be gone.
    slots : int
        Jobs at once, so that a long load does not hold up a mail.
    """

    tick: float = 0.2
    watch: float = 0.5
    beat: float = 3.0
    dead: float = 20.0
    grace: float = 10.0
    linger: float = 10.0
    patience: float = 5.0
    slots: int = 2


@dataclass
class Child:
    """A process of the worker's: a job's, or one that does the house's own work."""

    process: Any
    began: float
    job: Job | None = None
    limit: float = 600.0
    told_at: float | None = None
    is_late: bool = False


def work(pace: Pace = Pace()) -> None:
    """Run jobs, schedules and promised effects until told to end; AnotherWorker when one runs already on SQLite."""
    if connection.vendor == "sqlite":
        with _only_one(pace.patience):
            Crew(pace).run()
    else:
        Crew(pace).run()


@contextmanager
def _only_one(patience: float) -> Iterator[None]:
    """Hold the lock of the one worker. It goes when the last process of a worker has ended: one that was killed a moment ago is waited for."""
    give_up = time.monotonic() + patience
    with (home() / "worker.lock").open("a+") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > give_up:
                    lock.seek(0)
                    raise AnotherWorker(lock.read().strip()) from None
                time.sleep(0.1)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


class Crew:
    """A worker process and the processes of its jobs."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.me = Worker(name=f"{socket.gethostname()}:{os.getpid()}")
        self.children: list[Child] = []
        self.stopping: float | None = None
        self._beat_at = self._watched_at = float("-inf")

    def run(self) -> None:
        """Work until told to end; then let running jobs finish, or give them back."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        with scope.everywhere():
            self._enrol()
            LOG.info("worker %s started", self.me.name)
            try:
                while self.stopping is None or self.children:
                    self._turn()
            finally:
                Worker.objects.filter(pk=self.me.pk).delete()
                LOG.info("worker %s ended", self.me.name)

    def _stop(self, *_: object) -> None:
        self.stopping = self.stopping or time.monotonic()

    def _enrol(self) -> None:
        self.me.pk = None
        self.me.started_at = self.me.seen_at = Now()
        self.me.save(force_insert=True)
        if connection.vendor == "sqlite":
            sweeping.sweep(Worker.objects.exclude(pk=self.me.pk))  # the lock is ours: no other lives

    def _turn(self) -> None:
        """Do what is to be done now, then wait a little; faults of the database pass."""
        try:
            close_old_connections()
            now = time.monotonic()
            if now - self._beat_at >= self.pace.beat:
                self._beat()
                self._beat_at = now
            self._reap()
            if now - self._watched_at >= self.pace.watch:
                self._watched_at = now
                self._watch(now)
                if self.stopping is None:
                    self._by_the_clock()
            while self.stopping is None and sum(c.job is not None for c in self.children) < self.pace.slots and self._take():
                pass
        except (DatabaseError, InterfaceError):
            LOG.exception("the database did not answer; trying again")
            connections.close_all()
            time.sleep(1)
        sentinels = [child.process.sentinel for child in self.children]
        if sentinels:
            waiting.wait(sentinels, self.pace.tick)
        else:
            time.sleep(self.pace.tick)

    def _beat(self) -> None:
        if not Worker.objects.filter(pk=self.me.pk).update(seen_at=Now()):
            LOG.warning("worker %s was taken for dead", self.me.name)
            for child in self.children:
                self._kill(child)
            self._enrol()
        sweeping.sweep(Worker.objects.filter(seen_at__lt=Now() - timedelta(seconds=self.pace.dead)))

    def _by_the_clock(self) -> None:
        """Start schedules that are due; let a process do what is due of the house's own work."""
        schedules.run_due()
        if any(child.job is None for child in self.children):
            return
        due = chores.claim_due()
        lanes = outbox.due()
        if due or lanes:
            self._fork(_chores, due, lanes)

    def _take(self) -> bool:
        job = queue.take(self.me) if queue.any_ready() else None
        if job is None:
            return False
        kind = KINDS.get(job.kind)
        self._fork(_carry_out, job, job=job, limit=(kind and kind.limit) or settings.OPTIONS.worker.job_minutes * 60)
        return True

    def _fork(self, target: Callable[..., None], *args: Any, **of_child: Any) -> None:
        connections.close_all()
        process = FORK.Process(target=target, args=(os.getpid(), *args))
        process.start()
        self.children.append(Child(process, time.monotonic(), **of_child))

    def _watch(self, now: float) -> None:
        """Tell jobs to stop that were cancelled, taken away or are late, and all of them when the worker ends; end those that do not."""
        mine = [child.job.pk for child in self.children if child.job]
        wanted = (
            set(Job.objects.filter(pk__in=mine, worker=self.me, state=State.RUNNING, cancel_at=None).values_list("pk", flat=True)) if mine else set()
        )
        for child in self.children:
            child.is_late = child.is_late or (child.told_at is None and now - child.began > child.limit)
            is_unwanted = child.job is not None and child.job.pk not in wanted
            is_over = self.stopping is not None and now - self.stopping > self.pace.linger
            if child.told_at is not None:
                if now - child.told_at > self.pace.grace:
                    self._kill(child)
            elif child.is_late or is_unwanted or is_over:
                child.told_at = now
                child.process.terminate()

    def _kill(self, child: Child) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.kill()

    def _reap(self) -> None:
        """Write down how those ended that could not do so themselves."""
        for child in [c for c in self.children if not c.process.is_alive()]:
            code = child.process.exitcode
            if child.job is not None and code != 0:
                with scope.use(child.job.workspace), in_words_of(child.job.requested_by, child.job.workspace):
                    self._ended_early(child, code)
            self.children.remove(child)
            child.process.close()

    def _ended_early(self, child: Child, code: int) -> None:
        job = child.job
        assert job is not None
        if child.is_late:
            late = _("It was ended because it took longer than it may take: {limit}.").format(limit=wording.duration(child.limit))
            ending.end(job, State.FAILED, error=late)
        elif code == GAVE_WAY or child.told_at is not None:
            ending.give_back(job, _("It was cut off because its worker ended."))
        else:
            LOG.error("%s: process ended with %s", job.kind, code, extra={"workspace": job.workspace.slug, "number": job.number})
            ending.give_back(job, _("Its process ended without a word (code {code}), most often because memory ran out.").format(code=code))


def _carry_out(parent: int, job: Job) -> None:
    _settle_in(parent)
    with scope.use(job.workspace):
        finished = attempt(job, obey=True)
    connections.close_all()
    sys.exit(0 if finished else GAVE_WAY)


def _chores(parent: int, due: list[str], lanes: list[Any]) -> None:
    _settle_in(parent)
    with scope.everywhere():
        for workspace, name in lanes:
            outbox.keep(workspace, name)
        for name in due:
            chores.do(name)
    connections.close_all()


def _settle_in(parent: int) -> None:
    """Become a process of its own: ends with its worker, hears no Ctrl+C meant for it, and may be ended by SIGTERM."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
