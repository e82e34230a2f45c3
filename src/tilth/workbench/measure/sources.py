"""A workspace's events and orders in memory, ready for questions: read once a version, by one thread, shared by all."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from threading import RLock, Thread
from typing import Any

from django.conf import settings
from django.db import connection

from tilth.warehouse import index
from tilth.workbench.measure import purchases
from tilth.workbench.measure.shared import Shared
from tilth.workbench.tenancy.models import Workspace

LOG = logging.getLogger("tilth.measure")
READING, INDEXING = 1.6, 0.3
"""Seconds that a million rows take, about: to be read into memory, and to be taken into the event index."""
Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Held:
    """Events or orders in memory. One thread asks them at a time: what they read of their source they read over one connection."""

    source: Any
    lock: RLock = field(default_factory=RLock)


_held = {name: Shared(settings.OPTIONS.limits.workspaces_in_memory) for name in ("events", "orders")}


def state(workspace: Workspace, source: str) -> str:
    """Return what names the state of a source or table: the same text means the same rows, whatever became of the folder in between."""
    table = purchases.table_of(workspace, source)
    version, files = workspace.facts.table(table).files()
    told = "\n".join([str(workspace.folder), table, str(version), *(file.path for file in files)])
    return sha256(told.encode()).hexdigest()[:24]


def prepare(workspace: Workspace, table: str, progress: Progress | None = None) -> None:
    """Bring the event index up to date where a source is read from it; where no index can be written, nothing is done.

    `progress` is called with the rows read so far and all rows to be read, and may raise to stop.
    """
    if purchases.table_of(workspace, table) == "events" and rows_waiting(workspace):
        with suppress(OSError):
            index.opened(workspace.facts, progress)


def rows_waiting(workspace: Workspace) -> int:
    """Return about how many rows have to be read before events can be asked: those that the index lacks, or all where it has to be made anew."""
    now = index.status(workspace.facts)
    return 0 if now.state == "current" else now.behind if now.state == "behind" and now.behind >= 0 else purchases.rows_of(workspace, "events")


def held(workspace: Workspace, table: str) -> Held:
    """Return a workspace's events or orders, read now if they are not in memory in their present state; older states are forgotten."""
    now = (workspace.pk, workspace.slug, state(workspace, table))

    def read() -> Held:
        _held[table].drop(lambda key: key[:2] == now[:2])
        source: Any = purchases.as_events(workspace) if purchases.table_of(workspace, table) != table else getattr(workspace.facts, table)()
        _ = source.timeline if table == "events" else source.lines
        return Held(source)

    found: Held = _held[table].get(now, read)
    return found


def reading(workspace: Workspace, table: str) -> float:
    """Return how many seconds it takes, about, until a source can be asked."""
    if is_held(workspace, table):
        return 0
    stored = purchases.table_of(workspace, table)
    return rows_waiting(workspace) / 1e6 * INDEXING if stored == "events" else purchases.rows_of(workspace, stored) / 1e6 * READING


def is_held(workspace: Workspace, table: str) -> bool:
    """Whether they are in memory in their present state."""
    return (workspace.pk, workspace.slug, state(workspace, table)) in _held[table]


def warm(workspace: Workspace, table: str) -> Thread | None:
    """Begin to read them in the background, unless they are in memory, or so much has to be indexed first that a job does it."""
    indexed = purchases.table_of(workspace, table) == "events"
    if is_held(workspace, table) or (indexed and reading(workspace, table) > settings.OPTIONS.limits.heavy_seconds):
        return None
    return _aside(lambda: held(workspace, table))


def warm_recent() -> Thread:
    """Begin to read, in the background, the events of the workspaces that were asked last: for a server that has just started."""

    def read() -> None:
        def asked(workspace: Workspace) -> float:
            folder = workspace.folder / "cache" / "answers"
            return folder.stat().st_mtime if folder.exists() else 0.0

        recent = sorted((one for one in Workspace.objects.all() if asked(one)), key=asked)[-settings.OPTIONS.limits.workspaces_in_memory :]
        for workspace in recent:
            held(workspace, "events")

    return _aside(read)


def _aside(read: Callable[[], object]) -> Thread:
    """Run `read` in a thread of its own, whose failure is only logged: whoever needs the data reads them again."""

    def tried() -> None:
        try:
            read()
        except Exception:
            LOG.exception("data could not be read ahead")
        finally:
            connection.close()

    thread = Thread(target=tried, name="tilth-warm", daemon=True)
    thread.start()
    return thread
