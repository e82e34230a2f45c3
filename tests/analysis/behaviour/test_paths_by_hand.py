"""Paths by hand: small tables whose every figure is counted in the comment above."""

from __future__ import annotations

from typing import Any

import pytest
from tests.analysis.asking import source_of
from tests.oracles.events import table

import tilth as tl
from tilth.analysis.result import NoSuchCell
from tilth.errors import InputError, UnknownEvent
from tilth.language import using


def events(text: str) -> Any:
    return tl.Events(source_of(table(text)), tz="UTC")


def told(result: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in result.frame.itertuples(index=False)]


SHOP = events(
    """person time  event
       ann    10:00 open
       ann    10:01 view
       ann    10:02 view
       ann    11:00 cart
       ann    11:05 pay
       ann    11:06 view
       bob    10:00 view
       bob    10:10 cart
       bob    10:20 view
       bob    10:30 -
       bob    10:40 pay
       cy     10:00 open
       cy     10:01 pay
       di     10:00 open"""
)


# Ann open view view cart …, Bob view cart view pay, Cy open pay; Di makes no move. Bob's event without a name has no place in his path.
def test_a_path_begins_with_the_first_event() -> None:
    paths = SHOP.paths(depth=2)
    assert list(paths.frame.columns) == ["depth", "source", "target", "count"]
    assert told(paths) == [
        (1, "open", "pay", 1),
        (1, "open", "view", 1),
        (1, "view", "cart", 1),
        (2, "cart", "view", 1),
        (2, "view", "view", 1),
    ]
    assert sorted(paths.people()) == ["ann", "bob", "cy", "di"]
    assert sorted(paths.people(source="view")) == ["ann", "bob"]
    assert sorted(paths.people(depth=1, source="open")) == ["ann", "cy"]


# To pay: Ann's last two moves are view-cart, cart-pay; Bob's cart-view, view-pay; Cy's only one open-pay is his first. Di never pays.
def test_paths_to_an_event_are_its_last_moves() -> None:
    paths = SHOP.paths(end="pay", depth=2)
    assert told(paths) == [
        (1, "cart", "view", 1),
        (1, "open", "pay", 1),
        (1, "view", "cart", 1),
        (2, "cart", "pay", 1),
        (2, "view", "pay", 1),
    ]
    assert sorted(paths.people()) == ["ann", "bob", "cy"]
    # Drawn, they end in one column: Cy's open stands beside the others' last events before paying.
    nodes = {node["name"].rstrip("\u200b"): node["depth"] for node in paths.chart()["series"][0]["data"]}
    assert (nodes["pay"], nodes["open"]) == (2, 1)


# From the first view to the first pay after it: Ann view view cart pay, Bob view cart view pay; folded Ann's two views are one.
def test_between_two_events_and_folded() -> None:
    assert told(SHOP.paths("view", "pay")) == [
        (1, "view", "cart", 1),
        (1, "view", "view", 1),
        (2, "cart", "view", 1),
        (2, "view", "cart", 1),
        (3, "cart", "pay", 1),
        (3, "view", "pay", 1),
    ]
    assert told(SHOP.paths("view", "pay", fold=True)) == [
        (1, "view", "cart", 2),
        (2, "cart", "pay", 1),
        (2, "cart", "view", 1),
        (3, "view", "pay", 1),
    ]


# Around the first cart, one move each way: Ann view-cart-pay, Bob view-cart-view.
def test_around_an_event_moves_are_numbered_from_it() -> None:
    assert told(SHOP.paths(around="cart", depth=1)) == [(-1, "view", "cart", 2), (1, "cart", "pay", 1), (1, "cart", "view", 1)]


# view occurs 5 times, open and pay 3 times, cart twice: of the two most frequent, equals by name, are view and open; asked for, pay stays too.
def test_rare_names_are_one_and_those_asked_for_stay() -> None:
    assert told(SHOP.paths(depth=1, top=2)) == [(1, "open", "other", 1), (1, "open", "view", 1), (1, "view", "other", 1)]
    assert told(SHOP.paths(end="pay", depth=1, top=1)) == [(1, "other", "pay", 2), (1, "view", "pay", 1)]


