"""What is shown when the facts of a workspace cannot be read or written: which folder, what is wrong, how it is put right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from tilth.engine.home import home
from tilth.warehouse.delta import StoreError
from tilth.warehouse.persons.register import is_full
from tilth.warehouse.workspace import WorkspaceError
from tilth.workbench.config.logs import request_id


@dataclass(frozen=True)
class Damage:
    """What cannot be used.

    Attributes
    ----------
    folder : Path
        Where.
    problem : str
        What the storage says.
    full : bool
        Whether the disk takes nothing any more, so that what is there is sound.
    """

    folder: Path
    problem: str
    full: bool = False


def damage(fault: BaseException, folder: Path) -> Damage | None:
    """Return what damage an error tells of, None for any other error; `folder` is that of the workspace in which it was raised."""
    chain: list[BaseException] = [fault]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    if any(is_full(one) for one in chain):
        return Damage(home(), _plain(chain[-1]), full=True)
    for one in chain:
        if isinstance(one, StoreError):
            return Damage(one.path, _plain(chain[-1]))
        if isinstance(one, WorkspaceError):
            return Damage(one.root, str(one).removeprefix(f"{one.root}: "))
        if isinstance(one, duckdb.IOException) or (isinstance(one, duckdb.InvalidInputException) and ".parquet" in str(one)):
            return Damage(folder, _plain(one))
    return None


def shown(request: HttpRequest, found: Damage) -> HttpResponse:
    """Return the page that says so, in the frame of the workspace; for a part of a page only its text."""
    whole = not getattr(request, "htmx", False)
    context = {"found": found, "request_id": request_id.get(), "workspace_folder": request.workspace.folder}  # type: ignore[attr-defined]
    return TemplateResponse(request, "shell/broken.html" if whole else "shell/broken_text.html", context, status=503)


def _plain(fault: BaseException) -> str:
    return str(fault).strip().splitlines()[0].rstrip(".") if str(fault).strip() else type(fault).__name__
