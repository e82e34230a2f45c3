"""What `segment-analytics-python`, unmodified, posts: expectations are the arguments that its calls were given."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from segment.analytics.client import Client

from tilth.collector.calls import Batch
from tilth.collector.formats import segment

RECEIVED = datetime(2026, 1, 31, 12, tzinfo=UTC)
NOON = datetime(2026, 1, 31, 20, 0, 0, 123000, tzinfo=timezone(timedelta(hours=8)))


def read(recorder) -> list[Batch]:
    assert {request.path for request in recorder.requests} == {"/v1/batch"}
    return [segment.read("batch", request.body, request.headers, RECEIVED) for request in recorder.requests]


@pytest.fixture(params=[False, True], ids=["plain", "gzip"])
def client(recorder, request):
    return Client("a-write-key", host=recorder.address, sync_mode=True, gzip=request.param)


def only(recorder):
    (batch,) = read(recorder)
    assert batch.faults == ()
    assert batch.key == "a-write-key"
    ((index, call),) = batch.calls
    assert index == 0
    return call


def test_track(client, recorder):
    client.track("u1", "pay", {"sum": 19.9, "goods": ["a", "b"], "note": None, "name": "女装"}, timestamp=NOON, message_id="m1")
    call = only(recorder)
    assert (call.message, call.kind, call.event, call.ids) == ("m1", "event", "pay", (("user", "u1"),))
    assert call.properties == {"sum": 19.9, "goods": ["a", "b"], "name": "女装"}
    assert call.time == NOON
    assert call.time.tzinfo is UTC
    assert abs(call.sent - datetime.now(UTC)) < timedelta(minutes=1)
    assert call.context["library"].startswith("analytics-python ")
    assert call.context["platform"] == "server"


def test_identify_makes_ids_of_contacts(client, recorder):
    client.identify("u1", {"email": "a@example.com", "phone": "13800000000", "level": 3}, anonymous_id="an1")
    call = only(recorder)
    assert (call.kind, call.event) == ("identify", None)
    assert set(call.ids) == {("user", "u1"), ("anonymous", "an1"), ("email", "a@example.com"), ("phone", "13800000000")}
    assert call.profile == {"set": {"email": "a@example.com", "phone": "13800000000", "level": 3}}


@pytest.mark.parametrize(("said", "event"), [("page", "page_view"), ("screen", "screen_view")])
def test_views(client, recorder, said, event):
    getattr(client, said)(anonymous_id="an1", category="goods", name="detail", properties={"url": "https://shop.example/g/1"})
    call = only(recorder)
    assert (call.kind, call.event, call.ids) == ("event", event, (("anonymous", "an1"),))
    assert call.properties == {"url": "https://shop.example/g/1", "name": "detail", "category": "goods"}
    assert call.context["url"] == "https://shop.example/g/1"


def test_group(client, recorder):
    client.group("u1", "g9", {"email": "office@example.com"})
    call = only(recorder)
    assert (call.kind, call.ids) == ("group", (("user", "u1"),))  # the address is the organisation's, no id of the person
    assert call.properties == {"group": "g9", "traits": {"email": "office@example.com"}}


def test_alias(client, recorder):
    client.alias("an1", "u1")
    assert only(recorder).kind == "alias"
    assert set(only(recorder).ids) == {("user", "u1"), ("anonymous", "an1")}


def test_numbers_as_ids(client, recorder):
    client.track(12345, "pay")
    assert only(recorder).ids == (("user", "12345"),)


def test_what_json_does_not_know_costs_only_its_item(recorder):
    client = Client("k", host=recorder.address, upload_interval=0.2)
    for number, value in enumerate([1, float("nan"), 2, float("inf"), 3]):
        client.track("u1", "pay", {"sum": value}, message_id=f"m{number}")
    client.shutdown()
    (batch,) = read(recorder)
    assert [(index, call.message) for index, call in batch.calls] == [(0, "m0"), (2, "m2"), (4, "m4")]
    assert [(fault.index, fault.reason, fault.where) for fault in batch.faults] == [(1, "number", "NaN"), (3, "number", "Infinity")]
    assert json.loads(batch.faults[0].raw)["messageId"] == "m1"
    assert batch.key == "k"


def test_the_largest_batches_that_it_builds_are_taken(recorder):
    """The client fills bodies up to its own limits (BATCH_SIZE_LIMIT, MAX_MSG_SIZE in its consumer): some 508,000 bytes, items of 32,768."""
    client = Client("k", host=recorder.address, upload_interval=2)
    room = 32_768 - len(json.dumps(client_message(recorder)).encode())
    for number in range(30):
        client.track("u1", "pay", {"x": "y" * (room - 60)}, message_id=f"m{number:03}")
    client.shutdown()
    batches = read(recorder)
    assert max(len(request.body) for request in recorder.requests) > 480_000
    assert [fault for batch in batches for fault in batch.faults] == []
    assert sum(len(batch.calls) for batch in batches) == 30


def client_message(recorder) -> dict[str, object]:
    """Return a message as the client queues it, to learn how much room is left for properties."""
    return Client("k", host=recorder.address, send=False).track("u1", "pay", {"x": ""}, message_id="m000")[1]
