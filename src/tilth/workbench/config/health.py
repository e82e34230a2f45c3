"""``/healthz``: whether the installation can do its work. Anybody may ask and learns which part is not well; the log says what is wrong.

A load balancer or a watchdog asks; 200 and ``{"ok": true}`` mean that requests can be answered and kept, 503 that something needs a person:
``{"ok": false, "wrong": ["facts"]}``.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from tilth.collector.loading.lag import lag
from tilth.engine.home import home
from tilth.errors import TilthError
from tilth.warehouse import schema
from tilth.workbench.jobs.finding import is_worker_there
from tilth.workbench.tenancy.models import Workspace

LOG = logging.getLogger("tilth.health")
SPARE = 512 * 1024 * 1024
"""Bytes of disk space below which nothing should be loaded any more; uploads keep the same free."""
LATE = 120.0
"""Seconds that live events may wait to be loaded."""


@dataclass(frozen=True)
class Check:
    """What was looked at; `ok`, and what is wrong when it is not."""

    name: str
    ok: bool
    problem: str = ""


def checks() -> list[Check]:
    """Look at everything that has to be there."""
    return [_checked(name, look) for name, look in LOOKS.items()]


def _checked(name: str, look: Callable[[], str]) -> Check:
    try:
        problem = look()
    except Exception as fault:
        problem = f"{type(fault).__name__}: {fault}"
    return Check(name, not problem, problem)


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return "" if cursor.fetchone() == (1,) else "no answer"


def _facts() -> str:
    """Write a file where the facts lie, and remove it: a full or read-only disk answers here. Then look whether each workspace can be read."""
    place = home() / "workspaces"
    place.mkdir(parents=True, exist_ok=True)
    probe = Path(place, f".health-{os.getpid()}")
    probe.write_bytes(b"ok")
    probe.unlink()
    return "; ".join(problem for one in Workspace.objects.all() if (problem := _unreadable(one)))


def _unreadable(workspace: Workspace) -> str:
    try:
        for table in schema.TABLES:
            workspace.facts.table(table).now()
    except TilthError as fault:
        return str(fault)
    return ""


def _worker() -> str:
    return "" if is_worker_there() else "no worker gave a sign of late"


def _collector() -> str:
    late = {one.slug: waits for one in Workspace.objects.all() if not _unreadable(one) and (waits := lag(one.facts).seconds) > LATE}
    return "; ".join(f"{slug}: live events have waited {waits:,.0f} s to be loaded, is 'tilth collect' running" for slug, waits in late.items())


def _disk() -> str:
    free = shutil.disk_usage(home()).free
    return "" if free >= SPARE else f"{free / 1e6:,.0f} MB are free"


LOOKS: dict[str, Callable[[], str]] = {"database": _database, "facts": _facts, "worker": _worker, "collector": _collector, "disk": _disk}


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer whether all is well."""
    wrong = [one for one in checks() if not one.ok]
    for one in wrong:
        LOG.error("%s: %s", one.name, one.problem)
    response = JsonResponse({"ok": False, "wrong": [one.name for one in wrong]} if wrong else {"ok": True}, status=503 if wrong else 200)
    response["Cache-Control"] = "no-store"
    return response
