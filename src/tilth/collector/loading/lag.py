"""How far a loader is behind what arrives."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from tilth.collector.frames import MAGIC, frames
from tilth.collector.loading import arrivals
from tilth.collector.loading.arrivals import BITS
from tilth.collector.loading.stream import places
from tilth.collector.log import BEING_WRITTEN, FINISHED, FOLDER
from tilth.collector.requests import Request
from tilth.warehouse.workspace import Workspace

ONE = 1 << 20  # bytes in which a whole request is sure to end: more than the largest that is taken


@dataclass(frozen=True)
class Lag:
    """What waits to be loaded, and for how long the oldest of it has waited; zeros when nothing does."""

    bytes: int = 0
    seconds: float = 0.0


def lag(workspace: Workspace) -> Lag:
    """Return how far the loader of a workspace is behind."""
    found = arrivals.instances(workspace.root)
    if not found:
        return Lag()
    done = places(workspace.table("events").open(), dict.fromkeys(found, 0))
    size = arrivals.bytes_waiting(workspace.root, done)
    moments = [moment for one in found if size and (moment := _oldest(workspace.root / FOLDER / one, done[one])) is not None]
    return Lag(size, max(0.0, time.time() - min(moments) / 1_000_000)) if moments else Lag(size)


def _oldest(folder: Path, after: int) -> int | None:
    """Return when the first request after a place arrived, in microseconds since 1970; None when there is none."""
    for file in sorted(file for file in folder.iterdir() if file.suffix in (BEING_WRITTEN, FINISHED)):
        number = int(file.stem)
        if number < after >> BITS:
            continue
        try:
            with file.open("rb") as handle:
                handle.seek(max(after & ((1 << BITS) - 1) if number == after >> BITS else 0, len(MAGIC)))
                first = next(frames(handle.read(ONE)), None)
        except FileNotFoundError:
            continue
        if first is not None:
            return Request.unpacked(first[1]).received
    return None
