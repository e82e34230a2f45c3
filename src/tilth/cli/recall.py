"""The event names and columns that a source was last seen with, so that the shell can complete them without opening it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli.session import Session, demo_folder

if TYPE_CHECKING:
    from tilth.analysis.events import Events

PLACES = 50
"""Sources that are kept in mind; the least recently asked is forgotten first."""
NAMES = 500
"""Event names that are kept of one source, the most frequent first."""


def place(session: Session, given: dict[str, Any]) -> str:
    """Return the name under which the source that the options name is kept in mind."""
    if given.get("file"):
        return str(Path(given["file"]).absolute())
    return str((demo_folder() if given.get("demo") else session.folder).absolute())


def remember(where: str, events: Events) -> None:
    """Keep a source's event names and columns in mind. What cannot be written is no fault: only completion would use it."""
    known = _read()
    known.pop(where, None)
    known[where] = {"events": events.names()[:NAMES], "columns": list(events.history.source.types)}
    file = _file()
    aside = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps(dict(list(known.items())[-PLACES:]), ensure_ascii=False), encoding="utf-8")
        aside.replace(file)
    except OSError:
        return


def steps(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the event names that complete a step: the last of several names, after whatever stands before it."""
    start = max(incomplete.rfind("|"), incomplete.rfind(":")) + 1
    return [incomplete[:start] + name for name in _recalled(ctx, "events") if name.startswith(incomplete[start:])]


def columns(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the columns that complete an option."""
    return [name for name in _recalled(ctx, "columns") if name.startswith(incomplete)]


def _recalled(ctx: click.Context, kind: str) -> list[str]:
    session = ctx.find_object(Session) or Session()
    found: list[str] = _read().get(place(session, ctx.params), {}).get(kind, [])
    return found


def _read() -> dict[str, dict[str, list[str]]]:
    try:
        read = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there yet, or cut off: it is made again at the next question
        return {}
    return read if isinstance(read, dict) else {}


def _file() -> Path:
    from tilth.engine.home import home

    return home() / "cache" / "names.json"
