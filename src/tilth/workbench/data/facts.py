"""What the facts tell about themselves, kept as long as the table has the same files: counting a dictionary reads every row, a page must not."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.cache import cache

from tilth.engine.sources import connect
from tilth.errors import UnknownEvent
from tilth.warehouse import dictionary, scan
from tilth.workbench.data import masking
from tilth.workbench.tenancy.looks import ALIKE
from tilth.workbench.tenancy.models import Workspace

LOG = logging.getLogger("tilth.data")
FORM = 3
"""Version of what is kept here; goes up when its form changes."""


@dataclass(frozen=True)
class Event:
    """An event as the rows tell it; `daily` are the rows of the last 30 days of the table."""

    code: str
    rows: int
    people: int
    first: datetime
    last: datetime
    daily: tuple[int, ...]


@dataclass(frozen=True)
class Property:
    """A property or column as the rows tell it; `examples` are values with their rows, none of those that are personal or masked."""

    code: str
    kind: str
    filled: float
    distinct: int
    stored: str
    personal: bool
    masked: bool
    examples: tuple[tuple[str, int], ...] = field(default=())


def events(workspace: Workspace) -> list[Event]:
    """Return the events there are, most rows first."""
    kept = _kept(workspace, "events", "events", partial(_events, workspace))
    return [
        Event(**{**one, "first": datetime.fromisoformat(one["first"]), "last": datetime.fromisoformat(one["last"]), "daily": tuple(one["daily"])})
        for one in kept
    ]


def properties(workspace: Workspace, event: str | None = None, table: str = "events") -> list[Property]:
    """Return the properties of a table's rows, or of one event's; nothing for an event that never happened."""
    what = "columns" if event is None else "event-" + sha256(event.encode()).hexdigest()[:24]
    kept = _kept(workspace, table, what, partial(_properties, workspace, event, table))
    return [Property(**{**one, "examples": tuple((value, rows) for value, rows in one["examples"])}) for one in kept]


def days(workspace: Workspace, table: str) -> dict[date, int]:
    """Return the days on which a table has rows, in order, with how many."""
    kept = _kept(workspace, table, "days", partial(_days, workspace, table))
    return {date.fromisoformat(one["day"]): one["rows"] for one in kept}


def _days(workspace: Workspace, table: str) -> list[dict[str, Any]]:
    connection = connect(workspace.facts.tz)
    source = scan.rows(connection, workspace.facts.table(table))
    counted = connection.sql(f"SELECT CAST(time AS DATE) AS day, count(*) AS rows FROM {source} GROUP BY day ORDER BY day").fetchall()  # noqa: S608
    return [{"day": day.isoformat(), "rows": rows} for day, rows in counted]


def _events(workspace: Workspace) -> list[dict[str, Any]]:
    frame = dictionary.events(workspace.facts)
    return [
        {
            "code": row.event,
            "rows": int(row.rows),
            "people": int(row.people),
            "first": row.first.isoformat(),
            "last": row.last.isoformat(),
            "daily": list(row.daily),
        }
        for row in frame.itertuples()
    ]


def _properties(workspace: Workspace, event: str | None, table: str) -> list[dict[str, Any]]:
    try:
        frame = dictionary.properties(workspace.facts, event, table, alike=ALIKE)
    except UnknownEvent:
        return []
    made = []
    for row in frame.itertuples():
        masked = masking.is_personal(table, row.name) or row.alike
        examples = () if masked else tuple(row.examples)
        told = Property(row.name, row.kind, float(row.filled), int(row.distinct), row.stored, bool(row.personal), bool(masked), examples)
        made.append(asdict(told))
    return made


def _kept(workspace: Workspace, table: str, what: str, count: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return what `count` gives, from this process's memory or the workspace's cache folder while the table has the same files."""
    files = "\n".join(file.path for file in workspace.facts.table(table).files()[1])
    state = sha256(f"{workspace.folder}\n{files}".encode()).hexdigest()[:24]
    key = f"tilth.data.{FORM}.{table}.{state}.{what}"
    found: list[dict[str, Any]] | None = cache.get(key)
    if found is None:
        file = workspace.folder / "cache" / "dictionary" / f"{table}-{what}-{state}.{FORM}.json"
        found = _read(file)
        if found is None:
            found = count()
            _write(file, found, f"{table}-{what}-*")
        cache.set(key, found, None)
    return found


def _read(file: Path) -> list[dict[str, Any]] | None:
    try:
        found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found


def _write(file: Path, found: list[dict[str, Any]], older: str) -> None:
    """Keep what was counted; what cannot be written, as on a full disk, is counted again by the next process."""
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        for old in file.parent.glob(older):
            old.unlink(missing_ok=True)
        aside.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
        aside.replace(file)
    except OSError as fault:
        LOG.warning("a count could not be kept: %s", fault.strerror)
        with suppress(OSError):
            aside.unlink()
