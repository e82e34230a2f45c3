"""Click maps: worked examples by hand, and the same counts by plain Python over many random clicks."""

import json
import random
from collections import Counter, defaultdict

import pytest

import tilth as tl
from tilth.analysis.behaviour.click_map import ClickMap, ClickMapOptions
from tilth.analysis.result import NoSuchCell
from tilth.errors import InputError

CLICKS = [  # person, element, x, y, path, width
    ("ann", "#buy", 0.0, 0.0, "/", 1440),
    ("ann", "#buy", 0.1, 0.09, "/", 390),
    ("bo", "#buy", 1.0, 1.0, "/", 390),
    ("bo", "#logo", 0.5, 0.5, "/", 1440),
    ("bo", "#buy", 0.5, 0.25, "/cart", 1440),
    ("cy", None, 0.5, 0.5, "/", 1440),
    ("cy", "#buy", None, 0.5, "/", 1440),
]


def events(rows, **more):
    """Events as the web script reports them, and one of another kind that has the same properties."""
    rows = [*rows, ("dee", "#buy", 0.5, 0.5, "/", 390)]
    names = ["person", "element", "x", "y", "path", "viewport_width"]
    columns = {name: [row[k] for row in rows] for k, name in enumerate(names)}
    times = [f"2026-03-01 09:{k // 60 % 60:02}:{k % 60:02}" for k in range(len(rows))]
    return tl.Events({**columns, "time": times, "event": [*["click"] * (len(rows) - 1), "form_submit"], **more}, "person", "time", "event")


def asked(rows=CLICKS, **options):
    return ClickMap(events(rows), ClickMapOptions(**options))


def counted(table):
    return [tuple(row) for row in table.itertuples(index=False)]


def test_by_hand():
    found = asked(page="/", bins=10)
    # 0.1 begins the second bin and 1.0 belongs to the last; a click without element or place is none
    assert counted(found.frame) == [("#buy", 1, 1, 1, 1), ("#buy", 2, 1, 1, 1), ("#buy", 10, 10, 1, 1), ("#logo", 6, 6, 1, 1)]
    assert counted(found.elements) == [("#buy", 3, 2, 0.75), ("#logo", 1, 1, 0.25)]
    assert sorted(found.people("#buy").ids.to_pylist()) == ["ann", "bo"]
    assert sorted(found.people("#buy", x=10, y=10).ids.to_pylist()) == ["bo"]
    assert sorted(found.people().ids.to_pylist()) == ["ann", "bo"]


def test_at_the_width_of_phones():
    assert asked(page="/", widths=(None, 768)).elements["clicks"].tolist() == [2]
    assert asked(page="/", widths=(768, None)).elements["clicks"].tolist() == [1, 1]
    assert asked(widths=(390, 391)).elements["clicks"].tolist() == [2]


def test_nobody_clicked():
    found = asked(page="/nowhere")
    assert (len(found.frame), len(found.elements)) == (0, 0)
    assert found.people().ids.to_pylist() == []
    assert found.chart()["series"][0]["data"] == []


def test_what_cannot_be_asked():
    with pytest.raises(InputError, match="bins=0"):
        ClickMapOptions(bins=0)
    with pytest.raises(InputError, match="widths"):
        ClickMapOptions(widths=(768, 390))
    with pytest.raises(NoSuchCell, match="#none"):
        asked().people("#none")
    with pytest.raises(NoSuchCell, match="11"):
        asked().people("#buy", x=11)


def test_against_counting_one_by_one():
    drawn = random.Random(5)
    rows = [
        (f"p{drawn.randrange(40)}", drawn.choice(["#a", "#b > i", "main > p"]), drawn.randrange(101) / 100, drawn.randrange(101) / 100, "/", 390)
        for _ in range(3000)
    ]
    clicks, people = Counter(), defaultdict(set)
    for person, element, x, y, _path, _width in rows:
        # hundredths as whole numbers: no rounding to agree on
        cell = element, min(round(x * 100) * 4 // 100, 3) + 1, min(round(y * 100) * 4 // 100, 3) + 1
        clicks[cell] += 1
        people[cell].add(person)
    found = asked(rows, bins=4)
    assert {row[:3]: row[3:] for row in counted(found.frame)} == {cell: (clicks[cell], len(people[cell])) for cell in clicks}
    some = next(iter(clicks))
    assert set(found.people(*some).ids.to_pylist()) == people[some]


def test_only_some_people_and_days():
    whole = events(CLICKS)
    assert ClickMap(whole.within(["bo"]), ClickMapOptions(page="/")).elements["clicks"].tolist() == [1, 1]
    assert ClickMap(whole.during("2026-03-01 09:00:02"), ClickMapOptions(page="/")).elements["clicks"].tolist() == [1, 1]


def test_a_chart_is_json():
    assert json.loads(json.dumps(asked().chart()))["yAxis"]["data"] == ["#buy", "#logo"]
