"""Tiles: their areas are the people they count, their colours follow the other figure, and they are drawn without a browser too."""

import re
from xml.etree import ElementTree

import pytest

from tilth.analysis.display import pictures, tokens
from tilth.analysis.display.treemap import Tile, treemap

TILES = [Tile("Loyal", 50, 100.0, ("50 people",), {"segment": "loyal"}), Tile("Lost", 30, 1.0), Tile("New", 20, 55.0), Tile("Nobody", 0, 0.0)]


def test_areas_are_people_and_colours_their_worth():
    root = ElementTree.fromstring(pictures.svg(treemap("Segments", TILES), 400, 200))
    colours = tokens.colours("light")
    heats = {colours[f"heat-{step}"]: step for step in range(1, 9)}
    areas = {}
    for path in root.iter("{http://www.w3.org/2000/svg}path"):
        step = heats.get(path.get("fill"))
        points = [tuple(map(float, pair)) for pair in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.get("d"))]
        if step:
            xs, ys = zip(*points, strict=True)
            areas[step] = (max(xs) - min(xs)) * (max(ys) - min(ys))
    assert set(areas) == {8, 1, 5}  # 1.00, 0.01 and 0.55 of the highest; nobody has no tile
    whole = sum(areas.values())
    for step, people in ((8, 50), (1, 30), (5, 20)):
        assert areas[step] / whole == pytest.approx(people / 100, abs=0.02)


def test_a_tile_says_whom_it_counts_and_small_ones_have_no_words():
    data = treemap("Segments", [*TILES, Tile("Few", 1, 2.0)])["series"][0]["data"]
    assert [one.get("people") for one in data] == [{"segment": "loyal"}, None, None, None]
    assert [one["label"]["show"] for one in data] == [True, True, True, False]


def test_nobody_at_all_is_an_empty_picture():
    assert treemap("Segments", [Tile("Nobody", 0, 0.0)])["series"][0]["data"] == []
