"""The first event, from the press of a button to the list: in a real browser, through the real collector and its loader."""

import base64
import json
import re
import urllib.request

from playwright.sync_api import expect

LAST = "2025-12-31T12:00:00+08:00"  # of the demo brand's days: pages of other tests look back from the last event
SOON = 15_000  # milliseconds: the loader's pace, the page's, and a slow machine


def test_the_first_event_is_seen_with_what_is_wrong_and_a_list_that_can_be_held(owner, site):
    owner.goto(f"{site.url}/w/demo/data/live/first/")
    if owner.locator("main form[action$='/keys/new/'] button").count():  # unless another test has made a key
        owner.locator("main form[action$='/keys/new/'] button").click()
        owner.wait_for_url(re.compile("first"))
    address, key = owner.locator("dd code").all_inner_texts()[:2]
    assert key in owner.locator("pre").inner_text()
    expect(owner.locator("#first")).to_contain_text("等待第一个事件")
    send(address, key, {"type": "track", "event": "first_seen", "userId": "u1"}, {"type": "track", "userId": "u2"})
    expect(owner.locator("#first")).to_contain_text("first_seen", timeout=SOON)
    expect(owner.locator("#first")).to_contain_text("缺少事件名", timeout=SOON)

    owner.goto(f"{site.url}/w/demo/data/live/")
    rows = owner.locator("tbody")
    send(address, key, {"type": "track", "event": "then_seen", "userId": "u1"})
    expect(rows).to_contain_text("then_seen", timeout=SOON)
    owner.locator("[data-pause]").click()
    send(address, key, {"type": "track", "event": "held_back", "userId": "u1"})
    owner.wait_for_timeout(4_000)  # two turns of the list
    expect(rows).not_to_contain_text("held_back")
    owner.locator("[data-pause]").click()
    expect(rows).to_contain_text("held_back", timeout=SOON)

    owner.locator("input[name=bad]").check()
    owner.wait_for_url(re.compile("bad=1"))
    expect(rows).not_to_contain_text("held_back")
    owner.locator("tbody a").first.click()
    mend = owner.locator("#drawer [data-copy]").get_attribute("data-copy")
    assert json.loads(mend)["event"]


def send(address, key, *items):
    told = base64.b64encode(f"{key}:".encode()).decode()
    batch = [{"timestamp": LAST, **item} for item in items]
    request = urllib.request.Request(f"{address}/v1/batch", json.dumps({"batch": batch}).encode(), {"Authorization": f"Basic {told}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200
