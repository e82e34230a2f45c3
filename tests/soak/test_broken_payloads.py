"""Ten minutes of broken payloads do not make a collector grow.

Expectation: a process that has seen everything once needs no more memory afterwards. Prints its figures:
``pytest -m soak -s tests/soak/test_broken_payloads.py``; ``TILTH_MINUTES`` sets another length.
"""

from __future__ import annotations

import base64
import gc
import gzip
import os
import random
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psutil
import pytest

from tilth.collector.calls import Unreadable
from tilth.collector.formats import segment, sensors

CORPUS = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "collector" / "broken").iterdir())]
PIECES = [b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\\u", b"\\ud83d", b"NaN", b"1e999", b"null", b"\0", b"\xff", b'{"a":' * 50, b"[" * 50]
ROOM = 8 << 20  # bytes by which a process may differ from itself
SHANGHAI = ZoneInfo("Asia/Shanghai")


def damaged(chance: random.Random) -> bytes:
    """Return one of the corpus, cut, joined with another or with pieces put in, and sometimes packed again."""
    body = bytearray(chance.choice(CORPUS))
    for _ in range(chance.randrange(6)):
        at = chance.randrange(len(body) + 1)
        body[at : at + chance.randrange(40)] = chance.choice(PIECES) if chance.random() < 0.8 else chance.randbytes(chance.randrange(20))
    if chance.random() < 0.2:
        body += chance.choice(CORPUS)
    kind = chance.random()
    if kind < 0.2:
        return gzip.compress(body)[: chance.choice([None, None, 100])]
    return f"data_list={quote(base64.b64encode(gzip.compress(body)).decode())}".encode() if kind < 0.4 else bytes(body)


def told(body: bytes) -> int:
    """Return how many items were answered, or 0 if the request was refused."""
    answered = 0
    now = datetime.now(UTC)
    with suppress(Unreadable):
        batch = segment.read("batch", body, {}, now)
        answered += len(batch.calls) + len(batch.faults)
    with suppress(Unreadable):
        batch = sensors.read(body, {}, {}, now, SHANGHAI)
        answered += len(batch.calls) + len(batch.faults)
    return answered


def memory() -> int:
    gc.collect()
    return psutil.Process().memory_info().rss


@pytest.mark.soak
def test_broken_payloads_do_not_make_it_grow():
    chance = random.Random(5)
    for _ in range(3000):
        told(damaged(chance))
    began, before, requests, items = time.monotonic(), memory(), 0, 0
    while time.monotonic() - began < 60 * float(os.environ.get("TILTH_MINUTES", "10")):
        requests, items = requests + 1, items + told(damaged(chance))
    after = memory()
    print(f"\n{requests:,} requests, {items:,} items told, {before / 1e6:.0f} MB before, {after / 1e6:.0f} MB after")
    assert items > requests / 10
    assert after - before < ROOM
