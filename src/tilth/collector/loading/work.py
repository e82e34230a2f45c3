"""The loader as a process: looks after the workspaces of all write keys, and takes over where another loader died."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

from tilth.collector.keys import Keys, published
from tilth.collector.loading.lease import Lease
from tilth.collector.loading.loader import Loader
from tilth.collector.loading.tidying import Tidying
from tilth.errors import TilthError
from tilth.warehouse.workspace import Workspace

PACE = 2.0  # seconds between the beginnings of two turns of a workspace: how long an event may wait, and how many versions its table gets
LOOK = 0.2  # seconds between two looks at whether anything waits
REST = 5.0  # seconds after a turn that failed

logger = logging.getLogger(__name__)


class Charge:
    """A workspace in the care of this process, once it has the lease."""

    def __init__(self, root: Path) -> None:
        self._root, self._lease = root, Lease(root)
        self._loader: Loader | None = None
        self._tidying: Tidying | None = None
        self._next = 0.0

    def look(self) -> int:
        """Load what waits, if it is time to; return the number of requests."""
        now = time.monotonic()
        if now < self._next or not self._lease.take():
            return 0
        try:
            if self._loader is None or self._tidying is None:
                workspace = Workspace.open(self._root)
                self._loader, self._tidying = Loader(workspace), Tidying(workspace)
            turn = self._loader.turn()
            if turn.requests:
                self._next = now + PACE
                logger.info("%s: %s", self._root.name, turn)
            self._tidying.look()
        except (TilthError, OSError) as fault:
            logger.error("%s: nothing was loaded, it is tried again: %s", self._root.name, fault)
            self._next = now + REST
            return 0
        except Exception:  # whatever it is, the other workspaces are loaded
            logger.exception("%s: nothing was loaded, it is tried again", self._root.name)
            self._next = now + REST
            return 0
        return turn.requests

    def leave(self) -> None:
        """Leave the workspace to others."""
        self._lease.leave()


def work(keys: Keys, ended: Callable[[], bool]) -> None:
    """Load for the workspaces of all keys, until `ended` says so."""
    charges: dict[str, Charge] = {}
    while not ended():
        roots = {key.root for key in keys.all() if Path(key.root).exists()}
        for root in charges.keys() - roots:
            charges.pop(root).leave()
        busy = 0
        for root in sorted(roots):
            if ended():
                break
            busy += charges.setdefault(root, Charge(Path(root))).look()
        if not busy:
            time.sleep(LOOK)
    for charge in charges.values():
        charge.leave()


def main() -> None:
    """Run until told to end; what is being loaded is loaded to its end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    told = Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_given: told.set())
    work(Keys(published()), told.is_set)


if __name__ == "__main__":
    main()
