"""A collector and its loader as real processes, with a workspace, that can be killed and started again at the same address."""

import base64
import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import suppress
from dataclasses import replace

from tilth.collector.keys import WriteKey, publish
from tilth.collector.serving import Place, commands
from tilth.warehouse.workspace import Workspace

KEY = "key-1"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """Collectors at `ports`, and a loader."""

    def __init__(self, home, instances=1, root=None, **bounds):
        self.home, self.root = home, root or home / "shop"
        self.ports = [free_port() for _ in range(instances)]
        self.url = f"http://127.0.0.1:{self.ports[0]}"
        self.environment = {**os.environ, "TILTH_HOME": str(home)} | {f"TILTH_COLLECTOR_{name.upper()}": str(value) for name, value in bounds.items()}
        self.collectors, self.loader = [None] * instances, None
        self.key = WriteKey(KEY, "1", "shop", str(self.root), "Asia/Shanghai")
        Workspace.create(self.root)
        self.publish(self.key)

    def publish(self, *keys):
        publish(self.home / "collector" / "keys.json", keys)

    def changed(self, **how):
        return replace(self.key, **how)

    def collect(self, number=0):
        (command,) = commands(Place(port=self.ports[number]), loading=False)
        self.collectors[number] = subprocess.Popen(command, env=self.environment, start_new_session=True)
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.ports[number]}/healthz", timeout=2)
                return
            except OSError:
                assert time.monotonic() < until, "the collector did not start"
                time.sleep(0.1)

    def load(self):
        (command,) = commands(Place(), answering=False)
        self.loader = subprocess.Popen(command, env=self.environment, start_new_session=True, stderr=subprocess.DEVNULL)

    def start(self):
        for number in range(len(self.collectors)):
            self.collect(number)
        self.load()
        return self

    def kill(self, process):
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # its workers, too
            process.wait()

    def stop(self):
        for process in [*self.collectors, self.loader]:
            self.kill(process)

    def post(self, path, body, **headers):
        """Return status, body and headers of the answer to a request."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": basic(KEY), **{name.replace("_", "-"): value for name, value in headers.items() if value}}
        return self._asked(urllib.request.Request(self.url + path, data, headers))

    def get(self, path, method="GET", **headers):
        """Return the same for a request without a body."""
        return self._asked(urllib.request.Request(self.url + path, method=method, headers=headers))

    @staticmethod
    def _asked(asked):
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read(), refused.headers

    def messages(self):
        """Return how often each message is among the events."""
        if Workspace.open(self.root).table("events").open() is None:
            return Counter()
        found = Workspace.open(self.root).relation("events").project("json_extract_string(properties, '$.message_id')").fetchall()
        return Counter(message for (message,) in found)

    def loaded(self, count, seconds=40):
        """Return messages, once there are `count` of them or the time is over."""
        until = time.monotonic() + seconds
        while len(found := self.messages()) < count and time.monotonic() < until:
            time.sleep(0.2)
        return found


def basic(key):
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def track(message, **about):
    return {"type": "track", "event": "look", "messageId": message, "userId": "u1", **about}


class Client(threading.Thread):
    """Sends batches until each is acknowledged, trying again, at the next of some collectors, what is cut off or refused with 429 or 5xx."""

    def __init__(self, ports, name, events, size=100):
        super().__init__(daemon=True)
        self.ports, self.name_, self.events, self.size = ports, name, events, size
        self.acknowledged, self.again, self.fault = set(), 0, None

    def run(self):
        try:
            begin = 0
            while begin < self.events:  # which a test may lower meanwhile
                self.send([f"{self.name_}-{number}" for number in range(begin, min(begin + self.size, self.events))])
                begin += self.size
        except BaseException as fault:  # the test tells it
            self.fault = fault

    def send(self, messages):
        body, at = json.dumps({"batch": [track(message) for message in messages]}).encode(), 0
        while True:
            url = f"http://127.0.0.1:{self.ports[at % len(self.ports)]}/v1/batch"
            try:
                urllib.request.urlopen(urllib.request.Request(url, body, {"Authorization": basic(KEY)}), timeout=30).close()
                break
            except urllib.error.HTTPError as refused:
                if refused.code not in (429, 500, 502, 503, 504):
                    raise
            except OSError:
                pass
            self.again, at = self.again + 1, at + 1
            time.sleep(0.05)
        self.acknowledged |= set(messages)
