"""An installation of its own with real processes: one that does what a test says, and workers to start and kill."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tilth.engine.home import kernel_cache

ROOT = Path(__file__).parents[3]
DRIVER = """
import json, os, sys, traceback
from tilth.workbench.config import setup
setup.start_django()
from datetime import timedelta
from django.core.management import call_command
from django.utils import timezone
from tests.workbench.jobs import kinds
from tilth.warehouse.workspace import Workspace as Facts
from tilth.workbench.accounts.models import User
from tilth.workbench.jobs import actions, outbox
from tilth.workbench.jobs.models import *
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.models import *
from tilth.workbench.jobs import worker
outbox.HEAD_START = timedelta(seconds=0.5)
team = []
known = dict(globals())
for line in sys.stdin:
    fault = ""
    try:
        with scope.everywhere():
            exec(json.loads(line), known)
    except Exception:
        fault = traceback.format_exc()
    print(json.dumps([fault, known.pop("answer", None)], default=str), flush=True)
os._exit(0)  # a worker that still runs is not waited for
"""
FURNISH = """
call_command("migrate", verbosity=0)
workspace = Workspace.objects.create(slug="shop", name="shop", tz="Asia/Shanghai")
Facts.create(workspace.folder)
user = User.objects.create_user("a@example.com", name="Ann")
Membership.objects.create(workspace=workspace, user=user, role="manager")
"""
ENTER = 'workspace = Workspace.objects.get(); actor = Actor.of(Membership.objects.select_related("user", "workspace").get())'


class Worker:
    """A worker process: forked from the driver, which has everything loaded already."""

    def __init__(self, house: House, pace: dict) -> None:
        self.house = house
        known = house.do("answer = list(Worker.objects.values_list('pk', flat=True))")
        house.do("from django.db import connections; connections.close_all()")
        self.pid = house.do(
            f"team.append(worker.FORK.Process(target=worker.work, args=(worker.Pace(**{pace!r}),))); team[-1].start(); answer = team[-1].pid"
        )
        end = time.monotonic() + 30
        while not set(house.do("answer = list(Worker.objects.values_list('pk', flat=True))")) - set(known):
            if self.code() is not None or time.monotonic() > end:
                raise RuntimeError(f"the worker did not start: {self.code()}")
            time.sleep(0.05)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self.house.do(f"answer = next(p.exitcode for p in team if p.pid == {self.pid})")

    def wait(self, seconds: float) -> int | None:
        end = time.monotonic() + seconds
        while self.code() is None and time.monotonic() < end:
            time.sleep(0.05)
        return self.code()


class House:
    """One installation in a folder, on SQLite or at a PostgreSQL address."""

    def __init__(self, home: Path, url: str = "") -> None:
        self.home = home
        (home / "cache").mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            (home / "cache" / "kernels").symlink_to(kernel_cache())
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        self.environment = {**os.environ, "TILTH_HOME": str(home), "TILTH_DATABASE_URL": url, "PYTHONPATH": path, "TILTH_LANGUAGE": "en"}
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.workers: list[Worker] = []
        self.driver = subprocess.Popen(
            [sys.executable, "-c", DRIVER], env=self.environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def do(self, code: str):
        """Run code in the driver, in which ``workspace`` and ``actor`` are known; return what it calls ``answer``."""
        self.driver.stdin.write(json.dumps(code) + "\n")
        self.driver.stdin.flush()
        line = self.driver.stdout.readline()
        fault, answer = json.loads(line) if line else ("the driver ended", None)
        if fault:
            raise RuntimeError(fault)
        return answer

    def start(self, kind: str, **arguments) -> int:
        return self.do(f"answer = actions.start(actor, {kind!r}, title={kind!r}, **{arguments!r}).pk")

    def job(self, pk: int) -> dict:
        return self.do(f"answer = Job.objects.values('state', 'attempt', 'error', 'result', 'done', 'note').get(pk={pk})")

    def until(self, pk: int, *states: str, seconds: float = 30) -> dict:
        """Wait until a job is in one of the states."""
        end = time.monotonic() + seconds
        while (job := self.job(pk))["state"] not in states:
            if time.monotonic() > end:
                raise TimeoutError(f"job {pk} is still {job} after {seconds} s")
            time.sleep(0.05)
        return job

    def worker(self, **pace) -> Worker:
        """Start a worker; returns when it has enrolled."""
        self.workers.append(Worker(self, {"beat": 0.3, "dead": 6.0, "grace": 1.0, "linger": 0.5, **pace}))
        return self.workers[-1]

    def rest(self) -> None:
        """End the workers."""
        for one in self.workers:
            if one.code() is None:
                one.signal(signal.SIGKILL)
                one.wait(10)
        self.workers.clear()

    def close(self) -> None:
        self.rest()
        self.driver.stdin.close()
        self.driver.wait(timeout=20)
