"""Similar paths on generated people whose kind is known, on small tables counted by hand, and where there is hardly anything to tell apart."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from tests.analysis.asking import source_of
from tests.analysis.parts import Dealt
from tests.oracles.events import table

import tilth as tl
from tilth.analysis.behaviour.path_clusters import PathClusters, PathClustersOptions, finding
from tilth.analysis.clustered import ClusterEvents
from tilth.analysis.result import NoSuchCell
from tilth.errors import InputError
from tilth.language import using

WAYS = {
    "buyer": ["open", "search", "view", "cart", "pay"],
    "inviter": ["open", "coupon", "invite", "share"],
    "watcher": ["open", "live", "comment", "gift"],
    "caller": ["open", "help", "chat", "refund"],
}


def planted(people: int, noise: float, seed: int = 3) -> tuple[pd.DataFrame, dict[str, str]]:
    """People who walk one of four ways over and over, in a share of their events anything at all; and who walks which."""
    drawn = np.random.default_rng(seed)
    names, kinds, rows = sorted({name for way in WAYS.values() for name in way}), {}, []
    for number in range(people):
        person, kind = f"p{number}", str(drawn.choice(list(WAYS), p=[0.45, 0.25, 0.2, 0.1]))
        kinds[person] = kind
        for place in range(int(drawn.integers(6, 16))):
            name = names[int(drawn.integers(len(names)))] if drawn.random() < noise else WAYS[kind][place % len(WAYS[kind])]
            rows.append((person, 1_700_000_000 + 60 * place, name))
    return pd.DataFrame(rows, columns=["user_id", "ts", "event"]), kinds


def agreement(result: PathClusters, kinds: dict[str, str]) -> float:
    """The adjusted Rand index of the clusters against the kinds: 1 is the same, 0 what chance would give."""
    from sklearn.metrics import adjusted_rand_score

    found = {who: c for c in result.frame["cluster"] for who in result.people(c)}
    return float(adjusted_rand_score([kinds[who] for who in found], list(found.values())))


# Nine events in ten are one's own: nobody is mistaken. Three in four: nearly nobody.
@pytest.mark.parametrize(("noise", "least"), [(0.1, 0.99), (0.25, 0.9)])
def test_planted_ways_are_found_and_counted(noise: float, least: float) -> None:
    rows, kinds = planted(1_500, noise)
    result = tl.Events(rows).paths().clusters()
    assert len(result.frame) == len(WAYS)
    assert agreement(result, kinds) > least
    assert result.silhouette == pytest.approx(result.tried[4], abs=0.02)  # a last move of centres apart
    assert result.warning() == ""
    sizes = pd.Series(kinds).value_counts()
    assert result.frame["people"].tolist() == pytest.approx(sizes.tolist(), rel=0.1)
    assert result.frame["share"].sum() == pytest.approx(1)
    for c, kind in enumerate(sizes.index, 1):  # the frequent kinds are the large clusters
        way = WAYS[str(kind)]
        assert set(result.typical(c)) <= {(name, None) for name in way} | set(pairwise(way)) | {(way[-1], way[0])}
        assert set(result.example(c)) >= set(way)


def test_a_part_of_the_people_is_enough_to_find_them(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, kinds = planted(1_500, 0.1)
    monkeypatch.setattr(finding, "SAMPLE", 300)
    result = tl.Events(rows).paths().clusters()
    assert agreement(result, kinds) > 0.99
    with using("en"):
        assert "from 300 people" in result.definition()


def test_the_order_of_the_rows_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "SAMPLE", 200)
    rows, _kinds = planted(500, 0.4)
    one = tl.Events(rows).paths().clusters()
    other = tl.Events(rows.sample(frac=1, random_state=8)).paths().clusters()
    pd.testing.assert_frame_equal(one.frame, other.frame)
    pd.testing.assert_frame_equal(one.traits, other.traits)
    assert one.tried == other.tried
    assert [set(one.people(c)) for c in one.frame["cluster"]] == [set(other.people(c)) for c in other.frame["cluster"]]


def test_as_many_clusters_as_are_asked_for() -> None:
    rows, _kinds = planted(400, 0.3)
    for k in (2, 3, 6, 20):
        result = tl.Events(rows).paths().clusters(k)
        assert len(result.frame) == k
        assert list(result.tried) == [k]
        everyone = [who for c in range(1, k + 1) for who in result.people(c)]
        assert len(everyone) == len(set(everyone)) == 400 == len(result.people())


def test_ways_that_are_no_ways_are_said_to_hardly_differ() -> None:
    rows, _kinds = planted(600, 1.0)
    with using("en"):
        assert "hardly differ" in tl.Events(rows).paths().clusters().warning()


def test_many_names_are_the_most_frequent_and_others() -> None:
    rows = [(f"p{n}", n, f"page {n % 700:03d}") for n in range(2_100)] + [(f"p{n}", 5_000 + n, "open") for n in range(2_100)]
    result = tl.Events(pd.DataFrame(rows, columns=["user_id", "ts", "event"])).paths().clusters(2)
    names = result.traits[result.traits["target"].isna()].groupby("source")["people"].sum()
    assert len(names) == finding.MOST_NAMES + 1
    assert names["open"] == 2_100
    assert names["other"] == 3 * (701 - finding.MOST_NAMES)  # three people a page


def events(text: str) -> Any:
    return tl.Events(source_of(table(text)), tz="UTC")


SHOP = """person time  event
          ann    10:00 open
          ann    10:01 view
          ann    10:02 view
          ann    10:03 pay
          bob    10:00 open
          bob    10:01 view
          bob    10:02 pay
          cy     10:00 invite
          cy     10:01 share
          di     10:00 -"""


# Ann and Bob share all they do, but that Ann views once more; Cy has nothing in common with them; Di's one event has no name.
def test_two_kinds_by_hand() -> None:
    result = events(SHOP).paths().clusters()
    assert list(result.frame.columns) == ["cluster", "people", "share", "length", "typical", "example"]
    frame = result.frame
    assert frame["people"].tolist() == [2, 1]
    assert frame["share"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert frame["length"].tolist() == [3.5, 2]
    assert frame["example"][1] == "invite > share"
    assert (set(result.people(1)), set(result.people(2)), set(result.people())) == ({"ann", "bob"}, {"cy"}, {"ann", "bob", "cy"})
    assert result.typical(2) == [("invite", None), ("share", None), ("invite", "share")]
    rows = result.traits.set_index(["cluster", "source", "target"])
    assert rows.loc[(1, "view", "view"), ["people", "share", "overall", "lift"]].tolist() == pytest.approx([1, 0.5, 1 / 3, 1.5])
    chart = result.chart()
    assert chart["xAxis"]["data"] == ["view", "open", "pay", "invite", "share"]
    assert [cell["value"][2] for cell in chart["series"][0]["data"]] == [1, 1, 1, 0, 0, 0, 0, 0, 1, 1]


# Cut after pauses of two minutes and more, Bob's second path is told behind the first; a move never leads from one into the other.
def test_paths_of_sessions_are_told_one_after_the_other() -> None:
    text = """person time  event
              bob    10:00 open
              bob    10:01 view
              bob    11:00 pay"""
    result = events(text).paths(sessions="2m").clusters()
    assert result.frame["example"].tolist() == ["open > view | pay"]
    assert set(zip(result.traits["source"], result.traits["target"], strict=True)) == {
        *((name, None) for name in ("open", "view", "pay")),
        ("open", "view"),
    }


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("person time event\n ann 10:00 open", [1]),
        ("person time event\n ann 10:00 open\n ann 10:01 pay\n bob 10:00 open\n bob 10:02 pay\n cy 10:00 open\n cy 10:05 pay", [3]),
        ("person time event", []),
        ("person time event\n ann 10:00 -", []),
    ],
    ids=["one person", "the same path", "no events", "no names"],
)
@pytest.mark.parametrize("k", [None, 3])
def test_where_there_is_nothing_to_tell_apart(text: str, people: list[int], k: int | None) -> None:
    with using("en"):
        result = events(text).paths().clusters(k)
        assert result.frame["people"].tolist() == people
        assert len(result.people()) == sum(people)
        assert np.isnan(result.silhouette)
        assert result.warning() == ("There is but one cluster: the paths are alike, or too few people have one." if people else "")
        assert result.definition()
        assert len(result.chart()["yAxis"]["data"]) == len(people)
        assert len(result._repr_html_()) > 0


# Of five people there are three ways; four clusters cannot be made of them.
def test_fewer_ways_than_clusters_asked_for() -> None:
    text = "person time event\n a 10:00 x\n b 10:00 x\n c 10:00 y\n d 10:00 y\n e 10:00 z"
    result = events(text).paths().clusters(4)
    assert result.frame["people"].tolist() == [2, 2, 1]
    with using("en"):
        assert "Fewer can be told apart." in result.definition()


# Each in a cluster of their own: there is no distance within a cluster to hold the one between them against.
def test_too_few_people_are_said_to_be_too_few() -> None:
    text = "person time event\n a 10:00 x\n b 10:00 y"
    assert events(text).paths().clusters().frame["people"].tolist() == [2]
    result = events(text).paths().clusters(2)
    assert result.frame["people"].tolist() == [1, 1]
    with using("en"):
        assert result.warning() == "There are too few people to say how much these clusters differ."


def test_what_cannot_be_asked_says_why() -> None:
    for k in (0, 1, 21, True, 2.5):
        with using("en"), pytest.raises(InputError, match="k="):
            PathClustersOptions(k=k)  # type: ignore[arg-type]
    with pytest.raises(NoSuchCell):
        events(SHOP).paths().clusters().people(3)


def test_people_dealt_out_over_several_places_are_in_the_same_clusters() -> None:
    rows, _kinds = planted(300, 0.3)
    how = {"fold": True, "sessions": "30m"}
    one = tl.Events(rows).paths(**how).clusters()
    other = ClusterEvents(Dealt(pa.Table.from_pandas(rows, preserve_index=False), parts=4)).paths(**how).clusters()
    pd.testing.assert_frame_equal(one.frame, other.frame)
    pd.testing.assert_frame_equal(one.traits, other.traits)
    assert [set(one.people(c)) for c in one.frame["cluster"]] == [set(other.people(c)) for c in other.frame["cluster"]]
