"""Group commit: requests that wait at the same moment go to disk together, by one thread, and are acknowledged together.

While one group is on its way to disk the next gathers, so that a hundred clients cost hardly more syncs than one. A workspace whose loader is too far
behind, or whose disk is nearly full, takes nothing for the moment: whoever asks waits, and is told to come again when that takes too long.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import threading
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from tilth.collector.log import FOLDER, Log
from tilth.errors import TilthError

GROUP = 4096  # requests that go to disk at once, at most
IDLE = 5.0  # seconds after which old files are finished though nothing comes
LOOK = 1.0  # seconds for which what is known of a disk holds
PAUSE = 0.2  # seconds between two tries

Waiting = tuple[Path, bytes, asyncio.AbstractEventLoop, "asyncio.Future[None]"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bounds:
    """When a workspace takes nothing for the moment.

    Attributes
    ----------
    behind : int
        Bytes of its logs that wait to be loaded.
    reserve : int
        Bytes that stay free on the disk, for the loader needs some to make room; half of a small disk.
    patience : float
        Seconds that a request waits before it is told to come again.
    """

    behind: int = 2 << 30
    reserve: int = 256 << 20
    patience: float = 10.0


class BusyError(TilthError):
    """Nothing can be written for the moment; the request has to be sent again."""


class Writer:
    """Writes what arrives at this process to the logs of its workspaces."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._logs: dict[Path, Log] = {}
        self._looked: dict[Path, tuple[float, int]] = {}  # until when it holds, and the bytes that may come until then
        self._thread = threading.Thread(target=self._work, name="collector log", daemon=True)
        self._thread.start()

    async def append(self, root: Path, payload: bytes) -> None:
        """Return when a request for the workspace in `root` is on disk.

        Raises
        ------
        BusyError
            When it is not, after :attr:`Bounds.patience` seconds.
        """
        patience = time.monotonic() + self._bounds.patience
        while True:
            if self._open(root):
                until, room = self._looked[root]
                self._looked[root] = (until, room - len(payload))
                try:
                    return await self._written(root, payload)
                except OSError as fault:
                    logger.error("A log in %s cannot be written: %s", root / FOLDER, fault)
                    self._looked[root] = (time.monotonic() + LOOK, 0)
            if time.monotonic() > patience:
                raise BusyError
            await asyncio.sleep(PAUSE)

    def close(self) -> None:
        """Write what waits, and finish all files."""
        self._queue.put(None)
        self._thread.join()

    async def _written(self, root: Path, payload: bytes) -> None:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._queue.put((root, payload, loop, done))
        await done

    def _open(self, root: Path) -> bool:
        """Return whether a workspace takes anything."""
        until, room = self._looked.get(root, (0.0, 0))
        now = time.monotonic()
        if now > until:
            room = self._look(root)
            self._looked[root] = (now + LOOK, room)
        return room > 0

    def _look(self, root: Path) -> int:
        """Return the bytes that a workspace may take."""
        try:
            disk = shutil.disk_usage(root)
            waiting = sum(file.stat().st_size for instance in os.scandir(root / FOLDER) if instance.is_dir() for file in os.scandir(instance))
        except FileNotFoundError:  # no log yet, or one that was loaded this moment
            return self._bounds.behind if root.exists() else 0
        return min(self._bounds.behind - waiting, disk.free - min(self._bounds.reserve, disk.total // 2))

    def _work(self) -> None:
        while True:
            group = self._gathered()
            self._commit([one for one in group if one is not None])
            if None in group:
                for root in [*self._logs]:
                    self._leave(root)
                return
            for root, log in [*self._logs.items()]:
                try:
                    log.tidy()
                except OSError:
                    self._leave(root)

    def _leave(self, root: Path) -> None:
        """Give a log up; the next request begins another. What is wrong with it must not stop the logs of others."""
        try:
            self._logs.pop(root).close()
        except OSError as fault:
            logger.error("A log in %s cannot be finished: %s", root / FOLDER, fault)

    def _gathered(self) -> list[Waiting | None]:
        """Return what waits, after something does; nothing when nothing comes for a while."""
        group: list[Waiting | None] = []
        with suppress(Empty):
            group.append(self._queue.get(timeout=IDLE))
            while len(group) < GROUP:
                group.append(self._queue.get_nowait())
        return group

    def _commit(self, group: list[Waiting]) -> None:
        roots: dict[Path, list[tuple[bytes, asyncio.AbstractEventLoop, asyncio.Future[None]]]] = defaultdict(list)
        for root, payload, loop, done in group:
            roots[root].append((payload, loop, done))
        for root, ones in roots.items():
            fault: OSError | None = None
            try:
                if root not in self._logs:
                    self._logs[root] = Log(root)
                self._logs[root].write([payload for payload, _loop, _done in ones])
            except OSError as found:
                fault = found
                if root in self._logs:
                    self._leave(root)
            loops: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = defaultdict(list)
            for _payload, loop, done in ones:
                loops[loop].append(done)
            for loop, waiting in loops.items():
                loop.call_soon_threadsafe(_settle, waiting, fault)


def _settle(waiting: list[asyncio.Future[None]], fault: OSError | None) -> None:
    for done in waiting:
        if done.cancelled():  # the client has gone; what it sent is kept
            continue
        if fault is None:
            done.set_result(None)
        else:
            done.set_exception(fault)
