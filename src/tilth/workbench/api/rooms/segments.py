"""Segments: made of ids, of the people of a figure or of a list; their people, paged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import model_validator

from tilth.engine.people import PersonSet
from tilth.errors import InputError
from tilth.workbench.api.forms import Given, Page, Slice, cut
from tilth.workbench.api.rooms import people, questions
from tilth.workbench.measure.policies import questions as question_policy
from tilth.workbench.people import actions
from tilth.workbench.people.asking import Ask
from tilth.workbench.people.models import Segment
from tilth.workbench.people.policies import people as people_policy
from tilth.workbench.people.policies import segments as policy
from tilth.workbench.people.sources import people_of

router = Router(tags=["segments"])
MOST = 10_000
"""People that one request names one by one."""


class OneSegment(Schema):
    """A segment; `state` is "writing" while a change of its people is on the way."""

    id: int
    name: str
    description: str
    size: int
    state: str
    owner: str | None
    created_at: datetime
    updated_at: datetime


class Cell(Given):
    """A figure of a question: its kind, options, and the cell that the answer gives with the figure."""

    kind: str
    options: questions.Options = Field(default_factory=dict)
    cell: dict[str, Any] = Field(default_factory=dict)


class People(Given):
    """Who: by their keys or ids, or the people whom a figure counts."""

    people: list[str] | None = Field(None, max_length=MOST)
    figure: Cell | None = None

    @model_validator(mode="after")
    def one_of_them(self) -> People:
        """Refuse both, and neither."""
        if (self.people is None) == (self.figure is None):
            raise ValueError("give either people or figure")
        return self


class Make(People):
    """A segment to make."""

    name: str = Field(max_length=80)
    description: str = Field("", max_length=500)


class Rename(Given):
    """Another name and description."""

    name: str = Field(max_length=80)
    description: str = Field("", max_length=500)


@router.get("", response=Page[OneSegment])
def list_segments(request: HttpRequest, part: Query[Slice]) -> dict[str, Any]:
    """List segments, the last changed first."""
    policy.require(request.actor, "view")
    return cut(request, Segment.objects.select_related("owner"), part, shown)


@router.post("", response={201: OneSegment})
def make_segment(request: HttpRequest, body: Make) -> Any:
    """Make a segment of people."""
    policy.require(request.actor, "save")
    found, source = _people(request, body)
    made = actions.save_segment(request.actor, name=body.name, people=found, description=body.description, source=source)
    made.refresh_from_db()
    return Status(201, shown(made))


@router.get("/{int:pk}", response=OneSegment)
def get_segment(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Return a segment."""
    return shown(_found(request, pk))


@router.put("/{int:pk}", response=OneSegment)
def rename_segment(request: HttpRequest, pk: int, body: Rename) -> dict[str, Any]:
    """Give a segment another name and description."""
    return shown(actions.rename(request.actor, thing=_found(request, pk), name=body.name, description=body.description))


@router.delete("/{int:pk}", response={204: None})
def delete_segment(request: HttpRequest, pk: int) -> Any:
    """Delete a segment; who was in it when stays in the facts."""
    actions.delete(request.actor, thing=_found(request, pk))
    return Status(204, None)


@router.get("/{int:pk}/people", response=Page[people.OnePerson])
def list_members(request: HttpRequest, pk: int, part: Query[Slice]) -> dict[str, Any]:
    """List the people of a segment, masked."""
    return people.listed(request, Ask(inside=(_found(request, pk).pk,)), part)


@router.post("/{int:pk}/people", response={202: OneSegment})
def add_members(request: HttpRequest, pk: int, body: People) -> Any:
    """Let people into a segment."""
    policy.require(request.actor, "save")
    segment = actions.add_people(request.actor, thing=_found(request, pk), people=_people(request, body)[0])
    segment.refresh_from_db()
    return Status(202, shown(segment))


@router.post("/{int:pk}/people/leave", response={202: OneSegment})
def remove_members(request: HttpRequest, pk: int, body: People) -> Any:
    """Take people out of a segment."""
    policy.require(request.actor, "save")
    segment = actions.remove_people(request.actor, thing=_found(request, pk), people=_people(request, body)[0])
    segment.refresh_from_db()
    return Status(202, shown(segment))


def shown(segment: Segment) -> dict[str, Any]:
    """Return a segment as the API shows it."""
    names = ("name", "description", "size", "state", "created_at", "updated_at")
    return {"id": segment.pk, "owner": str(segment.owner) if segment.owner else None, **{name: getattr(segment, name) for name in names}}


def _people(request: HttpRequest, body: People) -> tuple[PersonSet, dict[str, Any]]:
    """Return who is meant, and where they were found."""
    people_policy.require(request.actor, "view")
    if body.people is not None:
        return people.given(request.actor, body.people), {}
    assert body.figure is not None
    question_policy.require(request.actor, "view")
    question, catalogue = questions.read(request, body.figure.kind, questions.pairs(body.figure.options))
    source = {
        "kind": "question",
        "payload": {"question": body.figure.kind, "query": question.pairs(catalogue), "cell": body.figure.cell},
        "url": request.build_absolute_uri(question.address(catalogue)),
    }
    try:
        return people_of(request.workspace, source), source
    except (TypeError, ValueError, KeyError) as fault:
        words = str(fault) if isinstance(fault, InputError) else _("This cell names no figure of the question.")
        raise InputError(words) from fault


def _found(request: HttpRequest, pk: int) -> Segment:
    policy.require(request.actor, "view")
    segment: Segment = get_object_or_404(Segment.objects.select_related("owner"), pk=pk)
    return segment
