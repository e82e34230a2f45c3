"""Sensors Analytics: what its clients post to ``/sa`` and ``/debug``, or ask ``/sa.gif`` for, read into calls.

The data are JSON, in base64, compressed or not (the bytes tell, no field does), one item under ``data`` or a list under ``data_list``. ``ext``
holds a checksum that is not needed: what was damaged on its way is neither base64 nor JSON any more. Items have no number: a repeat is recognised
by ``_track_id``, id, type, event and time together, else by what was sent.

>>> from datetime import UTC
>>> noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
>>> item = '{"type": "track", "event": "pay", "distinct_id": "a", "time": 1769860800000, "properties": {"$is_login_id": true, "sum": 5}}'
>>> [(call.event, call.ids, call.properties) for _, call in read(b"", {}, {"data": item}, noon, UTC).calls]
[('pay', (('user', 'a'),), {'sum': 5})]
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import parse_qs

from tilth.collector.calls import Batch, Call, Fault, Kind, Unreadable
from tilth.collector.formats import faults, fields, lenient, sensors_ids, unpacking
from tilth.collector.formats.faults import Wrong
from tilth.language import N_

NO_DATA = N_("There are no data: send them as data or data_list, in a form or in the address.")

EVENTS: dict[str, Kind] = {"track": "event", "track_signup": "alias", "track_id_bind": "bind", "track_id_unbind": "unbind"}
NAMES = {"track_signup": "$SignUp", "track_id_bind": "$BindID", "track_id_unbind": "$UnbindID"}
"""The events that changes of ids are by themselves, where the client does not name them."""

FLAGS = frozenset(("$is_login_id", "$lib_detail", "$time", "$token", "$project"))
"""What stands among the properties without being one."""

CONTEXT = {
    "$url": "url", "$referrer": "referrer", "$url_path": "path", "$title": "title", "$ip": "ip", "$user_agent": "user_agent", "$app_version": "app",
    "$model": "device",
}  # fmt: skip
SERVERS = frozenset(("python", "java", "php", "node", "golang", "go", "c#", "csharp", "c++", "ruby", "rust", "logagent"))
APPS = frozenset(("ios", "android", "harmonyos", "flutter", "reactnative", "react native", "macos", "windows", "unity"))


def read(body: bytes, headers: Mapping[str, str], query: Mapping[str, str], received: datetime, zone: tzinfo) -> Batch:
    """Return the calls of a request that arrived at `received`; times without a zone are read in `zone`, the workspace's.

    Raises
    ------
    Unreadable
        When nothing of it can be read.
    """
    form = _form(body, headers) if body else query
    field = form.get("data_list") or form.get("data") or query.get("data_list") or query.get("data")
    if not field:
        raise Unreadable(400, NO_DATA)
    pieces = lenient.listed(unpacking.text(unpacking.opened(unpacking.unbased(field))))
    calls: list[tuple[int, Call]] = []
    wrongs: list[Fault] = []
    token = query.get("token") or form.get("token")
    for index, (raw, value, wrong) in enumerate(pieces):
        try:
            if wrong is not None:
                raise wrong
            item = fields.object_of(value)
            token = token or fields.one_id(item.get("token"), "token")
            calls.append((index, _call(item, raw, received, zone)))
        except Wrong as found:
            wrongs.append(found.fault(index, raw))
    return Batch(token, tuple(calls), tuple(wrongs))


def _form(body: bytes, headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return the fields of a posted form; a body that is JSON itself stands for its data."""
    plain = unpacking.opened(body, headers.get("content-encoding", "")) if body[:2] == unpacking.GZIP else body
    text = plain.decode("utf-8", "surrogateescape")
    if text.lstrip()[:1] in ("{", "["):
        return {"data": text}
    try:
        return {name: values[0] for name, values in parse_qs(text, max_num_fields=50).items()}
    except ValueError as many:
        raise Unreadable(400, NO_DATA) from many


def _call(item: dict[str, Any], raw: str, received: datetime, zone: tzinfo) -> Call:
    said = fields.word(item, "type")
    if said is None:
        encrypted = "payload" in item or "payloads" in item
        raise Wrong("unknown" if encrypted else "missing", "type", faults.ENCRYPTED if encrypted else faults.NO_TYPE)
    given = fields.named(item, "properties")
    time = _time(item, given, zone) or received
    sent = fields.sent_at(item.get("_flush_time"))
    if said in EVENTS:
        event = fields.word(item, "event") or NAMES.get(said)
        if event is None:
            raise Wrong("missing", "event", faults.NO_EVENT)
        ids = _ids(item, said, given)
        return Call(_message(item, raw), EVENTS[said], event, ids, time, sent, _kept(given, zone), {}, _context(item, given))
    if said in PROFILES:
        profile = PROFILES[said](_kept(given, zone))
        ids = _ids(item, said, given)
        return Call(_message(item, raw), "profile", None, ids, time, sent, {}, profile, _context(item, given))
    if said in ("item_set", "item_delete"):
        thing = {name: fields.one_id(item.get(name), name) for name in ("item_type", "item_id")}
        if None in thing.values():
            raise Wrong("missing", "item_id" if thing["item_type"] else "item_type", faults.NO_ITEM)
        profile = {"delete": True} if said == "item_delete" else {"set": _kept(given, zone)}
        return Call(_message(item, raw), "item", None, (), time, sent, thing, profile, _context(item, given))
    raise Wrong("unknown", "type", faults.NO_TYPE)


