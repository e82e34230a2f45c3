"""paths, touchpoints and activation answer what the library answers, on a file, in both languages."""

from __future__ import annotations

import pytest


# By the fixture: a and b view, cart, pay; c views twice; d pays.
def test_paths_of_a_file(tilth, file_options, tmp_path) -> None:
    ran = tilth("paths", "--start", "view", "--depth", "1", *file_options, "--json")
    assert ran.code == 0, ran.out
    rows = [(row["depth"], row["source"], row["target"], row["count"]) for row in ran.json["rows"]]
    assert rows == [(1, "view", "cart", 2), (1, "view", "view", 1)]
    assert tilth("paths", "--start", "view", "--fold", "--top", "1", *file_options, "--json").json["rows"][0]["target"] == "other"
    assert [row["depth"] for row in tilth("paths", "--around", "cart", "--depth", "1", *file_options, "--json").json["rows"]] == [-1, 1]
    assert tilth("paths", "--end", "pay", "--sessions", "1h", *file_options, "--json").json["rows"] == []  # paying is a session of its own
    page = tmp_path / "paths.html"
    assert tilth("paths", *file_options, "--html", page).code == 0
    assert "sankey" in page.read_text(encoding="utf-8")


# a came by douyin twice, b by sms twice; d paid without a touch, and c's one view with a channel led to nothing.
def test_touchpoints_of_a_file(tilth, file_options) -> None:
    ran = tilth("touchpoints", "channel", "pay", "--value", "value", *file_options, "--json")
    assert ran.code == 0, ran.out
    assert [(row["path"], row["conversions"], row["value"], row["nulls"]) for row in ran.json["rows"]] == [
        ("douyin > douyin", 1, 120, 0),
        ("sms > sms", 1, 80, 0),
        ("sms", 0, 0, 1),
    ]
    assert ran.json["untouched"] == 1
    folded = tilth("touchpoints", "channel", "pay", "--fold", "--lookback", "7d", "--touch", "view|cart", *file_options, "--json").json["rows"]
    assert [(row["path"], row["conversions"], row["nulls"]) for row in folded] == [("douyin", 1, 0), ("sms", 0, 1)]  # b's views are 9 days before
    assert tilth("touchpoints", "channel", "pay", "--lookback", "none", "--longest", "1", *file_options, "--json").json["cut"] == 2


# Those who began by 2025-01-07: a, b, c, d. Retained, from 2 to 9 days later, is who pays: b, eight days after. b and a put into the cart on day one.
def test_activation_of_a_file(tilth, file_options) -> None:
    options = ["--candidate", "cart", "--count", "1", "--window", "1d", "--after", "2d", "--before", "9d", "--until", "2025-02-01"]
    ran = tilth("activation", "pay", *options, *file_options, "--json")
    assert ran.code == 0, ran.out
    assert (ran.json["started"], ran.json["retained"], ran.json["recent"], ran.json["recommended"]) == (4, 1, 0, None)
    assert [(row["event"], row["people"], row["retained"], row["lift"]) for row in ran.json["rows"]] == [("cart", 2, 1, 2.0)]
    assert "too few people" in tilth("activation", "pay", *options, *file_options).out


def test_people_behind_figures(tilth, file_options) -> None:
    def names(*args: str) -> list[str]:
        ran = tilth("people", *args, *file_options, "--json")
        assert ran.code == 0, ran.out
        return sorted(ran.json["people"])

    assert names("paths", "--start", "view", "--move", "1", "--target", "cart") == ["a", "b"]
    assert names("paths", "--start", "view", "--source", "view", "--target", "view") == ["c"]
    assert names("touchpoints", "channel", "pay", "--fold", "--path", "sms") == ["b", "c"]
    assert names("touchpoints", "channel", "pay", "--fold", "--path", "sms", "--not-converted") == ["c"]
    rule = ["activation", "pay", "--after", "2d", "--before", "9d", "--window", "1d", "--until", "2025-02-01", "--behaviour", "cart"]
    assert names(*rule) == ["a", "b"]
    assert names(*rule, "--not-done") == ["c", "d"]
    assert names(*rule, "--at-least", "1", "--within", "1d", "--came-back") == ["b"]


@pytest.mark.parametrize(("args", "english", "chinese"), [
    (["paths"], "Move", "第几步"),
    (["touchpoints", "channel", "pay"], "Share of conversions", "占转化"),
    (["activation", "pay", "--until", "2025-02-01"], "Retained of the others", "其他人的留存率"),
])  # fmt: skip
def test_tables_are_for_people_in_their_language(tilth, file_options, args, english, chinese) -> None:
    assert english in tilth(*args, *file_options).out
    assert chinese in tilth(*args, *file_options, "--lang", "zh").out


# By the fixture: a and b view, cart, pay; c views twice; d pays. Folded, a and b have one path, c and d each one event of it.
def test_groups_of_similar_paths(tilth, file_options) -> None:
    ran = tilth("paths", "--fold", "--clusters", "3", *file_options, "--json")
    assert ran.code == 0, ran.out
    assert [(row["cluster"], row["people"], row["share"], row["length"]) for row in ran.json["rows"]] == [
        (1, 2, 0.5, 3),
        (2, 1, 0.25, 1),
        (3, 1, 0.25, 1),
    ]
    assert ran.json["rows"][0]["example"] == "view > cart > pay"
    assert -1 < ran.json["silhouette"] < 1
    assert "What sets it apart" in tilth("paths", "--clusters", *file_options).out  # as many as are told apart best
    assert "与众不同" in tilth("paths", "--clusters", *file_options, "--lang", "zh").out
    who = ["people", "paths", "--fold", "--clusters", "3", *file_options, "--json"]
    assert sorted(tilth(*who, "--cluster", "1").json["people"]) == ["a", "b"]
    assert sorted(tilth(*who).json["people"]) == ["a", "b", "c", "d"]
    assert tilth(*who, "--cluster", "4").json["error"]["message"].startswith("There is no cluster 4")
    for wrong in (["paths", "--clusters", "1"], ["paths", "--clusters", "many"], ["people", "paths", "--cluster", "1"], [*who[:-1], "--move", "1"]):
        ran = tilth(*wrong, *file_options, "--json")
        assert ran.code != 0
        assert ran.json["error"]["message"]
