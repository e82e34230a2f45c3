"""Scroll maps: worked examples by hand, and the same counts by plain Python over many random views."""

import random

import pytest

import tilth as tl
from tilth.analysis.behaviour.scroll_map import ScrollMap, ScrollMapOptions
from tilth.analysis.result import NoSuchCell
from tilth.errors import InputError

SCROLLS = [  # person, view, depth, path, width
    ("ann", "v1", 0.25, "/", 1440),
    ("ann", "v1", 0.75, "/", 1440),
    ("ann", "v2", 0.1, "/", 390),
    ("bo", "v3", 1.0, "/", 390),
    ("bo", "v4", 0.9, "/cart", 390),
    ("cy", None, 0.3, "/", 1440),
    ("cy", None, 0.3, "/", 1440),
    ("cy", "v5", None, "/", 1440),
]


def asked(rows=SCROLLS, **options):
    names = ["person", "view", "depth", "path", "viewport_width"]
    columns = {name: [row[k] for row in rows] for k, name in enumerate(names)}
    times = [f"2026-03-01 09:{k // 60:02}:{k % 60:02}" for k in range(len(rows))]
    return ScrollMap(tl.Events({**columns, "time": times, "event": ["scroll"] * len(rows)}, "person", "time", "event"), ScrollMapOptions(**options))


def test_by_hand():
    found = asked(page="/", bands=4)
    # views: v1 .75 (its deepest; exactly the beginning of the fourth band, which it did not see), v2 .1, v3 1, and cy's two without a name, .3 each
    assert found.frame["views"].tolist() == [5, 4, 2, 1]
    assert found.frame["people"].tolist() == [3, 3, 2, 1]
    assert found.frame["share"].tolist() == [1.0, 0.8, 0.4, 0.2]
    assert found.frame[["from_depth", "to_depth"]].to_numpy().tolist() == [[0, 0.25], [0.25, 0.5], [0.5, 0.75], [0.75, 1]]
    assert sorted(found.people(3).ids.to_pylist()) == ["ann", "bo"]
    assert sorted(found.people().ids.to_pylist()) == ["ann", "bo", "cy"]


def test_at_the_width_of_phones():
    assert asked(page="/", bands=2, widths=(None, 768)).frame["views"].tolist() == [2, 1]


def test_no_views():
    found = asked(page="/nowhere", bands=2)
    assert found.frame["views"].tolist() == [0, 0]
    assert found.chart()["series"][0]["data"] == [None, None]


def test_what_cannot_be_asked():
    with pytest.raises(InputError, match="bands=101"):
        ScrollMapOptions(bands=101)
    with pytest.raises(NoSuchCell, match="11"):
        asked().people(11)


def test_against_counting_one_by_one():
    drawn = random.Random(7)
    # hundredths, and 20 bands: compared as whole numbers, so that there is no rounding to agree on
    rows = []
    for _ in range(2000):
        view = drawn.randrange(300)
        rows.append((f"p{view % 40}", f"v{view}", drawn.randrange(101), "/", 390))
    deepest = {}
    for person, view, depth, _path, _width in rows:
        deepest[person, view] = max(depth, deepest.get((person, view), 0))
    found = asked([(person, view, depth / 100, path, width) for person, view, depth, path, width in rows], bands=20)
    assert found.frame["views"].tolist() == [sum(depth > 5 * band for depth in deepest.values()) for band in range(20)]
    assert found.frame["people"].tolist() == [len({who for (who, _), depth in deepest.items() if depth > 5 * band}) for band in range(20)]
