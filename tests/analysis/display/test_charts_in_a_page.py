"""Charts in a page of the workbench's kind: scripts from files only, parts swapped in by htmx, light and dark, a keyboard, saving as a picture."""

from __future__ import annotations

import json
import re
import shutil
import struct
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import django_htmx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import tilth as tl
from tilth.analysis.display import charts, pictures
from tilth.language import using

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium to run scripts: apt-get install chromium")
ASSETS = ("tokens.css", "echarts.min.js", "theme.js", "charts.js")
PAGE = """<!doctype html><html lang="zh-CN" class="w-theme-system"><head><meta charset="utf-8"><title>charts</title>
<link rel="stylesheet" href="tokens.css">
<script defer src="echarts.min.js"></script><script defer src="theme.js"></script><script defer src="charts.js"></script>
<script defer src="htmx-4.js"></script></head><body><main class="t-page"><div id="answer">{charts}</div>
<button id="more" hx-get="other.html" hx-target="#answer">more</button></main></body></html>"""


class Strict(SimpleHTTPRequestHandler):
    """Serves files under the workbench's policy: no script and no style from anywhere but a file of its own."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", "default-src 'self'; img-src 'self' data:")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def events() -> tl.Events:
    people = ["a", "a", "b", "b", "c"]
    times = ["2025-01-01 08:00", "2025-01-01 09:30", "2025-01-01 00:00", "2025-01-02 02:00", "2025-01-03 12:00"]
    return tl.Events(
        {"user_id": people, "ts": times, "event": ["view", "buy", "view", "buy", "view"], "city": ["上海", "上海", "杭州", "杭州", None]}
    )


@pytest.fixture(scope="module")
def address(events: tl.Events, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site with one chart in its page and two in the part that replaces it."""
    folder = tmp_path_factory.mktemp("site")
    for name in ASSETS:
        shutil.copyfile(str(files("tilth.analysis") / "assets" / name), folder / name)
    shutil.copyfile(Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-4.js", folder / "htmx-4.js")
    with using("zh"):
        first, *others = (
            charts.element(charts.drawn(result)[0], result.title())
            for result in (events.funnel(["view", "buy"]), events.funnel(["view", "buy"], by="city"), events.retention("view", periods=1))
        )
    (folder / "index.html").write_text(PAGE.format(charts=first), encoding="utf-8")
    (folder / "other.html").write_text("".join(others), encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Strict, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """The page, drawn; nothing may have gone wrong in it by the end."""
    context = chromium.new_context(viewport={"width": 900, "height": 700}, color_scheme="light")
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "console", lambda message: faults.append(message.text) if message.type == "error" and "favicon" not in message.location["url"] else None
    )
    opened.goto(address)
    opened.wait_for_selector(".t-chart svg")
    yield opened
    context.close()
    assert faults == []


def until(page: Page, condition: str) -> None:
    """Wait for a condition of the page; Playwright's own way to do so is a script made of text, which the policy forbids."""
    end = time.monotonic() + 10
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        time.sleep(0.05)


def drawing(page: Page, box: str = ".t-chart") -> str:
    return str(page.locator(f"{box} svg").evaluate("svg => svg.outerHTML"))


def told(svg: str) -> set[str]:
    return {"".join(text.itertext()) for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")}


def colours(svg: str) -> set[str]:
    """Return the colours of an SVG; a browser may write #ffffff as rgb(255,255,255)."""
    as_hex = re.sub(r"rgb\((\d+), ?(\d+), ?(\d+)\)", lambda m: "#" + "".join(f"{int(part):02x}" for part in m.groups()), svg)
    return set(re.findall(r"#[0-9a-f]{6}", as_hex))


def test_a_picture_says_the_same_in_the_same_colours_as_the_page(page: Page, events: tl.Events) -> None:
    size = page.locator(".t-chart").bounding_box()
    assert size is not None
    with using("zh"):
        option = charts.drawn(events.funnel(["view", "buy"]))[0]
        picture = pictures.svg(option, round(size["width"]), round(size["height"]))
    assert told(drawing(page)) == told(picture)
    assert colours(drawing(page)) | {"#ffffff"} == colours(picture)  # a picture brings its ground, the card's white


def test_what_htmx_swaps_in_is_drawn_and_what_it_took_away_is_forgotten(page: Page) -> None:
    page.click("#more")
    until(page, "document.querySelectorAll('.t-chart svg').length === 2")
    assert "全部 66.7%" in told(drawing(page, ".t-chart:first-child"))
    first = page.locator(".t-chart").first.element_handle()
    page.evaluate("tilth.draw()")
    assert page.locator(".t-chart svg").count() == 2  # nothing is drawn twice
    assert page.evaluate("box => echarts.getInstanceByDom(box) !== undefined", first)
    page.evaluate("document.querySelector('#answer').replaceChildren(); tilth.draw()")
    assert page.evaluate("box => echarts.getInstanceByDom(box) === undefined", first)


def test_another_option_in_the_same_element_is_drawn_anew(page: Page) -> None:
    page.evaluate(
        """option => { const box = document.querySelector(".t-chart"); box.querySelector("script").textContent = option; tilth.draw(box); }""",
        json.dumps({"xAxis": {"type": "category", "data": ["另一个"]}, "yAxis": {}, "series": [{"type": "bar", "data": [3]}]}),
    )
    assert "另一个" in told(drawing(page))
    assert page.locator(".t-chart svg").count() == 1


def test_dark_and_light_are_followed(page: Page) -> None:
    assert "#1f7a4d" in colours(drawing(page))
    page.emulate_media(color_scheme="dark")
    until(page, "/#46b480|rgb.70, ?180, ?128/.test(document.querySelector('.t-chart svg').outerHTML)")
    page.evaluate("document.documentElement.className = 'w-theme-light'; tilth.repaint()")
    assert "#1f7a4d" in colours(drawing(page))


def test_a_chart_follows_its_width_and_waits_until_it_has_one(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 700})
    until(page, "document.querySelector('.t-chart svg').getBoundingClientRect().width < 390")
    page.evaluate(
        """() => { const box = document.querySelector(".t-chart"), copy = document.createElement("div"), hidden = document.createElement("div");
        copy.className = "t-chart"; copy.dataset.chart = "200"; copy.id = "late";
        const text = document.createElement("script"); text.type = "application/json"; text.textContent = box.querySelector("script").textContent;
        copy.append(text); hidden.hidden = true; hidden.append(copy); document.querySelector("#answer").append(hidden); tilth.draw(hidden); }"""
    )
    assert page.locator("#late svg").count() == 0
    page.evaluate("document.querySelector('#late').parentElement.hidden = false")
    page.wait_for_selector("#late svg")
    assert page.locator("#late").bounding_box()["height"] == 200  # type: ignore[index]


def test_the_keyboard_walks_through_the_figures(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.t-chart')")
    said = "document.querySelector('.t-chart svg').textContent"
    page.keyboard.press("ArrowRight")
    until(page, f"{said}.includes('view  人数3')")
    page.keyboard.press("ArrowRight")
    until(page, f"{said}.includes('buy  人数2  较上一步流失1')")
    page.keyboard.press("Escape")
    until(page, f"!{said}.includes('人数')")


def test_a_button_saves_a_chart_as_a_picture_named_by_its_question(page: Page, tmp_path: Path) -> None:
    page.evaluate(
        """() => { const box = document.querySelector(".t-chart"), button = document.createElement("button");
        Object.assign(button, { id: "save", textContent: "png" }); button.dataset.chartPng = box.id = "funnel"; box.after(button); }"""
    )
    page.focus("#save")
    with page.expect_download() as waited:
        page.keyboard.press("Enter")
    waited.value.save_as(tmp_path / "saved.png")
    saved = (tmp_path / "saved.png").read_bytes()
    size = page.locator(".t-chart").bounding_box()
    assert size is not None
    assert waited.value.suggested_filename.startswith("漏斗")
    assert struct.unpack(">II", saved[16:24]) == (round(2 * size["width"]), round(2 * size["height"]))
