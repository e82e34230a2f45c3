"""Keeping the largest groups of a split: theirs are the figures without `top`, and "(other)" is the question asked of everybody else's people."""

from __future__ import annotations

import pandas as pd

import tilth as tl

# Who looked at what in which channel. douyin: ann, bo, cy (ann and bo buy, after 10 and 30 minutes); search: di, ed (di buys, after 20);
# sms: flo (buys after 40 minutes); no channel: gus. With top=2 the others are flo and gus.
SHOP = tl.Events(
    {
        "user_id": ["ann", "ann", "bo", "bo", "cy", "di", "di", "ed", "flo", "flo", "gus"],
        "ts": [
            *("2024-05-06 10:00", "2024-05-06 10:10", "2024-05-06 10:00", "2024-05-06 10:30", "2024-05-06 10:00", "2024-05-06 10:00"),
            *("2024-05-06 10:20", "2024-05-07 10:00", "2024-05-06 10:00", "2024-05-06 10:40", "2024-05-07 10:00"),
        ],
        "event": ["view", "buy", "view", "buy", "view", "view", "buy", "view", "view", "buy", "view"],
        "channel": ["douyin", "douyin", "douyin", "douyin", "douyin", "search", "search", "search", "sms", "sms", None],
    }
)
OTHERS = {"flo", "gus"}


def same(ours: pd.DataFrame, expected: pd.DataFrame) -> bool:
    columns = [name for name in expected.columns if name != "channel"]
    pd.testing.assert_frame_equal(ours[columns].reset_index(drop=True), expected[columns].reset_index(drop=True))
    return True


def test_a_funnel_keeps_the_figures_of_the_largest_groups_and_asks_the_others_together() -> None:
    whole, kept = SHOP.funnel(["view", "buy"], by="channel"), SHOP.funnel(["view", "buy"], by="channel", top=2)
    assert kept.frame["channel"].tolist() == ["douyin", "douyin", "search", "search", "(other)", "(other)"]
    assert kept.frame["people"].tolist() == [3, 2, 2, 1, 2, 1]
    assert kept.frame["median_seconds"].dropna().tolist() == [1200, 1200, 2400]
    for name in ("douyin", "search"):
        assert same(kept.frame[kept.frame["channel"] == name], whole.frame[whole.frame["channel"] == name])
    assert same(kept.frame.tail(2), SHOP.within(OTHERS).funnel(["view", "buy"]).frame)
    assert set(kept.people(channel="(other)")) == OTHERS
    assert set(kept.people(step=2, dropped=True, channel="(other)")) == {"gus"}


def test_one_who_is_in_two_groups_that_are_put_together_is_counted_once() -> None:
    # With by_touch="all" ann is in a, b and c; b and c have one person each and a two; put together they are of one person.
    events = tl.Events({"user_id": ["ann"] * 3 + ["bo"], "ts": [0, 1, 2, 0], "event": ["x", "y", "z", "x"], "group": ["a", "b", "c", "a"]})
    split = events.funnel(["x", "y", "z"], by="group", by_touch="all", top=1)
    assert split.frame[["group", "people"]].values.tolist() == [["a", 2], ["a", 1], ["a", 1], ["(other)", 1], ["(other)", 1], ["(other)", 1]]


def test_retention_keeps_the_figures_of_the_largest_groups_and_asks_the_others_together() -> None:
    asked = {"start": "view", "back": "buy", "periods": 1}
    whole, kept = SHOP.retention(**asked, by="channel"), SHOP.retention(**asked, by="channel", top=2)
    own = kept.frame[kept.frame["period"] == 0]
    assert own["channel"].tolist() == ["douyin", "search", "search", "(other)", "(other)"]  # search and the others have cohorts of two days
    assert own[["size", "people"]].values.tolist() == [[3, 2], [1, 1], [1, 0], [1, 1], [1, 0]]
    for name in ("douyin", "search"):
        assert same(kept.frame[kept.frame["channel"] == name], whole.frame[whole.frame["channel"] == name])
    others = SHOP.within(OTHERS).retention(**asked).frame
    assert same(kept.frame[kept.frame["channel"] == "(other)"], others)
    assert set(kept.people(channel="(other)")) == OTHERS
    assert set(kept.people(period=0, channel="(other)")) == {"flo"}
