"""Serving the workbench: Granian answers requests, the worker and the collector run beside it, and all end together."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from tilth.collector.serving import Place, commands
from tilth.errors import InputError
from tilth.language import _
from tilth.workbench.config import metrics
from tilth.workbench.config.options import Collector, Options, Server, collector_port

RESPAWN = 3.0
"""Seconds between two looks at whether a worker has to be replaced."""
PATIENCE = 20.0
"""Seconds that the server has to end."""


class PortTaken(InputError):
    """Another program listens where this one should."""

    def __init__(self, host: str, port: int, variable: str) -> None:
        self.host, self.port = host, port
        problem = _("Another program listens on {host}:{port} already, perhaps a workbench. End it, or take another port: {variable}={other}.")
        super().__init__(problem.format(host=host, port=port, variable=variable, other=port + 80))


def require_ports(options: Options, *, answering: bool = True, collecting: bool = True) -> None:
    """Raise PortTaken unless nobody listens where the workbench and the collector should.

    Granian's processes share a port, so a second workbench would answer every other request.
    """
    if answering:
        _require(options.server, options.server.port, "TILTH_SERVER_PORT")
    if collecting:
        _require(options.collector, collector_port(options), "TILTH_COLLECTOR_PORT")


def _require(place: Server | Collector, port: int, variable: str) -> None:
    family, kind, protocol, _name, address = socket.getaddrinfo(place.host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as fault:
            if fault.errno != errno.EADDRINUSE:
                raise
            raise PortTaken(place.host, port, variable) from fault


def collector(options: Options) -> Place:
    """Return where the collector listens, and what its processes have to know."""
    given = options.collector
    told = {"BEHIND": given.behind_mb << 20, "RESERVE": given.reserve_mb << 20, "PATIENCE": given.patience, "HOPS": given.hops}
    environment = tuple((f"TILTH_COLLECTOR_{name}", str(value)) for name, value in told.items())
    return Place(given.host, collector_port(options), given.processes, environment)


def serve(options: Options, *, with_worker: bool = True, with_collector: bool = True, ready: Callable[[], None] | None = None) -> int:
    """Serve until interrupted; return the exit code.

    Parameters
    ----------
    options : Options
    with_worker : bool
        Whether to start worker processes beside it; without them jobs wait until one runs.
    with_collector : bool
        Whether to take live events beside it, and to load them.
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
    beside = [[sys.executable, "-m", "tilth.cli.main", "worker"]] * (options.worker.processes if with_worker else 0)
    place = collector(options)
    environment = {**os.environ, **dict(place.environment)}
    beside += commands(place) if with_collector else []
    running = [subprocess.Popen(command, env=environment) for command in beside]

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
        for number, one in enumerate(running):
            if one.poll() is not None:  # what was killed is replaced
                running[number] = subprocess.Popen(beside[number], env=environment)
    for one in running:
        one.terminate()
    for one in running:
        one.wait(timeout=30)
    return 0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else code


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    """Wait a little for a process to end; return its code, None while it runs."""
    try:
        return process.wait(timeout=RESPAWN)
    except subprocess.TimeoutExpired:
        return None
