"""The Segment HTTP API: what its clients post, read into calls.

Two shapes come in: lists under ``batch`` (``/v1/batch``, ``/v1/import``, ``/v1/b``) and single calls (``/v1/track`` or ``/v1/t``, and so on), as
JSON or as text, with the write key in the body or as the user of Basic authorisation. Nulls are absences. A page view becomes the event
``page_view``, a screen ``screen_view``.

Ids: ``userId`` is a *user*, ``anonymousId`` and the ``previousId`` of an alias are *anonymous*, ``context.device.id`` a *device*; ``email`` and
``phone`` among the traits of a person, and ``context.externalIds``, are ids too.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tilth.collector.calls import Batch, Call, Fault, Kind, Unreadable
from tilth.collector.formats import faults, fields, lenient, unpacking
from tilth.collector.formats.faults import Wrong
from tilth.collector.formats.lenient import Piece
from tilth.language import N_

NO_ENDPOINT = N_("There is no such address: post to /v1/batch, or to /v1/track, identify, page, screen, group or alias.")

SINGLE = {
    "track": "track", "t": "track", "identify": "identify", "i": "identify", "page": "page", "p": "page", "screen": "screen", "s": "screen",
    "group": "group", "g": "group", "alias": "alias", "a": "alias",
}  # fmt: skip
LISTS = frozenset(("batch", "import", "b"))
TYPES: dict[str, Kind] = {"track": "event", "page": "event", "screen": "event", "identify": "identify", "group": "group", "alias": "alias"}
VIEWS = {"page": "page_view", "screen": "screen_view"}

EXTERNAL = {"user_id": "user", "anonymous_id": "anonymous", "android.id": "device", "ios.id": "device", "device_id": "device"}
"""Kinds of ids by the names that ``externalIds`` have for them; any other name is a kind by itself."""

PAGE = ("url", "referrer", "path", "title")
TAKEN = frozenset(("page", "campaign", "library", "traits", "externalIds", "userAgent", "ip", "locale", "screen", "device", "os", "app", "timezone"))
"""What `_context` gives a place of its own; the rest is kept under ``more``."""


def read(endpoint: str, body: bytes, headers: Mapping[str, str], received: datetime) -> Batch:
    """Return the calls of a request to ``/v1/<endpoint>`` that arrived at `received`; `headers` by their lower-case names.

    Raises
    ------
    Unreadable
        When nothing of it can be read.
    """
    text = unpacking.text(unpacking.opened(body, headers.get("content-encoding", "")))
    key = basic(headers.get("authorization", ""))
    if endpoint in LISTS:
        outer, pieces = lenient.batch(text, "batch")
        key = _key(outer) or next(filter(None, map(_key, (piece.value for piece in pieces[:1]))), None) or key
        return _read(pieces, None, key, fields.sent_at(outer.get("sentAt")), outer.get("context"), received)
    if endpoint not in SINGLE:
        raise Unreadable(400, NO_ENDPOINT)
    piece = lenient.single(text)
    sent = fields.sent_at(piece.value.get("sentAt")) if type(piece.value) is dict else None
    return _read([piece], SINGLE[endpoint], _key(piece.value) or key, sent, None, received)


def basic(authorization: str) -> str | None:
    """Return the user of a Basic ``Authorization`` header, which is where clients put their write key.

    >>> basic("Basic a2V5Og==")
    'key'
    """
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return binascii.a2b_base64(credentials).decode().partition(":")[0] or None
    except (binascii.Error, ValueError):
        return None


def _key(value: Any) -> str | None:
    key = value.get("writeKey") if type(value) is dict else None
    return key if type(key) is str and key else None


def _read(pieces: list[Piece], kind: str | None, key: str | None, sent: datetime | None, shared: Any, received: datetime) -> Batch:
    calls: list[tuple[int, Call]] = []
    wrongs: list[Fault] = []
    shared = shared if type(shared) is dict else {}
    for index, (raw, value, wrong) in enumerate(pieces):
        try:
            if wrong is not None:
                raise wrong
            calls.append((index, _call(fields.object_of(value), (raw, index), kind, sent, shared, received)))
        except Wrong as found:
            wrongs.append(found.fault(index, raw))
    return Batch(key, tuple(calls), tuple(wrongs))


def _call(item: dict[str, Any], place: tuple[str, int], kind: str | None, sent: datetime | None, shared: dict[str, Any], received: datetime) -> Call:
    said = kind or fields.word(item, "type") or ""
    if said not in TYPES:
        raise Wrong("unknown" if said else "missing", "type", faults.NO_TYPE)
    context = fields.named(item, "context")
    if shared:
        context = {**shared, **context}
    traits = fields.named(item, "traits")
    ids = _ids(item, context, {} if said == "group" else traits)
    event, properties, profile = None, {}, {}
    if said == "track":
        event, properties = fields.word(item, "event"), fields.named(item, "properties")
        if event is None:
            raise Wrong("missing", "event", faults.NO_EVENT)
    elif said in VIEWS:
        event, properties = VIEWS[said], _view(item)
    elif said == "identify":
        profile = {"set": traits} if traits else {}
    elif said == "group":
        group = fields.one_id(item.get("groupId"), "groupId")
        if group is None:
            raise Wrong("missing", "groupId", faults.NO_GROUP)
        properties = {"group": group, "traits": traits}
    elif all(name != "anonymous" for name, _ in ids) or not item.get("userId"):
        raise Wrong("missing", "previousId" if item.get("userId") else "userId", faults.NO_PREVIOUS if item.get("userId") else faults.NO_ID)
    time = fields.moment(item.get("timestamp") or item.get("originalTimestamp"), "timestamp")
    message = fields.one_id(item.get("messageId"), "messageId") or _message(place, time, received)
    return Call(message, TYPES[said], event, ids, time or received, sent, properties, profile, _context(context, properties if said in VIEWS else {}))


def _message(place: tuple[str, int], time: datetime | None, received: datetime) -> str:
    """Return a number for a call that has none: without a time of its own, a second equal one may be meant, and is no repeat."""
    raw, index = place
    return fields.digest(raw) if time else fields.digest(raw, str(index), received.isoformat())


def _view(item: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a page or screen, its name and category among them."""
    properties = fields.named(item, "properties")
    named = {part: said for part in ("name", "category") if (said := fields.word(item, part)) is not None}
    return {**properties, **named} if named else properties


