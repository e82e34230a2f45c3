"""Payloads as broken clients, cut connections and attackers send them.

Expectations are the promise of the reference: a request of which nothing can be read is refused with a 4xx and a reason; otherwise the good items are
kept and each bad one is told, with its place. `tests/collector/broken` is the corpus; every list in it has good items around the bad one.
"""

from __future__ import annotations

import json
import time
import tracemalloc
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.collector.calls import Batch, Unreadable
from tilth.collector.formats import limits, pixel, segment, sensors

RECEIVED = datetime(2026, 1, 31, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
CORPUS = Path(__file__).parent.parent / "broken"

REFUSED = {
    "segment-gzip-cut.gz": 400,
    "segment-gzip-cut-before-its-sum.gz": 400,
    "segment-gzip-wrong-sum.gz": 400,
    "segment-gzip-and-more.gz": 400,
    "segment-gzip-head-only.gz": 400,
    "segment-gzip-twice.gz": 400,
    "segment-gzip-bomb.gz": 413,
    "segment-utf16.json": 400,
    "segment-2001-items.json": 413,
    "segment-body-empty.json": 400,
    "segment-body-number.json": 400,
    "segment-body-text.json": 400,
    "segment-body-html.json": 400,
    "segment-body-no-list.json": 400,
    "segment-body-list-is-null.json": 400,
    "segment-body-list-is-an-object.json": 400,
    "segment-body-cut-before-the-list.json": 400,
    "segment-body-form.json": 400,
    "sensors-gzip-cut.form": 400,
    "sensors-gzip-bomb.form": 413,
    "sensors-not-base64.form": 400,
    "sensors-base64-of-nothing.form": 400,
    "sensors-base64-twice.form": 400,
    "sensors-without-data.form": 400,
    "sensors-empty.form": 400,
    "sensors-many-fields.form": 400,
    "sensors-bad-percent.form": 400,
    "sensors-html.form": 400,
    "sensors-one-number.form": 400,
}
WHOLE = {  # unusual, and nothing wrong with it: how many items are good
    "segment-gzip-of-members.gz": 3,
    "segment-bom.json": 3,
    "segment-nan-beside-the-list.json": 3,
    "segment-sentAt-is-nonsense.json": 3,
    "segment-rubbish-after-the-list.json": 3,
    "segment-two-lists.json": 2,
    "segment-cut-between-items.json": 1,
    "segment-cut-after-an-item.json": 1,
    "segment-body-list-is-empty.json": 0,
    "sensors-good.form": 3,
}
CUT = {  # the end is missing: how many items before it are good
    "segment-cut-in-an-item.json": 2,
    "segment-string-without-end.json": 1,
    "segment-brackets-without-end.json": 1,
    "sensors-base64-cut.form": 1,
}
NUMBERS = {"nan", "infinity", "beyond-double", "whole-of-30-digits", "whole-of-5000-digits", "fraction-of-5000-digits"}
OTHERS = {"33-kilobytes": "size", "33-kilobytes-of-hanzi": "size", "is-a-number": "type", "wrong-types": "type", "encrypted": "unknown"}


def read(name: str, body: bytes) -> Batch:
    return segment.read("batch", body, {}, RECEIVED) if name.startswith("segment") else sensors.read(body, {}, {}, RECEIVED, SHANGHAI)


def kept(batch: Batch) -> None:
    """Hold what is promised of every batch: each item is told once, and all of it can be written as UTF-8 and as JSON."""
    places = [index for index, _ in batch.calls] + [fault.index for fault in batch.faults]
    assert sorted(places) == list(range(len(places)))
    for _, call in batch.calls:
        json.dumps(asdict(call), ensure_ascii=False, allow_nan=False, default=datetime.isoformat).encode()
    for fault in batch.faults:
        fault.raw.encode()
        fault.where.encode()
        assert fault.text
        assert "\0" not in fault.raw


@pytest.mark.parametrize("name", sorted(path.name for path in CORPUS.iterdir()))
def test_corpus(name):
    body = (CORPUS / name).read_bytes()
    if name in REFUSED:
        with pytest.raises(Unreadable) as refused:
            read(name, body)
        assert refused.value.status == REFUSED[name]
        assert str(refused.value).endswith(".")
        return
    batch = read(name, body)
    kept(batch)
    if name in WHOLE:
        assert (len(batch.calls), batch.faults) == (WHOLE[name], ())
    elif name in CUT:
        assert [index for index, _ in batch.calls] == list(range(CUT[name]))
        assert [(fault.index, fault.reason) for fault in batch.faults] == [(CUT[name], "json")]
    else:  # a bad item, or several, between two good ones
        what = Path(name).stem.partition("item-")[2]
        assert [index for index, _ in batch.calls] == [0, len(batch.faults) + 1]
        assert {fault.reason for fault in batch.faults} == {"number" if what in NUMBERS else OTHERS.get(what, "json")}


def test_the_corpus_is_what_the_tables_say():
    assert {*REFUSED, *WHOLE, *CUT} <= {path.name for path in CORPUS.iterdir()}


SEGMENT = (
    "type event userId anonymousId previousId groupId properties traits context timestamp messageId sentAt page device externalIds batch writeKey"
)
SENSORS = (
    "type event distinct_id identities properties time lib _track_id _flush_time original_id item_type item_id login_id token $time $is_login_id $os"
)
names = st.sampled_from([*SEGMENT.split(), *SENSORS.split(), "campaign", "library", "screen", "email", "id", "name", "$lib"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=12)
    | st.text(st.characters(categories=["Cs", "Cc"]), max_size=3)
    | st.sampled_from(["track", "identify", "page", "group", "alias", "profile_set", "profile_append", "track_signup", "track_id_bind", "item_set"])
    | st.sampled_from(["2026-01-31 20:00:00.7", "$identity_mobile+138", "2026-01-31T12:00:00Z", "9999-12-31T23:59:59-23:59"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names | st.text(max_size=5), inner, max_size=6),
    max_leaves=25,
)
items = st.dictionaries(names, values, max_size=10) | values
GOOD = {"type": "track", "event": "e", "userId": "u", "distinct_id": "d", "messageId": "m"}


@settings(max_examples=150)
@given(st.lists(items, max_size=5), st.booleans())
def test_whatever_the_items_their_neighbours_are_kept(made, escaped):
    listed = [GOOD, *made, GOOD]
    text = json.dumps({"batch": listed, "writeKey": "k"}, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    for batch in (
        segment.read("batch", text, {}, RECEIVED),
        sensors.read(json.dumps(listed, ensure_ascii=escaped).encode("utf-8", "surrogatepass"), {}, {}, RECEIVED, SHANGHAI),
    ):
        kept(batch)
        assert len(batch.calls) + len(batch.faults) == len(listed)
        assert {0, len(listed) - 1} <= {index for index, _ in batch.calls}


@settings(max_examples=150)
@given(st.sampled_from([*segment.SINGLE, *segment.LISTS]), items)
def test_single_calls(endpoint, item):
    with suppress(Unreadable):
        kept(segment.read(endpoint, json.dumps(item).encode(), {}, RECEIVED))


@settings(max_examples=300)
@given(st.sampled_from([path.name for path in CORPUS.iterdir() if path.stat().st_size < 3000]), st.data())
def test_damaged_bytes_never_do_more_than_be_refused(name, data):
    body = bytearray((CORPUS / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(body) - 1, 0)))
        body[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=6) | st.sampled_from([b'"', b"{", b"]", b"\\", b",", b"}]"]))
    with suppress(Unreadable):
        kept(read(name, bytes(body)))


@settings(max_examples=300)
@given(st.binary(max_size=200) | st.text('{}[]",:\\ 1e-NaNu0d', max_size=60).map(str.encode), st.sampled_from(["", "gzip", "br"]))
def test_any_bytes(body, encoding):
    for endpoint in ("batch", "track"):
        with suppress(Unreadable):
            kept(segment.read(endpoint, body, {"content-encoding": encoding, "authorization": f"Basic {body[:9]!r}"}, RECEIVED))
    for query in ({}, {"data": body.decode("latin-1")}):
        with suppress(Unreadable):
            kept(sensors.read(body, {"content-encoding": encoding}, query, RECEIVED, SHANGHAI))


@given(st.dictionaries(names | st.sampled_from(["user", "key", "openid", "app", "phone"]) | st.text(), st.text(st.characters()), max_size=8))
def test_any_address(query):
    kept(pixel.read(query, RECEIVED, SHANGHAI))


def test_another_compression_is_named():
    with pytest.raises(Unreadable) as refused:
        segment.read("batch", b"\x8b\x02\x80", {"content-encoding": "br"}, RECEIVED)
    assert refused.value.status == 415


@pytest.mark.parametrize("over", [0, 1])
def test_the_longest_body(over):
    body = b'{"batch":[' + b" " * (limits.BODY - 12 + over) + b"]}"
    if over:
        with pytest.raises(Unreadable) as refused:
            read("segment", body)
        assert refused.value.status == 413
    else:
        assert read("segment", body).calls == ()


@pytest.mark.parametrize("over", [0, 1])
def test_the_longest_item(over):
    frame = '{"type":"track","event":"e","userId":"u","properties":{"a":"%s"}}'
    item = frame % ("x" * (limits.ITEM - len(frame) + 2 + over))
    batch = read("segment", b'{"batch":[%s]}' % item.encode())
    assert [fault.reason for fault in batch.faults] == ["size"] * over
    assert all(len(fault.raw) == limits.ITEM for fault in batch.faults)


def test_two_thousand_items():
    assert len(read("segment", b'{"batch":[' + b",".join([json.dumps(GOOD).encode()] * 2000) + b"]}").calls) == 2000


HALF = limits.BODY - 100
WORST = {
    "a string of escaped quotes without an end": '{"batch":[{"a":"' + '\\"' * (HALF // 2),
    "nothing but opening brackets": '{"batch":[' + "[" * HALF,
    "nothing but opening braces": '{"batch":[' + '{"a":' * (HALF // 5),
    "one number": '{"batch":[' + "9" * HALF + "]}",
    "one fraction": '{"batch":[0.' + "9" * HALF + "]}",
    "two thousand broken items": '{"batch":[' + ",".join(['{"a" 1' + " " * 240 + "}"] * 1999) + "]}",
    "two thousand deep items": '{"batch":[' + ",".join(["[" * 120 + "]" * 120] * 1999) + "]}",
    "names": '{"batch":[{' + ",".join(f'"{n:x}":1' for n in range(50_000)) + "}]}",
    "names beside the list": "{" + ",".join(f'"{n:x}":1' for n in range(50_000)) + "}",
    "empty lists": "{" + '"batch":[],' * (HALF // 11) + '"a":1}',
    "lists of one": "{" + '"batch":[1],' * 1990 + '"a":1}',
    "backslashes": '{"batch":[{"a":' + "\\" * HALF,
    "quotes": '{"batch":[{"a":' + '"' * HALF,
    "surrogates": '{"batch":[' + ",".join(['{"a":"' + "\\ud800" * 40 + '"}'] * 1999) + "]}",
}


@pytest.mark.parametrize("body", WORST.values(), ids=WORST.keys())
def test_the_worst_bodies_cost_little(body):
    """A second and 40 MB are generous for half a megabyte: anything that is not linear takes minutes."""
    body = body.encode()
    assert len(body) <= limits.BODY
    began = time.process_time()
    with suppress(Unreadable):
        kept(read("segment", body))
    assert time.process_time() - began < 2
    tracemalloc.start()
    try:
        with suppress(Unreadable):
            read("segment", body)
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()