# A pause of 58 minutes ends Ann's first path, one of exactly 10 none of Bob's: open view view and cart pay view are Ann's, and one each the others'.
def test_a_longer_pause_begins_another_path() -> None:
    assert told(SHOP.paths(depth=1, sessions="10m")) == [(1, "cart", "pay", 1), (1, "open", "pay", 1), (1, "open", "view", 1), (1, "view", "cart", 1)]
    again = events(
        """person time  event
           ann    10:00 a
           ann    10:01 b
           ann    12:00 a
           ann    12:01 b"""
    )
    assert told(again.paths(sessions="30m")) == [(1, "a", "b", 1)]  # twice the same person
    assert again.paths(sessions="30m").transitions().loc["a", "b"] == 2


# Whole paths, however deep: open leads once to view and once to pay; view to view, cart twice, and to pay; cart to pay and view; pay to view.
def test_transitions_count_every_move() -> None:
    counts = SHOP.paths(depth=1).transitions()
    assert counts.loc[["view", "open", "pay", "cart"], ["view", "open", "pay", "cart"]].to_numpy().tolist() == [
        [1, 0, 1, 2],
        [1, 0, 1, 0],
        [1, 0, 0, 0],
        [1, 0, 1, 0],
    ]
    shares = SHOP.paths(depth=1).transitions(shares=True)
    assert shares.loc["view"].to_dict() == {"view": 0.25, "open": 0, "pay": 0.25, "cart": 0.5}
    assert SHOP.paths(end="open").transitions(shares=True).isna().all().all()  # nothing before anybody's first open


# PostHog's own test of paths (posthog/queries/test/test_paths.py, test_current_url_paths_and_logic), with pages and people of our own: of four people
# in one session each, two go from home to prices, one of them on to about, one from home to about, one from prices to home.
def test_paths_as_posthog_counts_them() -> None:
    site = events(
        """person time  event
           ann    10:00 home
           ann    10:07 about
           bob    10:00 home
           bob    10:07 prices
           bob    10:08 about
           cy     10:00 prices
           cy     10:07 home
           di     10:00 home
           di     10:07 prices"""
    )
    assert told(site.paths(sessions="30m")) == [
        (1, "home", "prices", 2),
        (1, "home", "about", 1),
        (1, "prices", "home", 1),
        (2, "prices", "about", 1),
    ]


def test_nothing_left_is_a_frame_without_rows() -> None:
    for ev in (SHOP.during("2025-01-01"), events("person time event")):
        paths = ev.paths()
        assert (len(paths.frame), len(paths.people()), paths.transitions().size) == (0, 0, 0)
        assert paths.chart()["series"][0]["links"] == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"depth": 0}, "depth=0"),
        ({"top": 0}, "top=0"),
        ({"start": "open", "around": "pay"}, "around"),
        ({"start": tl.Step("open", optional=True)}, "optional"),
        ({"sessions": "30"}, "'30m'"),
        ({"start": "opne"}, "'open'"),
    ],
)
def test_what_cannot_be_asked_says_why(options: dict[str, Any], says: str) -> None:
    with using("en"), pytest.raises(InputError, match=says):
        SHOP.paths(**options)


def test_a_cell_that_is_not_there_says_so() -> None:
    with pytest.raises(NoSuchCell):
        SHOP.paths().people(depth=6)
    with pytest.raises(UnknownEvent):
        SHOP.paths().people(source="veiw")


# 500 people, the k-th of whom goes from name k to name k + 1, and does so again the day after: as many moves as there could be are not kept a place
# for. Drawn are the seven most frequent names, of equal ones the first: n001 to n007, as every name but the first and the last is in two moves.
@pytest.mark.parametrize("end", [None, "n001"])
def test_names_may_be_many(end: str | None) -> None:
    visits = [(f"p{k:03}", day * 86400 + minute * 60, f"n{k + minute:03}") for k in range(500) for day in (0, 1) for minute in (0, 1)]
    who, when, what = zip(*visits, strict=True)
    paths = tl.Events({"user_id": who, "ts": when, "event": what}).paths(end=end, sessions="30m")
    assert told(paths) == [(1, f"n{k:03}", f"n{k + 1:03}", 1) for k in range(500 if end is None else 1)]
    assert list(paths.people(source="n000")) == ["p000"]
    drawn = paths.chart()["series"][0]["links"]
    if end is None:
        assert [link["value"] for link in drawn] == [1] * 8 + [492]
    else:
        assert [(link["source"].rstrip("\u200b"), link["target"].rstrip("\u200b"), link["value"]) for link in drawn] == [("n000", "n001", 1)]