def _ids(item: dict[str, Any], said: str, given: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    if said == "track_signup":
        return sensors_ids.signed_up(item)
    ids = sensors_ids.ids_of(item, given.get("$is_login_id") is True)
    if said == "track_id_bind" and len(ids) < 2:
        raise Wrong("missing", "identities", faults.TWO_IDS)
    return ids


def _time(item: dict[str, Any], given: dict[str, Any], zone: tzinfo) -> datetime | None:
    """Return the item's time: ``$time`` among its properties goes before ``time``."""
    if (own := given.get("$time")) is not None:
        if type(own) is str and (wall := _wall(own, zone)) is not None:
            own = wall
        return fields.moment(own, "properties.$time", zone)
    return fields.moment(item.get("time"), "time", zone)


def _message(item: dict[str, Any], raw: str) -> str:
    """Return what a repeat of the item is recognised by; when it was sent is no part of it."""
    track = item.get("_track_id")
    if type(track) in (int, str) and track != "":
        return fields.digest(*(str(item.get(part, "")) for part in ("_track_id", "distinct_id", "type", "event", "time")))
    if "_flush_time" in item:
        return fields.digest(json.dumps({name: value for name, value in item.items() if name != "_flush_time"}))
    return fields.digest(raw)


def _kept(given: dict[str, Any], zone: tzinfo) -> dict[str, Any]:
    """Return the properties without flags; times that stand among them get the zone that they lack."""
    kept = given if FLAGS.isdisjoint(given) else {name: value for name, value in given.items() if name not in FLAGS}
    times = {name: wall for name, value in kept.items() if type(value) is str and 19 <= len(value) <= 23 and (wall := _wall(value, zone)) is not None}
    return {**kept, **times} if times else kept


def _wall(text: str, zone: tzinfo) -> str | None:
    """Return a wall clock's time as ISO 8601 with the zone's offset, or None when it is none. What follows the point is a number of milliseconds.

    >>> from zoneinfo import ZoneInfo
    >>> _wall("2026-01-31 20:00:00.7", ZoneInfo("Asia/Shanghai"))
    '2026-01-31T20:00:00.007+08:00'
    """
    if len(text) < 19 or text[10] != " " or text[13] != ":" or text[16] != ":" or not text.isascii():
        return None
    head, point, millis = text.partition(".")
    if point and not (millis.isdigit() and len(millis) <= 3):
        return None
    try:
        when = datetime.fromisoformat(head).replace(microsecond=int(millis or 0) * 1000, tzinfo=zone)
        return when.isoformat(timespec="milliseconds")
    except (ValueError, OverflowError):
        return None


def _set(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda given: {name: given}


def _increment(given: dict[str, Any]) -> dict[str, Any]:
    for name, value in given.items():
        if type(value) not in (int, float):
            raise Wrong("type", f"properties.{name}", faults.NOT_NUMBER)
    return {"increment": given}


def _append(given: dict[str, Any]) -> dict[str, Any]:
    for name, value in given.items():
        if type(value) is not list or any(type(one) is not str for one in value):
            raise Wrong("type", f"properties.{name}", faults.NOT_LIST)
    return {"append": given}


PROFILES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "profile_set": _set("set"),
    "profile_set_once": _set("set_once"),
    "profile_increment": _increment,
    "profile_append": _append,
    "profile_unset": lambda given: {"unset": list(given)},
    "profile_delete": lambda given: {"delete": True},
}


def _context(item: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return what is known about the call; where in the program it was made (``lib_detail``) shows paths of a server, and is not kept."""
    about: dict[str, Any] = {}
    for name, said in CONTEXT.items():
        value = given.get(name)
        if type(value) is str and value:
            about[said] = value
    utm = {name[5:]: value for name, value in given.items() if name[:5] == "$utm_" and type(value) is str and value}
    if utm:
        about["utm"] = utm
    if type(system := given.get("$os")) is str and system:
        version = given.get("$os_version")
        about["os"] = f"{system} {version}" if type(version) is str and version else system
    if type(width := given.get("$screen_width")) is int and type(height := given.get("$screen_height")) is int:
        about["screen"] = {"width": width, "height": height}
    library = item.get("lib")
    library = library if type(library) is dict else {}
    client, version = (library.get(part) or given.get(part) for part in ("$lib", "$lib_version"))
    if type(client) is str:
        about["library"] = f"{client} {version}" if type(version) is str else client
        if (platform := _platform(client.lower())) is not None:
            about["platform"] = platform
    return about


def _platform(library: str) -> str | None:
    """Return where a client of this name runs, or None where the name does not tell."""
    if library in ("js", "web"):
        return "web"
    if library in SERVERS:
        return "server"
    if library in APPS:
        return "app"
    return "mini_program" if "mini" in library or "quickapp" in library else None
