"""funnel, retention, rfm and people answer what the library answers, on files and on workspaces, in both languages."""

from __future__ import annotations

import csv

import pytest
from tests.real_data import real

import tilth as tl


def test_a_funnel_of_a_file_is_the_librarys(tilth, file_options, events) -> None:
    ran = tilth("funnel", "view", "cart", "pay", "--within", "3d", *file_options, "--json")
    expected = tl.Events(str(events), "who", "at", "what").funnel(["view", "cart", "pay"], within="3d").frame
    assert ran.code == 0
    assert [row["people"] for row in ran.json["rows"]] == expected["people"].tolist() == [3, 2, 1]  # b pays after eight days
    assert ran.json["rows"][0]["median_seconds"] is None
    assert ran.json["rows"][1]["median_seconds"] == 2700  # a took 60 minutes, b 30
    assert ran.json["left_out"] == 0


@pytest.mark.parametrize(
    ("args", "people"),
    [
        (["view", "pay"], [3, 2]),
        (["view", "pay", "--within", "none"], [3, 2]),
        (["view", "pay", "--step-order", "strict", "--within", "none"], [3, 0]),
        (["pay", "view", "--step-order", "any"], [4, 2]),
        (["view", "pay[value>=100]"], [3, 1]),
        (["view[channel=sms]", "pay"], [2, 1]),
        (["view", "cart?", "pay"], [3, 2, 2]),
        (["view", "pay", "--exclude", "cart"], [3, 0]),
        (["view", "cart", "pay", "--exclude", "cart@2-3"], [3, 2, 2]),
        (["view", "pay", "--hold", "channel"], [3, 2]),
        (["view|pay"], [4]),
        (["view", "view"], [3, 1]),
        (["view", "view", "--start-is", "first"], [3, 1]),
        (["view", "pay", "--from", "2025-01-02"], [1, 0]),
        (["view", "pay", "--to", "2025-01-01"], [2, 0]),
        (["view", "pay", "--where", "channel=douyin"], [1, 1]),
        (["view", "pay", "--where", "value>=0", "--where", "channel!=sms"], [0, 0]),
    ],
)
def test_every_option_of_a_funnel_counts_as_worked_by_hand(tilth, file_options, args, people) -> None:
    ran = tilth("funnel", *args, *file_options, "--json")
    assert ran.code == 0, ran.out
    assert [row["people"] for row in ran.json["rows"]] == people


def test_a_split_has_a_row_a_group_and_by_touch_chooses_whose_value(tilth, file_options) -> None:
    ran = tilth("funnel", "view", "pay", "--by", "channel", "--by-touch", "2", *file_options, "--json")
    assert [(row["channel"], row["people"]) for row in ran.json["rows"]] == [("douyin", 1), ("douyin", 1), ("sms", 1), ("sms", 1)]


# By the channel of the view: b and c came by sms, a by douyin.
def test_the_smaller_groups_are_put_together(tilth, file_options) -> None:
    ran = tilth("funnel", "view", "pay", "--by", "channel", "--top", "1", *file_options, "--json").json["rows"]
    assert [(row["channel"], row["people"]) for row in ran] == [("sms", 2), ("sms", 1), ("(other)", 1), ("(other)", 1)]
    ran = tilth("retention", "view", "pay", "--periods", "1", "--by", "channel", "--top", "1", *file_options, "--json").json["rows"]
    assert [(row["channel"], row["size"], row["people"]) for row in ran if row["period"]] == [("sms", 1, 0), ("sms", 1, 0), ("(other)", 1, 1)]
    assert tilth("funnel", "view", "pay", "--top", "1", *file_options).code == 1  # nothing to split by


