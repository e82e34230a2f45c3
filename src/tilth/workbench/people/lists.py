"""The people behind a figure, in the drawer over the page; and what can be done with them there: keep them as a segment, carry them away."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

from tilth.engine.people import PersonSet
from tilth.warehouse import persons
from tilth.workbench.people import contacts
from tilth.workbench.people.columns import Sheet
from tilth.workbench.people.models import Segment
from tilth.workbench.people.sources import signed

SHOWN = 50
COLUMNS = ("phone", "last_seen", "orders", "spent")


def drawer(request: HttpRequest, people: PersonSet, title: str, description: str = "", source: dict[str, Any] | None = None) -> TemplateResponse:
    """Return the drawer with the people behind a figure.

    Parameters
    ----------
    request : HttpRequest
        Inside a workspace, of a member.
    people : PersonSet
        Who; ids of any kind.
    title : str
        What they are, in words: ``"Paid within 7 days"``.
    description : str, optional
        The conditions under which they were counted; markup must be marked safe.
    source : dict, optional
        How to ask for them again, as in :mod:`tilth.workbench.people.sources`; without it nothing can be done with them here.
    """
    workspace = request.workspace  # type: ignore[attr-defined]
    found = persons.resolve(workspace.facts, people)
    page = persons.listing(workspace.facts, within=found, limit=SHOWN)
    sheet = Sheet(workspace)
    shown = sheet.wanted(COLUMNS)
    return TemplateResponse(
        request,
        "people/drawer.html",
        {
            "total": len(found),
            "title": title,
            "description": description,
            "reach": contacts.reach(workspace, found, sheet.register),
            "columns": shown,
            "rows": sheet.rows(page.frame, shown),
            "shown": SHOWN,
            **gathering(request, title, len(found), source),
        },
    )


def gathering(request: HttpRequest, title: str, total: int, source: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the forms that keep or carry away people need; an empty dict where there is nobody or no way to ask again."""
    if source is None or not total:
        return {}
    workspace = request.workspace  # type: ignore[attr-defined]
    return {
        "token": signed(workspace, source | {"title": title}),
        "segments": Segment.objects.order_by("name").only("pk", "name"),
        "proposed": title[:80],
    }
