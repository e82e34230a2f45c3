"""A call in an address, for where no script runs: mails, pages for older browsers, partners' pages.

``/pixel.gif?key=…&event=…&user=…`` tells one event. ``event`` is ``page_view`` unless given; ``user``, ``member``, ``unionid``, ``openid`` (with
``app``), ``device`` and ``anonymous`` are ids, of which one at least is needed; ``time`` is when it happened, ``id`` the event's own number, by
which a repeat is recognised; ``url``, ``referrer``, ``title``, ``locale`` and ``utm_…`` are about the call. Every other name is a property, as
text. Phone numbers and e-mail addresses are refused: addresses are kept in logs. The answer is always the picture.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from tilth.collector.calls import Batch, Call
from tilth.collector.formats import faults, fields, lenient, limits
from tilth.collector.formats.faults import Wrong

GIF = binascii.a2b_base64("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
"""One transparent dot: 43 bytes."""

IDS = ("user", "member", "unionid", "openid", "device", "anonymous")
ABOUT = ("url", "referrer", "title", "locale")
OWN = frozenset(("key", "event", "app", "time", "id", *IDS, *ABOUT))


def read(query: Mapping[str, str], received: datetime, zone: tzinfo) -> Batch:
    """Return the one call that an address's `query` tells; a time without a zone is read in `zone`, the workspace's."""
    key = query.get("key") or None
    try:
        return Batch(key, ((0, _call(query, received, zone)),), ())
    except Wrong as found:
        return Batch(key, (), (found.fault(0, "&".join(f"{name}={value}" for name, value in query.items() if name != "key")),))


def _call(query: Mapping[str, str], received: datetime, zone: tzinfo) -> Call:
    said: dict[str, Any] = dict(query.items())
    if sum(len(name) + len(value) for name, value in said.items()) > limits.ITEM:
        raise Wrong("size", "", faults.LONG_ITEM)
    for name, value in said.items():
        if lenient.UNFIT.search(name) or lenient.UNFIT.search(value):
            raise Wrong("json", name, faults.NOT_TEXT)
    for contact in ("phone", "email"):
        if said.get(contact):
            raise Wrong("unknown", contact, faults.CONTACT)
    ids = tuple(
        (f"openid:{said['app']}" if kind == "openid" and said.get("app") else kind, value)
        for kind in IDS
        if (value := fields.one_id(said.get(kind), kind)) is not None
    )
    if not ids:
        raise Wrong("missing", "user", faults.NO_ID)
    properties = fields.named({"": {name: value for name, value in said.items() if name not in OWN and name[:4] != "utm_"}}, "")
    context: dict[str, Any] = {name: said[name] for name in ABOUT if said.get(name)}
    if utm := {name[4:]: value for name, value in said.items() if name[:4] == "utm_" and value}:
        context["utm"] = utm
    time = fields.moment(said.get("time"), "time", zone)
    written = "&".join(f"{name}={value}" for name, value in sorted(said.items()))
    message = fields.one_id(said.get("id"), "id") or fields.digest(written, *(() if time else (received.isoformat(),)))
    return Call(message, "event", fields.word(said, "event") or "page_view", ids, time or received, None, properties, {}, context)
