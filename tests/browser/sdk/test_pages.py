"""Page views, where they come from, and who looks."""

import re

import pytest

from .conftest import SCRIPT

INSIDE = {
    "/": "<a href='/second'>二</a>",
    "/second": "<h1>二</h1>",
}


@pytest.fixture
def app(shop):
    """An application that routes by itself and writes its title a moment later, as frameworks do."""
    shop.pages["/"] = """<script>
      function go(path, title) { history.pushState({}, '', path); setTimeout(() => { document.title = title }, 20) }
    </script>"""
    return shop


def paths(collector):
    return [one["properties"]["path"] for one in collector.events("page")]


def test_a_page_view_says_what_segments_clients_say(page, shop, collector):
    page.goto(
        f"{shop.url}/?utm_source=weibo&utm_medium=cpc&utm_campaign=double11&utm_term=tea&utm_content=a1&gclid=g-1&phone=13800138000#prices",
        referer="https://weibo.com/u/1?token=s3cret",
    )
    [view] = collector.wait("page")
    # https://segment.com/docs/connections/spec/page/: path, referrer, search, title, url
    properties = view["properties"]
    search = "?utm_source=weibo&utm_medium=cpc&utm_campaign=double11&utm_term=tea&utm_content=a1&gclid=g-1"
    assert properties["path"] == "/"
    assert properties["url"] == f"{shop.url}/{search}"
    assert properties["search"] == search, "what is neither a campaign's mark nor named by the site may be personal"
    assert properties["title"] == "茶铺"
    assert properties["referrer"] == "https://weibo.com/u/1"
    assert properties["gclid"] == "g-1"
    context = view["context"]
    assert context["campaign"] == {"source": "weibo", "medium": "cpc", "name": "double11", "term": "tea", "content": "a1"}
    assert context["clickIds"] == {"gclid": "g-1"}
    assert context["screen"] == {"width": 1440, "height": 900, "density": 1}
    assert (context["locale"], context["timezone"], context["library"]["name"]) == ("zh-CN", "Asia/Shanghai", "tilth.js")
    assert re.fullmatch(r"[0-9a-f]{32}", view["messageId"])
    assert "13800138000" not in str(collector.requests)
    assert "s3cret" not in str(collector.requests)


def test_parameters_that_the_site_names_are_kept(page, shop, collector):
    shop.attributes = 'data-key="write-key" data-query="goods, q"'
    page.goto(f"{shop.url}/?goods=18&q=%E9%BE%99%E4%BA%95&phone=1")
    [view] = collector.wait("page")
    assert view["properties"]["search"] == "?goods=18&q=%E9%BE%99%E4%BA%95"


def test_an_application_without_second_pages(page, app, collector):
    page.goto(app.url)
    collector.wait("page")
    page.evaluate("go('/goods/1', '龙井'); tilth.track('look')")
    collector.wait("page", 2)
    page.evaluate("go('/goods/2', '毛峰')")
    collector.wait("page", 3)
    page.go_back()
    views = collector.wait("page", 4)
    assert [(one["properties"]["path"], one["properties"]["title"]) for one in views[:3]] == [
        ("/", "茶铺"),
        ("/goods/1", "龙井"),
        ("/goods/2", "毛峰"),
    ]
    assert [one["properties"]["path"] for one in views] == ["/", "/goods/1", "/goods/2", "/goods/1"]
    assert [one["properties"]["referrer"].removeprefix(app.url) for one in views] == ["", "/", "/goods/1", "/goods/2"]
    assert collector.events("look")[0]["context"]["page"]["path"] == "/goods/1"
    assert len({one["properties"]["view"] for one in views}) == 4
    assert [one["timestamp"] for one in views] == sorted(one["timestamp"] for one in views)


def test_what_is_not_another_page(page, app, collector):
    page.goto(app.url)
    page.evaluate("history.replaceState({}, '', '/?filter=green'); history.pushState({}, '', location.href); location.hash = 'prices'")
    page.wait_for_timeout(600)
    assert paths(collector) == ["/"]


def test_routes_in_the_hash(page, app, collector):
    page.goto(f"{app.url}/#/home")
    collector.wait("page")
    page.evaluate("location.hash = '#/cart?phone=13800138000'")
    views = collector.wait("page", 2)
    assert [one["properties"]["url"].removeprefix(app.url) for one in views] == ["/#/home", "/#/cart"]


