"""Shapes of clients that do not run here (browsers, mini programs, Java, Android), as LIVE records them; expectations are LIVE's rules."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote
from zoneinfo import ZoneInfo

import pytest

from tilth.collector.calls import Unreadable
from tilth.collector.formats import segment, sensors

RECEIVED = datetime(2026, 1, 31, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = 1769860800000

WEB = {
    "identities": {"$identity_cookie_id": "19c1-cookie", "$identity_login_id": "u1"},
    "distinct_id": "u1",
    "login_id": "u1",
    "anonymous_id": "19c1-cookie",
    "lib": {"$lib": "js", "$lib_method": "code", "$lib_version": "1.25.14"},
    "properties": {
        "$timezone_offset": -480,
        "$screen_height": 900,
        "$screen_width": 1440,
        "$lib": "js",
        "$url": "https://shop.example/a",
        "$url_path": "/a",
        "$title": "甲",
        "$is_login_id": True,
        "$latest_utm_source": "weibo",
    },
    "type": "track",
    "event": "$pageview",
    "time": NOON,
    "_track_id": 434712345,
    "_flush_time": NOON + 5,
}
MINI = {
    "distinct_id": "o-77",
    "identities": {"$identity_mp_id": "177-mp", "$identity_mp_wxab12_openid": "o-77", "$identity_mp_unionid": "un-1"},
    "lib": {"$lib": "MiniProgram", "$lib_method": "code", "$lib_version": "1.19.0"},
    "properties": {"$os": "iOS", "$os_version": "17.1", "$model": "iPhone15,2", "$url_path": "pages/index", "$scene": "wx-1001"},
    "anonymous_id": "177-mp",
    "type": "track",
    "event": "$MPViewScreen",
    "time": NOON,
    "_track_id": 55812345,
    "_flush_time": NOON,
}
JAVA = {
    "_track_id": -1734561234,
    "distinct_id": "u1",
    "event": "pay",
    "lib": {"$lib": "Java", "$lib_method": "code", "$lib_version": "3.4.5", "$lib_detail": "Shop##pay##/srv/app/Shop.java##12"},
    "properties": {"$is_login_id": True, "$lib": "Java", "due": "2026-02-01 08:05:09.7", "paid": "2026-02-01 08:05:09"},
    "time": NOON,
    "type": "track",
}


def based(value: object) -> str:
    return base64.b64encode(json.dumps(value, ensure_ascii=False).encode()).decode()


def posted(body: str):
    return sensors.read(body.encode(), {}, {"project": "default", "token": "k"}, RECEIVED, SHANGHAI)


def only(batch):
    assert batch.faults == ()
    ((_, call),) = batch.calls
    return call


def test_a_browser_posts_a_checksum_beside_the_data():
    data = based(WEB)
    call = only(posted(f"data={quote(data)}&ext={quote('crc=-1234567')}"))
    assert call.ids == (("anonymous", "19c1-cookie"), ("user", "u1"))
    assert call.event == "$pageview"
    assert "$is_login_id" not in call.properties
    assert (call.time.timestamp(), call.sent.timestamp()) == (NOON / 1000, NOON / 1000 + 0.005)
    assert call.context == {
        "url": "https://shop.example/a",
        "path": "/a",
        "title": "甲",
        "screen": {"width": 1440, "height": 900},
        "library": "js 1.25.14",
        "platform": "web",
    }


def test_a_browser_asks_for_a_picture():
    address = f"project=default&token=k&data={quote(based(WEB))}&ext=crc%3D-1234567"
    batch = sensors.read(b"", {}, dict(parse_qsl(address)), RECEIVED, SHANGHAI)
    assert batch.key == "k"
    assert only(batch).event == "$pageview"


@pytest.mark.parametrize("content", ["", "text/plain;charset=UTF-8", "application/json"])
def test_a_mini_program_posts_a_form_whatever_it_calls_it(content):
    body = f"data_list={quote(based([MINI, MINI]))}".encode()
    batch = sensors.read(body, {"content-type": content}, {}, RECEIVED, SHANGHAI)
    assert len(batch.calls) == 2
    call = batch.calls[0][1]
    assert call.ids == (("anonymous", "177-mp"), ("openid:wxab12", "o-77"), ("unionid", "un-1"))
    assert (call.context["platform"], call.context["os"], call.context["device"]) == ("mini_program", "iOS 17.1", "iPhone15,2")


def test_java_posts_gzip_and_the_bytes_tell():
    packed = base64.b64encode(gzip.compress(json.dumps([JAVA]).encode())).decode()
    for form in (f"gzip=1&data_list={quote(packed)}", f"gzip=0&data_list={quote(packed)}", f"data_list={packed.replace('+', ' ')}"):
        call = only(posted(form))
        assert call.ids == (("user", "u1"),)
        assert call.properties["due"] == "2026-02-01T08:05:09.007+08:00"
        assert call.properties["paid"] == "2026-02-01T08:05:09.000+08:00"
        assert "Shop.java" not in repr(call)


@pytest.mark.parametrize("body", ["{}", "data={}", "data_list=[{}]"])
def test_data_may_stand_there_as_they_are(body):
    item = '{"type": "track", "event": "支付", "distinct_id": "甲", "time": 1769860800000}'
    assert only(posted(body.format(item) if body != "{}" else item)).event == "支付"


def test_data_in_the_address_of_a_post():
    batch = sensors.read(b"gzip=0&token=other", {}, {"token": "k", "data": based(JAVA)}, RECEIVED, SHANGHAI)
    assert (only(batch).event, batch.key) == ("pay", "k")


def test_base64_for_addresses():
    item = {"type": "track", "event": "???>>>", "distinct_id": "~~~", "time": NOON}
    data = base64.urlsafe_b64encode(json.dumps(item).encode()).decode()
    assert {"-", "_"} & set(data)
    assert only(posted(f"data={data.rstrip('=')}")).event == "???>>>"


def test_a_signed_up_id_goes_on_to_be_sent_without_a_flag():
    signed = only(posted(f"data={quote(based({'type': 'track_signup', 'distinct_id': 'u1', 'original_id': 'c1', 'time': NOON}))}"))
    assert signed.ids == (("user", "u1"), ("anonymous", "u1"), ("anonymous", "c1"))
    known = {"$identity_login_id": "u1", "$identity_cookie_id": "c1"}
    signed = {"type": "track_signup", "distinct_id": "u1", "original_id": "c1", "time": NOON, "identities": known}
    assert only(posted(f"data={quote(based(signed))}")).ids == (("user", "u1"), ("anonymous", "c1"))


def test_a_repeat_is_recognised_when_it_is_sent_again_later():
    first, again = (only(posted(f"data={quote(based({**WEB, '_flush_time': NOON + late}))}")) for late in (5, 60_000))
    assert first.message == again.message
    untracked = {name: value for name, value in WEB.items() if name != "_track_id"}
    first, again = (only(posted(f"data={quote(based({**untracked, '_flush_time': NOON + late}))}")) for late in (5, 60_000))
    assert first.message == again.message
    other = only(posted(f"data={quote(based({**WEB, 'time': NOON + 1}))}"))
    assert other.message not in (first.message, only(posted(f"data={quote(based(WEB))}")).message)


@pytest.mark.parametrize(
    ("item", "ids"),
    [
        ({"distinct_id": "c1"}, {("anonymous", "c1")}),
        ({"distinct_id": "u1", "properties": {"$is_login_id": True}}, {("user", "u1")}),
        ({"distinct_id": "u1", "login_id": "u1", "anonymous_id": "c1"}, {("user", "u1"), ("anonymous", "c1")}),
        ({"distinct_id": "$identity_mobile+13800000000"}, {("phone", "13800000000")}),
        ({"distinct_id": "$identity_email+a@e.cn", "identities": {"$identity_email": "a@e.cn"}}, {("email", "a@e.cn")}),
        ({"distinct_id": "a+b", "identities": {"$identity_login_id": "u1"}}, {("user", "u1"), ("anonymous", "a+b")}),
        ({"distinct_id": "card+7", "identities": {"card": "7"}}, {("card", "7")}),
        ({"identities": {"$identity_mobile": ["138", "139"]}}, {("phone", "138"), ("phone", "139")}),
        ({"distinct_id": 42, "properties": {"$is_login_id": True}}, {("user", "42")}),
        ({"distinct_id": "x", "identities": {"$identity_android_id": "x", "$identity_mp_openid": "o"}}, {("device", "x"), ("openid", "o")}),
    ],
)
def test_whose_it_is(item, ids):
    assert set(only(posted(f"data={quote(based({'type': 'track', 'event': 'e', 'time': NOON, **item}))}")).ids) == ids


@pytest.mark.parametrize(
    ("item", "reason", "where"),
    [
        ({"type": "track", "event": "e", "time": NOON}, "missing", "distinct_id"),
        ({"type": "track", "distinct_id": "a", "time": NOON}, "missing", "event"),
        ({"type": "track", "event": "e", "distinct_id": "a", "time": "soon"}, "time", "time"),
        ({"type": "track", "event": "e", "distinct_id": "a", "time": 1e300}, "time", "time"),
        ({"type": "track", "event": "e", "distinct_id": {"a": 1}}, "type", "distinct_id"),
        ({"type": "track", "event": "e", "distinct_id": True}, "type", "distinct_id"),
        ({"type": "track", "event": "e" * 256, "distinct_id": "a"}, "size", "event"),
        ({"type": "track", "event": "e", "distinct_id": "a", "properties": []}, "type", "properties"),
        ({"type": "track", "event": "e", "distinct_id": "a", "properties": {"": 1}}, "size", "properties"),
        ({"type": "track", "event": "e", "distinct_id": "a", "properties": {f"p{n}": n for n in range(1001)}}, "size", "properties"),
        ({"type": "profile_increment", "distinct_id": "a", "properties": {"n": "1"}}, "type", "properties.n"),
        ({"type": "profile_append", "distinct_id": "a", "properties": {"n": "1"}}, "type", "properties.n"),
        ({"type": "track_signup", "distinct_id": "a"}, "missing", "original_id"),
        ({"type": "track_id_bind", "identities": {"$identity_login_id": "a"}}, "missing", "identities"),
        ({"type": "item_set", "item_type": "book"}, "missing", "item_id"),
        ({"type": "dance"}, "unknown", "type"),
        ({"pkv": 1, "ekey": "…", "payloads": "…"}, "unknown", "type"),
        (["a"], "type", ""),
        ("a", "type", ""),
    ],
)
def test_what_cannot_be_used_is_told_with_its_place(item, reason, where):
    batch = posted(f"data_list={quote(based([item, JAVA]))}")
    assert [index for index, _ in batch.calls] == [1]
    assert [(fault.index, fault.reason, fault.where) for fault in batch.faults] == [(0, reason, where)]
    assert batch.faults[0].raw == json.dumps(item, ensure_ascii=False)


BROWSER = {
    "timestamp": "2026-01-31T12:00:00.000Z",
    "integrations": {},
    "anonymousId": "an-1",
    "userId": None,
    "type": "page",
    "properties": {"path": "/a", "referrer": "", "search": "", "title": "甲", "url": "https://shop.example/a"},
    "context": {
        "page": {"path": "/a", "referrer": "", "search": "", "title": "甲", "url": "https://shop.example/a"},
        "userAgent": "Mozilla/5.0",
        "locale": "zh-CN",
        "library": {"name": "analytics.js", "version": "npm:next-1.70.0"},
        "campaign": {"name": "spring", "source": "weibo"},
        "timezone": "Asia/Shanghai",
        "sessionId": "s-9",
    },
    "messageId": "ajs-next-1",
    "writeKey": "a-write-key",
    "sentAt": "2026-01-31T12:00:01.000Z",
}


def test_analytics_js_posts_one_call_as_text():
    batch = segment.read("p", json.dumps(BROWSER).encode(), {"content-type": "text/plain"}, RECEIVED)
    assert batch.key == "a-write-key"
    call = only(batch)
    assert (call.message, call.event, call.ids) == ("ajs-next-1", "page_view", (("anonymous", "an-1"),))
    assert call.sent == datetime(2026, 1, 31, 12, 0, 1, tzinfo=UTC)
    assert call.context == {
        "url": "https://shop.example/a",
        "path": "/a",
        "title": "甲",
        "utm": {"campaign": "spring", "source": "weibo"},
        "user_agent": "Mozilla/5.0",
        "locale": "zh-CN",
        "timezone": "Asia/Shanghai",
        "library": "analytics.js npm:next-1.70.0",
        "platform": "web",
        "more": {"sessionId": "s-9"},
    }


def test_analytics_js_posts_a_list():
    body = {"batch": [BROWSER, BROWSER | {"type": "track", "event": "pay"}], "sentAt": "2026-01-31T12:00:02Z", "writeKey": "k2"}
    batch = segment.read("b", json.dumps(body).encode(), {}, RECEIVED)
    assert batch.key == "k2"
    assert [call.event for _, call in batch.calls] == ["page_view", "pay"]


@pytest.mark.parametrize(("path", "event"), [("track", "pay"), ("t", "pay"), ("page", "page_view"), ("s", "screen_view")])
def test_the_address_gives_the_type(path, event):
    assert only(segment.read(path, b'{"userId":"u1","event":"pay"}', {"authorization": "Basic azo="}, RECEIVED)).event == event


def test_the_key_of_basic_authorisation():
    assert segment.read("t", b'{"userId":"u1","event":"pay"}', {"authorization": "Basic azo="}, RECEIVED).key == "k"
    assert segment.basic("Basic ****") is None
    assert segment.basic("Bearer x") is None


def test_context_of_a_list_holds_for_its_items():
    body = {"batch": [{"type": "track", "event": "e", "userId": "u", "context": {"ip": "1.2.3.4"}}], "context": {"ip": "0.0.0.0", "locale": "zh-CN"}}
    context = only(segment.read("batch", json.dumps(body).encode(), {}, RECEIVED)).context
    assert (context["ip"], context["locale"]) == ("1.2.3.4", "zh-CN")


def test_an_app_s_ids():
    context = {
        "device": {"id": "d-1", "model": "Mi 14"},
        "traits": {"email": "a@e.cn"},
        "externalIds": [{"id": "un-1", "type": "unionid"}, {"id": "o-1", "type": "openid:wx1"}, {"id": "ad", "type": "android.id"}],
    }
    call = only(segment.read("t", json.dumps({"userId": "u1", "event": "pay", "context": context}).encode(), {}, RECEIVED))
    assert set(call.ids) == {("user", "u1"), ("email", "a@e.cn"), ("device", "d-1"), ("unionid", "un-1"), ("openid:wx1", "o-1"), ("device", "ad")}
    assert call.context["platform"] == "app"


def test_equal_calls_without_a_number_or_a_time_may_both_be_meant():
    body = b'{"userId":"u1","event":"pay"}'
    later = RECEIVED.replace(microsecond=1)
    assert only(segment.read("t", body, {}, RECEIVED)).message != only(segment.read("t", body, {}, later)).message
    both = segment.read(
        "batch", b'{"batch":[{"type":"track","userId":"u1","event":"pay"},{"type":"track","userId":"u1","event":"pay"}]}', {}, RECEIVED
    )
    assert len({call.message for _, call in both.calls}) == 2
    timed = b'{"userId":"u1","event":"pay","timestamp":"2026-01-31T11:00:00Z"}'
    assert only(segment.read("t", timed, {}, RECEIVED)).message == only(segment.read("t", timed, {}, later)).message


@pytest.mark.parametrize(
    ("item", "reason", "where"),
    [
        ({"type": "track", "event": "e"}, "missing", "userId"),
        ({"type": "track", "event": "e", "userId": ""}, "missing", "userId"),
        ({"type": "track", "userId": "u"}, "missing", "event"),
        ({"type": "track", "userId": "u", "event": 7}, "type", "event"),
        ({"type": "track", "userId": 1.5, "event": "e"}, "type", "userId"),
        ({"type": "track", "userId": "u", "event": "e", "timestamp": "yesterday"}, "time", "timestamp"),
        ({"type": "track", "userId": "u", "event": "e", "timestamp": "0001-01-01T00:00:00+23:00"}, "time", "timestamp"),
        ({"type": "track", "userId": "u", "event": "e", "context": "c"}, "type", "context"),
        ({"type": "identify", "userId": "u", "traits": [1]}, "type", "traits"),
        ({"type": "identify", "userId": "u", "traits": {"email": {}}}, "type", "traits.email"),
        ({"type": "group", "userId": "u"}, "missing", "groupId"),
        ({"type": "alias", "userId": "u"}, "missing", "previousId"),
        ({"type": "alias", "previousId": "u"}, "missing", "userId"),
        ({"userId": "u"}, "missing", "type"),
        ({"type": "dance", "userId": "u"}, "unknown", "type"),
        (None, "type", ""),
    ],
)
def test_what_segment_s_clients_may_send_wrong(item, reason, where):
    good = {"type": "track", "event": "e", "userId": "u"}
    batch = segment.read("batch", json.dumps({"batch": [good, item, good]}).encode(), {}, RECEIVED)
    assert [index for index, _ in batch.calls] == [0, 2]
    assert [(fault.index, fault.reason, fault.where) for fault in batch.faults] == [(1, reason, where)]


def test_there_is_no_other_address():
    with pytest.raises(Unreadable) as refused:
        segment.read("dance", b"{}", {}, RECEIVED)
    assert refused.value.status == 400
