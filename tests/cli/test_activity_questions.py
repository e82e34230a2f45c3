"""lifecycle, stickiness, frequency, sessions and intervals answer in the terminal what is worked out by hand on the four people of the events file.

a: view 1st 08:00, cart 1st 09:00, pay 2nd 08:00; b: view 1st 10:00, cart 1st 10:30, pay 9th 10:00; c: view 3rd and 4th 10:00; d: pay 5th 10:00.
"""

from __future__ import annotations

import csv

import pytest


@pytest.mark.parametrize(
    ("args", "rows"),
    [
        (["lifecycle", "--from", "2025-01-01", "--to", "2025-01-02"], {"2025-01-01": (2, 0, 0, 0), "2025-01-02": (0, 1, 0, 1)}),
        (["lifecycle", "pay"], {"2025-01-02": (1, 0, 0, 0), "2025-01-03": (0, 0, 0, 1), "2025-01-09": (1, 0, 0, 0)}),
        (["lifecycle", "--period", "week"], {"2024-12-30": (4, 0, 0, 0), "2025-01-06": (0, 1, 0, 3)}),
    ],
)
def test_lifecycle(tilth, file_options, args, rows) -> None:
    ran = tilth(*args, *file_options, "--json")
    assert ran.code == 0, ran.out
    told = {row["period"][:10]: (row["new"], row["returning"], row["resurrecting"], row["dormant"]) for row in ran.json["rows"]}
    assert {day: told[day] for day in rows} == rows


# The week of December 30 to January 5: a on two days, b on one, c on two, d on one; the week after: b on one.
def test_stickiness(tilth, file_options) -> None:
    weekly = tilth("stickiness", *file_options, "--json").json["rows"]
    assert [(row["active_periods"], row["people"]) for row in weekly] == [(1, 3), (2, 2)]
    monthly = tilth("stickiness", "view", "--over", "month", *file_options, "--json").json["rows"]
    assert [(row["active_periods"], row["people"]) for row in monthly] == [(1, 2), (2, 1)]
    assert tilth("stickiness", "--period", "week", *file_options).code == 1  # weeks of a week


def test_frequency(tilth, file_options) -> None:
    assert [(row["times"], row["people"]) for row in tilth("frequency", *file_options, "--json").json["rows"]] == [(1, 1), (2, 1), (3, 2)]
    assert [(row["times"], row["people"]) for row in tilth("frequency", "--period", "day", *file_options, "--json").json["rows"]] == [(1, 5), (2, 2)]


# A pause of 30 minutes ends nothing: only b's first two events are of one session. Within 2 hours a's are too, and nobody's third.
def test_sessions(tilth, file_options, tmp_path) -> None:
    ran = tilth("sessions", *file_options, "--json").json
    assert (ran["sessions"], ran["people"]) == (8, 4)
    assert [(row["from_seconds"], row["sessions"]) for row in ran["rows"] if row["sessions"]] == [(0, 7), (1800, 1)]
    file = tmp_path / "sessions.csv"
    assert tilth("sessions", "--timeout", "2h", *file_options, "--csv", file, "--json").json["sessions"] == 7
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["person"], row["session"], float(row["seconds"])) for row in rows if row["events"] == "2"] == [("a", "1", 3600), ("b", "1", 1800)]
    assert tilth("sessions", "--timeout", "none", "--separator", "pay", *file_options, "--json").json["sessions"] == 6
    assert tilth("sessions", "--timeout", "none", *file_options).code == 1


# The values of a split are those of the first event of what is counted: of each person, of each person's week, of each session.
def test_splits(tilth, file_options) -> None:
    def rows(*args: str) -> list[dict]:
        ran = tilth(*args, "--by", "channel", *file_options, "--json")
        assert ran.code == 0, ran.out
        return ran.json["rows"]

    whole = {name: tilth(name, *file_options, "--json").json["rows"] for name in ("lifecycle", "stickiness", "frequency", "sessions")}
    for name, column in (("lifecycle", "new"), ("stickiness", "people"), ("frequency", "people"), ("sessions", "sessions")):
        split = rows(name)
        assert len({row["channel"] for row in split}) > 1
        assert sum(row[column] for row in split) == sum(row[column] for row in whole[name])
        assert {row["channel"] for row in rows(name, "--top", "1")} - {row["channel"] for row in split} == {"(other)"}
        assert tilth(name, "--top", "1", *file_options).code == 1  # groups of nothing


