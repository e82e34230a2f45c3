"""How many live events a second are on disk before they are acknowledged, beside what the machine can do at most, and how soon they are counted.

The limit is a bare loop in the same run, between the measurements: read the JSON of a request, append its bytes to a file, sync, and so on with the
next. The collector checks, answers and tells apart besides, over HTTP, with clients on the same two cores. Fails when batches of 100 do not reach 0.3
of the limit, or when it takes 10 seconds until what is acknowledged is counted.

    python benchmarks/bench_collector.py [--seconds 10] [--write]

``--write`` puts the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from behaviour.table import DOCS, head, row, short

from tilth.collector.keys import WriteKey, publish
from tilth.collector.serving import Place, commands
from tilth.warehouse import index
from tilth.warehouse.workspace import Workspace

KEY = "bench"
BODIES = 200  # different ones, sent in turn
LEAST, MOST_SECONDS = 0.3, 10.0
BEGIN, END = "<!-- collector -->", "<!-- end of collector -->"
WORDS = {
    "singles": ("单个请求，64 个客户端", "Single requests, 64 clients"),
    "batches": ("每批 100 个，16 个客户端", "Batches of 100, 16 clients"),
    "rate": ("事件/秒", "Events a second"),
    "limit": ("裸循环，事件/秒", "Bare loop, events a second"),
    "ratio": ("比值", "Ratio"),
    "half": ("p50，毫秒", "p50, ms"),
    "last": ("p99，毫秒", "p99, ms"),
    "counted": (
        "从应答到计入分析：最长 {seconds} 秒，上限 {most} 秒。",
        "From acknowledgement to being counted: {seconds} s at most, limit {most} s.",
    ),
    "least": ("每批 100 个的比值不低于 {least}。", "The ratio of batches of 100 is at least {least}."),
    "about": (
        "裸循环在同一次运行里测：解析 JSON、追加到文件、落盘，再下一个；它一次落盘只写一个请求，收集器一次写多个。{bytes} 字节一个事件。",
        "The bare loop, in the same run: parse JSON, append to a file, sync, next; it syncs every request by itself, the collector many at once."
        " {bytes} bytes an event.",
    ),
}


@dataclass(frozen=True)
class Measured:
    """Events a second of a kind of requests, the bare loop's, and how long a request took, in milliseconds."""

    rate: float
    limit: float
    half: float
    last: float

    @property
    def ratio(self) -> float:
        return self.rate / self.limit


def event(number: int) -> dict[str, Any]:
    """Return an event as the web library of Segment's sends one."""
    return {
        "type": "track",
        "event": "商品浏览",
        "messageId": f"ajs-next-{uuid.uuid4().hex}",
        "anonymousId": str(uuid.UUID(int=number * 7919)),
        "userId": f"u{number % 5000}",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "properties": {
            "product_id": f"SKU{number % 900}",
            "price": 129.5,
            "currency": "CNY",
            "category": "家居",
            "position": number % 40,
            "list": "首页",
        },
        "context": {
            "page": {"path": "/p/1", "referrer": "https://www.example.com/", "title": "商品", "url": f"https://shop.example.com/p/{number}?a=1"},
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            "library": {"name": "analytics.js", "version": "next-1.70.0"},
            "locale": "zh-CN",
            "campaign": {"source": "weibo", "name": "spring"},
        },
    }


def bodies(size: int) -> list[bytes]:
    """Return bodies of requests with `size` events, one without a list around it for 1."""
    made = [[event(turn * size + number) for number in range(size)] for turn in range(BODIES)]
    sent = datetime.now(UTC).isoformat()
    return [json.dumps({"batch": one, "sentAt": sent} if size > 1 else one[0], ensure_ascii=False).encode() for one in made]


def bare(folder: Path, given: list[bytes], size: int, seconds: float) -> float:
    """Return the events a second of a loop that reads, appends and syncs."""
    count, began = 0, time.perf_counter()
    with (folder / "bare").open("ab", buffering=0) as out:
        while time.perf_counter() - began < seconds:
            body = given[count % len(given)]
            json.loads(body)
            out.write(body)
            os.fdatasync(out.fileno())
            count += 1
    return count * size / (time.perf_counter() - began)


