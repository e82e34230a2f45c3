"""How often a key may ask: counted by all processes of a machine together, in files of one byte a request.

A file appended to is counted by the system itself, without a lock and without a write to the database. Several machines count each for itself.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from contextlib import suppress
from hashlib import sha256

from tilth.engine.home import home

LOG = logging.getLogger("tilth.api")
WINDOW = 60


def wait(who: str, most: int) -> int:
    """Count a request of `who`; return how many seconds to wait when there were more than `most` in this minute, else 0.

    Where nothing can be written, as on a full disk, nothing is counted and nobody waits: reading must go on.
    """
    try:
        return _wait(who, most)
    except OSError as fault:
        LOG.warning("requests cannot be counted: %s", fault.strerror)
        return 0


def _wait(who: str, most: int) -> int:
    now = time.time()
    window = int(now // WINDOW)
    folder = home() / "cache" / "api"
    place = folder / str(window)
    try:
        place.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except FileNotFoundError:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    else:
        _sweep(window)
    file = os.open(place / sha256(who.encode()).hexdigest()[:32], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if os.fstat(file).st_size < most:
            os.write(file, b".")
            if os.fstat(file).st_size <= most:
                return 0
    finally:
        os.close(file)
    return max(1, int((window + 1) * WINDOW - now + 0.999))


def _sweep(window: int) -> None:
    """Remove the minutes that are over."""
    with suppress(OSError):
        for old in (home() / "cache" / "api").iterdir():
            if old.name.isdecimal() and int(old.name) < window:
                shutil.rmtree(old, ignore_errors=True)