def _ids(item: dict[str, Any], context: dict[str, Any], traits: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return every id on the call, each once."""
    ids: dict[tuple[str, str], None] = {}
    for kind, name in (("user", "userId"), ("anonymous", "anonymousId"), ("anonymous", "previousId")):
        if (value := fields.one_id(item.get(name), name)) is not None:
            ids[kind, value] = None
    for holder in (traits, context.get("traits")):
        if type(holder) is dict:
            for kind in ("email", "phone"):
                if (value := fields.one_id(holder.get(kind), f"traits.{kind}")) is not None:
                    ids[kind, value] = None
    device = context.get("device")
    if type(device) is dict and (value := fields.one_id(device.get("id"), "context.device.id")) is not None:
        ids["device", value] = None
    external = context.get("externalIds")
    if type(external) is list:
        for one in external:
            if type(one) is dict and (value := fields.one_id(one.get("id"), "context.externalIds")) is not None:
                kind = fields.word(one, "type") or ""
                if kind:
                    ids[EXTERNAL.get(kind, kind), value] = None
    if not ids:
        raise Wrong("missing", "userId", faults.NO_ID)
    return tuple(ids)


def _context(context: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    """Return what is known about the call, under the house's names; a page's own properties are about the page, too."""
    about: dict[str, Any] = {}
    page = context.get("page")
    page = page if type(page) is dict else {}
    for name in PAGE:
        value = page.get(name) or properties.get(name)
        if type(value) is str and value:
            about[name] = value
    if type(campaign := context.get("campaign")) is dict:
        utm = {"campaign" if name == "name" else name: value for name, value in campaign.items() if type(value) is str and value}
        if utm:
            about["utm"] = utm
    for name, said in (("user_agent", "userAgent"), ("ip", "ip"), ("locale", "locale"), ("timezone", "timezone")):
        value = context.get(said)
        if type(value) is str and value:
            about[name] = value
    for name in ("library", "os", "app"):
        if (value := _versioned(context.get(name))) is not None:
            about[name] = value
    if type(screen := context.get("screen")) is dict:
        about["screen"] = screen
    if type(device := context.get("device")) is dict and (model := device.get("model") or device.get("name")):
        about["device"] = model
    about["platform"] = _platform(context, page)
    if not TAKEN.issuperset(context):
        about["more"] = {name: value for name, value in context.items() if name not in TAKEN and value is not None}
    return about


def _versioned(said: Any) -> str | None:
    """Return ``name version`` of a library, a system or an app; some clients write one text."""
    if type(said) is dict:
        return " ".join(part for part in (said.get("name"), said.get("version")) if type(part) is str and part) or None
    return said if type(said) is str and said else None


def _platform(context: dict[str, Any], page: dict[str, Any]) -> str:
    """Return where it happened: on a page, in an app, or on somebody's server."""
    if page or (context.get("userAgent") and "device" not in context):
        return "web"
    return "app" if "device" in context or "app" in context else "server"
