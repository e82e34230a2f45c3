"""Storms: nothing that was acknowledged is lost or counted twice, whatever is killed, fills up or is sent.

Each prints its figures: ``pytest -m soak -s tests/soak/test_collector.py``. ``TILTH_EVENTS`` and ``TILTH_MINUTES`` set other lengths.
"""

import os
import random
import subprocess
import time
import urllib.error
import urllib.request

import psutil
import pytest
from tests.collector.running import KEY, Client, Running, basic
from tests.soak.test_broken_payloads import damaged

EVENTS = int(os.environ.get("TILTH_EVENTS", "200000"))
MINUTES = float(os.environ.get("TILTH_MINUTES", "5"))
ROOM = 24 << 20  # bytes by which a served process may differ from itself: allocators keep some

pytestmark = pytest.mark.soak


def storm(running, clients, kill):
    """Let clients send while `kill` is called now and then; return what was acknowledged, how often it was killed and the seconds."""
    began, kills, chance = time.monotonic(), 0, random.Random(7)
    for client in clients:
        client.start()
    while any(client.is_alive() for client in clients):
        time.sleep(chance.uniform(0.3, 1.5))
        if any(client.is_alive() for client in clients):
            kill(chance)
            kills += 1
    for client in clients:
        assert client.fault is None
    return set().union(*(client.acknowledged for client in clients)), kills, time.monotonic() - began


def check(running, acknowledged, seconds=600):
    """Check that the events are what was acknowledged, once each; return the seconds that this took to become true."""
    began = time.monotonic()
    found = running.loaded(len(acknowledged), seconds)
    assert len(acknowledged - found.keys()) == 0
    assert found.keys() - acknowledged == set()
    assert set(found.values()) == {1}
    return time.monotonic() - began


def again(clients):
    return sum(client.again for client in clients)


def test_killed_at_random_moments(tmp_path):
    """Four clients; the collector and the loader killed with -9, alone or together."""
    running = Running(tmp_path).start()

    def kill(chance):
        which = chance.choice(["collector", "loader", "both"])
        if which != "loader":
            running.kill(running.collectors[0])
        if which != "collector":
            running.kill(running.loader)
            running.load()
        if which != "loader":
            running.collect()

    try:
        clients = [Client(running.ports, f"c{number}", EVENTS // 4, 20) for number in range(4)]
        acknowledged, kills, seconds = storm(running, clients, kill)
        assert len(acknowledged) == EVENTS // 4 * 4
        late = check(running, acknowledged)
        print(f"\n{len(acknowledged):,} events in {seconds:.0f} s, {kills} times killed, {again(clients)} sent again; all counted {late:.0f} s after")
    finally:
        running.stop()


def test_three_collectors_at_once(tmp_path):
    """Clients that go to another collector when theirs dies; half of all events are sent to two of them."""
    running = Running(tmp_path, instances=3).start()

    def kill(chance):
        number = chance.randrange(3)
        running.kill(running.collectors[number])
        running.collect(number)

    try:
        clients = [Client(running.ports[number % 3 :] + running.ports[: number % 3], f"c{number}", EVENTS // 16, 10) for number in range(4)]
        acknowledged, kills, seconds = storm(running, clients, kill)
        for client in clients[:2]:  # an answer that got lost: the same once more, at another collector
            client.ports = client.ports[1:]
            for begin in range(0, client.events, 50):
                client.send([f"{client.name_}-{number}" for number in range(begin, begin + 50)])
        late = check(running, acknowledged)
        time.sleep(6)
        check(running, acknowledged)
        print(f"\n{len(acknowledged):,} events in {seconds:.0f} s, {kills} times killed, {again(clients)} sent again; all counted {late:.0f} s after")
    finally:
        running.stop()


def test_a_disk_that_fills_up(tmp_path):
    """The workspace on a disk of 24 MB without a loader, until it is full; then the loader comes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted: {mounted.stderr.strip()}")
    running = Running(tmp_path, root=disk / "shop", reserve=1 << 30, patience=1)
    try:
        running.collect()
        clients = [Client(running.ports, f"c{number}", 100_000) for number in range(4)]
        for client in clients:
            client.start()
        until = time.monotonic() + 300
        while again(clients) < 8:
            assert time.monotonic() < until
            time.sleep(0.5)
        full = sum(len(client.acknowledged) for client in clients)
        assert 0 < full < 400_000
        running.load()
        for client in clients:
            client.events = 0
            client.join(600)
            assert client.fault is None
        acknowledged = set().union(*(client.acknowledged for client in clients))
        late = check(running, acknowledged)
        print(f"\n{full:,} events until it was full, {len(acknowledged):,} in the end, {again(clients)} sent again; all counted {late:.0f} s after")
    finally:
        running.stop()
        subprocess.run(["umount", disk], check=True)


def memory(process):
    """Return the bytes that a process and its workers have."""
    return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])


def test_broken_payloads_over_http_do_not_make_it_grow(tmp_path):
    """Only answers with a reason, whatever is sent, and the collector and the loader stay as large as they were."""
    running, chance = Running(tmp_path).start(), random.Random(5)
    statuses, silent, began, before = {}, [], time.monotonic(), None
    try:
        processes = [psutil.Process(running.collectors[0].pid), psutil.Process(running.loader.pid)]
        while (passed := time.monotonic() - began) < 60 * MINUTES:
            if before is None and passed > 15 * MINUTES:  # a quarter of the time to warm up
                before = list(map(memory, processes))
            path = chance.choice(["/v1/batch", "/v1/track", f"/sa?token={KEY}", "/v1/nonsense"])
            try:
                asked = urllib.request.Request(running.url + path, damaged(chance), {"Authorization": basic(KEY)})
                with urllib.request.urlopen(asked, timeout=30) as answer:
                    status = answer.status
                    answer.read()
            except urllib.error.HTTPError as refused:
                status, told = refused.code, refused.read()
                silent += [] if b'"message"' in told else [told]
            statuses[status] = statuses.get(status, 0) + 1
        after = list(map(memory, processes))
        assert [process.is_running() for process in processes] == [True, True]
        sizes = ", ".join(f"{a / 1e6:.0f} MB then {b / 1e6:.0f} MB" for a, b in zip(before, after, strict=True))
        print(f"\n{sum(statuses.values()):,} requests, answers {statuses}; collector and loader {sizes}")
        assert silent == []
        assert set(statuses) <= {200, 400, 413, 415}
        assert after[0] - before[0] < ROOM
        assert after[1] - before[1] < 4 * ROOM  # what repeats are recognised by grows with what arrives
        marker = Client(running.ports, "after", 100)
        marker.run()
        assert marker.acknowledged <= running.loaded(1 << 30, 20).keys()
    finally:
        running.stop()