# Of a, b, c and d the sample of a half draws as the library does: 1.96 * sqrt(n * 0.5) / 0.5 is the error.
def test_a_sample_is_scaled_and_its_error_told(tilth, file_options, events) -> None:
    people = tl.Events(str(events), "who", "at", "what").sample(0.5).funnel(["view", "pay"]).frame["people"].tolist()
    assert 0 < people[0] < 3
    ran = tilth("funnel", "view", "pay", *file_options, "--sample", "0.5", "--json").json
    assert (ran["share"], [row["people"] for row in ran["rows"]], [row["people_scaled"] for row in ran["rows"]]) == (
        0.5,
        people,
        [2 * count for count in people],
    )
    assert ran["rows"][0]["people_error"] == pytest.approx(1.96 * (people[0] * 0.5) ** 0.5 / 0.5, rel=1e-4)
    table = tilth("funnel", "view", "pay", *file_options, "--sample", "0.5").out
    assert f"≈ {2 * people[0]} ± {round(ran['rows'][0]['people_error'])}" in table
    assert "Estimated from a sample of 50% of the people" in table
    heading, first = tilth("funnel", "view", "pay", *file_options, "--sample", "0.5", "--csv", "-").out.splitlines()[:2]
    assert heading.endswith(",people_scaled,people_error")
    assert float(first.split(",")[-2]) == 2 * people[0]
    whole = tilth("funnel", "view", "pay", *file_options, "--json").json
    assert whole["share"] == 1
    assert "people_scaled" not in whole["rows"][0]


def test_a_funnel_of_a_workspace_and_as_of_a_version(tilth, shop) -> None:
    now = tilth("-w", shop, "funnel", "view", "pay", "--json").json
    assert [row["people"] for row in now["rows"]] == [4, 2]  # the good row of the second file too
    assert [row["people"] for row in tilth("-w", shop, "funnel", "view", "pay", "--as-of", "1", "--json").json["rows"]] == [3, 2]


def test_tables_are_for_people_in_their_language(tilth, file_options) -> None:
    english = tilth("funnel", "view", "cart", *file_options)
    chinese = tilth("funnel", "view", "cart", *file_options, "--lang", "zh")
    assert "66.7%" in english.out
    assert "From the start" in english.out
    assert "占第一步" in chinese.out
    assert "45 分" in chinese.out


def test_csv_is_neutralised_and_html_needs_nothing(tilth, tmp_path) -> None:
    data = tmp_path / "evil.csv"
    data.write_text("user_id,ts,event,g\n=1+1,2025-01-01,view,@x\n", encoding="utf-8")
    out, page = tmp_path / "out.csv", tmp_path / "out.html"
    ran = tilth("funnel", "view", "--by", "g", "--file", data, "--csv", out, "--html", page, "--json")
    assert ran.json["written"] == {"csv": str(out), "html": str(page)}
    with out.open(encoding="utf-8-sig", newline="") as stream:
        assert next(csv.DictReader(stream))["g"] == "'@x"
    assert "<table" in page.read_text(encoding="utf-8")
    people = tilth("people", "funnel", "view", "--file", data, "--csv", "-").out
    assert people.splitlines() == ["person", "'=1+1"]


def test_retention_and_its_brackets(tilth, file_options) -> None:
    ran = tilth("retention", "view", "pay", "--periods", "2", *file_options, "--json")
    first = [row for row in ran.json["rows"] if row["cohort"].startswith("2025-01-01")]
    assert [(row["size"], row["people"]) for row in first] == [(2, 0), (2, 1), (2, 0)]  # a pays the day after, b on the 8th
    brackets = tilth("retention", "view", "pay", "--brackets", "1,2-8", *file_options, "--json").json["rows"]
    assert [row["people"] for row in brackets if row["cohort"].startswith("2025-01-01")] == [0, 1, 1]
    assert tilth("retention", "view", "--brackets", "x", *file_options).code == 1