# From view to pay: a 24 hours, b eight days; both views of c have no pay after them. The values of a split are those of the view.
def test_intervals(tilth, file_options) -> None:
    ran = tilth("intervals", "view", "pay", "--buckets", "1d,7d", *file_options, "--json").json
    assert [row["intervals"] for row in ran["rows"]] == [0, 1, 1]
    assert ran["rows"][2]["to_seconds"] is None
    assert (ran["summary"][0]["starts"], ran["summary"][0]["median_seconds"]) == (4, 4.5 * 86400)
    split = tilth("intervals", "view", "pay", "--by", "channel", "--top", "1", *file_options, "--json").json["summary"]
    assert [(row["channel"], row["starts"], row["intervals"]) for row in split] == [("sms", 2, 1), ("(other)", 2, 1)]
    assert tilth("intervals", "view", *file_options, "--json").json["summary"][0]["median_seconds"] == 86400
    assert tilth("intervals", "view", "pay", "--within", "2d", *file_options, "--json").json["summary"][0]["intervals"] == 1


@pytest.mark.parametrize(
    ("args", "people"),
    [
        (["lifecycle", "--at", "2025-01-02", "--state", "dormant"], ["b"]),
        (["lifecycle", "--state", "resurrecting"], ["b"]),
        (["lifecycle", "--at", "2025-01-04"], ["c"]),
        (["stickiness", "--number", "2"], ["a", "c"]),
        (["stickiness", "--at", "2025-01-08"], ["b"]),
        (["frequency", "view", "--at-least", "2"], ["c"]),
        (["frequency", "--period", "day", "--times", "2", "--at", "2025-01-01"], ["a", "b"]),
        (["sessions", "--session", "3"], ["a"]),
        (["sessions", "--bucket", "1"], ["a", "b", "c", "d"]),
        (["intervals", "view", "pay", "--bucket", "1", "--buckets", "2d"], ["a"]),
        (["intervals", "view", "pay", "--open"], ["c"]),
        (["intervals", "view", "pay", "--by", "channel", "--of", "channel=sms"], ["b"]),
    ],
)
def test_people_behind_figures(tilth, file_options, args, people) -> None:
    ran = tilth("people", *args, *file_options, "--json")
    assert ran.code == 0, ran.out
    assert sorted(ran.json["people"]) == people


@pytest.mark.parametrize("name", ["lifecycle", "stickiness", "frequency", "sessions", "intervals view"])
def test_tables_are_for_people_in_their_language(tilth, file_options, tmp_path, name) -> None:
    page = tmp_path / "page.html"
    ran = tilth(*name.split(), *file_options, "--lang", "zh", "--html", page)
    assert ran.code == 0
    assert "人数" in ran.out or "活跃" in ran.out
    assert 'data-chart="280"' in page.read_text(encoding="utf-8")


# The workspace holds the same events and one more, a view of e on the 6th; it answers from its index what the file answers.
@pytest.mark.parametrize("name", ["lifecycle", "stickiness view", "frequency view", "sessions --separator pay", "intervals view pay --by channel"])
def test_a_workspace_answers_as_a_file_does(tilth, shop, events, file_options, name) -> None:
    with events.open("a", encoding="utf-8") as stream:
        stream.write("e,2025-01-06 10:00,view,,\n")
    asked = tilth("-w", shop, *name.split(), "--json")
    assert asked.code == 0, asked.out
    assert asked.json["rows"] == tilth(*name.split(), *file_options, "--json").json["rows"]
