"""Secrets: files of their own in ``secrets/`` of the data folder, readable by their owner only; never in the database, a backup's tables or a log.

``signing`` signs sessions and links, ``personal`` encrypts what the database must hold and read again, ``pepper`` keys the hashes of identifiers.
A key file holds one key a line, the newest first: what was signed or encrypted by an older line stays readable. :func:`rotate` adds a line.
Passwords of other services (``mail``, ``database``, ``wecom``, ``feishu``, ``dingtalk``) are files that the administrator writes; so is the token
that ``metrics`` asks for.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from tilth.engine.home import home
from tilth.errors import InputError, UnknownName
from tilth.language import _

KEYS = {"signing": lambda: secrets.token_urlsafe(64), "personal": lambda: Fernet.generate_key().decode(), "pepper": lambda: secrets.token_urlsafe(32)}
ROTATED = ("signing", "personal")
PASSWORDS = ("mail", "database", "wecom", "feishu", "dingtalk", "metrics")
KEPT = 3
"""Older lines kept by a rotation."""


@dataclass(frozen=True)
class Kept:
    """A secret that is there, without its value.

    Attributes
    ----------
    name : str
    keys : int
        How many keys it holds, the newest in use; 0 for a password of another service.
    changed_at : datetime
        When its file was last written, in UTC.
    open_to_others : bool
        Whether anybody but its owner may read the file, which nobody should.
    """

    name: str
    keys: int
    changed_at: dt.datetime
    open_to_others: bool


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


def digest(purpose: str, text: str) -> str:
    """Return the keyed hash of `text`, in hex: it can be compared and not read back, and equal texts of two purposes have different ones."""
    return hmac.new(keys("pepper")[0].encode(), f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def seal(text: str) -> str:
    """Return `text` encrypted with the newest ``personal`` key, for what the database must hold and read again."""
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what :func:`seal` was given; InputError when none of the ``personal`` keys opens it."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise InputError(
            _("A sealed value cannot be opened: restore the file {path} that it was sealed with.").format(path=folder() / "personal")
        ) from None


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys("personal")])


def kept() -> list[Kept]:
    """Return what secrets there are, by name."""
    found = []
    for path in sorted(one for one in folder().iterdir() if one.name in (*KEYS, *PASSWORDS)):
        about = path.stat()
        count = len(keys(path.name)) if path.name in KEYS else 0
        changed = dt.datetime.fromtimestamp(about.st_mtime, dt.UTC)
        found.append(Kept(path.name, count, changed, bool(stat.S_IMODE(about.st_mode) & 0o077)))
    return found


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
