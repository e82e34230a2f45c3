"""Questions in a real browser: what a picture counts leads to its people, and what only changes how an answer is shown stands in the address."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture(autouse=True)
def patience(page):
    page.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)


def test_a_tile_of_segments_opens_its_people(owner, site):
    owner.goto(f"{site.url}/w/demo/analysis/rfm/")
    tiles = owner.locator(".m-tables .t-chart svg")
    expect(tiles).to_be_visible()
    name = owner.locator("#table-1 tbody tr").first.locator("th").inner_text()
    people = owner.locator("#table-1 tbody tr").first.locator("button.t-people").inner_text()
    tiles.scroll_into_view_if_needed()
    place = tiles.get_by_text(name).bounding_box()
    owner.mouse.click(place["x"] + 2, place["y"] + 2)
    expect(owner.locator("#drawer")).to_contain_text(people)  # of ids, where people have several
    expect(owner.locator("#drawer")).to_contain_text(name)


def test_a_tile_is_reached_by_keyboard(owner, site):
    owner.goto(f"{site.url}/w/demo/analysis/rfm/")
    box = owner.locator(".m-tables .t-chart")
    expect(box.locator("svg")).to_be_visible()
    box.focus()
    owner.keyboard.press("ArrowRight")
    owner.keyboard.press("Enter")
    first = owner.locator("#table-1 tbody tr").first
    expect(owner.locator("#drawer")).to_contain_text(first.locator("th").inner_text())


def test_people_instead_of_per_cent_stand_in_the_address(owner, site):
    owner.goto(f"{site.url}/w/demo/analysis/retention/")
    expect(owner.locator("#table-1 tbody tr").first).to_be_visible()
    owner.get_by_role("button", name=re.compile("百分比")).click()
    owner.locator("#ask label", has_text="人数").last.click()
    owner.wait_for_url("**show=people**")
    total = owner.locator("#table-1 tr.t-total td").nth(2)
    expect(total).to_have_text(re.compile(r"^[\d,]+$"))


def test_an_exclusion_is_picked_in_the_sentence(owner, site):
    owner.goto(f"{site.url}/w/demo/analysis/funnel/?dates=90d")
    owner.get_by_role("button", name="+ 排除").click()
    owner.locator('#ask label:has(input[name="exclude1"][value="refund"])').click()
    owner.wait_for_url("**exclude1=refund**")
    owner.get_by_role("button", name=re.compile("在哪两步之间")).click()
    owner.locator('#ask label:has(input[name="exclude1.between"][value="1-2"])').click()
    owner.wait_for_url("**exclude1.between=1-2**")
    expect(owner.locator("#answer")).to_contain_text("之间没有“退款”")


def test_a_sample_is_picked_and_its_people_are_opened(owner, site):
    owner.goto(f"{site.url}/w/demo/analysis/funnel/?by=channel")
    expect(owner.locator("#table-1 tbody tr").first).to_be_visible()
    expect(owner.locator("main")).not_to_contain_text("≈")
    owner.get_by_role("button", name="+ 抽样").click()
    owner.locator('#ask label:has(input[name="sample"][value="0.1"])').click()
    owner.wait_for_url("**sample=0.1**")
    expect(owner.locator("main")).to_contain_text("只问了抽样的 10% 的人")
    figure = owner.locator(".t-figures button").first
    expect(figure).to_contain_text("≈")
    everybody = int(re.sub(r"\D", "", figure.inner_text().split("±")[0]))
    figure.click()
    expect(owner.locator("#drawer")).to_contain_text(f"{everybody // 10:,}")
    expect(owner.locator("#table-1 tbody tr").first).to_contain_text("±")
