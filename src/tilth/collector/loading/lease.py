"""Who loads a workspace: one loader at a time, by a lock on a file that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from tilth.collector.log import FOLDER

FILE = "lease"


class Lease:
    """The right to load a workspace.

    Parameters
    ----------
    root : Path
        The workspace's folder.
    """

    def __init__(self, root: Path) -> None:
        self._file = root / FOLDER / FILE
        self._handle: int | None = None

    def take(self) -> bool:
        """Return whether this process has it, after trying to get it."""
        if self._handle is not None:
            return True
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def leave(self) -> None:
        """Leave it to others."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
