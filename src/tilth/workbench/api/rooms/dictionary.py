"""The dictionary: events and properties as the facts have them, and what people call them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from tilth.errors import UnknownName
from tilth.workbench.api.forms import Given, Page, Slice, cut
from tilth.workbench.data import facts, words
from tilth.workbench.data.actions import dictionary as actions
from tilth.workbench.data.models import EventEntry
from tilth.workbench.data.names import calling
from tilth.workbench.data.policies import dictionary as policy

router = Router(tags=["dictionary"])


class OneEvent(Schema):
    """An event."""

    code: str
    name: str
    description: str
    hidden: bool
    merged_into: str | None
    rows: int
    people: int
    first: datetime
    last: datetime


class OneProperty(Schema):
    """A property or column; `filled` is the share of rows that have it."""

    code: str
    name: str
    kind: str
    stored: str
    filled: float
    distinct: int
    personal: bool


class Describe(Given):
    """What an event is called and means; what is left out stays."""

    name: str | None = Field(None, max_length=80)
    description: str | None = Field(None, max_length=500)
    hidden: bool | None = None


@router.get("/events", response=Page[OneEvent])
def list_events(request: HttpRequest, part: Query[Slice]) -> dict[str, Any]:
    """List the events there are, most rows first."""
    policy.require(request.actor, "view")
    return cut(request, _events(request), part, lambda one: one)


@router.patch("/events/{code}", response=OneEvent)
def describe_event(request: HttpRequest, code: str, body: Describe) -> dict[str, Any]:
    """Say what an event is called and means, and whether it is offered."""
    policy.require(request.actor, "edit")
    if code not in {one.code for one in facts.events(request.workspace)}:
        raise Http404
    actions.describe_event(request.actor, code, name=body.name, description=body.description, hidden=body.hidden)
    return next(one for one in _events(request) if one["code"] == code)


@router.get("/properties", response=Page[OneProperty])
def list_properties(request: HttpRequest, part: Query[Slice], table: str = "events", event: str | None = None) -> dict[str, Any]:
    """List the properties of a table's rows, or of those of one event."""
    policy.require(request.actor, "view")
    if table not in words.TABLES:
        raise UnknownName(_("table"), table, words.TABLES)
    called = calling(request.workspace)
    found = facts.properties(request.workspace, event if table == "events" else None, table)
    return cut(request, found, part, lambda one: {**vars(one), "name": called.get(one.code, one.code), "personal": one.personal or one.masked})


def _events(request: HttpRequest) -> list[dict[str, Any]]:
    entries = {entry.code: entry for entry in EventEntry.objects.select_related("merged_into")}
    called = calling(request.workspace)
    made = []
    for one in facts.events(request.workspace):
        entry = entries.get(one.code)
        said = {
            "name": called.get(one.code, one.code),
            "description": entry.description if entry else "",
            "hidden": bool(entry and entry.hidden),
            "merged_into": entry.merged_into.code if entry and entry.merged_into else None,
        }
        made.append({**vars(one), **said})
    return made