def test_rfm_of_a_file(tilth, tmp_path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text("user_id,ts,amount\na,2025-01-01,10\na,2025-03-01,2000\nb,2025-01-05,5\n", encoding="utf-8")
    ran = tilth("rfm", "--file", orders, "--json")
    assert {row["segment"]: row["people"] for row in ran.json["segments"] if row["people"]} == {"champions": 1, "lost": 1}
    assert tilth("people", "rfm", "--segment", "champions", "--file", orders, "--json").json["people"] == ["a"]
    assert tilth("people", "rfm", "--r", "9", "--file", orders).code == 1


def test_people_behind_figures(tilth, file_options, tmp_path) -> None:
    def names(*args: str) -> list[str]:
        return sorted(tilth("people", *args, *file_options, "--json").json["people"])

    assert names("funnel", "view", "pay", "--step", "2") == ["a", "b"]
    assert names("funnel", "view", "pay", "--step", "2", "--dropped") == ["c"]
    assert names("funnel", "view", "pay", "--by", "channel", "--of", "channel=sms") == ["b", "c"]
    assert names("retention", "view", "pay", "--cohort", "2025-01-01", "--in", "1") == ["a"]
    kept = tmp_path / "kept.csv"
    assert tilth("people", "funnel", "view", "pay", "--step", "2", *file_options, "--csv", kept).code == 0
    again = tilth("funnel", "view", "pay", "--within-people", kept, *file_options, "--json").json
    assert [row["people"] for row in again["rows"]] == [2, 2]


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["funnel", "veiw"], 1, "'view'"),  # the nearest event
        (["funnel", "view", "--within", "3"], 1, "'14d'"),  # how lengths are written
        (["funnel", "view[chanel=sms]"], 1, "'channel'"),
        (["funnel", "view["], 1, "brackets"),
        (["funnel", "view[value>many]"], 1, "not a number"),
        (["funnel", "view", "--step-order", "upwards"], 2, "strict"),
        (["funnel", "--no-such"], 2, "--no-such"),
        (["funnel"], 2, "STEP"),
        (["rfm", "extra"], 2, "extra"),
        (["people", "funnel", "view", "--step", "7"], 1, "1 to 1"),
    ],
)
def test_a_fault_says_what_and_how_to_mend_it_in_two_lines_or_one_document(tilth, file_options, args, code, says) -> None:
    options = file_options if args[0] != "rfm" and "--no-such" not in args else []
    ran = tilth(*args, *options)
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err
    assert len(ran.err.splitlines()) <= 2
    assert "Traceback" not in ran.err
    as_json = tilth(*args, *options, "--json")
    assert as_json.code == code
    assert as_json.json["ok"] is False
    assert as_json.json["exit_code"] == code
    assert says in as_json.json["error"]["message"]
    assert as_json.err == ""


def test_facts_of_an_error_are_in_its_json(tilth, file_options) -> None:
    error = tilth("funnel", "veiw", *file_options, "--json").json["error"]
    assert error["kind"] == "UnknownEvent"
    assert error["facts"]["nearest"] == ["view"]
    assert set(error["facts"]["known"]) == {"view", "cart", "pay"}


def test_taobao_without_a_header_agrees_with_a_count_by_hand(tilth) -> None:
    data = real("taobao_behavior.csv")
    ran = tilth("funnel", "pv", "cart", "buy", "--within", "3d", "--file", data,
                "--person", "column0", "--time", "column4", "--event", "column3", "--json")  # fmt: skip
    with data.open(encoding="utf-8", newline="") as stream:
        rows = [(row[0], int(row[4]), row[3]) for row in csv.reader(stream)]
    assert [row["people"] for row in ran.json["rows"]] == _by_hand(rows, ("pv", "cart", "buy"), 3 * 86_400)


def _by_hand(rows: list[tuple[str, int, str]], steps: tuple[str, ...], within: int) -> list[int]:
    """For each person, from each first step, take the earliest next step again and again; the deepest counts."""
    reached: dict[str, int] = {}
    for person in {row[0] for row in rows}:
        own = sorted((time, place, name) for place, (who, time, name) in enumerate(rows) if who == person)
        for start, (began, _place, name) in enumerate(own):
            if name != steps[0]:
                continue
            depth = 1
            for time, _place, later in own[start + 1 :]:
                if time - began <= within and depth < len(steps) and later == steps[depth]:
                    depth += 1
            reached[person] = max(reached.get(person, 0), depth)
    return [sum(depth > k for depth in reached.values()) for k in range(len(steps))]
