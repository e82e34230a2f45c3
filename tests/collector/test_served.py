"""The collector and its loader as real processes, with the published clients, unmodified: what was acknowledged is in ``events`` once."""

import json
import random
import time
from collections import Counter

import pytest
from tests.collector.running import KEY, Client, Running, basic, track

from tilth.collector.formats import limits
from tilth.warehouse import index
from tilth.warehouse.workspace import Workspace


@pytest.fixture
def running(tmp_path):
    one = Running(tmp_path)
    yield one.start()
    one.stop()


@pytest.fixture
def without_loader(tmp_path):
    one = Running(tmp_path, behind=200_000, patience=1)
    one.collect()
    yield one
    one.stop()


def test_published_clients_and_an_image_are_counted_soon(running):
    import sensorsanalytics
    from segment.analytics.client import Client as Segment

    faults = []
    segment = Segment(KEY, host=running.url, on_error=lambda error, _items: faults.append(error))
    for number in range(150):
        segment.track("s1", "Order Completed", {"number": number})
    segment.shutdown()
    sensors = sensorsanalytics.SensorsAnalytics(sensorsanalytics.BatchConsumer(f"{running.url}/sa?token={KEY}", 20))
    for number in range(50):
        sensors.track("s2", "ViewProduct", {"number": number}, is_login_id=True)
    sensors.flush()
    status, image, _headers = running.get(f"/pixel.gif?key={KEY}&event=opened&anonymous=s3")
    acknowledged = time.monotonic()
    assert (status, image[:6], faults) == (200, b"GIF89a", [])
    workspace = Workspace.open(running.root)
    while workspace.table("events").open() is None or int(index.opened(workspace).offsets[-1]) < 201:
        assert time.monotonic() - acknowledged < 10
        time.sleep(0.1)
    counted = Counter(event for (event,) in workspace.relation("events").project("event").fetchall())
    assert counted == {"Order Completed": 150, "ViewProduct": 50, "opened": 1}


def test_pages_ask_before_they_send_and_each_key_has_its_origins(running):
    status, _body, headers = running.get("/v1/batch", "OPTIONS", Origin="https://any.example")
    assert (status, headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert "Authorization" in headers["Access-Control-Allow-Headers"]
    running.publish(running.changed(origins=("https://shop.example",)), running.changed(key="key-2", id="2"))
    time.sleep(1)
    told = {
        (key, origin): running.post("/v1/batch", {"batch": [track("m")]}, Authorization=basic(key), Origin=origin)[0]
        for key in (KEY, "key-2")
        for origin in ("https://shop.example", "https://other.example", None)
    }
    assert [pair for pair, status in told.items() if status != 200] == [(KEY, "https://other.example")]
    assert told[KEY, "https://other.example"] == 403


def test_keys_are_rotated_and_revoked_without_a_restart(running):
    def status(key):
        return running.post("/v1/track", track(f"m-{key}-{time.monotonic()}"), Authorization=basic(key))[0]

    assert (status(KEY), status("key-2")) == (200, 401)
    running.publish(running.changed(key="key-2"), running.changed(until=time.time() + 2))
    time.sleep(1)
    assert (status(KEY), status("key-2")) == (200, 200)
    time.sleep(1.5)
    assert (status(KEY), status("key-2")) == (401, 200)
    running.publish()
    time.sleep(1)
    assert (status(KEY), status("key-2")) == (401, 401)


def test_what_is_too_large_is_refused_and_bad_items_are_told_with_their_places(running):
    assert running.post("/v1/batch", b'{"batch": [' + b" " * limits.SENT + b"]}")[0] == 413
    large = track("large", properties={"text": "x" * limits.ITEM})
    status, body, _headers = running.post("/v1/batch", {"batch": [track("good"), large, {"type": "track"}]})
    assert status == 200
    told = json.loads(body)
    assert [(one["index"], one["reason"]) for one in told["rejected"]] == [(1, "size"), (2, "missing")]
    assert set(running.loaded(1)) == {"good"}


def test_a_loader_that_is_behind_makes_clients_wait_and_come_again(without_loader):
    body = {"batch": [track(f"m{number}", properties={"text": "x" * 2000}) for number in range(150)]}
    assert without_loader.post("/v1/batch", body)[0] == 200
    time.sleep(1.1)
    began = time.monotonic()
    status, _body, headers = without_loader.post("/v1/batch", {"batch": [track("later")]})
    assert (status, headers["Retry-After"]) == (503, "10")
    assert time.monotonic() - began > 1
    without_loader.load()
    assert len(without_loader.loaded(150)) == 150
    for process in without_loader.collectors:  # its file is finished, so that it can be removed
        process.terminate()
        process.wait()
    time.sleep(1)
    without_loader.collect()
    assert without_loader.post("/v1/batch", {"batch": [track("later")]})[0] == 200
    assert without_loader.loaded(151) == Counter([*(f"m{number}" for number in range(150)), "later"])


def test_a_storm_of_kills_costs_nothing_that_was_acknowledged(running):
    """The short form of tests/soak/test_collector: two clients, 6,000 events, three kills of each process."""
    clients = [Client(running.ports, f"c{number}", 3000, 50) for number in range(2)]
    for client in clients:
        client.start()
    chance = random.Random(5)
    for _kill in range(3):
        time.sleep(chance.uniform(0.3, 1.2))
        running.kill(running.collectors[0])
        running.collect()
        time.sleep(chance.uniform(0.1, 0.6))
        running.kill(running.loader)
        running.load()
    for client in clients:
        client.join(60)
        assert client.fault is None
    acknowledged = set().union(*(client.acknowledged for client in clients))
    assert len(acknowledged) == 6000
    found = running.loaded(6000)
    assert set(found) == acknowledged
    assert set(found.values()) == {1}
