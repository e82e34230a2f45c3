"""From a page in a browser through the collector and its loader, both real processes, into the workspace's events."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request

import pytest

from tilth.collector.keys import WriteKey, publish
from tilth.collector.serving import Place, commands
from tilth.warehouse.workspace import Workspace

from .conftest import NOTHING, Shop, _serve, stored


class Running:
    """A collector with a workspace, that can be killed and started again at the same address."""

    def __init__(self, home):
        self.home, self.root, self.processes = home, home / "shop", []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        Workspace.create(self.root)

    def start(self):
        environment = {**os.environ, "TILTH_HOME": str(self.home)}
        for command in commands(Place(port=self.port)):
            self.processes.append(subprocess.Popen(command, env=environment, start_new_session=True))
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=2)
                return
            except OSError:
                assert time.monotonic() < until, "the collector did not start"
                time.sleep(0.2)

    def kill(self):
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes = []

    def events(self, name, count, seconds=40):
        """Return rows of `events` of this name, once there are `count` of them or the time is over."""
        until = time.monotonic() + seconds
        while True:
            found = Workspace.open(self.root).relation("events").filter(f"event = '{name}'").df().sort_values("time")
            if len(found) >= count or time.monotonic() > until:
                return found
            time.sleep(0.5)


@pytest.fixture
def running(tmp_path):
    collector = Running(tmp_path)
    collector.start()
    yield collector
    collector.kill()


@pytest.fixture
def live(running):
    """A site whose key may be used from its own pages only."""
    server = _serve(Shop(running))
    publish(running.home / "collector" / "keys.json", [
        WriteKey("shop-key", "1", "shop", str(running.root), "Asia/Shanghai", origins=(server.url,)),
        WriteKey("strict-key", "2", "shop", str(running.root), "Asia/Shanghai", consent=True),
    ])  # fmt: skip
    server.attributes, server.query = "", "?key=shop-key"
    time.sleep(2)
    yield server
    server.shutdown()
    server.server_close()


def test_events_of_a_page_are_counted_once_though_the_collector_dies(page, live, running):
    page.goto(f"{live.url}/?utm_source=weibo&utm_campaign=spring&gclid=g-1")
    page.evaluate("tilth.identify('u1'); for (let number = 0; number < 20; number++) tilth.track('look', {number})")
    assert len(running.events("look", 20)) == 20
    running.kill()
    page.evaluate("for (let number = 20; number < 40; number++) tilth.track('look', {number})")
    page.wait_for_timeout(1500)
    running.start()
    page.reload()
    running.events("look", 40)
    page.wait_for_timeout(3000)
    looks = running.events("look", 40)
    assert sorted(json.loads(text)["number"] for text in looks["properties"]) == list(range(40))
    assert set(looks["person"]) == {"u1"}
    view = running.events("page_view", 2).iloc[0]
    assert (view["channel"], view["campaign"], view["platform"]) == ("weibo", "spring", "web")
    assert json.loads(view["properties"])["gclid"] == "g-1"


def test_a_workspace_that_demands_consent(page, live, running):
    live.query = "?key=strict-key"
    page.goto(live.url)
    page.evaluate("tilth.track('early')")
    page.wait_for_timeout(800)
    assert (page.evaluate("tilth.consent()"), stored(page)) == ("unknown", NOTHING)
    page.evaluate("tilth.consent(true, {version: '1'}); tilth.track('late')")
    assert len(running.events("late", 1)) == 1
    assert len(running.events("early", 0, 1)) == 0
