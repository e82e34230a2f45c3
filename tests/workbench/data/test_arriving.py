"""Live events as pages show them: as they arrive, masked, with what was wrong and a mend that is good."""

import base64
import json
import time
from urllib.parse import urlencode

import pytest

from tilth.collector.loading import recent
from tilth.collector.loading.lag import lag
from tilth.collector.loading.loader import Loader
from tilth.collector.log import FOLDER, Log
from tilth.collector.requests import Request
from tilth.workbench.config import health
from tilth.workbench.data import arriving, mends
from tilth.workbench.data.actions import write_keys
from tilth.workbench.data.snippets import CLIENTS
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry

GOOD = {"type": "track", "event": "order_paid", "userId": "u_1001", "messageId": "1", "properties": {"value": 59, "邮箱": "ann@shop.example"}}
NAMED = {"type": "identify", "userId": "u_1001", "messageId": "2", "traits": {"phone": "13812346205", "name": "张丽海"}}
NO_EVENT = {"type": "track", "userId": "u_1002", "messageId": "3"}
NOBODY = {"type": "track", "event": "view", "userId": "null", "messageId": "4"}
LIVE = "/w/bare/data/live/"


@pytest.fixture
def shop(empty_workspace):
    with scope.use(empty_workspace):
        yield empty_workspace


@pytest.fixture
def key(shop, actor):
    return write_keys.create(actor("owner", shop), name="网页")


