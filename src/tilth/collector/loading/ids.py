"""The ids of a call as the tables hold them: read by the workspace's kinds, contacts replaced by a keyed digest.

A phone number or an e-mail address stands in no table but ``contacts``, where it is sealed. Everywhere else it is ``phone:<digest>``, with the digest
HMAC-SHA-256 under a key of the workspace that is kept outside its folder: who gets hold of the tables alone cannot try out all numbers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tilth.analysis.people.kinds import Kinds, Left, text
from tilth.collector.calls import Call
from tilth.engine.home import home

CONTACTS = ("phone", "email")  # forms of values that say how to reach somebody
DIGEST = 32  # hexadecimal digits
NONCE = 12  # bytes


@dataclass(frozen=True)
class Id:
    """An id as the tables hold it.

    Attributes
    ----------
    kind : str
    text : str
        How it is written there.
    contact : str or None
        What it stands for, of a phone number or an e-mail address.
    """

    kind: str
    text: str
    contact: str | None = None


class Ids:
    """Reads the ids of calls.

    Parameters
    ----------
    kinds : Kinds
        What the workspace declares.
    key : bytes
        The workspace's own; see :func:`key_of`.
    """

    def __init__(self, kinds: Kinds, key: bytes) -> None:
        self.kinds, self._key = kinds, key

    def read(self, call: Call) -> tuple[list[Id], list[tuple[str, str, Left]]]:
        """Return a call's ids that can be used, the highest-ranking first, those of undeclared kinds last; and what is left out, with the reason."""
        found: dict[Id, int] = {}
        left: list[tuple[str, str, Left]] = []
        for kind, value in call.ids:
            one = self.kinds.read(kind, value)
            if one is Left.UNDECLARED:
                left.append((kind, value, one))
                found.setdefault(Id(kind, text(kind, value)), len(self.kinds.kinds))
            elif isinstance(one, Left):
                left.append((kind, value, one))
            else:
                found.setdefault(self._held(*one), self.kinds.rank(kind))
        return sorted(found, key=found.__getitem__), left

    def links(self, one: Id) -> bool:
        """Return whether an id is of a declared kind: others never link."""
        return self.kinds.of(one.kind) is not None

    def sealed(self, contact: str) -> str:
        """Return a contact encrypted (AES-GCM); whoever has the key can open it."""
        nonce = secrets.token_bytes(NONCE)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, contact.encode(), None)).decode()

    def opened(self, sealed: str) -> str:
        """Return what was sealed."""
        raw = base64.b64decode(sealed)
        return str(self._cipher.decrypt(raw[:NONCE], raw[NONCE:], None).decode())

    def _held(self, kind: str, value: str) -> Id:
        declared = self.kinds.of(kind)
        if declared is None or declared.form not in CONTACTS:
            return Id(kind, text(kind, value))
        digest = hmac.new(self._key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()[:DIGEST]
        return Id(kind, text(kind, digest), value)

    @cached_property
    def _cipher(self):  # type: ignore[no-untyped-def]
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(hashlib.sha256(b"contacts\0" + self._key).digest())


def key_of(root: Path) -> bytes:
    """Return the key of the workspace in `root`, made if it has none yet. It lies in Tilth's home, not in the workspace's folder."""
    named = hashlib.sha256(str(root).encode()).hexdigest()[:24]
    file = home() / "secrets" / "contacts" / named
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = file.with_name(f".{named}.{secrets.token_hex(4)}")
    if not file.exists():
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(32))
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(aside, file)  # of two processes at once the first one's counts
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return file.read_bytes()


def together(ids: Iterable[Id]) -> list[list[str]]:
    """Return ids as the record of calls holds them."""
    return [[one.kind, one.text] for one in ids]
