"""Write keys: made, changed, replaced by a new one, revoked. Each change reaches collectors within a second; see :mod:`..publishing`."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tilth.errors import InputError, UnknownName
from tilth.workbench.data.models import WriteKey
from tilth.workbench.data.policies import write_keys
from tilth.workbench.tenancy.actions import Actor, action, record

ORIGIN = re.compile(r"(?:https?://)?(?:\*|(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::\d{1,5})?")
MOST_ORIGINS = 50
LONGEST_GRACE = 24 * 90  # hours


@action(write_keys, "create")
def create(actor: Actor, *, name: str, platform: str = "web", origins: Iterable[str] = (), consent: bool = False) -> WriteKey:
    """Make a key.

    Raises
    ------
    InputError
        For a name that is taken, or an origin that is none.
    """
    made = WriteKey(key=_fresh(), owner=actor.user)
    _say(made, name, platform, origins, consent)
    record(made, platform=made.platform, origins=len(made.origins), consent=made.consent)
    return made


@action(write_keys, "change")
def change(actor: Actor, *, thing: WriteKey, name: str, platform: str, origins: Iterable[str], consent: bool) -> WriteKey:
    """Call a key something else, or change which pages may send with it, or what they ask of visitors.

    Raises
    ------
    InputError
        For a name that is taken, an origin that is none, or a key that is revoked.
    """
    _require_active(thing)
    _say(thing, name, platform, origins, consent)
    record(thing, platform=thing.platform, origins=len(thing.origins), consent=thing.consent)
    return thing


@action(write_keys, "rotate")
def rotate(actor: Actor, *, thing: WriteKey, hours: int = 0) -> WriteKey:
    """Put a new key in the place of the one there is, which goes on counting for some hours; a key that was replaced before that ends now.

    Raises
    ------
    InputError
        For a key that is revoked, or more hours than 90 days have.
    """
    _require_active(thing)
    if not 0 <= hours <= LONGEST_GRACE:
        raise InputError(_("The key before can go on counting for 0 to {most} hours.").format(most=LONGEST_GRACE))
    now = timezone.now()
    thing.former, thing.former_until = thing.key, now + dt.timedelta(hours=hours)
    thing.key, thing.rotated_at, thing.rotated_by = _fresh(), now, actor.user
    thing.save()
    record(thing, hours=hours)
    return thing


@action(write_keys, "revoke")
def revoke(actor: Actor, *, thing: WriteKey) -> WriteKey:
    """End a key, and the one before it, for good. What came with it stays.

    Raises
    ------
    InputError
        For a key that is revoked already.
    """
    _require_active(thing)
    thing.revoked_at = timezone.now()
    thing.save()
    record(thing)
    return thing


def _say(key: WriteKey, name: str, platform: str, origins: Iterable[str], consent: bool) -> None:
    key.name = " ".join(name.split())
    if not 0 < len(key.name) <= 80:
        raise InputError(_("Give the key a name of at most 80 characters."))
    if platform not in WriteKey.Platform.values:
        raise UnknownName(_("platform"), platform, WriteKey.Platform.values)
    key.platform, key.origins, key.consent = platform, _origins(origins), consent
    try:
        with transaction.atomic():
            key.save()
    except IntegrityError:
        raise InputError(_("There is a key called “{name}” already.").format(name=key.name)) from None


def _origins(given: Iterable[str]) -> list[str]:
    """Return origins as collectors compare them: without a path, in small letters, each once."""
    found = list(dict.fromkeys(one.strip().rstrip("/").lower() for one in given if one.strip()))
    for one in found:
        if not ORIGIN.fullmatch(one):
            raise InputError(
                _("{origin} is no origin of a web page: write https://shop.example, or https://*.shop.example for all below it.").format(origin=one)
            )
    if len(found) > MOST_ORIGINS:
        raise InputError(_("A key can have {most} origins at most: put a * in the place of a name.").format(most=MOST_ORIGINS))
    return found


def _require_active(key: WriteKey) -> None:
    if not key.is_active:
        raise InputError(_("This key is revoked: make another one."))


def _fresh() -> str:
    return secrets.token_hex(16)
