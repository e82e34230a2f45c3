"""Touchpoints by hand: small tables whose every path is told in the comment above."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.analysis.asking import source_of
from tests.oracles.events import table

import tilth as tl
from tilth.analysis.behaviour.touchpoints import Touches
from tilth.analysis.result import NoSuchCell
from tilth.errors import InputError
from tilth.language import using


def events(text: str) -> Any:
    return tl.Events(source_of(table(text)), tz="UTC")


def told(result: Any) -> list[tuple[Any, ...]]:
    return [tuple(None if pd.isna(value) else value for value in row) for row in result.frame.itertuples(index=False)]


SHOP = events(
    """person time             event channel amount
       ann    2024-01-01T10:00 view  ad      -
       ann    2024-01-03T10:00 view  mail    -
       ann    2024-01-03T10:05 view  mail    -
       ann    2024-01-04T10:00 pay   ad      20
       ann    2024-01-10T10:00 view  group   -
       ann    2024-01-11T10:00 pay   -       5
       bob    2024-01-01T10:00 view  mail    -
       bob    2024-01-01T11:00 view  -       -
       bob    2024-01-09T10:00 view  ad      -
       cy     2024-01-05T10:00 pay   -       9
       cy     2024-01-06T10:00 view  ad      -
       di     2024-01-02T10:00 view  mail    -
       di     2024-01-03T10:00 pay   -       -"""
)


# Ann's first payment came by ad, mail, mail (its own channel is no touch), the second by these and group: 10 days and less. Di's by mail, worth
# nothing that is known. Cy paid without a touch; his ad led to none yet, and so did Bob's mail and ad.
def test_every_conversion_has_the_path_before_it() -> None:
    found = SHOP.touchpoints("channel", "pay", "amount")
    assert told(found) == [
        ("ad > mail > mail", 1, 20.0, 0),
        ("ad > mail > mail > group", 1, 5.0, 0),
        ("mail", 1, 0.0, 0),
        ("ad", 0, 0.0, 1),
        ("mail > ad", 0, 0.0, 1),
    ]
    assert found.untouched == 1
    assert sorted(found.people()) == ["ann", "bob", "cy", "di"]
    assert sorted(found.people("ad", converted=False)) == ["cy"]
    assert sorted(found.people(converted=True)) == ["ann", "di"]
    assert told(SHOP.touchpoints("channel", "pay"))[0][2] is None  # nobody asked for a value


# Exactly 8 days: Ann's mail of the 3rd at 10:00 is in the path of the 11th at 10:00, the ad of the 1st is not; Bob's mail lies 8 days before his ad.
def test_the_look_back_includes_its_bound() -> None:
    paths = SHOP.touchpoints("channel", "pay", lookback="8d").frame
    assert set(paths["path"]) == {"ad > mail > mail", "mail > mail > group", "mail", "ad", "mail > ad"}
    week = SHOP.touchpoints("channel", "pay", lookback="7d").frame
    assert set(week["path"]) == {"ad > mail > mail", "group", "mail", "ad"}
    assert week.set_index("path").loc["ad", "nulls"] == 2  # Cy's and, without its mail, Bob's


# Folded, Ann's two mails are the later one: one day less five minutes before the payment.
def test_touches_of_one_channel_in_a_row_fold_into_the_last() -> None:
    touches = SHOP.touchpoints("channel", "pay", fold=True).touches
    first = slice(touches.offsets[0], touches.offsets[1])
    assert [touches.names[code] for code in touches.channels[first]] == ["ad", "mail"]
    assert (touches.ages[first] / 60e6).tolist() == [3 * 24 * 60, 24 * 60 - 5]


# The last two touches are told: of Ann's paths of 3 and 4.
def test_a_path_holds_its_last_touches() -> None:
    found = SHOP.touchpoints("channel", "pay", longest=2)
    assert set(found.frame["path"]) == {"mail > mail", "mail > group", "mail", "mail > ad", "ad"}
    assert found.cut == 2


# Only views are touches by default too, because a payment never is; of another event there is none, so nobody has a path.
def test_what_is_a_touch_can_be_said() -> None:
    assert told(SHOP.touchpoints("channel", "pay", touch="view")) == told(SHOP.touchpoints("channel", "pay"))
    ads = SHOP.touchpoints("channel", "pay", touch=tl.Step("view", where={"channel": "ad"}))
    assert set(ads.frame["path"]) == {"ad"}
    assert ads.untouched == 2  # Cy's and Di's


def test_nothing_left_is_a_frame_without_rows() -> None:
    empty = SHOP.during("2025-01-01").touchpoints("channel", "pay")
    assert list(empty.frame.columns) == ["path", "conversions", "value", "nulls"]
    assert (len(empty.frame), len(empty.people()), empty.chart()["series"][0]["data"]) == (0, 0, [])


# Rows of one path are added up, however blanks are set: "a > b" has 2 + 1 conversions worth 10 + 5.
def test_a_frame_of_paths_is_read() -> None:
    given = {"path": ["a > b", "b", " a>b "], "total_conversions": [2, 4, 1], "total_conversion_value": [10, 1.5, 5], "total_null": [3, 0, 4]}
    found = tl.Touchpaths(pd.DataFrame(given))
    assert told(found) == [("b", 4, 1.5, 0), ("a > b", 3, 15.0, 7)]
    assert found.touches.ages is None
    assert told(tl.Touchpaths(found.frame)) == told(found)
    with pytest.raises(NoSuchCell):
        found.people()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"path": ["a"]}, "'conversions'"),
        ({"paths": ["a"], "conversions": [1]}, "'path'"),
        ({"path": ["a", "b > "], "conversions": [1, 1]}, "Row 2"),
        ({"path": ["a", None], "conversions": [1, 1]}, "Row 2"),
        ({"path": ["a"], "conversions": ["many"]}, "Row 1, column 'conversions': 'many'"),
        ({"path": ["a"], "conversions": [-1]}, "-1"),
    ],
)
def test_a_frame_that_cannot_be_read_says_where(given: dict[str, Any], says: str) -> None:
    with using("en"), pytest.raises(InputError, match=says):
        tl.Touchpaths(given)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"value": "channel"}, "'channel' holds 'ad'"),
        ({"channel": "chanel"}, "'channel'"),
        ({"longest": 0}, "longest=0"),
        ({"conversion": "pya"}, "'pay'"),
        ({"lookback": 30}, "'30m'"),
    ],
)
def test_what_cannot_be_asked_says_why(options: dict[str, Any], says: str) -> None:
    with using("en"), pytest.raises(InputError, match=says):
        SHOP.touchpoints(**{"channel": "channel", "conversion": "pay"} | options)


# More touches than are joined at once: three paths of a million touches between them are told as they are.
def test_long_paths_are_joined_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tilth.analysis.behaviour.touchpoints._AT_ONCE", 2)
    one = np.ones(3, np.int64)
    touches = Touches(["a", "b"], np.array([0, 3, 4, 5]), np.array([0, 1, 0, 1, 1], np.int32), None, one, one.astype(float), one - 1)
    assert touches.texts().to_pylist() == ["a > b > a", "b", "b"]
