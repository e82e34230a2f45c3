"""Cards and pages: figures as UI.md words them, nothing from outside, nothing of the data run as a program."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

import tilth as tl
from tilth.analysis.display import Figure, card, charts, page, pictures, wording
from tilth.analysis.display.tables import table_of
from tilth.language import using

EVIL = "<img src=x onerror=\"document.title='ran'\">"


class Elements(HTMLParser):
    """The elements of a fragment, what they hold, and the addresses they name."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def events() -> tl.Events:
    """Three people over three days: a and b buy after 90 minutes and 26 hours, c only looks."""
    return tl.Events(
        {
            "user_id": ["a", "a", "b", "b", "c"],
            "ts": ["2025-01-01 08:00", "2025-01-01 09:30", "2025-01-01 00:00", "2025-01-02 02:00", "2025-01-03 12:00"],
            "event": ["view", "buy", "view", "buy", "view"],
            "city": ["上海", "上海", EVIL, EVIL, None],
        }
    )


def cells(result: object) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table_of(result).rows]  # type: ignore[arg-type]


def test_a_funnels_table_is_worded_by_hand(events: tl.Events) -> None:
    with using("en"):
        assert cells(events.funnel(["view", "buy"], within="2d")) == [
            ["1 view", "3", "100.0%", "—", "—", "—"],
            ["2 buy", "2", "66.7%", "66.7%", "13 h 45 min", "13 h 45 min"],  # (1.5 h + 26 h) / 2
        ]


def test_a_split_funnel_has_a_row_a_group_the_largest_first_and_a_dash_for_null(events: tl.Events) -> None:
    more = tl.Events(
        pd.concat([events.history.source.relation.df(), pd.DataFrame({"user_id": ["d"], "ts": ["2025-01-01"], "event": ["view"], "city": ["上海"]})])
    )
    assert cells(more.funnel(["view", "buy"], by="city")) == [
        ["上海", "2", "1", "50.0%", "50.0%"],
        [EVIL, "1", "1", "100.0%", "100.0%"],
        ["—", "1", "0", "0.0%", "0.0%"],
    ]


def test_retention_marks_what_is_unfinished_and_leaves_what_has_not_begun_empty(events: tl.Events) -> None:
    with using("en"):
        table = table_of(events.retention("view", period="day", periods=2))
    # a and b start on the 1st, b is back on the 2nd; c starts on the 3rd, which is not over at its last event (12:00).
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["All cohorts", "3", "100.0", "50.0", ""],
        ["2025-01-01", "2", "100.0", "50.0", "0.0*"],
        ["2025-01-03", "1", "100.0*", "", ""],
    ]
    assert [cell.unfinished for cell in table.rows[1].cells] == [False, False, False, False, True]
    assert table.rows[1].cells[3].heat == 8  # the highest finished rate of a later period
    assert table.rows[1].cells[2].heat is None  # the cohort's own period takes no colour
    assert any("*" in note for note in table.notes)


def test_rfm_shows_eight_segments_whose_people_sum_up() -> None:
    orders = tl.Orders(
        {"user": list("aaab"), "day": ["2025-01-01", "2025-02-01", "2025-03-01", "2025-01-05"], "paid": [10, 20, 1970.4, 5]}, "user", "day", "paid"
    )
    with using("en"):
        rows = cells(orders.rfm())
    assert len(rows) == 8
    assert ["Champions", "1", "50.0%", "2,000", "99.8%", "2,000"] in rows
    assert ["Lost", "1", "50.0%", "5", "0.2%", "5"] in rows


def test_names_from_the_data_are_text_and_never_elements(events: tl.Events) -> None:
    result = events.funnel(["view", "buy"], by="city", by_touch="last")
    found = Elements(card(result, library=False))
    assert EVIL in found.text
    assert "img" not in found.tags
    assert found.tags.count("script") == 2  # the option, and the call that draws
    assert EVIL in json.dumps(charts.drawn(result)[0], ensure_ascii=False).replace('\\"', '"')


def test_names_that_look_like_our_own_marks_are_names(events: tl.Events) -> None:
    named = tl.Events({"user_id": ["a", "b"], "ts": [0, 0], "event": ["@percent", "token:ink"]})
    option = charts.drawn(named.funnel(["@percent", "token:ink"]))[0]
    assert option["xAxis"]["data"] == ["@percent", "token:ink"]
    drawing = "".join(ElementTree.fromstring(pictures.svg(option)).itertext())
    assert "@percent" in drawing
    assert "token:ink" in drawing


def test_a_page_names_nothing_outside_itself(events: tl.Events) -> None:
    html = page([events.funnel(["view", "buy"])], "A <title>", [Figure("Buyers", "2", "people", "of 3")], as_of="2025-01-03", source="shop")
    found = Elements(html)
    assert found.addresses == []
    assert "default-src 'none'" in html
    assert not re.search(r"@import|url\(", html.split("<script>")[0])
    assert "A <title>" in found.text


def test_a_page_is_in_the_language_in_use(events: tl.Events) -> None:
    result = events.funnel(["view", "buy"])
    for language, lang, word in (("zh", "zh-CN", "口径"), ("en", "en", "Definition")):
        with using(language):
            html = page([result], "x")
        assert f'<html lang="{lang}">' in html
        assert f">{word}<" in html


