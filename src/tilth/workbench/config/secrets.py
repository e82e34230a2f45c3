"""Secrets: files of their own in ``secrets/`` of the data folder, readable by their owner only; never in the database, a backup's tables or a log.

``signing`` signs sessions and links, ``personal`` encrypts what the database must hold and read again, ``pepper`` keys the hashes of identifiers.
A key file holds one key a line, the newest first: what was signed or encrypted by an older line stays readable. :func:`rotate` adds a line.
Passwords of other services (``mail``, ``database``, ``wecom``, ``feishu``, ``dingtalk``) are files that the administrator writes.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet

from tilth.engine.home import home
from tilth.errors import InputError, UnknownName
from tilth.language import _

KEYS = {"signing": lambda: secrets.token_urlsafe(64), "personal": lambda: Fernet.generate_key().decode(), "pepper": lambda: secrets.token_urlsafe(32)}
ROTATED = ("signing", "personal")
KEPT = 3
"""Older lines kept by a rotation."""


def folder() -> Path:
    """Return the folder of secrets, made for its owner only if it was missing."""
    path = home() / "secrets"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def keys(name: str) -> list[str]:
    """Return the keys of a name, the newest first; made on first use."""
    path = folder() / name
    if not path.exists():
        _write(path, [KEYS[name]()], fresh=True)
    return path.read_text("ascii").split()


def password(name: str) -> str:
    """Return what the administrator wrote into ``secrets/<name>``, or an empty text."""
    path = folder() / name
    return path.read_text("utf-8").strip() if path.exists() else ""


def rotate(name: str) -> int:
    """Put a new key before those of `name`; return how many there are now.

    Raises
    ------
    UnknownName
        For a name that is no key which can change.
    InputError
        For ``pepper``: hashes cannot be made anew without the identifiers.
    """
    if name == "pepper":
        raise InputError(_("The pepper cannot be rotated: hashes made with it could never be matched again."))
    if name not in ROTATED:
        raise UnknownName(_("key"), name, ROTATED)
    lines = [KEYS[name](), *keys(name)][: KEPT + 1]
    _write(folder() / name, lines)
    return len(lines)


def _write(path: Path, lines: list[str], fresh: bool = False) -> None:
    aside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    if fresh:
        with suppress(FileExistsError):  # whoever comes second uses the first one's
            os.link(aside, path)
        aside.unlink()
    else:
        aside.replace(path)
