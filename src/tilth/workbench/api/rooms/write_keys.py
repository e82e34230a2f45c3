"""Write keys: what live events are sent with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from tilth.workbench.api.forms import Given, Page, Slice, cut
from tilth.workbench.data.actions import write_keys as actions
from tilth.workbench.data.models import WriteKey
from tilth.workbench.data.policies import write_keys as policy

router = Router(tags=["write keys"])


class OneKey(Schema):
    """A write key; `former_until` is until when the key before it still counts."""

    id: int
    name: str
    key: str
    platform: str
    origins: list[str]
    consent: bool
    created_at: datetime
    rotated_at: datetime | None
    former_until: datetime | None = Field(None, alias="former_counts")
    revoked_at: datetime | None


class Say(Given):
    """What is said of a key."""

    name: str = Field(min_length=1, max_length=80)
    platform: str = Field("web", description="web, app, mini or server.")
    origins: list[str] = Field([], max_length=50, description="Web pages that may send, as https://shop.example; none: any.")
    consent: bool = Field(False, description="The web script sends nothing before its visitor agreed.")


class Grace(Given):
    """How long the key before goes on counting."""

    hours: int = Field(24, ge=0, le=actions.LONGEST_GRACE)


@router.get("", response=Page[OneKey], by_alias=False)
def list_keys(request: HttpRequest, part: Query[Slice]) -> dict[str, Any]:
    """List write keys, revoked ones too."""
    policy.require(request.actor, "view")
    return cut(request, WriteKey.objects.all(), part, lambda one: one)


@router.post("", response={201: OneKey}, by_alias=False)
def make_key(request: HttpRequest, body: Say) -> Any:
    """Make a write key."""
    return Status(201, actions.create(request.actor, **body.dict()))


@router.get("/{int:pk}", response=OneKey, by_alias=False)
def get_key(request: HttpRequest, pk: int) -> WriteKey:
    """Return a write key."""
    policy.require(request.actor, "view")
    return _found(pk)


@router.put("/{int:pk}", response=OneKey, by_alias=False)
def change_key(request: HttpRequest, pk: int, body: Say) -> WriteKey:
    """Change what is said of a write key."""
    policy.require(request.actor, "change")
    return actions.change(request.actor, thing=_found(pk), **body.dict())


@router.post("/{int:pk}/rotate", response=OneKey, by_alias=False)
def rotate_key(request: HttpRequest, pk: int, body: Grace) -> WriteKey:
    """Put a new key in the place of one."""
    policy.require(request.actor, "rotate")
    return actions.rotate(request.actor, thing=_found(pk), hours=body.hours)


@router.post("/{int:pk}/revoke", response=OneKey, by_alias=False)
def revoke_key(request: HttpRequest, pk: int) -> WriteKey:
    """End a write key."""
    policy.require(request.actor, "revoke")
    return actions.revoke(request.actor, thing=_found(pk))


def _found(pk: int) -> WriteKey:
    found: WriteKey = get_object_or_404(WriteKey, pk=pk)
    return found