def test_charts_beyond_the_palette_keep_the_largest_groups() -> None:
    people = [f"p{i}" for i in range(55)]
    groups = [f"g{i}" for i in range(10) for _ in range(i + 1)]  # g9 has ten people, g0 one
    events = tl.Events({"user_id": people, "ts": [0] * 55, "event": ["view"] * 55, "g": groups})
    option = charts.drawn(events.funnel(["view"], by="g"))[0]
    assert [series["name"] for series in option["series"]] == [f"g{i}" for i in range(2, 10)]
    assert option["yAxis"]["data"] == [f"g{i}" for i in range(9, 1, -1)]
    assert len(cells(events.funnel(["view"], by="g"))) == 10  # the table has all


def test_groups_are_called_as_the_page_calls_them_and_keep_their_bars() -> None:
    events = tl.Events(
        {"user_id": ["a", "a", "b", "c"], "ts": [0, 1, 0, 0], "event": ["view", "pay", "view", "view"], "channel": ["wx", "wx", "dy", None]}
    )
    with wording.calling({"wx": "微信", "dy": "抖音"}):
        option = charts.drawn(events.funnel(["view", "pay"], by="channel"))[0]
    assert option["yAxis"]["data"] == ["微信", "抖音", "—"]
    bars = {series["name"]: series for series in option["series"] if series["data"]}
    assert {name: bar["data"] for name, bar in bars.items()} == {"抖音": [[0.0, "抖音"]], "微信": [[1.0, "微信"]], "—": [[0.0, "—"]]}
    assert {end["coord"][1] for end in bars["微信"]["markLine"]["data"][0]} == {"微信"}
    assert bars["—"]["itemStyle"] == {"color": {"$token": "cat-8"}}  # who has no value is grey, as in every other chart


def test_two_groups_called_alike_keep_their_codes() -> None:
    events = tl.Events({"user_id": ["a", "b"], "ts": [0, 0], "event": ["view", "view"], "channel": ["wx", "weixin"]})
    with wording.calling({"wx": "微信", "weixin": "微信"}):
        option = charts.drawn(events.funnel(["view"], by="channel"))[0]
    assert sorted(option["yAxis"]["data"]) == ["weixin", "wx"]


def test_cards_have_the_colours_of_the_tokens_and_no_other_rule_of_them(events: tl.Events) -> None:
    html = card(events.funnel(["view", "buy"]), library=False)
    assert "--t-cat-1:light-dark(#1f7a4d, #46b480)" in html
    assert ":root" not in html  # a notebook's own page keeps its looks
    used = set(re.findall(r"var\(--t-([\w-]+)\)", html))
    assert used <= set(re.findall(r"--t-([\w-]+):", html))


def test_answers_about_nobody_are_still_cards(events: tl.Events) -> None:
    nobody = events.during("2030-01-01")
    for result in (
        nobody.funnel(["view", "buy"]),
        nobody.funnel(["view", "buy"], by="city"),
        nobody.retention("view"),
        nobody.retention("view", by="city"),
    ):
        assert "data-chart" in card(result, library=False)


def test_curves_beyond_the_palette_are_those_of_the_largest_groups_not_of_the_highest_rates() -> None:
    people, days, groups = [], [], []
    for g in range(10):  # group g has g + 1 people; only the single one of g0 comes back
        for p in range(g + 1):
            people += [f"{g}-{p}"] * (2 if g == 0 else 1)
            days += ["2025-01-01", "2025-01-02"][: 2 if g == 0 else 1]
            groups += [f"g{g}"] * (2 if g == 0 else 1)
    events = tl.Events({"user_id": people, "ts": days, "event": ["view"] * len(days), "g": groups})
    option = charts.drawn(events.retention("view", periods=1, by="g", until="2025-02-01"))[0]
    assert [series["name"] for series in option["series"]] == [f"g{i}" for i in range(2, 10)]


def test_a_notebook_gets_the_library_once_a_session() -> None:
    source = "import tilth as tl\nfunnel = tl.Events({'user_id': ['a'], 'ts': [0], 'event': ['view']}).funnel(['view'])\nfunnel"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source), nbformat.v4.new_code_cell("funnel")])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    first, second = (cell.outputs[0].data["text/html"] for cell in notebook.cells)
    assert len(first) > 1_000_000 > 100_000 > len(second)
    assert "<table" in second
    assert "data-chart" in second


needs_chromium = pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium to run scripts: apt-get install chromium")


def browsed(html: str, folder: Path) -> str:
    """Return a document as it stands after a real browser ran its scripts."""
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    command = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", f"--user-data-dir={folder / 'profile'}", "--dump-dom", file.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@needs_chromium
def test_in_a_browser_charts_are_drawn_and_names_do_not_run(events: tl.Events, tmp_path: Path) -> None:
    results = [
        events.funnel(["view", "buy"], by="city"),
        tl.Events({"user_id": ["a"], "ts": [0], "event": [EVIL]}).funnel([EVIL]),
        events.retention("view"),
    ]
    dom = browsed(page(results, "still"), tmp_path)
    assert "<title>still" in dom
    assert dom.count("<svg") == 1 + len(results)  # the mark, and a drawing a chart
    assert "img" not in Elements(dom).tags


@needs_chromium
def test_cards_draw_beside_a_module_loader_as_notebooks_have_one(events: tl.Events, tmp_path: Path) -> None:
    result = events.funnel(["view", "buy"])
    loader = "<script>window.define = function () { throw Error('taken by the loader') }; window.define.amd = {};</script>"
    dom = browsed(f"<!doctype html>{loader}{card(result, library=True)}{card(result, library=False)}", tmp_path)
    assert dom.count("<svg") == 2  # the second card finds what the first brought
    without = browsed(f"<!doctype html>{card(result, library=False)}", tmp_path)
    assert without.count("<svg") == 0
    assert "<table" in without  # the table says the same
