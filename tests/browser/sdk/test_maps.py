"""From gestures in a browser to the maps of a page: what the script reports is what the maps ask for."""

import pytest

import tilth as tl
from tilth.analysis.behaviour.click_map import ClickMap, ClickMapOptions
from tilth.analysis.behaviour.form_map import FormMap, FormMapOptions
from tilth.analysis.behaviour.scroll_map import ScrollMap, ScrollMapOptions

PAGE = """
<style>body { margin: 0 } .top { height: 1200px } a { display: block; width: 50%; height: 100px; background: #eee } .end { height: 1200px }</style>
<div class="top"></div><a id="buy" href="#buy">立即购买</a>
<form name="register"><input name="phone"><input name="email"></form><div class="end"></div>
"""
COLUMNS = ("element", "x", "y", "page_x", "viewport_width", "view", "depth", "form", "last_field")


@pytest.fixture
def events(context, shop, collector):
    """Two visitors of one page, at the width of a desk and of a phone."""
    shop.pages["/"] = PAGE
    for width, height in ((1440, 900), (390, 844)):
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.goto(shop.url)
        page.evaluate("scrollTo(0, 1000)")
        page.locator("#buy").click(position={"x": width / 2 * 0.85, "y": 35})
        page.locator("[name=phone]").fill("13800138000")
        page.goto("about:blank")
        page.close()
    collector.wait("form_abandon", 2)
    collector.wait("scroll", 2)
    rows = [
        {
            "person": one["anonymousId"] + str(one["properties"].get("viewport_width")),
            "time": one["timestamp"],
            "event": one.get("event", "page_view"),
            "path": one["context"]["page"]["path"],
            **{name: one["properties"].get(name) for name in COLUMNS},
        }
        for one in collector.messages
    ]
    return tl.Events({name: [row[name] for row in rows] for name in rows[0]}, "person", "time", "event")


def test_maps_of_a_responsive_page(events):
    clicks = ClickMap(events, ClickMapOptions(page="/", bins=4))
    # most of the way across the element and a third down, at either width
    assert [tuple(row)[:4] for row in clicks.frame.itertuples(index=False) if row.element == "#buy"] == [("#buy", 4, 2, 2)]
    assert ClickMap(events, ClickMapOptions(page="/", widths=(None, 768))).elements.query("element == '#buy'")["clicks"].tolist() == [1]
    forms = FormMap(events, FormMapOptions(page="/"))
    assert forms.forms[["form", "begun", "submitted", "left"]].to_numpy().tolist() == [["register", 2, 0, 2]]
    assert forms.frame[["field", "left"]].to_numpy().tolist() == [["phone", 2]]
    seen = ScrollMap(events, ScrollMapOptions(page="/", bands=2)).frame
    assert seen["views"].tolist() == [2, 2], "1,900 and 1,844 of some 2,500 pixels"
    assert ScrollMap(events, ScrollMapOptions(page="/", bands=10)).frame["views"].iloc[-1] == 0
