"""Running the collector: Granian answers clients, a loader beside it takes what arrived into the tables; both are replaced when they die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

LOOK = 1.0  # seconds
PATIENCE = 20.0  # seconds that processes have to end


@dataclass(frozen=True)
class Place:
    """Where a collector listens, and with how many processes; see :func:`tilth.collector.app.served` for what `environment` may say."""

    host: str = "127.0.0.1"
    port: int = 8001
    processes: int = 1
    environment: tuple[tuple[str, str], ...] = ()


def commands(place: Place, *, answering: bool = True, loading: bool = True) -> list[list[str]]:
    """Return the commands of the processes."""
    granian = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--host", place.host, "--port", str(place.port),
        "--workers", str(place.processes), "--respawn-failed-workers", "--log-level", "warning", "tilth.collector.app:served",
    ]  # fmt: skip
    loader = [sys.executable, "-m", "tilth.collector.loading.work"]
    return [command for command, wanted in ((granian, answering), (loader, loading)) if wanted]


def serve(place: Place, *, answering: bool = True, loading: bool = True, ready: Callable[[], None] | None = None) -> int:
    """Run until interrupted; return the exit code."""
    environment = {**os.environ, **dict(place.environment)}
    wanted = commands(place, answering=answering, loading=loading)
    running = [subprocess.Popen(command, env=environment) for command in wanted]
    told: list[float] = []
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_given: told.append(time.monotonic()))
    if ready is not None:
        ready()
    while not told:
        time.sleep(LOOK)
        running = [
            process if process.poll() is None or told else subprocess.Popen(command, env=environment)
            for process, command in zip(running, wanted, strict=True)
        ]
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
    return 0
