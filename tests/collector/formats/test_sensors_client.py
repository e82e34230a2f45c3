"""What `SensorsAnalyticsSDK` for Python, unmodified, posts: expectations are the arguments of its calls, and LIVE's rules for what they mean."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sensorsanalytics
from sensorsanalytics.sdk import SensorsAnalyticsIdentity

from tilth.collector.formats import sensors

RECEIVED = datetime(2026, 1, 31, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
pytestmark = pytest.mark.filterwarnings("ignore:isSet")  # the client's own


def read(recorder):
    return [sensors.read(request.body, request.headers, request.query, RECEIVED, SHANGHAI) for request in recorder.requests]


def only(recorder):
    (batch,) = read(recorder)
    assert batch.faults == ()
    ((_, call),) = batch.calls
    return call


CONSUMERS = {
    "default": sensorsanalytics.DefaultConsumer,
    "batch": sensorsanalytics.BatchConsumer,
    "async": lambda address: sensorsanalytics.AsyncBatchConsumer(address, flush_max_time=0.05),
    "debug": sensorsanalytics.DebugConsumer,
}


@pytest.fixture(params=CONSUMERS)
def client(recorder, request):
    return sensorsanalytics.SensorsAnalytics(CONSUMERS[request.param](f"{recorder.address}/sa?token=a-write-key"))


def identity(key: str, value: str) -> SensorsAnalyticsIdentity:
    return SensorsAnalyticsIdentity(key, value)


def test_track(client, recorder):
    client.track("u1", "pay", {"sum": 19.9, "$url": "https://shop.example/?a=1", "$utm_source": "weibo", "goods": ["女装"]}, is_login_id=True)
    client.close()
    call = only(recorder)
    assert (call.kind, call.event, call.ids) == ("event", "pay", (("user", "u1"),))
    assert {name: value for name, value in call.properties.items() if name[:4] != "$lib"} == {
        "sum": 19.9,
        "$url": "https://shop.example/?a=1",
        "$utm_source": "weibo",
        "goods": ["女装"],
    }
    assert abs(call.time - datetime.now(UTC)) < timedelta(minutes=1)
    assert call.context == {
        "url": "https://shop.example/?a=1",
        "utm": {"source": "weibo"},
        "library": "python " + sensorsanalytics.sdk.SDK_VERSION,
        "platform": "server",
    }


def test_where_in_the_program_it_was_called_is_not_kept(client, recorder):
    client.track("u1", "pay", {})
    client.close()
    assert __file__ not in repr(only(recorder))


def test_the_key_is_in_the_address(recorder):
    client = sensorsanalytics.SensorsAnalytics(sensorsanalytics.DefaultConsumer(f"{recorder.address}/sa?token=a-write-key"))
    client.track("u1", "pay")
    assert [batch.key for batch in read(recorder)] == ["a-write-key"]


def test_times_among_properties_are_of_the_workspace_s_zone_and_unpadded(client, recorder):
    client.track("u1", "pay", {"due": datetime(2026, 2, 1, 8, 5, 9, 7000), "$time": datetime(2026, 1, 31, 9)})
    client.close()
    assert only(recorder).properties["due"] == "2026-02-01T08:05:09.007+08:00"  # sent as ".7": seven milliseconds


def test_signing_up_joins_both_ids(client, recorder):
    client.track_signup("u1", "cookie-1", {"way": "phone"})
    client.close()
    call = only(recorder)
    assert (call.kind, call.event) == ("alias", "$SignUp")
    assert {("user", "u1"), ("anonymous", "cookie-1")} <= set(call.ids)
    assert call.properties["way"] == "phone"


@pytest.mark.parametrize(
    ("said", "given", "profile"),
    [
        ("profile_set", {"city": "杭州", "seen": 1}, {"set": {"city": "杭州", "seen": 1}}),
        ("profile_set_once", {"first": "a"}, {"set_once": {"first": "a"}}),
        ("profile_increment", {"games": 2}, {"increment": {"games": 2}}),
        ("profile_append", {"likes": ["tea"]}, {"append": {"likes": ["tea"]}}),
        ("profile_unset", ["city", "seen"], {"unset": ["city", "seen"]}),
    ],
)
def test_profiles(client, recorder, said, given, profile):
    getattr(client, said)("u1", deepcopy(given), is_login_id=True)  # the client writes into what it is given
    client.close()
    call = only(recorder)
    assert (call.kind, call.event, call.ids, call.properties, call.profile) == ("profile", None, (("user", "u1"),), {}, profile)


@pytest.mark.parametrize("said", ["profile_set", "profile_set_once", "profile_increment", "profile_append", "profile_unset"])
def test_profiles_by_identities(client, recorder, said):
    given = {"profile_increment": {"x": 1}, "profile_append": {"x": ["a"]}, "profile_unset": ["x"]}.get(said, {"x": "a"})
    getattr(client, f"{said}_by_id")(deepcopy(given), identity("$identity_mobile", "13800000000"), identity("$identity_login_id", "u1"))
    client.close()
    assert only(recorder).profile == {said.removeprefix("profile_"): given}
    assert set(only(recorder).ids) == {("phone", "13800000000"), ("user", "u1")}


def test_deleting_a_profile(client, recorder):
    client.profile_delete("u1", is_login_id=True)
    client.profile_delete_by_id(identity("$identity_email", "a@example.com"))
    client.close()
    calls = [call for batch in read(recorder) for _, call in batch.calls]
    assert [(call.profile, call.ids) for call in calls] == [({"delete": True}, (("user", "u1"),)), ({"delete": True}, (("email", "a@example.com"),))]


def test_things_are_nobody_s(client, recorder):
    client.item_set("book", "0321714113", {"price": 5, "name": "园艺"})
    client.item_delete("book", "0321714113")
    client.close()
    calls = [call for batch in read(recorder) for _, call in batch.calls]
    assert [(call.kind, call.ids, call.properties, call.profile) for call in calls] == [
        ("item", (), {"item_type": "book", "item_id": "0321714113"}, {"set": {"price": 5, "name": "园艺"}}),
        ("item", (), {"item_type": "book", "item_id": "0321714113"}, {"delete": True}),
    ]


def test_binding_and_unbinding(client, recorder):
    client.bind(identity("$identity_login_id", "u1"), identity("$identity_mobile", "13800000000"), identity("$identity_mp_wxab12_openid", "o-1"))
    client.unbind(identity("$identity_mobile", "13800000000"))
    client.close()
    calls = [call for batch in read(recorder) for _, call in batch.calls]
    assert [(call.kind, call.event, call.ids) for call in calls] == [
        ("bind", "$BindID", (("user", "u1"), ("phone", "13800000000"), ("openid:wxab12", "o-1"))),
        ("unbind", "$UnbindID", (("phone", "13800000000"),)),
    ]


def test_identities_without_a_login(client, recorder):
    """The client makes `distinct_id` of the first identity's kind and value; it is the same id, not a further one."""
    client.track_by_id("pay", {"sum": 1}, identity("$identity_mobile", "13800000000"), identity("my_card", "c7"))
    client.close()
    assert only(recorder).ids == (("phone", "13800000000"), ("my_card", "c7"))


def test_a_batch_keeps_its_order_and_a_resent_one_its_messages(recorder):
    client = sensorsanalytics.SensorsAnalytics(sensorsanalytics.BatchConsumer(f"{recorder.address}/sa", max_size=50))
    for number in range(50):
        client.track("u1", "pay", {"number": number})
    (batch,) = read(recorder)
    assert [call.properties["number"] for _, call in batch.calls] == list(range(50))
    assert len({call.message for _, call in batch.calls}) == 50
    again = sensors.read(recorder.requests[0].body, {}, {}, RECEIVED + timedelta(hours=1), SHANGHAI)
    assert [call.message for _, call in again.calls] == [call.message for _, call in batch.calls]


def test_what_json_does_not_know_costs_only_its_item(recorder):
    client = sensorsanalytics.SensorsAnalytics(sensorsanalytics.BatchConsumer(f"{recorder.address}/sa", max_size=3))
    for value in (1, float("nan"), 2):
        client.track("u1", "pay", {"sum": value})
    (batch,) = read(recorder)
    assert [(index, call.properties["sum"]) for index, call in batch.calls] == [(0, 1), (2, 2)]
    assert [(fault.index, fault.reason) for fault in batch.faults] == [(1, "number")]
