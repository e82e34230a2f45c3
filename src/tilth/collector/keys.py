"""Which write keys there are, and whose: read from a file that the workbench publishes, never from its database.

The file is written aside and renamed, so that a reader sees a whole one; a change of it is noticed within half a second. When it cannot be read the
keys that were known go on counting.
"""

from __future__ import annotations

import json
import logging
import os
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

FORMAT = 1
LOOK = 0.5  # seconds

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class WriteKey:
    """A key that clients send events with.

    Attributes
    ----------
    key : str
        What clients send.
    id : str
        What the workspace knows it by: it stays when the key is rotated.
    workspace : str
        The workspace's name in addresses.
    root : str
        The workspace's folder.
    tz : str
        Its time zone: what clock times without an offset are read in.
    origins : list of str
        Web pages that may send, as ``https://shop.example``; ``*`` in the place of a name stands for any; none: all may.
    consent : bool
        Whether the web SDK sends nothing before its visitor agreed.
    until : float, optional
        When it stops to open anything, in seconds since 1970. It goes on being published: what came with it may still wait to be loaded.
    """

    key: str
    id: str
    workspace: str
    root: str
    tz: str
    origins: tuple[str, ...] = ()
    consent: bool = False
    until: float | None = None

    def allows(self, origin: str | None) -> bool:
        """Return whether a page of an origin may send; what is no page has none.

        >>> key = WriteKey("k", "1", "shop", "/srv/shop", "UTC", ("https://*.shop.example",))
        >>> key.allows("https://www.shop.example"), key.allows("https://shop.example.org"), key.allows(None)
        (True, False, True)
        """
        return origin is None or not self.origins or any(_matches(origin, allowed) for allowed in self.origins)


def _matches(origin: str, allowed: str) -> bool:
    scheme, _, host = origin.rpartition("://")
    wanted, _, name = allowed.rpartition("://")
    if wanted and wanted != scheme:
        return False
    return host.endswith(name[1:]) if name.startswith("*.") else name in ("*", host)


class Keys:
    """The keys of a published file, as it is now."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._keys: dict[str, WriteKey] = {}
        self._state: tuple[int, int] | None = None
        self._until = 0.0

    def find(self, key: str | None) -> WriteKey | None:
        """Return what a key is for; None when there is none such, or none any more."""
        now = time.monotonic()
        if now >= self._until:
            self._until = now + LOOK
            self._look()
        found = self._keys.get(key) if key else None
        return None if found is None or (found.until is not None and found.until <= time.time()) else found

    def all(self) -> list[WriteKey]:
        """Return all keys there are, those that have ended too."""
        self._look()
        return list(self._keys.values())

    def _look(self) -> None:
        try:
            stat = self._file.stat()
            state = (stat.st_ino, stat.st_mtime_ns)
            if state == self._state:
                return
            told = json.loads(self._file.read_text("utf-8"))
            if told["format"] != FORMAT:
                raise ValueError(f"format {told['format']}")
            self._keys = {one["key"]: WriteKey(**{**one, "origins": tuple(one["origins"])}) for one in told["keys"]}
            self._state = state
        except FileNotFoundError:
            self._keys, self._state = {}, None
        except (OSError, ValueError, KeyError, TypeError) as fault:
            logger.error("The write keys in %s cannot be read, those known before go on counting: %s", self._file, fault)


def publish(file: Path, keys: Iterable[WriteKey]) -> None:
    """Write the keys there are to `file`, in the place of what stood there, for this machine's collectors."""
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump({"format": FORMAT, "keys": [asdict(key) for key in keys]}, out, ensure_ascii=False)
        out.flush()
        os.fsync(out.fileno())
    aside.replace(file)


def published() -> Path:
    """Return where the keys of this machine are published."""
    from tilth.engine.home import home

    return home() / "collector" / "keys.json"
