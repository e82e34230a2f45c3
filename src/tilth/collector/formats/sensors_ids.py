"""Whose a Sensors item is: the client's several ways to say so, as the house's kinds.

Clients of the third generation send every id under ``identities``; their ``distinct_id`` repeats one of these, as the value alone or as
``<kind>+<value>``. Older ones send ``distinct_id`` with the flag ``$is_login_id``, beside it perhaps ``login_id`` and ``anonymous_id``. Without a
flag a ``distinct_id`` is *anonymous*: it is the person's once a ``track_signup`` names it, which is why the signed-up id counts there as both.
"""

from __future__ import annotations

from typing import Any

from tilth.collector.formats import faults, fields
from tilth.collector.formats.faults import Wrong

PREFIX = "$identity_"
KINDS = {
    "login_id": "user",
    "anonymous_id": "anonymous", "cookie_id": "anonymous", "distinct_id": "anonymous", "mp_id": "anonymous",
    "android_id": "device", "android_uuid": "device", "idfa": "device", "idfv": "device", "ios_uuid": "device", "imei": "device", "oaid": "device",
    "harmony_id": "device", "harmony_uuid": "device", "mac_id": "device",
    "mobile": "phone", "email": "email",
    "unionid": "unionid", "wx_unionid": "unionid", "mp_unionid": "unionid",
}  # fmt: skip
"""Kinds by the client's names without their prefix; a name that is not here is a kind of the client's own."""


def kind_of(name: str) -> str:
    """Return the house's kind for the client's `name` of one; an openid keeps its app, since it is unique within that only.

    >>> kind_of("$identity_mp_wx12ab_openid"), kind_of("$identity_login_id"), kind_of("$identity_shop_card")
    ('openid:wx12ab', 'user', 'shop_card')
    """
    short = name.removeprefix(PREFIX)
    if short.endswith("openid"):
        app = short.removesuffix("openid").strip("_").removeprefix("mp").strip("_")
        return f"openid:{app}" if app else "openid"
    return KINDS.get(short, short)


def ids_of(item: dict[str, Any], login: bool) -> tuple[tuple[str, str], ...]:
    """Return every id of an item, each once; `login` is its flag ``$is_login_id``.

    Raises
    ------
    Wrong
        When there is none, or one is no id.
    """
    ids: dict[tuple[str, str], None] = {}
    for name, value in fields.named(item, "identities").items():
        for one in value if type(value) is list else (value,):
            if (text := fields.one_id(one, f"identities.{name}")) is not None:
                ids[kind_of(name), text] = None
    distinct = fields.one_id(item.get("distinct_id"), "distinct_id")
    if distinct is not None and not (ids and _repeats(distinct, ids)):
        ids[_distinct(item, distinct, login)] = None
    if not item.get("identities"):
        for name, kind in (("login_id", "user"), ("anonymous_id", "anonymous")):
            if (text := fields.one_id(item.get(name), name)) is not None:
                ids[kind, text] = None
    if not ids:
        raise Wrong("missing", "distinct_id", faults.NO_ID)
    return tuple(ids)


def signed_up(item: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the ids of a ``track_signup``: who signed up, and under which id they were known before."""
    now = fields.one_id(item.get("distinct_id"), "distinct_id")
    before = fields.one_id(item.get("original_id"), "original_id")
    if now is None:
        raise Wrong("missing", "distinct_id", faults.NO_ID)
    if before is None:
        raise Wrong("missing", "original_id", faults.NO_PREVIOUS)
    others = ids_of(item, True)
    login = () if item.get("identities") else (("user", now), ("anonymous", now), ("anonymous", before))
    return tuple(dict.fromkeys(login + others))


def _repeats(distinct: str, ids: dict[tuple[str, str], None]) -> bool:
    """Return whether `distinct` is one of `ids`: its value, or its kind and value."""
    name, plus, value = distinct.partition("+")
    return (bool(plus) and (kind_of(name), value) in ids) or any(value == distinct for _, value in ids)


def _distinct(item: dict[str, Any], distinct: str, login: bool) -> tuple[str, str]:
    """Return the id that `distinct` is, judged by its form, by the flag, and by the ids beside it."""
    name, plus, value = distinct.partition("+")
    if plus and value and name.startswith(PREFIX):
        return kind_of(name), value
    same = item.get("login_id")
    return ("user" if login or (same is not None and str(same) == distinct) else "anonymous"), distinct
