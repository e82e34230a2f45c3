"""A site on one origin, and on another a collector that keeps what it is sent and answers as it is told."""

import json
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import tilth.collector
from tilth.collector.formats import segment

SCRIPT = Path(tilth.collector.__file__).parent / "web" / "built" / "tilth.js"


class Collector(ThreadingHTTPServer):
    """Keeps every request to it in `requests`; `answers` are given in their turn, then 200."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Ears)
        self.requests, self.answers, self.kept = [], [], threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}"

    @property
    def arrivals(self):
        """Messages of requests that were answered 200, in the order of arrival, repeats too."""
        return [one for request in list(self.requests) if request["status"] == 200 for one in request["body"]["batch"]]

    @property
    def messages(self):
        """Messages without repeats, which a collector recognises by their ids."""
        return list({one["messageId"]: one for one in reversed(self.arrivals)}.values())[::-1]

    def events(self, name):
        return named(name, self.messages)

    def wait(self, name, count=1, seconds=10):
        """Return the messages of this name once there are `count` of them."""
        until = time.monotonic() + seconds
        while len(self.events(name)) < count:
            assert time.monotonic() < until, f"{count} {name} expected, arrived: {[one.get('event', one['type']) for one in self.messages]}"
            time.sleep(0.05)
        return self.events(name)


class Ears(BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with self.server.kept:
            status, headers = self.server.answers.pop(0) if self.server.answers else (200, {})
            record = {"path": self.path, "type": self.headers["Content-Type"], "text": text, "body": json.loads(text)}
            self.server.requests.append({**record, "status": status, "at": time.monotonic()})
        self.answer(status, b"{}", {"Content-Type": "application/json", **headers})

    def do_GET(self):
        demand = b"required" if "key=strict-key" in self.path else b""
        script = SCRIPT.read_bytes().replace(b"@consent", demand) if self.path.startswith("/tilth.js") else b""
        self.answer(200 if script else 404, script, {"Content-Type": "text/javascript"})

    def do_OPTIONS(self):
        with self.server.kept:
            self.server.requests.append({"path": self.path, "type": "preflight", "text": "", "body": {"batch": []}, "status": 405})
        self.answer(405, b"", {})

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Shop(ThreadingHTTPServer):
    """Serves the pages that a test puts into `pages`: the body's HTML by path; `tag` is what loads the script."""

    daemon_threads = True

    def __init__(self, collector):
        super().__init__(("127.0.0.1", 0), Pages)
        self.url = f"http://localhost:{self.server_port}"
        self.pages, self.policy = {"/": "<h1>茶</h1>"}, None
        self.attributes, self.collector, self.before, self.query = 'data-key="write-key"', collector, "", ""

    def page(self, path):
        tag = f'<script async src="{self.collector.url}/tilth.js{self.query}" {self.attributes}></script>'
        head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>茶铺</title>'
        return f'<!doctype html><html lang="zh"><head>{head}{self.before}{tag}</head><body>{self.pages[path]}</body></html>'


class Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.partition("?")[0]
        body = self.server.page(path).encode() if path in self.server.pages else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if self.server.policy:
            self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def named(name, messages):
    return [one for one in messages if one.get("event", one["type"]) == name]


def _serve(server):
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


@pytest.fixture
def collector():
    """Whatever a test made the browser send is also what the collector's own reader of this format takes without a fault."""
    server = _serve(Collector())
    yield server
    server.shutdown()
    server.server_close()
    for request in server.requests:
        assert request["type"].startswith("text/plain"), "anything but text asks first, by a preflight"
        read = segment.read("batch", request["text"].encode(), {}, datetime.now(UTC))
        assert (read.key, read.faults) in {("write-key", ()), ("strict-key", ())}


@pytest.fixture
def shop(collector):
    server = _serve(Shop(collector))
    yield server
    server.shutdown()
    server.server_close()


def stored(page):
    """What the site keeps in the browser, whatever kind of keeping it is."""
    return page.evaluate(
        "async () => [Object.keys(localStorage), Object.keys(sessionStorage), document.cookie, (await indexedDB.databases()).length]"
    )


NOTHING = [[], [], "", 0]
