"""Serving the workbench: Granian answers requests, the worker runs beside it, and both end together."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from tilth.errors import InputError
from tilth.language import _
from tilth.workbench.config import metrics
from tilth.workbench.config.options import Options, Server

RESPAWN = 3.0
"""Seconds between two looks at whether a worker has to be replaced."""
PATIENCE = 20.0
"""Seconds that the server has to end."""


class PortTaken(InputError):
    """Another program listens where the workbench should."""

    def __init__(self, server: Server) -> None:
        self.host, self.port = server.host, server.port
        problem = _("Another program listens on {host}:{port} already, perhaps a workbench. End it, or take another port: TILTH_SERVER_PORT={other}.")
        super().__init__(problem.format(host=self.host, port=self.port, other=self.port + 80))


def require_port(server: Server) -> None:
    """Raise PortTaken unless nobody listens there yet. Granian's processes share a port, so a second workbench would answer every other request."""
    family, kind, protocol, _name, address = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as fault:
            if fault.errno != errno.EADDRINUSE:
                raise
            raise PortTaken(server) from fault


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
    metrics.begin()
    server = options.server
    web = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", server.host, "--port", str(server.port),
        "--workers", str(server.workers), "--blocking-threads", str(server.threads), "--log-level", "warning",
        "--respawn-failed-workers", "tilth.workbench.config.wsgi:application",
    ]  # fmt: skip
    served = subprocess.Popen(web)
    worker = [sys.executable, "-m", "tilth.cli.main", "worker"]
    workers = [subprocess.Popen(worker) for _ in range(options.worker.processes if with_worker else 0)]

    told_at: list[float] = []

    def end(*_: object) -> None:
        told_at.append(time.monotonic())
        served.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if ready is not None:
        ready()
    while (code := _ended(served)) is None:
        if told_at:  # a server that was told while it was starting may not have heard it
            served.kill() if time.monotonic() - told_at[0] > PATIENCE else served.terminate()
            continue
        workers = [one if one.poll() is None else subprocess.Popen(worker) for one in workers]  # a worker that was killed is replaced
    for one in workers:
        one.terminate()
    for one in workers:
        one.wait(timeout=30)
    return 0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else code


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    """Wait a little for a process to end; return its code, None while it runs."""
    try:
        return process.wait(timeout=RESPAWN)
    except subprocess.TimeoutExpired:
        return None
