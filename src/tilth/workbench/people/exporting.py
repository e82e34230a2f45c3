"""Lists of people as files, masked as on the page; in full only for who may see contacts and asked for it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tilth.analysis.display import wording
from tilth.engine.people import PersonSet
from tilth.warehouse import persons
from tilth.workbench.data import masking
from tilth.workbench.people import columns
from tilth.workbench.shell import export
from tilth.workbench.tenancy.models import Workspace

DIRECT = 5_000
"""People that are written while the browser waits; more are a job."""
CHUNK = 20_000
KEPT = 7 * 86_400  # seconds that a file waits to be fetched
FORMS = {"xlsx": export.XLSX, "csv": "text/csv; charset=utf-8"}


def heads(shown: list[columns.Column]) -> list[tuple[str, str]]:
    """Return keys and heads of the columns of a file."""
    return [("person", _("Person")), ("person_kind", _("Kind of id")), *((c.key, c.label) for c in shown if c.key != "person_kind")]


def rows(
    sheet: columns.Sheet,
    people: PersonSet,
    shown: list[columns.Column],
    *,
    contact: bool,
    progress: Callable[[int], Any] | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file: numbers and times as they are, text masked unless `contact`."""
    done = 0
    while done < len(people):
        frame = persons.listing(sheet.workspace.facts, within=people, sort="person", descending=False, offset=done, limit=CHUNK).frame
        if frame.empty:
            return
        for raw in sheet.values(frame, shown, contact=contact):
            row = {name: columns.in_words(name, value, sheet.called) if isinstance(value, str) else value for name, value in raw.items()}
            row["person"] = raw["person"] if contact else masking.id(raw["person_kind"], raw["person"])
            row["segments"] = _("; ").join(name for name, _url in raw["segments"]) or None
            yield row
        done += len(frame)
        if progress:
            progress(done)


def written(workspace: Workspace, name: str, form: str, head: list[tuple[str, str]], body: Iterator[dict[str, Any]]) -> Path:
    """Write a file into the workspace's folder of files to fetch, readable by the workbench only; older ones are removed."""
    folder = workspace.folder / "exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    for old in folder.iterdir():
        if time.time() - old.stat().st_mtime > KEPT:
            old.unlink(missing_ok=True)
    made = (export.xlsx_bytes if form == "xlsx" else export.csv_bytes)(head, body)
    path = folder / f"{name}.{form}"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(made)
    return path


def title_of(source: dict[str, Any], people: PersonSet) -> str:
    """Return what a file of people is called."""
    return f"{source.get('title') or pgettext('the room', 'People')} {wording.count(len(people)).replace(',', '')}"
