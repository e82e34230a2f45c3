"""``tilth keys`` in a process of its own, and ``tilth collect`` with the keys that it made."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

TILTH = [sys.executable, "-m", "tilth.cli.main"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of an installation with one registered workspace, called shop."""
    home = tmp_path_factory.mktemp("house")
    environment = {**os.environ, "TILTH_HOME": str(home), "TILTH_LANG": "en", "TILTH_WORKSPACE": str(home / "workspaces" / "shop")}
    assert tilth(environment, "init").returncode == 0
    register = "from tilth.workbench.config import setup; setup.start_django(); setup.prepare()"
    subprocess.run([sys.executable, "-c", register], env=environment, check=True, capture_output=True)
    return environment


def tilth(environment: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TILTH, *args], env=environment, capture_output=True, text=True, timeout=120, encoding="utf-8")


def test_keys_are_made_replaced_and_revoked_and_the_collector_knows_at_once(house: dict[str, str]) -> None:
    made = json.loads(tilth(house, "keys", "add", "Shop", "--platform", "server", "--json").stdout)["key"]
    assert (made["name"], made["active"], made["platform"]) == ("Shop", True, "server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    collector = subprocess.Popen([*TILTH, "collect"], env={**house, "TILTH_COLLECTOR_PORT": str(port)}, stdout=subprocess.DEVNULL)
    try:
        assert until(200, port, made["key"])
        replaced = json.loads(tilth(house, "keys", "rotate", "Shop", "--hours", "0", "--json").stdout)["key"]
        assert replaced["key"] != made["key"]
        assert until(401, port, made["key"])
        assert until(200, port, replaced["key"])
        assert tilth(house, "keys", "revoke", "Shop").returncode == 0
        assert until(401, port, replaced["key"])
    finally:
        collector.send_signal(signal.SIGTERM)
        assert collector.wait(timeout=60) == 0
    listed = json.loads(tilth(house, "keys", "list", "--json").stdout)["keys"]
    assert [(one["name"], one["active"]) for one in listed] == [("Shop", False)]


def test_a_name_that_is_none_and_a_folder_that_is_none_are_said(house: dict[str, str], tmp_path: Path) -> None:
    unknown = tilth(house, "keys", "rotate", "Shopp")
    assert (unknown.returncode, "Shop" in unknown.stderr) == (1, True)
    elsewhere = tilth(house, "keys", "list", "-w", str(tmp_path))
    assert (elsewhere.returncode, "tilth serve" in elsewhere.stderr) == (1, True)


def until(status: int, port: int, key: str) -> bool:
    """Send with a key until the answer is `status`."""
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if answer(port, key) == status:
            return True
        time.sleep(0.2)
    return False


def answer(port: int, key: str) -> int:
    told = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
    body = json.dumps({"userId": "u1", "event": "buy"}).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/v1/track", body, told), timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0
