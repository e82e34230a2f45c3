"""Clicks, scrolling and forms: where they were, and never what was typed."""

import pytest

WIDTHS = [(1440, 900), (390, 844)]

LONG = """
<style>
  body { margin: 0 } .top { height: 1500px } .shelf { display: flex; flex-wrap: wrap; gap: 20px; padding: 10px }
  .shelf a { display: block; width: 300px; height: 200px; background: #eee } .end { height: 900px }
</style>
<div class="top"></div>
<div class="shelf" id="shelf"><a href="/buy?goods=1&phone=13800138000">龙井</a><a href="/buy"><b>毛峰</b> <i>新茶</i></a>
<a href="mailto:a@b.cn">写信</a></div>
<button data-tilth="buy">立即购买</button>
<p data-tilth-private><button id="name">张三</button></p>
<label>手机 <input name="phone"></label>
<div class="end"></div>
<script>addEventListener("click", (event) => event.preventDefault())</script>
"""


@pytest.fixture
def tall(page, shop):
    shop.pages["/"] = LONG
    return page


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_a_click_on_a_scrolled_page(tall, shop, collector, width, height):
    tall.set_viewport_size({"width": width, "height": height})
    tall.goto(shop.url)
    tall.evaluate("scrollTo(0, 1400)")
    second = tall.locator("#shelf a").nth(1)
    second.click(position={"x": 75, "y": 150})
    [click] = collector.wait("click")
    properties = click["properties"]
    # what Playwright measures of the element, in pixels of the viewport
    box, scrolled = second.bounding_box(), tall.evaluate("scrollY")
    assert scrolled > 0
    assert properties["page_x"] == pytest.approx(box["x"] + 75, abs=1)
    assert properties["page_y"] == pytest.approx(box["y"] + scrolled + 150, abs=1)
    assert (properties["x"], properties["y"]) == (pytest.approx(0.25, abs=0.01), pytest.approx(0.75, abs=0.01))
    assert properties["viewport_width"] == width
    assert properties["viewport_height"] == height
    assert properties["page_height"] == tall.evaluate("document.documentElement.scrollHeight")
    assert properties["element"] == "#shelf > a:nth-of-type(2)"
    assert (properties["text"], properties["href"]) == ("毛峰 新茶", f"{shop.url}/buy")


def test_a_path_finds_its_element_again(tall, shop, collector):
    shop.pages["/"] = """<main><section id="order-20260301"><ul><li><span>一</span><li><span>二</span><li><span>三</span></ul></section>
      <form onsubmit="return false"><input name=id><input name=children><button>好</button></form>
      <svg width=50 height=50><rect width=50 height=50></rect></svg></main>"""
    tall.goto(shop.url)
    for number, spot in enumerate(("li:nth-of-type(2) span", "form button", "svg rect"), 1):
        tall.locator(spot).click(position={"x": 2, "y": 2})
        path = collector.wait("click", number)[-1]["properties"]["element"]
        found = tall.evaluate("(path) => [...document.querySelectorAll(path)].map((element) => element.matches(':hover'))", path)
        assert found == [True], path
        assert "20260301" not in path, "ids with numbers differ from visit to visit"


def test_names_words_and_addresses_of_what_was_clicked(tall, shop, collector):
    tall.goto(shop.url)
    for spot in ("[data-tilth=buy]", "#name", "#shelf a >> nth=0", "#shelf a >> nth=2"):
        tall.locator(spot).click()
    buy, private, goods, mail = (one["properties"] for one in collector.wait("click", 4))
    assert (buy["element"], buy["text"]) == ('[data-tilth="buy"]', "立即购买")
    assert (private["element"], "text" in private) == ("#name", False)
    assert goods["href"] == f"{shop.url}/buy"
    assert mail["href"] == "mailto:"
    assert "13800138000" not in str(collector.requests)
    assert "张三" not in str(collector.requests)


def test_one_gesture_is_one_click(tall, shop, collector):
    tall.goto(shop.url)
    tall.locator("label").click(position={"x": 3, "y": 5})
    tall.evaluate("document.querySelector('[data-tilth=buy]').click()")
    tall.locator("[data-tilth=buy]").focus()
    tall.keyboard.press("Enter")
    label, keyboard = (one["properties"] for one in collector.wait("click", 2))
    tall.wait_for_timeout(600)
    assert len(collector.events("click")) == 2, "the field's echo of its label, and a click by a program, are none"
    assert label["element"].endswith("label")
    assert (keyboard["x"], keyboard["y"]) == (0.5, 0.5), "a key has no place: the middle stands for it"


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_how_far_a_page_was_seen(tall, shop, collector, width, height):
    tall.set_viewport_size({"width": width, "height": height})
    tall.goto(shop.url)
    tall.evaluate("scrollTo(0, 800)")
    tall.wait_for_timeout(1200)
    tall.evaluate("scrollTo(0, 100)")
    tall.wait_for_timeout(200)
    whole = tall.evaluate("document.documentElement.scrollHeight")
    tall.goto("about:blank")
    [scroll] = collector.wait("scroll")
    properties = scroll["properties"]
    assert properties["page_y"] == 800 + height
    assert properties["depth"] == pytest.approx((800 + height) / whole, abs=1e-4)
    assert properties["view"] == collector.events("page")[0]["properties"]["view"]
    assert 1.2 <= properties["seconds"] < 10


