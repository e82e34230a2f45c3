"""A real PostgreSQL for tests: a server of its own in a folder of its own, stopped and gone at the end.

Tests that take the fixture ``postgres`` get the address of its database. They are skipped, saying so, where no server is installed.

``python -m tests.postgres …`` runs pytest with the arguments given, with the control database on such a server.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NAMES = ("postgres", "nobody")  # initdb refuses to run as root; one of these users exists wherever root runs tests


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a server, give its address, stop it."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with _server(programs) as address:
        yield address


@contextmanager
def _server(programs: Path) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="tilth-postgres-"))
    user = _other_user()
    if user:
        shutil.chown(folder, user)
    data, port = folder / "data", _free_port()

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(programs / program), "-D", str(data), *arguments],
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,  # the server keeps a pipe open as long as it lives
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed with {done.returncode}; its log is {folder / 'log'}")

    run("initdb", "--username=tilth", "--auth=trust", "--encoding=UTF8", "--no-sync")
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-F -p {port} -h 127.0.0.1 -k {folder}", "start")
    try:
        yield f"postgresql://tilth:a-password@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    """Return the folder of the newest server's programs."""
    found = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()]
    if found:
        return max(found, key=lambda folder: [int(part) for part in re.findall(r"\d+", folder.parent.name)])
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _other_user() -> str | None:
    if getattr(os, "geteuid", lambda: 1)() != 0:
        return None
    import pwd  # only where there is a root

    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in NAMES if name in known), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Run pytest with the control database on a server of its own."""
    programs = _programs()
    if programs is None:
        print("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server is stopped all the same
    with _server(programs) as address:
        command = [sys.executable, "-m", "pytest", *sys.argv[1:]]
        return subprocess.run(command, env={**os.environ, "TILTH_DATABASE_URL": address}).returncode


if __name__ == "__main__":
    sys.exit(main())