async def client(port: int, raw: list[bytes], until: float, took: list[float], begin: int) -> None:
    """Send one request after the other over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    number = begin
    while (now := time.perf_counter()) < until:
        writer.write(raw[number % len(raw)])
        head_ = await reader.readuntil(b"\r\n\r\n")
        assert head_.startswith(b"HTTP/1.1 200"), head_
        length = next(int(line[15:]) for line in head_.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        answer = await reader.readexactly(length)
        assert b'"index"' not in answer, answer
        took.append(time.perf_counter() - now)
        number += 1
    writer.close()


async def driven(port: int, given: list[bytes], path: str, clients: int, seconds: float) -> tuple[float, list[float]]:
    """Return requests a second, and what each took."""
    basic = base64.b64encode(f"{KEY}:".encode()).decode()
    lines = "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    raw = [lines.format(path=path, basic=basic, length=len(body)).encode() + body for body in given]
    took: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(*(client(port, raw, began + seconds, took, number * 13) for number in range(clients)))
    return len(took) / (time.perf_counter() - began), sorted(took)


def measured(folder: Path, port: int, path: str, size: int, clients: int, seconds: float) -> Measured:
    given = bodies(size)
    asyncio.run(driven(port, given, path, clients, 1.0))
    before = bare(folder, given, size, seconds / 2)
    requests, took = asyncio.run(driven(port, given, path, clients, seconds))
    limit = statistics.mean([before, bare(folder, given, size, seconds / 2)])
    return Measured(requests * size, limit, 1000 * took[len(took) // 2], 1000 * took[int(len(took) * 0.99)])


def counted(root: Path, port: int) -> float:
    """Return the longest time from an acknowledgement until the events are counted, in twenty tries at different moments of the loader's pace."""
    longest, known = 0.0, rows(root)
    for body in bodies(100)[:20]:
        once(port, body)
        began, known = time.perf_counter(), known + 100
        while rows(root) < known:
            time.sleep(0.05)
        longest = max(longest, time.perf_counter() - began)
        time.sleep(0.37)
    return longest


def rows(root: Path) -> int:
    """Return the events that questions are answered from."""
    return int(index.opened(Workspace.open(root)).offsets[-1])


def once(port: int, body: bytes) -> None:
    """Send one batch."""
    basic = base64.b64encode(f"{KEY}:".encode()).decode()
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/v1/batch", body, {"Authorization": f"Basic {basic}"})
    urllib.request.urlopen(asked).close()


def started(home: Path, port: int, **which: bool) -> list[subprocess.Popen[bytes]]:
    environment = {**os.environ, "TILTH_HOME": str(home), "TILTH_COLLECTOR_BEHIND": str(1 << 40)}
    running = [subprocess.Popen(command, env=environment, start_new_session=True) for command in commands(Place(port=port), **which)]
    while which.get("answering", True):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    return running


def ended(running: list[subprocess.Popen[bytes]]) -> None:
    for process in running:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def table(found: dict[str, Measured], seconds: float, bytes_: int, language: int) -> str:
    said = {name: words[language] for name, words in WORDS.items()}
    lines = [said["about"].format(bytes=bytes_), ""]
    lines += head("", *(said[name] for name in ("rate", "limit", "ratio", "half", "last")))
    for name, one in found.items():
        lines.append(row(said[name], f"{one.rate:,.0f}", f"{one.limit:,.0f}", f"{one.ratio:.2f}", short(one.half), short(one.last)))
    ends = said["least"].format(least=LEAST), said["counted"].format(seconds=short(seconds), most=f"{MOST_SECONDS:.0f}")
    lines += ["", " ".join(ends) if language else "".join(ends)]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    os.environ |= {"TILTH_CORES": "2"}
    with tempfile.TemporaryDirectory(prefix="tilth-bench-") as name, socket.socket() as probe:
        folder, root = Path(name), Path(name) / "shop"
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        Workspace.create(root)
        publish(folder / "collector" / "keys.json", [WriteKey(KEY, "1", "shop", str(root), "Asia/Shanghai")])
        os.environ["TILTH_HOME"] = name
        running = started(folder, port, loading=False)
        try:
            found = {
                "singles": measured(folder, port, "/v1/track", 1, 64, given.seconds),
                "batches": measured(folder, port, "/v1/batch", 100, 16, given.seconds),
            }
        finally:
            ended(running)
        for file in (root / "incoming").rglob("*.log"):
            file.unlink()  # what the loader would take minutes for is no part of how long an event waits
        running = started(folder, port)
        try:
            once(port, bodies(100)[0])
            while Workspace.open(root).table_version("events") < 1 or rows(root) == 0:
                time.sleep(0.2)
            seconds = counted(root, port)
        finally:
            ended(running)
    size = len(bodies(100)[0]) // 100
    print(table(found, seconds, size, language=1))
    if given.write:
        for language, file in enumerate((DOCS / "benchmarks.md", DOCS / "benchmarks.en.md")):
            before, _begin, rest = file.read_text("utf-8").partition(BEGIN)
            _old, _end, after = rest.partition(END)
            file.write_text(f"{before}{BEGIN}\n{table(found, seconds, size, language)}\n{END}{after}", "utf-8")
    return 0 if found["batches"].ratio >= LEAST and seconds < MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
