"""Addresses of databases with their passwords: encrypted with the installation's key before they are stored, and never shown again."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.workbench.config import secrets


def seal(text: str) -> bytes:
    """Return a text encrypted with the newest key."""
    return _keys().encrypt(text.encode())


def opened(sealed: bytes) -> str:
    """Return what :func:`seal` was given; InputError when its key is gone."""
    try:
        return _keys().decrypt(bytes(sealed)).decode()
    except InvalidToken:
        raise InputError(_("The stored address cannot be decrypted: the key in secrets/personal was replaced. Enter the address again.")) from None


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in secrets.keys("personal")])
