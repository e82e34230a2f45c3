"""The worker beside the server that ``tilth serve`` starts."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from tests.workbench.jobs.house import ROOT


def test_a_killed_worker_is_replaced_and_both_end_together(sqlite_house):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {**sqlite_house.environment, "TILTH_SERVER_PORT": port}
    server = subprocess.Popen([sys.executable, "-m", "tilth.cli.main", "serve"], env=environment, cwd=ROOT)
    known = enrolled(sqlite_house)  # those that earlier tests killed are still written down
    processes = []
    try:
        processes.append(worker(sqlite_house, known))
        os.kill(processes[0], signal.SIGKILL)
        processes.append(worker(sqlite_house, known))
        server.terminate()
        assert server.wait(timeout=60) == 0
    finally:
        for process in (server.pid, *processes):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
    assert sqlite_house.do("answer = Worker.objects.count()") == 0
    with pytest.raises(ProcessLookupError):
        os.kill(processes[1], 0)


def enrolled(house):
    """The workers written down: process by row."""
    return {row: int(name.rpartition(":")[2]) for row, name in house.do("answer = list(Worker.objects.values_list('pk', 'name'))")}


def worker(house, known):
    """Wait for a worker to enrol that is not known yet; return its process."""
    end = time.monotonic() + 120
    while True:
        found = {row: process for row, process in enrolled(house).items() if row not in known}
        if found:
            known.update(found)
            return next(iter(found.values()))
        assert time.monotonic() < end
        time.sleep(0.2)
