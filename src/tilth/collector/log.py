"""The log of one collector for one workspace: on disk before anybody is told that it was taken.

``<workspace>/incoming/<instance>/<number>.open`` is being written, ``….log`` is finished and read by the loader, which removes it once it is loaded.
An instance is a folder that one process at a time holds a lock on; a process that starts takes the first free one, so that there are never more than
ran at once. Numbers of files only grow: ``owner`` remembers the last one when the files are gone, and where it is gone, too, they go on from the
clock's seconds: a workspace that is restored without its logs knows places in those that it had, and what lies before a place is taken as loaded.

When a write fails, what was half written is cut off again and the file is finished: nothing is ever appended after bytes of which nobody knows
whether they are there.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tilth.collector.frames import MAGIC, frame

FOLDER = "incoming"
OWNER = "owner"
BEING_WRITTEN, FINISHED = ".open", ".log"
LARGEST = 32 << 20  # bytes after which a file is finished
LONGEST = 60.0  # seconds after which it is
MOST_INSTANCES = 1000
FIRST = 1_704_067_200  # seconds since 1970 at which numbers of files begin: the year 2024, so that they fit into 31 bits until 2092


class Log:
    """The log that this process writes for a workspace."""

    def __init__(self, root: Path) -> None:
        self._folder, self._owner = _own(root / FOLDER)
        self._file = -1
        self._path = self._folder
        self._size = 0
        self._begun = 0.0

    def write(self, payloads: Sequence[bytes]) -> None:
        """Append requests, and return when they are on disk.

        Raises
        ------
        OSError
            When they are not: all of them have to be sent again.
        """
        if self._file < 0:
            self._begin()
        data = b"".join(map(frame, payloads))
        try:
            _write(self._file, data)
            os.fdatasync(self._file)
            if self._path.stat().st_ino != os.fstat(self._file).st_ino:  # the workspace was put back from a backup meanwhile
                raise FileNotFoundError(self._path)
        except OSError:
            self._abandon()
            raise
        self._size += len(data)
        if self._size >= LARGEST:
            self.finish()

    def tidy(self) -> None:
        """Finish the file when it is old enough; to be called now and then."""
        if self._file >= 0 and time.monotonic() - self._begun > LONGEST:
            self.finish()

    def finish(self) -> None:
        """Finish the file, if one is being written."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
            self._path.rename(self._path.with_suffix(FINISHED))

    def close(self) -> None:
        """Finish the file, and leave the instance to others."""
        try:
            self.finish()
        finally:
            os.close(self._owner)

    def _begin(self) -> None:
        number = int(os.pread(self._owner, 20, 0) or time.time() - FIRST) + 1
        _rewrite(self._owner, b"%d" % number)
        self._path = self._folder / f"{number:010d}{BEING_WRITTEN}"
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            _write(file, MAGIC)
            _sync_folder(self._folder)
        except OSError:
            os.close(file)
            self._path.unlink()
            raise
        self._file, self._size, self._begun = file, len(MAGIC), time.monotonic()

    def _abandon(self) -> None:
        """Cut off what was half written, and never write to the file again."""
        with suppress(OSError):  # then reading ends where it is no longer whole
            os.ftruncate(self._file, self._size)
        with suppress(OSError):  # the file has gone, and its folder perhaps
            self.finish()


def _own(home: Path) -> tuple[Path, int]:
    """Return the folder of an instance that no other process has, and the lock on it."""
    for number in range(MOST_INSTANCES):
        folder = home / f"{number:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        owner = os.open(folder / OWNER, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(owner)
            continue
        _sync_folder(home)
        _sync_folder(home.parent)
        for left in folder.glob(f"*{BEING_WRITTEN}"):  # of a process that died
            left.rename(left.with_suffix(FINISHED))
        return folder, owner
    raise OSError(f"{home}: more than {MOST_INSTANCES} collectors")


def _write(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def _rewrite(file: int, text: bytes) -> None:
    os.pwrite(file, text.ljust(20), 0)
    os.fdatasync(file)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
