"""Loads: a file sent in pieces, loaded by a job; what was loaded, what waits in quarantine."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, Header, Query, Router, Schema, Status

from tilth.errors import InputError, UnknownName
from tilth.workbench.api.forms import Given, Page, Slice, cut, plain
from tilth.workbench.api.rooms.jobs import OneJob
from tilth.workbench.data import faults, masked, waiting, words
from tilth.workbench.data.actions import loading, uploads
from tilth.workbench.data.incoming import drafting, pieces
from tilth.workbench.data.models import Upload
from tilth.workbench.data.policies import loads as policy
from tilth.workbench.data.policies import quarantine
from tilth.workbench.data.views.history import records

router = Router(tags=["loads"])
sending = Router(tags=["loads"])


class OneLoad(Schema):
    """A load."""

    load: str
    table: str
    source: str
    time: datetime
    who: str | None
    rows: int
    accepted: int
    quarantined: int
    waiting: int
    undone: bool


class Aside(Schema):
    """A row in quarantine: its values as they are, but for contacts, which are masked, with the reason."""

    row: int
    state: str
    fault: str
    column: str | None
    reason: str
    values: dict[str, Any]


class Begin(Given):
    """A file to send."""

    name: str = Field(min_length=1, max_length=255)
    size: int = Field(ge=1, le=1 << 50, description="Bytes.")
    anew: bool = Field(False, description="Throw away what arrived of a file of this name and size.")


class Sent(Schema):
    """How much of a file has arrived; the next piece begins at `received`."""

    key: UUID
    name: str
    size: int
    received: int
    state: str


class Load(Given):
    """What to load, and how its columns are read: by a template, a mapping, or what fits a table best."""

    upload: UUID
    table: str | None = None
    template: str | None = None
    mapping: dict[str, Any] | None = None


@sending.post("", response={201: Sent})
def begin_upload(request: HttpRequest, body: Begin) -> Any:
    """Begin to send a file, or go on with one that was broken off."""
    return Status(201, uploads.begin(request.actor, name=body.name, size=body.size, anew=body.anew))


@sending.get("/{uuid:key}", response=Sent)
def get_upload(request: HttpRequest, key: UUID) -> Upload:
    """Say how much of a file has arrived."""
    return _mine(request, key)


@sending.put(
    "/{uuid:key}",
    response=Sent,
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)
def send_piece(
    request: HttpRequest,
    key: UUID,
    offset: int = Header(..., alias="Upload-Offset", ge=0, le=1 << 50, description="Where the piece begins."),
    digest: str = Header(..., alias="Piece-Digest", pattern="^[0-9a-fA-F]{64}$", description="Its SHA-256, in hex."),
) -> Upload:
    """Send the next piece of a file, as it is (application/octet-stream)."""
    return pieces.take(_mine(request, key), offset, request.body, digest)


@sending.delete("/{uuid:key}", response={204: None})
def discard_upload(request: HttpRequest, key: UUID) -> Any:
    """Throw away what has arrived of a file."""
    upload = _mine(request, key)
    if hasattr(upload, "draft") and upload.draft.is_running:
        raise InputError(_("It is being loaded; cancel that first."))
    uploads.discard(request.actor, upload)
    return Status(204, None)


@router.get("", response=Page[OneLoad])
def list_loads(request: HttpRequest, part: Query[Slice], table: str = "") -> dict[str, Any]:
    """List loads, the last first."""
    policy.require(request.actor, "view")
    return cut(request, [one for one in records(request.workspace) if table in ("", one["table"])], part, _shown)


@router.post("", response={202: OneJob})
def start_load(request: HttpRequest, body: Load) -> Any:
    """Load a file that has arrived whole; the answer is the job that does it."""
    actor, upload = request.actor, _mine(request, body.upload)
    upload = uploads.finish(actor, upload)
    if upload.state == Upload.State.REFUSED:
        raise InputError(upload.problem)
    draft = upload.draft
    if body.table is not None and body.table not in words.TABLES:
        raise UnknownName(_("table"), body.table, words.TABLES)
    if body.mapping is not None:
        draft.mapping, draft.table = body.mapping, str(body.mapping.get("table", body.table or ""))
    elif body.table or body.template:
        drafting.propose_for(draft, drafting.form_of(draft), body.table, body.template)
    return Status(202, loading.begin(actor, draft))


@router.get("/{load}", response=OneLoad)
def get_load(request: HttpRequest, load: str) -> dict[str, Any]:
    """Return a load."""
    return _shown(_found(request, load))


@router.post("/{load}/undo", response={202: OneJob})
def undo_load(request: HttpRequest, load: str) -> Any:
    """Take the rows of a load out again; the answer is the job that does it."""
    policy.require(request.actor, "undo")
    _found(request, load)
    return Status(202, loading.undo(request.actor, load))


@router.get("/{load}/quarantine", response=Page[Aside])
def list_quarantine(request: HttpRequest, load: str, part: Query[Slice], state: str = "waiting") -> dict[str, Any]:
    """List the rows of a load that were kept aside: waiting, mended or dismissed."""
    quarantine.require(request.actor, "view")
    _found(request, load)
    if state not in waiting.STATES:
        raise UnknownName(_("state"), state, waiting.STATES)

    def shown(one: Any) -> dict[str, Any]:
        seen = masked.row(one)
        fault = seen.fault
        return {
            "row": one.row,
            "state": one.state,
            "fault": fault["fault"],
            "column": fault["column"],
            "reason": faults.told(fault),
            "values": plain(seen.values()),
        }

    return cut(request, waiting.rows(request.workspace, load, state), part, shown)


def _mine(request: HttpRequest, key: UUID) -> Upload:
    policy.require(request.actor, "run")
    upload: Upload = get_object_or_404(Upload, key=key, owner=request.actor.user)
    return upload


def _found(request: HttpRequest, load: str) -> dict[str, Any]:
    policy.require(request.actor, "view")
    found = next((one for one in records(request.workspace) if one["load"] == load), None)
    if found is None:
        raise Http404
    return found


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "undone": one["undone"] is not None}