def test_each_view_of_an_application_has_its_own_depth(tall, shop, collector):
    tall.goto(shop.url)
    tall.evaluate("scrollTo(0, 1000)")
    tall.wait_for_timeout(300)
    tall.evaluate("history.pushState({}, '', '/next'); scrollTo(0, 0)")
    tall.wait_for_timeout(500)
    tall.goto("about:blank")
    first, second = (one["properties"] for one in collector.wait("scroll", 2))
    views = [one["properties"]["view"] for one in collector.wait("page", 2)]
    assert [first["view"], second["view"]] == views
    assert (first["page_y"], second["page_y"]) == (1900, 900)
    assert [one["context"]["page"]["path"] for one in collector.events("scroll")] == ["/", "/next"]


FORM = """
<form name="register" action="/thanks">
  <input name="phone"><input name="email" type="email"><input type="password" name="password"><input type="hidden" name="csrf" value="hidden-value">
  <select name="city"><option>杭州<option>上海</select><textarea name="note"></textarea><button>注册</button>
</form>"""


@pytest.fixture
def form(page, shop):
    shop.pages.update({"/": FORM, "/thanks": "<h1>谢谢</h1>"})
    page.goto(shop.url)
    return page


def typed(collector):
    everything = "".join(one["text"] for one in collector.requests)
    return [secret for secret in ("13800138000", "zhang@example.com", "s3cret-pass", "hidden-value", "上海", "请尽快") if secret in everything]


def test_a_form_that_was_left_behind(form, shop, collector):
    form.locator("[name=phone]").fill("13800138000")
    form.locator("[name=password]").fill("s3cret-pass")
    form.locator("[name=note]").fill("请尽快")
    form.locator("[name=email]").fill("zhang@example.com")
    form.goto("about:blank")
    [start] = collector.wait("form_start")
    [left] = collector.wait("form_abandon")
    assert (start["properties"]["form"], start["properties"]["field"]) == ("register", "phone")
    assert left["properties"]["form"] == "register"
    assert left["properties"]["fields"] == ["phone", "password", "note", "email"]
    assert left["properties"]["last_field"] == "email"
    assert left["properties"]["element"].endswith("form > input:nth-of-type(2)")
    assert left["properties"]["seconds"] >= 0
    assert not collector.events("form_submit")
    assert typed(collector) == []


def test_a_form_that_was_submitted_with_its_values_in_the_address(form, shop, collector):
    form.locator("[name=phone]").fill("13800138000")
    form.locator("[name=email]").fill("zhang@example.com")
    form.locator("[name=city]").select_option("上海")
    form.locator("button").click()
    collector.wait("page", 2)
    [submit] = collector.wait("form_submit")
    assert submit["properties"]["form"] == "register"
    assert submit["properties"]["fields"] == ["phone", "email"], "what a program chose is not what a person touched"
    form.goto("about:blank")
    collector.wait("scroll", 2)
    assert not collector.events("form_abandon")
    assert typed(collector) == []


def test_an_application_that_goes_on_after_submitting(form, shop, collector):
    form.evaluate("document.forms[0].addEventListener('submit', (event) => { event.preventDefault(); history.pushState({}, '', '/thanks') })")
    form.locator("[name=phone]").fill("13800138000")
    form.locator("button").click()
    collector.wait("page", 2)
    assert collector.wait("form_submit")
    assert not collector.events("form_abandon")


def test_parts_can_be_left_out(page, shop, collector):
    shop.attributes = 'data-key="write-key" data-auto="clicks"'
    shop.pages["/"] = FORM
    page.goto(shop.url)
    page.locator("[name=phone]").click()
    page.keyboard.type("1")
    collector.wait("click")
    page.evaluate("tilth.page('注册', {step: 1})")
    [view] = collector.wait("page")
    assert (view["name"], view["properties"]["step"], view["properties"]["path"]) == ("注册", 1, "/")
    page.goto("about:blank")
    page.wait_for_timeout(500)
    assert {one.get("event", one["type"]) for one in collector.messages} == {"click", "page"}
