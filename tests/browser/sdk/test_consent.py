"""Nothing is kept and nothing is sent unless it may be."""

import pytest

from .conftest import NOTHING, stored


def busy(page):
    """Do whatever makes events: calls, clicks, forms, scrolling, moving within an application."""
    page.evaluate("tilth.track('order'); tilth.identify('u1', {city: '杭州'}); history.pushState({}, '', '/next')")
    page.mouse.click(300, 300)
    page.keyboard.press("End")
    page.locator("input").fill("13800138000")
    page.locator("button").click()
    page.wait_for_timeout(1200)


@pytest.fixture
def asking(shop):
    shop.pages["/"] = "<form onsubmit='return false'><input name=phone><button>好</button></form><div style='height: 3000px'></div>"
    shop.pages["/next"] = shop.pages["/"]
    shop.attributes = 'data-key="write-key" data-consent="required"'
    return shop


def test_nothing_before_consent_and_everything_after(page, asking, collector):
    page.goto(f"{asking.url}/?utm_source=xiaohongshu&utm_campaign=spring")
    busy(page)
    page.goto(f"{asking.url}/?utm_source=xiaohongshu&utm_campaign=spring")
    assert page.evaluate("[tilth.consent(), JSON.stringify(tilth.ids())]") == ["unknown", "{}"]
    assert (collector.requests, stored(page)) == ([], NOTHING)
    page.evaluate("history.pushState({}, '', '/next')")
    assert page.evaluate("tilth.consent(true, {version: '2026-03'})") == "granted"
    [view] = collector.wait("page")
    [consent] = collector.wait("consent")
    assert view["context"]["page"]["path"] == "/next"
    assert view["context"]["campaign"] == {"source": "xiaohongshu", "name": "spring"}, (
        "the campaign that led here is not lost while the person decides"
    )
    assert consent["properties"] == {"granted": True, "version": "2026-03"}
    page.reload()
    collector.wait("page", 2)
    page.evaluate("tilth.consent(true, {version: '2026-03'})")
    page.evaluate("tilth.track('after')")
    collector.wait("after")
    assert len(collector.events("consent")) == 1, "the same answer again is no new consent"


def test_what_the_workspace_demands_holds_without_the_pages_doing(page, asking, collector):
    asking.attributes, asking.query = "", "?key=strict-key"
    page.goto(asking.url)
    busy(page)
    assert (page.evaluate("tilth.consent()"), collector.requests, stored(page)) == ("unknown", [], NOTHING)
    page.evaluate("tilth.consent(true)")
    collector.wait("page")


def test_a_no_is_remembered_and_nothing_else(page, asking, collector):
    page.goto(asking.url)
    assert page.evaluate("tilth.consent(false, {version: '2026-03'})") == "denied"
    busy(page)
    page.reload()
    busy(page)
    assert collector.requests == []
    assert page.evaluate("Object.keys(localStorage)") == ["tilth:write-key:consent"]
    assert page.evaluate("tilth.consent()") == "denied"


def test_withdrawing_tells_so_once_and_forgets_the_person(page, shop, collector):
    page.goto(shop.url)
    page.evaluate("tilth.identify('u1')")
    collector.wait("identify")
    before = page.evaluate("tilth.ids()")
    page.evaluate("tilth.track('unsent'); tilth.consent(false)")
    [withdrawn] = collector.wait("consent")
    assert (withdrawn["properties"], withdrawn["userId"], withdrawn["anonymousId"]) == ({"granted": False}, "u1", before["anonymousId"])
    page.wait_for_timeout(500)
    assert page.evaluate("Object.keys(localStorage)") == ["tilth:write-key:consent"]
    count = len(collector.messages)
    page.evaluate("tilth.track('more')")
    page.reload()
    page.wait_for_timeout(800)
    assert len(collector.messages) == count
    assert not collector.events("unsent"), "what had not been sent when consent was withdrawn is not sent"
    page.evaluate("tilth.consent(true)")
    collector.wait("page", 2)
    after = page.evaluate("tilth.ids()")
    assert after["anonymousId"] != before["anonymousId"]
    assert after["deviceId"] != before["deviceId"]
    assert after["userId"] is None


def test_an_answer_holds_in_the_other_tab(context, asking, collector):
    one, two = context.new_page(), context.new_page()
    for tab in (one, two):
        tab.goto(asking.url)
    one.evaluate("tilth.consent(true)")
    collector.wait("page", 2)
    assert two.evaluate("tilth.consent()") == "granted"
    one.evaluate("tilth.consent(false)")
    two.wait_for_timeout(500)
    assert two.evaluate("tilth.consent()") == "denied"


@pytest.mark.parametrize("signal", ["doNotTrack: '1'", "globalPrivacyControl: true"])
def test_the_browsers_signal_is_a_no(page, asking, collector, signal):
    asking.attributes = 'data-key="write-key"'
    name, value = signal.split(": ")
    page.add_init_script(f"Object.defineProperty(Navigator.prototype, '{name}', {{get: () => {value}}})")
    page.goto(asking.url)
    busy(page)
    assert page.evaluate("tilth.consent(true)") == "signal"
    busy(page)
    page.goto("about:blank")
    page.goto(asking.url)
    assert (collector.requests, stored(page)) == ([], NOTHING)