def test_a_page_out_of_the_browsers_memory_is_seen_again(page, shop, collector):
    shop.pages.update(INSIDE)
    page.goto(shop.url)
    collector.wait("page")
    page.locator("a").click()
    collector.wait("page", 2)
    page.go_back()
    collector.wait("page", 3)
    assert paths(collector) == ["/", "/second", "/"]


def test_a_session_ends_by_a_pause_longer_than_half_an_hour(page, shop, collector):
    page.clock.set_fixed_time("2026-03-01T23:50:00+08:00")
    page.goto(shop.url)
    collector.wait("page")
    for minutes, name in ((30, "exactly"), (30.001, "longer"), (1, "after")):
        last = page.evaluate("JSON.parse(localStorage['tilth:write-key:session']).last")
        page.clock.set_fixed_time(last / 1000 + minutes * 60)
        page.evaluate(f"tilth.track('{name}')")
        collector.wait(name)
    sessions = [collector.events(name)[0]["context"] for name in ("page", "exactly", "longer", "after")]
    starts = [one.get("sessionStart", False) for one in sessions]
    assert starts == [True, False, True, False], "SEMANTICS: exactly the timeout does not end a session, nor does midnight"
    assert sessions[0]["sessionId"] == sessions[1]["sessionId"] != sessions[2]["sessionId"] == sessions[3]["sessionId"]


def test_who_is_known_and_who_is_not(page, shop, collector):
    page.goto(shop.url)
    first = page.evaluate("tilth.ids()")
    page.evaluate("tilth.identify('u1', {city: '杭州'}, {member: 'M1'}); tilth.track('one')")
    page.reload()
    page.evaluate("tilth.track('two'); tilth.identify('u2'); tilth.track('three'); tilth.reset(); tilth.track('four')")
    collector.wait("four")
    one, two, three, four = (collector.events(name)[0] for name in ("one", "two", "three", "four"))
    [identify, _] = collector.events("identify")
    assert (identify["userId"], identify["traits"]) == ("u1", {"city": "杭州"})
    assert identify["context"]["externalIds"] == [{"id": "M1", "type": "member", "collection": "users", "encoding": "none"}]
    assert one["anonymousId"] == two["anonymousId"] == first["anonymousId"], "what was done before belongs to who signs in"
    assert [item.get("userId") for item in (one, two, three, four)] == ["u1", "u1", "u2", None]
    assert len({item["anonymousId"] for item in (two, three, four)}) == 3, "another user, and a reset, is another person"
    assert {item["context"]["device"]["id"] for item in (one, two, three, four)} == {first["deviceId"]}
    assert four["context"]["sessionStart"]


def test_calls_before_the_script_is_there_keep_their_time(page, shop, collector):
    stub = (SCRIPT.parent.parent / "snippet.html").read_text().partition("<script async")[0]
    slow = "<script>tilth.identify('u9'); tilth.track('early', {n: 1}); for (const begun = Date.now(); Date.now() < begun + 500; );</script>"
    shop.before = stub + slow
    page.goto(shop.url)
    [early] = collector.wait("early")
    assert (early["userId"], early["properties"]) == ("u9", {"n": 1})
    [view] = collector.events("page")
    assert early["timestamp"] < view["timestamp"], "it happened while the script was still loading"


def test_a_strict_content_policy(page, shop, collector):
    shop.policy = f"default-src 'none'; script-src {collector.url}; connect-src {collector.url}; require-trusted-types-for 'script'"
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" and "favicon" not in message.text else None)
    page.goto(shop.url)
    collector.wait("page")
    page.evaluate("tilth.track('one')")
    collector.wait("one")
    page.goto("about:blank")
    collector.wait("scroll")
    assert [one for one in complaints if "404" not in one] == []


def test_a_second_tag_changes_nothing(page, shop, collector):
    shop.pages["/"] = f'<script async src="{shop.collector.url}/tilth.js" data-key="write-key"></script>'
    page.goto(shop.url)
    page.wait_for_timeout(1000)
    assert len(collector.events("page")) == 1


def test_a_browser_that_refuses_storage(page, shop, collector):
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})")
    page.goto(shop.url)
    page.evaluate("tilth.track('one')")
    [one] = collector.wait("one")
    assert one["anonymousId"] == collector.events("page")[0]["anonymousId"]
