"""Serving the workbench: Granian answers requests, the worker runs beside it, and both end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

from tilth.workbench.config.options import Options


def serve(options: Options, *, with_worker: bool = True, ready: Callable[[], None] | None = None) -> int:
    """Serve until interrupted; return the exit code.

    Parameters
    ----------
    options : Options
    with_worker : bool
        Whether to start worker processes beside it; without them jobs wait until one runs.
    ready : callable, optional
        Called just before the server begins to answer.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilth.workbench.config.settings")
    server = options.server
    web = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", server.host, "--port", str(server.port),
        "--workers", str(server.workers), "--blocking-threads", str(server.threads), "--log-level", "warning",
        "--respawn-failed-workers", "tilth.workbench.config.wsgi:application",
    ]  # fmt: skip
    commands = [web] + [[sys.executable, "-m", "tilth.cli.main", "worker"]] * (options.worker.processes if with_worker else 0)
    running = [subprocess.Popen(command) for command in commands]

    def end(*_: object) -> None:
        for process in running:
            process.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if ready is not None:
        ready()
    code = running[0].wait()
    end()
    for process in running[1:]:
        process.wait(timeout=30)
    return 0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else code
