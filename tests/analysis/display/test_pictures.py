"""Pictures without a browser: the figures and colours a page has, on any thread, within limits, and errors that say what is missing.

Expected colours are those of the design (green #1f7a4d by day, #46b480 by night); expected figures are counted by hand or read from the frame.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import struct
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from xml.etree import ElementTree

import pytest

import tilth as tl
from tilth.analysis.display import charts, pictures, tokens
from tilth.errors import InputError
from tilth.language import using

EVIL = '</text><script>"&\u2028'
BAR = {"xAxis": {"type": "category", "data": ["耕运"]}, "yAxis": {"type": "value"}, "series": [{"type": "bar", "data": [1]}]}


def words(drawing: str) -> list[str]:
    """Return the texts of an SVG; parsing fails where something in it was not escaped."""
    root = ElementTree.fromstring(drawing)
    return ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.fixture
def events() -> tl.Events:
    """Four people see, two put into the cart, one pays; two of them come back in the week after."""
    day = {"a": ["view", "cart", "pay"], "b": ["view", "cart"], "c": ["view"], "d": ["view"]}
    rows = [(person, f"2025-01-01 0{k}:00", event) for person, done in day.items() for k, event in enumerate(done)]
    rows += [("a", "2025-01-08 00:00", "view"), ("c", "2025-01-09 00:00", "view"), ("d", "2025-01-20 00:00", "view")]
    people, times, names = zip(*rows, strict=True)
    city = ["上海" if person in "ab" else "杭州" for person in people]
    return tl.Events({"user_id": people, "ts": times, "event": names, "city": city})


@pytest.fixture
def results(events: tl.Events) -> list[tl.Result]:
    steps = ["view", "cart", "pay"]
    orders = tl.Orders({"user": ["a", "b"], "day": ["2025-01-01", "2025-01-05"], "paid": [10, 5]}, "user", "day", "paid")
    return [
        events.funnel(steps),
        events.funnel(steps, by="city"),
        events.retention("view", period="week", periods=2),
        events.retention("view", period="week", periods=2, by="city"),
        orders.rfm(),
    ]


def test_a_funnel_says_people_share_and_nothing_else_over_its_bars(events: tl.Events) -> None:
    with using("en"):
        drawing = pictures.svg(events.funnel(["view", "cart", "pay"]).chart())
    assert [word for word in words(drawing) if "·" in word] == ["2 · 50.0%", "1 · 50.0%"]
    assert {"view", "cart", "pay", "4"} <= set(words(drawing))


def test_the_lost_are_those_of_the_required_step_before(events: tl.Events) -> None:
    result = events.funnel(["view", tl.Step("pay", optional=True), "cart"])
    reached, lost = result.chart()["series"]
    assert reached["data"] == result.frame["people"].tolist() == [4, 0, 2]
    assert [bar["value"] for bar in lost["data"]] == [0, 4, 2]  # not 4, -2: the step before cart that everybody needs is view


def test_groups_are_compared_by_share_with_its_interval_inside_the_axis(events: tl.Events) -> None:
    with using("zh"):
        option = events.funnel(["view", "cart"], by="city").chart()
    drawing = pictures.svg(option)
    assert option["yAxis"]["data"] == ["上海", "杭州"]  # 2 of 2, then 0 of 2
    low, high = (end["coord"][0] for end in option["series"][0]["markLine"]["data"][0])
    assert (round(low, 3), high) == (0.342, 1.0)  # Wilson for 2 of 2: n / (n + z²) = 2 / 5.8415
    assert option["xAxis"]["max"] == 1
    assert {"100.0%", "0.0%", "全部 50.0%", "20%", "80%"} <= set(words(drawing))


def test_retention_by_cohort_is_a_heat_map_whose_unfinished_cells_take_no_colour(events: tl.Events) -> None:
    with using("en"):
        option = events.retention("view", period="week", periods=2).chart()
    # All start in the week of 2024-12-30; a and c come back in the week after, d on the first day of the third week from then, the last day known.
    said = {cell["value"][0]: (cell["label"]["formatter"], cell.get("visualMap")) for cell in option["series"][0]["data"]}
    assert said == {0: ("100.0", False), 1: ("50.0", None), 2: ("0.0", None)}
    assert option["visualMap"]["max"] == 0.5
    known = events.retention("view", period="week", periods=2, until="2025-01-15").chart()["series"][0]["data"]
    assert known[2]["label"]["formatter"] == "0.0*"
    assert "decal" in known[2]["itemStyle"]


def test_curves_leave_out_the_cohorts_own_period_and_what_has_not_passed(events: tl.Events) -> None:
    option = events.retention("view", period="week", periods=3, by="city").chart()
    with using("en"):
        named = events.retention("view", period="week", periods=3, by="city").chart()["xAxis"]["data"]
    assert named == ["Week 1", "Week 2"]
    assert {series["name"]: series["data"] for series in option["series"]} == {"上海": [0.5, 0.0], "杭州": [0.5, 0.0]}


def test_curves_of_brackets_that_pass_out_of_order_have_a_gap(events: tl.Events) -> None:
    retention = events.retention("view", period="week", kind="bracket", brackets=[(2, 9), (1, 1)], by="city")
    assert [series["data"] for series in retention.chart()["series"]] == [[0.5], [0.5]]
    brackets = [(1, 1), (2, 9), (2, 2)]
    gap = events.retention("view", period="week", kind="bracket", brackets=brackets, by="city").chart()
    assert [series["data"] for series in gap["series"]] == [[0.5, None, 0.0], [0.5, None, 0.0]]
    assert len(gap["xAxis"]["data"]) == 3


def test_every_chart_is_data_that_anybodys_echarts_can_draw(results: list[tl.Result]) -> None:
    """ECharts alone, without our theme, draws the same rows and labels."""
    from py_mini_racer import MiniRacer

    draw = """(text) => { const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: 760, height: 320 });
        chart.setOption({ animation: false, ...JSON.parse(text) }); return chart.renderToSVGString(); }"""
    with MiniRacer() as engine:
        engine.eval(tokens.asset("echarts.min.js") + "\n;0")
        for result in results:
            text = json.dumps(result.chart(), allow_nan=False)
            alone, ours = (words(drawing) for drawing in (engine.call(f"({draw})", text), pictures.svg(result.chart())))
            labels = {word for word in ours if "·" in word or word.endswith("*")}
            assert labels <= set(alone)


@pytest.mark.parametrize(("theme", "green", "ground"), [("light", "#1f7a4d", "#ffffff"), ("dark", "#46b480", "#191d1b")])
def test_a_picture_has_the_colours_of_its_theme(theme: tokens.Theme, green: str, ground: str) -> None:
    drawing = pictures.svg(BAR, theme=theme)
    assert f'fill="{green}"' in drawing
    assert f'fill="{ground}"' in drawing


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("axisPercent", 0.25, "25%", "25%"),
        ("axisPercent", -0.125, "−12.5%", "−12.5%"),
        ("axisCount", 25_000, "2.5万", "25,000"),
        ("axisCount", 320_000_000, "3.2亿", "320M"),
        ("axisMoney", -25_000, "−¥2.5万", "−¥25,000"),
        ("count", 1234.5, "1,234.5", "1,234.5"),
        ("percent", 0.3104, "31.0%", "31.0%"),
        ("money", 1234, "¥1,234", "¥1,234"),
    ],
)
def test_figures_on_an_axis_are_worded(name: str, value: float, zh: str, en: str) -> None:
    low, high = min(value, 0), max(value, 0)
    axis = {"type": "value", "min": low, "max": high, "interval": high - low, "axisLabel": {"formatter": {"$": name}}}
    for language, word in (("zh", zh), ("en", en)):
        with using(language):
            assert word in words(pictures.svg(BAR | {"yAxis": axis}))


@pytest.mark.parametrize(("name", "value", "word"), [("labelCount", 12345, "12,345"), ("labelPercent", 0.5, "50.0%"), ("labelChange", 300, "+300")])
def test_figures_on_bars_are_worded(name: str, value: float, word: str) -> None:
    series = [{"type": "bar", "data": [value], "label": {"show": True, "formatter": {"$": name}}}]
    assert word in words(pictures.svg(BAR | {"series": series}))


def test_an_estimate_is_drawn_with_its_interval() -> None:
    series = [{"type": "custom", "renderItem": {"$": "interval"}, "encode": {"x": [1, 2, 3], "y": 0}, "data": [[0, 0.1, 0.2, 0.4]]}]
    drawing = pictures.svg({"xAxis": {"type": "value", "min": 0, "max": 0.5}, "yAxis": {"type": "category", "data": ["B"]}, "series": series})
    assert len(re.findall(r'<path d="[^"]+"[^>]*stroke="#1f7a4d"', drawing)) == 3  # the line and its two ends
    assert re.search(r'fill="#1f7a4d"[^>]*stroke="#ffffff"', drawing)  # the estimate


def test_names_from_the_data_are_text_in_a_picture() -> None:
    events = tl.Events({"user_id": ["a"], "ts": [0], "event": [EVIL]})
    assert any(EVIL.rstrip("\u2028") in word for word in words(pictures.svg(events.funnel([EVIL]).chart(), width=2000)))


def test_a_png_has_its_pixels_and_shows_chinese() -> None:
    made = pictures.png(BAR, width=400, height=200, scale=3)
    assert made.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", made[16:24]) == (1200, 600)
    other = BAR | {"xAxis": {"type": "category", "data": ["增长"]}}
    assert pictures.png(other, width=400, height=200, scale=3) != made  # two boxes, or two gaps, would be the same picture


def test_without_a_font_for_chinese_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "chinese_shows", partial(pictures.chinese_shows, system_fonts=False))
    with using("en"), pytest.raises(pictures.NoPicture, match="apt-get install fonts-noto-cjk"):
        pictures.png(BAR)
    latin = BAR | {"xAxis": {"type": "category", "data": ["growth"]}}
    assert pictures.png(latin).startswith(b"\x89PNG")


@pytest.mark.parametrize(("module", "package", "draw"), [("py_mini_racer", "mini-racer", pictures.svg), ("resvg_py", "resvg-py", pictures.png)])
def test_a_missing_part_is_named_with_the_command_that_brings_it(module: str, package: str, draw: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # importing it fails, as where it is not installed
    with using("en"), pytest.raises(pictures.NoPicture, match=rf"{package}.*pip install 'tilth\[web\]'"):
        draw(BAR)  # type: ignore[operator]


def test_many_threads_draw_the_same(results: list[tl.Result]) -> None:
    options = [charts.drawn(result)[0] for result in results] * 6
    alone = [pictures.svg(option) for option in options[: len(results)]]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(pictures.svg, options))
    assert together == alone * 6


@pytest.fixture
def fresh() -> Iterator[None]:
    """An engine that is begun anew, and again after the test."""
    pictures._drawing._end()
    yield
    pictures._drawing._end()


@pytest.mark.usefixtures("fresh")
def test_it_draws_where_an_event_loop_runs() -> None:
    async def first() -> str:
        return pictures.svg(BAR)

    assert asyncio.run(first()) == pictures.svg(BAR)  # the engine outlives the loop that it was begun under


def test_a_forked_child_draws_and_ends() -> None:
    expected = pictures.svg(BAR)
    child = os.fork()
    if child == 0:
        os._exit(0 if pictures.svg(BAR) == expected else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert pictures.svg(BAR) == expected


def cloud(points: int) -> dict[str, object]:
    return {"xAxis": {"type": "value"}, "yAxis": {"type": "value"}, "series": [{"type": "scatter", "data": [[k, k % 97] for k in range(points)]}]}


def test_what_takes_too_long_is_stopped_and_the_next_picture_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures.svg(BAR)
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "SECONDS", 0.05)
        with using("en"), pytest.raises(pictures.NoPicture, match="too long"):
            pictures.svg(cloud(50_000))
    assert "耕运" in words(pictures.svg(BAR))


@pytest.mark.usefixtures("fresh")
def test_what_takes_too_much_memory_is_stopped_and_the_next_picture_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "MEMORY", 40 * 2**20)
        with using("en"), pytest.raises(pictures.NoPicture, match="too much memory"):
            pictures.svg(cloud(100_000))
    assert "耕运" in words(pictures.svg(BAR))


@pytest.mark.parametrize("figure", [float("nan"), float("inf")])
def test_figures_that_are_none_are_refused(figure: float) -> None:
    with using("en"), pytest.raises(InputError, match="not finite"):
        pictures.svg(BAR | {"series": [{"type": "bar", "data": [figure]}]})


@pytest.mark.parametrize("size", [{"width": 0}, {"height": 9_000}, {"width": -1}])
def test_sizes_that_are_none_are_refused(size: dict[str, int]) -> None:
    with using("en"), pytest.raises(InputError, match="1 to 8000 pixels"):
        pictures.svg(BAR, **size)
    with pytest.raises(InputError, match="scale"):
        pictures.png(BAR, scale=50)


def test_a_theme_that_there_is_none_of_is_refused() -> None:
    with using("en"), pytest.raises(InputError, match="'light'"):
        pictures.svg(BAR, theme="lihgt")  # type: ignore[arg-type]


def test_a_chart_that_echarts_refuses_says_why() -> None:
    with using("en"), pytest.raises(pictures.NoPicture, match=r"xAxis\.bogus"):
        pictures.svg(BAR | {"xAxis": {"type": "bogus"}})


@pytest.mark.parametrize(("names", "tilted"), [(["Favourite goods", "Begin checkout"], True), (["收藏的商品", "提交的订单"], False)])
def test_names_of_columns_are_tilted_where_a_word_has_no_room(names: list[str], tilted: bool) -> None:
    option = {"xAxis": {"type": "category", "data": names}, "yAxis": {"type": "value"}, "series": [{"type": "bar", "data": [1, 2]}]}
    narrow, wide = (pictures.svg(option, width=width, height=200) for width in (180, 800))
    assert ("matrix(" in narrow, "matrix(" in wide) == (tilted, False)
    assert (set(names) <= set(words(narrow))) == tilted  # those that are not stand in several lines
    assert set(names) <= set(words(wide))
