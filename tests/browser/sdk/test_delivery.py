"""Nothing is lost between the page and the collector, and nothing counts twice."""

import time

from .conftest import named


def ids(messages):
    return [one["messageId"] for one in messages]


def test_an_event_sent_while_offline_arrives_once_after_reconnecting(page, shop, collector):
    page.goto(shop.url)
    collector.wait("page")
    page.context.set_offline(True)
    page.evaluate("tilth.track('add_to_cart', {goods: '龙井', price: 68})")
    time.sleep(1)
    assert not collector.events("add_to_cart")
    page.context.set_offline(False)
    [event] = collector.wait("add_to_cart", seconds=5)
    time.sleep(1.5)
    assert event["properties"] == {"goods": "龙井", "price": 68}
    assert len(named("add_to_cart", collector.arrivals)) == 1


def test_what_waits_survives_a_reload_and_the_end_of_the_page(page, shop, collector):
    page.goto(shop.url)
    collector.wait("page")
    collector.answers = [(503, {"Retry-After": "2"})]
    page.evaluate("tilth.track('order', {number: 'A1'})")
    until = time.monotonic() + 5
    while len(collector.requests) < 2:
        assert time.monotonic() < until
        time.sleep(0.05)
    page.close()
    page = page.context.new_page()
    page.goto(shop.url)
    [order] = collector.wait("order")
    refused, taken = (one for one in collector.requests if '"order"' in one["text"])
    assert taken["at"] - refused["at"] >= 2, "Retry-After holds for other pages of the site too"
    assert order["messageId"] in refused["text"]
    assert refused["body"]["sentAt"] < taken["body"]["sentAt"]


def test_a_page_that_closes_at_once_still_reports(context, shop, collector):
    shop.before = "<script>window.tilth = [['track', 'arrived', {by: 'queue'}]]</script>"
    page = context.new_page()
    page.goto(shop.url, wait_until="load")
    page.close()
    collector.wait("page", seconds=5)
    assert collector.wait("arrived", seconds=5)[0]["properties"] == {"by": "queue"}


def test_the_last_words_before_going_elsewhere_arrive(page, shop, collector):
    page.goto(shop.url)
    collector.wait("page")
    page.evaluate("addEventListener('pagehide', () => tilth.track('going'), {capture: true})")
    page.goto("about:blank")
    collector.wait("going", seconds=5)


def test_what_a_beacon_carried_is_sent_again_under_the_same_id(page, shop, collector):
    page.goto(shop.url)
    collector.wait("page")
    page.evaluate("addEventListener('pagehide', () => tilth.track('going'), {capture: true})")
    page.goto(f"{shop.url}/?again")
    collector.wait("going")
    page.wait_for_timeout(1500)
    going = named("going", collector.arrivals)
    assert len(going) == 2, "once it was answered it is gone"
    assert len(set(ids(going))) == 1, "and the collector recognises the repeat"


def test_a_refused_server_is_asked_again_after_the_time_it_named(page, shop, collector):
    collector.answers = [(503, {"Retry-After": "3"}), (429, {"Retry-After": "1"})]
    page.goto(shop.url)
    collector.wait("page")
    first, second, third = (one for one in collector.requests)
    assert ids(first["body"]["batch"]) == ids(second["body"]["batch"]) == ids(third["body"]["batch"])
    assert 3 <= second["at"] - first["at"] < 4.5
    assert 1 <= third["at"] - second["at"] < 2.5


def test_a_batch_that_can_never_be_taken_is_not_sent_for_ever(page, shop, collector):
    told = []
    page.on("console", lambda message: told.append(message.text))
    collector.answers = [(401, {})]
    page.goto(shop.url)
    page.wait_for_timeout(1500)
    assert len(collector.requests) == 1
    assert any("401" in one for one in told)
    page.evaluate("tilth.track('later')")
    assert collector.wait("later")
    assert not collector.events("page")


def test_two_tabs_send_a_stored_item_once(context, shop, collector):
    one, two = context.new_page(), context.new_page()
    for tab in (one, two):
        tab.goto(shop.url)
    collector.wait("page", 2)
    context.set_offline(True)
    for number in range(120):
        (one, two)[number % 2].evaluate(f"tilth.track('step', {{number: {number}}})")
    context.set_offline(False)
    collector.wait("step", 120)
    one.wait_for_timeout(1000)
    steps = named("step", collector.arrivals)
    assert len(steps) == len(set(ids(steps))) == 120
    assert sorted(one["properties"]["number"] for one in steps) == list(range(120))
    assert stored_queue(one) == []


def test_a_tab_that_was_closed_offline_leaves_its_events_to_another(context, shop, collector):
    one, two = context.new_page(), context.new_page()
    for tab in (one, two):
        tab.goto(shop.url)
    collector.wait("page", 2)
    context.set_offline(True)
    one.evaluate("tilth.track('left_behind')")
    one.close()
    context.set_offline(False)
    two.evaluate("tilth.track('next')")
    collector.wait("left_behind", seconds=5)


def test_the_queue_is_bounded_and_says_what_it_dropped(page, shop, collector):
    told = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(shop.url)
    collector.wait("page")
    page.context.set_offline(True)
    page.evaluate("for (let number = 0; number < 1010; number++) tilth.track('many', {number})")
    assert len(stored_queue(page)) == 1000
    page.context.set_offline(False)
    [dropped] = collector.wait("events_dropped", seconds=20)
    collector.wait("many", 1000, seconds=20)
    assert dropped["properties"] == {"number": 10}
    assert [one["properties"]["number"] for one in collector.events("many")] == list(range(10, 1010)), (
        "the oldest were dropped, the rest keeps its order"
    )
    assert len([one for one in told if "dropped" in one]) == 1


def test_a_full_browser_keeps_the_newest(page, shop, collector):
    page.goto(shop.url)
    collector.wait("page")
    page.context.set_offline(True)
    page.evaluate("localStorage.setItem('site', 'x'.repeat(5 * 1024 * 1024 - 60000))")
    page.evaluate("for (let number = 0; number < 5; number++) tilth.track('heavy', {number, text: 'y'.repeat(20000)})")
    page.evaluate("localStorage.removeItem('site')")
    page.context.set_offline(False)
    [dropped] = collector.wait("events_dropped")
    arrived = [one["properties"]["number"] for one in collector.events("heavy")]
    assert arrived == list(range(5))[-len(arrived) :]
    assert len(arrived) + dropped["properties"]["number"] == 5
    assert 1 <= len(arrived) < 5


def test_an_event_that_is_too_large_is_refused_and_the_site_goes_on(page, shop, collector):
    faults = []
    page.on("pageerror", lambda fault: faults.append(fault))
    page.goto(shop.url)
    page.evaluate("tilth.track('huge', {text: '茶'.repeat(20000)})")
    page.evaluate("const round = {}; round.self = round; tilth.track('round', round); tilth.track(''); tilth.track('fine')")
    collector.wait("fine")
    assert not collector.events("huge")
    assert not faults


def stored_queue(page):
    return page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('tilth:write-key:q:'))")
