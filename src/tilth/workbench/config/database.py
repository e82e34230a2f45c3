"""The control database: SQLite in the data folder, or PostgreSQL by its URL."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tilth.errors import InputError
from tilth.language import _
from tilth.workbench.config import secrets


def configured(url: str, home: Path) -> dict[str, Any]:
    """Return Django's setting of the database at `url`; InputError for a URL of anything but PostgreSQL."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": home / "tilth.sqlite3",
            "OPTIONS": {
                # writers wait for one another instead of failing, and readers never wait: https://www.sqlite.org/wal.html
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
            "TEST": {"NAME": None},
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise InputError(_("The control database is SQLite or PostgreSQL; {scheme} is neither.").format(scheme=repr(parts.scheme)))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or "") or secrets.password("database"),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
