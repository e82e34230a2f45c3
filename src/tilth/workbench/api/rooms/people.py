"""People: listed, one by one, their timeline. What is personal is masked as on the pages; one person is shown in full by an action of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from tilth.engine.people import PersonSet
from tilth.warehouse import persons
from tilth.warehouse.persons import Person, UnknownPerson
from tilth.workbench.api.forms import Given, Page, Slice, paged, plain
from tilth.workbench.data import masking
from tilth.workbench.people import actions, asking, contacts
from tilth.workbench.people.asking import Ask
from tilth.workbench.people.columns import Sheet
from tilth.workbench.people.policies import people as policy
from tilth.workbench.tenancy.actions import Actor

router = Router(tags=["people"])


class Narrow(Slice):
    """Whom the list shows, as in the address of its page."""

    q: str = Field("", max_length=200, description="The beginning of an id, or the last four digits of a phone number.")
    filter: str = Field("", max_length=20_000, description="A filter of people as JSON: where, ranges, did.")
    inside: list[int] = Field(default_factory=list, alias="in", description="Segments that people are in.")
    outside: list[int] = Field(default_factory=list, alias="out", description="Segments that people are not in.")
    sort: str = Field("", max_length=200, description="A column, with - before it for downwards; -last_seen by default.")
    columns: str = Field("", max_length=2000, description="Columns to return, separated by commas; all by default.")


class OnePerson(Schema):
    """A person in a list: `key` stands for them in addresses, `id` is masked where it reaches them."""

    key: str
    kind: str | None
    id: str
    values: dict[str, Any]


class LinkedId(Schema):
    """An id that somebody goes or went by."""

    kind: str
    id: str
    since: datetime
    until: datetime | None
    shared: bool


class Portrait(Schema):
    """A person."""

    key: str
    kind: str | None
    id: str
    registered: datetime | None
    profile: dict[str, Any]
    figures: dict[str, Any]
    ids: list[LinkedId]
    segments: list[str]


class OneMoment(Schema):
    """Something that happened."""

    time: datetime
    kind: str
    name: str
    amount: float | None
    details: dict[str, Any]
    lines: list[dict[str, Any]]


class Moments(Schema):
    """A part of a timeline, newest first; `next` is the `before` of the part that follows."""

    items: list[OneMoment]
    next: str | None


class Cursor(Given):
    """Which part of a timeline."""

    before: str = Field("", max_length=200)
    limit: int = Field(50, ge=1, le=200)


@router.get("", response=Page[OnePerson])
def list_people(request: HttpRequest, part: Query[Narrow]) -> dict[str, Any]:
    """List people, masked."""
    return listed(request, Ask.of(request.GET), part)


@router.get("/{key}", response=Portrait)
def get_person(request: HttpRequest, key: str) -> dict[str, Any]:
    """Return a person, masked."""
    policy.require(request.actor, "view")
    return _portrait(_person(request.actor, key), contact=False)


@router.post("/{key}/unmask", response=Portrait)
def unmask_person(request: HttpRequest, key: str) -> dict[str, Any]:
    """Return a person in full; the audit notes who looked."""
    policy.require(request.actor, "contact")
    found = _person(request.actor, key)
    actions.unmask(request.actor, person=masking.key(found.kind, found.id))
    return _portrait(found, contact=True)


@router.get("/{key}/timeline", response=Moments)
def get_timeline(request: HttpRequest, key: str, part: Query[Cursor]) -> dict[str, Any]:
    """Return what a person did and bought, newest first."""
    policy.require(request.actor, "view")
    found = persons.timeline(request.workspace.facts, _person(request.actor, key).id, part.before or None, part.limit)
    items = [
        {
            "time": one.time,
            "kind": one.kind,
            "name": one.name if one.kind == "event" else masking.free(one.name),
            "amount": plain(one.amount),
            "details": {name: plain(_masked(name, value)) for name, value in one.details.items()},
            "lines": [{name: plain(_masked(name, value)) for name, value in line.items()} for line in one.lines],
        }
        for one in found.moments
    ]
    return {"items": items, "next": found.next}


def listed(request: HttpRequest, ask: Ask, part: Narrow | Slice) -> dict[str, Any]:
    """Return a part of a list of people."""
    actor = request.actor
    policy.require(actor, "view")
    contact = policy.allows(actor, "contact")
    found = asking.listed(actor.workspace, ask, contact=contact, offset=part.offset, limit=part.limit)
    sheet = Sheet(actor.workspace)
    wanted = sheet.wanted(ask.columns or tuple(sheet.columns))
    items = []
    for raw in sheet.values(found.frame, wanted):
        values = {column.key: plain(raw.get(column.key)) for column in wanted}
        if "segments" in values:
            values["segments"] = [name for name, _address in raw["segments"]]
        kind, id_ = raw["person_kind"], raw["person"]
        items.append({"key": masking.key(kind, id_), "kind": kind, "id": masking.id(kind, id_), "values": values})
    return paged(request, items, found.total, part)


def given(actor: Actor, keys: list[str]) -> PersonSet:
    """Return the people known by keys or ids; by a contact only for who may see it: else the answer would tell whose it is."""
    contact = policy.allows(actor, "contact")
    for key in keys:
        if not contact and masking.looks_personal(key):
            raise asking.Hidden(masking.value("", key))
    return PersonSet.of([masking.id_of(key) for key in contacts.known(actor.workspace, keys, contact=contact)])


def _person(actor: Actor, key: str) -> Person:
    if not contacts.known(actor.workspace, [key], contact=policy.allows(actor, "contact")):
        raise Http404
    try:
        return persons.person(actor.workspace.facts, masking.id_of(key))
    except UnknownPerson:
        raise Http404 from None


def _portrait(found: Person, *, contact: bool) -> dict[str, Any]:
    def shown(kind: str | None, text: str) -> str:
        return text if contact else masking.id(kind, text)

    known = {**found.profile, **found.properties}
    return {
        "key": masking.key(found.kind, found.id),
        "kind": found.kind,
        "id": shown(found.kind, found.id),
        "registered": found.registered,
        "profile": {name: plain(value if contact else _masked(name, value, masking.value)) for name, value in known.items()},
        "figures": plain(vars(found.figures)),
        "ids": [
            {"kind": one.kind, "id": shown(one.kind, one.value), "since": one.since, "until": one.until, "shared": one.shared} for one in found.ids
        ],
        "segments": list(found.segments),
    }


def _masked(name: str, value: Any, rule: Any = masking.detail) -> Any:
    """Return a value with what is personal in it masked."""
    if isinstance(value, dict):
        return {key: _masked(key, one, rule) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(name, one, rule) for one in value]
    return rule(name, value) if isinstance(value, str) else value