@pytest.fixture
def arrive(shop, key):
    """``arrive(item, …)`` is a batch on disk, as the collector writes it."""
    log = Log(shop.folder)

    def written(*items, received=None, key=key):
        body = json.dumps({"batch": items}).encode()
        log.write([Request("segment", "batch", received or time.time_ns() // 1000, body, key=str(key.pk)).packed()])

    yield written
    log.close()


def states(shop):
    return [(one.item.event, one.item.state) for one in arriving.latest(shop)]


def test_what_arrives_is_seen_before_it_is_loaded_and_after_once_each(arrive, shop):
    arrive(GOOD, NO_EVENT)
    assert sorted(states(shop)) == [("", "refused"), ("order_paid", "waiting")]
    loader = Loader(shop.facts)
    loader.turn()
    assert sorted(states(shop)) == [("", "refused"), ("order_paid", "loaded")]
    arrive(GOOD, NOBODY)
    loader.turn()
    assert sorted(states(shop)) == [("", "refused"), ("order_paid", "loaded"), ("order_paid", "repeated"), ("view", "refused")]
    view = next(one.item for one in arriving.latest(shop) if one.item.event == "view")
    assert reads(arriving.told(view)["mend"]).calls[0][1].ids == (("user", "u_1001"),)


def test_the_newest_comes_first_and_only_the_last_are_kept(arrive, shop):
    loader = Loader(shop.facts)
    for turn in range(3):
        arrive(*({**GOOD, "event": f"e{turn}", "messageId": f"{turn}-{n}"} for n in range(400)), received=1_700_000_000_000_000 + turn)
        loader.turn()
    seen = states(shop)
    assert len(seen) == recent.MOST
    assert [seen[0][0], seen[399][0], seen[400][0]] == ["e2", "e2", "e1"]


def test_a_loader_that_takes_over_keeps_what_the_one_before_kept_and_nobody_else_reads_it(arrive, shop):
    arrive(GOOD)
    Loader(shop.facts).turn()
    arrive({**GOOD, "messageId": "5"})
    Loader(shop.facts).turn()
    assert len(states(shop)) == 2
    assert (shop.folder / FOLDER / recent.FILE).stat().st_mode & 0o777 == 0o600


def test_a_line_that_another_version_wrote_is_left_out_and_stops_nothing(arrive, shop):
    arrive(GOOD)
    Loader(shop.facts).turn()
    file = shop.folder / FOLDER / recent.FILE
    file.write_text(file.read_text() + '{"what": 1}\n')
    assert states(shop) == [("order_paid", "loaded")]
    arrive({**GOOD, "messageId": "6"})
    Loader(shop.facts).turn()
    assert len(states(shop)) == 2


def test_what_waits_is_seen_by_whoever_watches_the_house(arrive, shop):
    assert lag(shop.facts).bytes == 0
    arrive(GOOD, received=time.time_ns() // 1000 - 300_000_000)
    assert lag(shop.facts).bytes > 0
    assert 299 < lag(shop.facts).seconds < 310
    assert "bare" in next(one for one in health.checks() if one.name == "collector").problem
    Loader(shop.facts).turn()
    assert (lag(shop.facts).bytes, lag(shop.facts).seconds) == (0, 0)
    assert next(one for one in health.checks() if one.name == "collector").ok


def test_pages_show_it_masked_and_filtered(arrive, shop, key, actor, client_as):
    other = write_keys.create(actor("owner", shop), name="收银")
    arrive(GOOD, NAMED)
    arrive(NO_EVENT, key=other)
    client = client_as("operator", shop)
    page = client.get(LIVE).content.decode()
    assert "order_paid" in page
    assert "138****6205" in page
    assert "缺少事件名" in page
    for full in ("13812346205", "ann@shop.example", "张丽海"):
        assert full not in page
    assert "order_paid" not in client.get(f"{LIVE}?key={other.pk}").content.decode().partition("<tbody>")[2]
    assert client.get(f"{LIVE}?bad=1").content.decode().count("<time ") == 1
    assert client.get(f"{LIVE}?event=order_paid").content.decode().count("<time ") == 1
    list_only = client.get(LIVE, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in list_only
    assert "order_paid" in list_only


def test_one_item_is_masked_until_somebody_who_may_asks_and_the_audit_notes_it(arrive, shop, client_as):
    arrive(NAMED, {**NO_EVENT, "properties": {"email": "bo@shop.example"}, "traits": {"姓名": "王小明"}})
    for one in arriving.latest(shop):
        address = f"{LIVE}items/{one.name}/"
        shown = client_as("manager", shop).get(address).content.decode()
        for full in ("13812346205", "张丽海", "bo@shop.example", "王小明"):
            assert full not in shown
        assert client_as("operator", shop).post(f"{address}full/").status_code == 403
        assert Entry.objects.filter(code="live.contact", key=one.name).count() == 0
        told = client_as("manager", shop).post(f"{address}full/").content.decode()
        assert ("张丽海" if one.item.kind else "bo@shop.example") in told
        assert Entry.objects.filter(code="live.contact", key=one.name).count() == 1


def test_who_sees_what_arrives(arrive, shop, client_as, role, outsider):
    arrive(GOOD)
    name = arriving.latest(shop)[0].name
    expected = 403 if role == "viewer" else 200
    for address in (LIVE, f"{LIVE}first/", f"{LIVE}items/{name}/"):
        assert client_as(role, shop).get(address).status_code == expected
        assert outsider.get(address).status_code == 404
    assert outsider.get(f"/w/rival/data/live/items/{name}/").status_code == 404


def test_the_first_event_is_waited_for_and_shown_with_what_is_wrong(arrive, shop, key, client_as):
    client = client_as("analyst", shop)
    for code in CLIENTS:
        page = client.get(f"{LIVE}first/?with={code}").content.decode()
        assert key.key in page
        assert "127.0.0.1:8001" in page
    since = time.time_ns() // 1000
    ask = f"{LIVE}first/?with=web&key={key.pk}&since={since}&poll=1"
    assert "等待第一个事件" in client.get(ask, headers={"HX-Request": "true"}).content.decode()
    arrive(NO_EVENT)
    shown = client.get(ask, headers={"HX-Request": "true"}).content.decode()
    assert "缺少事件名" in shown
    assert "等待第一个事件" not in shown


def test_without_a_key_the_page_offers_one_to_who_may_make_it(shop, client_as):
    assert 'name="platform" value="web"' in client_as("manager", shop).get(f"{LIVE}first/").content.decode()
    assert 'name="platform" value="web"' not in client_as("analyst", shop).get(f"{LIVE}first/").content.decode()


@pytest.mark.parametrize(
    "item",
    [
        {"type": "track", "userId": "u"},
        {"type": "track", "event": 5, "userId": "u"},
        {"type": "track", "event": "a" * 300, "userId": "u"},
        {"type": "track", "event": "e"},
        {"type": "track", "event": "e", "userId": {"id": 1}},
        {"type": "track", "event": "e", "userId": "u", "timestamp": "yesterday"},
        {"type": "track", "event": "e", "userId": "u", "properties": [1]},
        {"type": "track", "event": "e", "userId": "u", "properties": {"n": 10**30}},
        {"type": "track", "event": "e", "userId": "u", "properties": {"n": float("nan")}},
        {"type": "boo", "event": "e", "userId": "u"},
        {"event": "e", "userId": "u"},
        {"type": "group", "userId": "u"},
        {"type": "alias", "userId": "u"},
    ],
    ids=json.dumps,
)
def test_a_mend_is_good(item):
    """Whatever is wrong with it, the item as the page says it would be good is taken by the collector's own reading."""
    fault = reads(json.dumps(item)).faults[0]
    mend = mends.mended("segment", fault.raw, fault.reason, fault.where)
    assert mend is not None
    assert not reads(mend).faults
    assert len(reads(mend).calls) == 1


@pytest.mark.parametrize(
    ("format", "item"),
    [
        ("sensors", {"type": "track", "distinct_id": "u", "properties": {}}),
        ("sensors", {"type": "track", "event": "e", "properties": {}}),
        ("sensors", {"type": "track", "event": "e", "distinct_id": "u", "time": "soon"}),
        ("sensors", {"type": "profile_increment", "distinct_id": "u", "properties": {"n": "5"}}),
        ("sensors", {"type": "profile_append", "distinct_id": "u", "properties": {"n": "x"}}),
        ("sensors", {"type": "item_set", "item_type": "goods", "properties": {}}),
    ],
    ids=str,
)
def test_a_mend_of_another_client_is_good(format, item):
    def reads(text):
        return Request(format, "sa", time.time_ns() // 1000, form(text)).read("UTC")

    fault = reads(json.dumps(item)).faults[0]
    mend = mends.mended(format, fault.raw, fault.reason, fault.where)
    assert mend is not None
    assert not reads(mend).faults


@pytest.mark.parametrize("format", ["segment", "sensors"])
def test_what_was_nobodys_is_somebodys_when_it_is_mended(format):
    mend = mends.somebodys(format, "view", {"page": "home"})
    body = b'{"batch": [' + mend.encode() + b"]}" if format == "segment" else form(mend)
    _place, call = Request(format, "batch" if format == "segment" else "sa", time.time_ns() // 1000, body).read("UTC").calls[0]
    assert (call.event, call.properties["page"], call.ids[0][1]) == ("view", "home", "u_1001")


@pytest.mark.parametrize(
    "query", [{"event": "e"}, {"event": "e", "user": "u", "email": "a@b.example"}, {"event": "e", "user": "u", "time": "soon"}], ids=str
)
def test_a_mended_address_is_good(query):
    def reads(query):
        return Request("pixel", "pixel.gif", time.time_ns() // 1000, query=query).read("UTC")

    fault = reads(query).faults[0]
    mend = mends.mended("pixel", fault.raw, fault.reason, fault.where)
    assert not reads(dict(part.split("=", 1) for part in mend.split("&"))).faults


@pytest.mark.parametrize("raw", ['{"type": "track", "event": ', "x", "[1]", ""])
def test_what_cannot_be_mended_by_itself_has_no_mend(raw):
    assert mends.mended("segment", raw, "json", "") is None


def test_half_an_item_is_masked_too():
    assert arriving.masked_text('{"phone": "13812346205", "姓名": "王小明", "event": "e') == '{"phone": "138****6205", "姓名": "王**", "event": "e'


def reads(text):
    return Request("segment", "batch", time.time_ns() // 1000, b'{"batch": [' + text.encode() + b"]}").read("UTC")


def form(text):
    return urlencode({"data_list": base64.b64encode(f"[{text}]".encode()).decode()}).encode()
