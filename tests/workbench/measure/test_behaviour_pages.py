"""Pages of what people do: figures against the library itself on the same facts, doors that lead to as many people as they say, addresses, files.

Where the page looks at other days than those picked (whole weeks, the week before), the days are worked out here with pandas.
"""

import csv
import io
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

import pandas as pd
import pytest

from tilth.workbench.measure import answers
from tilth.workbench.measure.asking.kinds import GROUPS, KINDS
from tilth.workbench.measure.asking.question import Question

BASE = "/w/shop/analysis"
NEW = ("lifecycle", "stickiness", "frequency", "sessions", "intervals", "paths", "touchpoints", "activation")
ASKED = {  # with every field that is not shared by all questions changed from what it is by default
    "lifecycle": {"dates": "30d", "event": "pay", "period": "day", "by": "channel", "people": "known"},
    "stickiness": {"dates": "all", "event": "view_goods", "count": "day-month", "by": "channel", "compare": "previous"},
    "frequency": {"event": "any", "period": "week", "by": "channel", "where1": "channel", "where1__value": ["direct", "store"]},
    "sessions": {"dates": "7d", "timeout": "1h", "separator": "app_open", "by": "channel", "people": "new"},
    "intervals": {"a": "pay", "b": "none", "within": "30d", "starts": "nearest", "by": "channel"},
    "paths": {"way": "around", "event": "pay", "depth": "2", "sessions": "none", "fold": "each", "only": ["view_goods", "add_to_cart"]},
    "touchpoints": {"channel": "platform", "conversion": "add_to_cart", "lookback": "7d", "fold": "each", "value": "none", "touch": "app_open"},
    "activation": {
        "start": "view_goods",
        "candidates": ["add_to_cart", "view_goods"],
        "counts": ["1", "2"],
        "windows": ["1d", "3d"],
        "retained": "any",
        "after": "3d",
        "before": "14d",
    },
}


def whole(number):
    return int(number.replace(",", "").rstrip("*"))


@pytest.fixture
def events(inside):
    """The events of the workspace."""
    return inside.facts.events()


@pytest.fixture
def during(events, catalogue):
    """``during(30)``: the events of the last days of the data."""
    return lambda days: events.during(catalogue.last_day - timedelta(days=days - 1), catalogue.last_day)


def monday(day):
    return (pd.Timestamp(day) - pd.Timedelta(days=pd.Timestamp(day).weekday())).date()


@pytest.mark.parametrize("kind", NEW)
def test_the_address_is_the_question(asked, catalogue, kind):
    question = asked(kind, **ASKED[kind])
    assert not question.faults
    address = question.address(catalogue)
    read = Question.read(KINDS[kind], parse_qsl(urlsplit(address).query), catalogue)
    assert dict(read.values) == dict(question.values)
    assert read.address(catalogue) == address
    for name in ASKED[kind]:
        assert name.replace("__", ".") in dict(parse_qsl(urlsplit(address).query)), name
    assert asked(kind).pairs(catalogue) == []  # what is by default so is not written


@pytest.mark.parametrize("kind", NEW)
@pytest.mark.parametrize("changed", [False, True])
def test_every_door_leads_to_as_many_people_as_it_says(asked, catalogue, kind, changed):
    question = asked(kind, **(ASKED[kind] if changed else {"dates": "90d"}))
    found, result = answers.answer(question, catalogue), answers.result(question, catalogue)
    assert not found["empty"]
    doors = [(one["value"], one["people"]) for one in found["figures"] if one["people"] is not None]
    doors += [(c["text"], c["people"]) for table in found["tables"] for row in table["rows"] for c in row["cells"] if c["people"] is not None]
    assert len(doors) >= 3
    assert [(whole(text), cell) for text, cell in doors] == [(len(result.people(**cell)), cell) for _text, cell in doors]
    assert all(KINDS[kind].people_called(question, cell, catalogue) for _text, cell in doors)


@pytest.mark.parametrize("kind", NEW)
def test_the_page_the_drawer_and_the_files_are_there(client_as, inside, kind):
    client = client_as("analyst")
    html = client.get(f"{BASE}/{kind}/?answer=1").content.decode()
    for part in ("t-figures", "data-chart", "<table", "t-definition"):
        assert part in html
    assert client.get(f"{BASE}/{kind}/people/?cell={{}}").status_code == 200
    rows = list(csv.reader(io.StringIO(b"".join(client.get(f"{BASE}/{kind}/?format=csv")).decode("utf-8-sig"))))
    assert len(rows) > 1
    ids = {person for (person,) in inside.facts.relation("events").project("person").distinct().fetchall()}
    assert not ids & {cell for row in rows for cell in row}  # nobody is named in a file
    assert b"".join(client.get(f"{BASE}/{kind}/?format=xlsx")).startswith(b"PK")
    assert client.get(f"{BASE}/{kind}/?format=png").content[:8] == b"\x89PNG\r\n\x1a\n"


def test_lifecycle_knows_who_was_there_the_week_before(asked, catalogue, events):
    first = date(2025, 11, 5)  # a Wednesday: the week begins on the 3rd, and the week before it on 27 October
    question = asked("lifecycle", dates="2025-11-05..2025-11-30", event="view_goods")
    frame = events.during("2025-10-27", "2025-11-30").lifecycle("view_goods", period="week").looked_at
    wanted = frame[frame["period"].dt.date >= monday(first)]
    assert len(wanted) == 4
    table = answers.answer(question, catalogue)["tables"][0]
    shown = [[whole(cell["text"]) for cell in row["cells"][2:6]] for row in reversed(table["rows"])]
    assert shown == wanted[["new", "returning", "resurrecting", "dormant"]].values.tolist()
    assert shown[0][1] > 0  # of the first week too it is known who stayed
    assert not any(cell["unfinished"] for row in table["rows"] for cell in row["cells"])  # 30 November is a Sunday
    columns, data = KINDS["lifecycle"].data(answers.result(question, catalogue), question)
    assert (
        data[[name for name, _label in columns]].values.tolist() == wanted[["period", "new", "returning", "resurrecting", "dormant"]].values.tolist()
    )


def test_an_unfinished_week_of_a_lifecycle_is_marked_and_no_key_figure(asked, catalogue):
    found = answers.answer(asked("lifecycle", dates="2025-11-03..2025-11-28"), catalogue)
    newest, *others = found["tables"][0]["rows"]
    assert newest["cells"][0]["text"] == "2025-11-24*"
    assert newest["cells"][1]["unfinished"]
    assert not others[0]["cells"][1]["unfinished"]
    assert found["figures"][0]["people"]["period"].startswith("2025-11-17")


def test_stickiness_counts_in_whole_weeks(asked, catalogue, events):
    question = asked("stickiness", dates="2025-11-05..2025-11-28", event="view_goods")
    wanted = events.during("2025-11-03", "2025-11-23").stickiness("view_goods").frame
    assert answers.result(question, catalogue).frame.values.tolist() == wanted.values.tolist()
    figures = answers.answer(question, catalogue)["figures"]
    mean = (wanted["active_periods"] * wanted["people"]).sum() / wanted["people"].sum()
    assert figures[1]["value"] == f"{mean:.2f}"
    assert figures[2]["value"] == f"{mean / 7 * 100:.1f}"


def test_a_single_unfinished_window_is_shown_and_said(asked, catalogue):
    found = answers.answer(asked("stickiness", dates="2025-11-25..2025-11-26"), catalogue)
    assert not found["empty"]
    assert any("2025-11-24" in part for _term, parts in found["definition"] for part in parts if isinstance(part, str))


def test_frequency_says_what_the_library_says(asked, catalogue, during):
    wanted = during(90).frequency("pay").frame
    found = answers.answer(asked("frequency"), catalogue)
    counts = dict(zip(wanted["times"], wanted["people"], strict=True))
    rows = found["tables"][0]["rows"]
    assert [whole(row["cells"][1]["text"]) for row in rows[:9]] == [counts.get(n, 0) for n in range(1, len(rows[:9]) + 1)]
    assert whole(found["figures"][1]["value"]) == (wanted["times"] * wanted["people"]).sum()
    again = wanted.loc[wanted["times"] >= 2, "people"].sum()
    assert whole(found["figures"][3]["value"]) == again


def test_sessions_say_what_the_library_says(asked, catalogue, during):
    wanted = during(30).sessions("1h", separator="app_open").frame
    figures = answers.answer(asked("sessions", timeout="1h", separator="app_open"), catalogue)["figures"]
    assert whole(figures[0]["value"]) == len(wanted)
    assert whole(figures[1]["value"]) == wanted["person"].nunique()
    assert figures[4]["value"] == f"{wanted['events'].mean():.2f}"
    assert figures[5]["value"] == f"{(wanted['events'] == 1).mean() * 100:.1f}"


def test_intervals_say_what_the_library_says(asked, catalogue, during):
    wanted = during(90).intervals("add_to_cart", "pay", within="7d", by="channel")
    question = asked("intervals", a="add_to_cart", b="pay", within="7d", by="channel")
    result = answers.result(question, catalogue)
    pd.testing.assert_frame_equal(result.frame, wanted.frame)
    pd.testing.assert_frame_equal(result.summary, wanted.summary)
    share = wanted.summary["intervals"].sum() / wanted.summary["starts"].sum()
    assert f"{share * 100:.1f}" in [one["value"] for one in answers.answer(question, catalogue)["figures"]]


SPLIT = {  # the library's answer to what each page asks of four weeks, split by channel
    "lifecycle": lambda ev: ev.during("2025-10-27", "2025-11-30").lifecycle(period="week", by="channel"),
    "stickiness": lambda ev: ev.during("2025-11-03", "2025-11-30").stickiness(by="channel"),
    "frequency": lambda ev: ev.during("2025-11-03", "2025-11-30").frequency("pay", by="channel"),
    "sessions": lambda ev: ev.during("2025-11-03", "2025-11-30").sessions(by="channel"),
}


@pytest.mark.parametrize("kind", SPLIT)
def test_a_split_says_what_the_library_says_of_each_group_and_the_same_of_the_whole(asked, catalogue, events, kind):
    values, wanted = {"dates": "2025-11-03..2025-11-30"}, SPLIT[kind](events)
    question = asked(kind, **values, by="channel")
    result = answers.result(question, catalogue)
    pd.testing.assert_frame_equal(result.frame, wanted.frame)
    split, whole = answers.answer(question, catalogue), answers.answer(asked(kind, **values), catalogue)
    assert split["figures"] == whole["figures"]
    groups, *others = split["tables"]
    assert others == whole["tables"]
    known = wanted.frame["channel"].nunique(dropna=False)
    assert 1 < len(groups["rows"]) <= known
    chart = next(one for one in split["charts"] if one["split"])
    assert len(chart["option"]["series"]) == min(8, known)
    columns, data = KINDS[kind].data(result, question)
    assert columns[0][0] == "channel"
    assert {name for name, _label in columns} <= set(data.columns)


# Of the week of the 24th two days are missing.
def test_the_groups_of_a_lifecycle_are_those_of_its_last_whole_week(asked, catalogue, events):
    found = answers.answer(
        asked("lifecycle", dates="2025-11-05..2025-11-28", by="channel"), catalogue
    )  # of the week of the 24th two days are missing
    frame = events.during("2025-10-27", "2025-11-28").lifecycle(period="week", by="channel").frame
    week = frame[frame["period"].dt.date == date(2025, 11, 17)]
    week = week[week[["new", "returning", "resurrecting", "dormant"]].any(axis=1)]
    rows = found["tables"][0]["rows"]
    assert sorted([whole(cell["text"]) for cell in row["cells"][2:6]] for row in rows) == sorted(
        week[["new", "returning", "resurrecting", "dormant"]].values.tolist()
    )
    lines = next(one for one in found["charts"] if one["split"])["option"]
    assert lines["xAxis"]["data"] == ["11-03", "11-10", "11-17"]
    assert all(len(one["data"]) == 3 for one in lines["series"])
    assert {row["cells"][1]["people"]["channel"] for row in rows} == {None if pd.isna(one) else one for one in week["channel"]}


def test_paths_say_what_the_library_says(asked, catalogue, during):
    wanted = during(30).paths(start="view_goods", end="pay", depth=3, sessions="1h", fold=True).frame
    question = asked("paths", event="view_goods", end="pay", depth="3", sessions="1h")
    found = answers.answer(question, catalogue)
    rows = found["tables"][0]["rows"]
    assert [whole(row["cells"][3]["text"]) for row in rows] == wanted["count"].tolist()[: len(rows)]
    before = answers.result(asked("paths", way="before", event="pay", depth="3", sessions="1h"), catalogue).frame
    assert before.values.tolist() == during(30).paths(end="pay", depth=3, sessions="1h", fold=True).frame.values.tolist()


def test_bands_of_the_diagram_are_doors_and_events_have_names(asked, catalogue):
    question = asked("paths", dates="90d")
    series = answers.answer(question, catalogue)["charts"][0]["option"]["series"][0]
    result = answers.result(question, catalogue)
    doors = [link for link in series["links"] if "people" in link]
    assert doors
    assert all(len(result.people(**link["people"])) == link["value"] for link in doors)
    names = {one["name"] for one in series["data"]}
    assert {end for link in series["links"] for end in (link["source"], link["target"])} <= names
    assert len(names) == len(series["data"])
    assert catalogue.call("add_to_cart") in {name.rstrip("\u200b") for name in names}


def test_paths_among_some_events_forget_the_others(asked, catalogue, during):
    frame = answers.result(asked("paths", event="view_goods", only=["add_to_cart", "pay"]), catalogue).frame
    assert set(frame["source"]) | set(frame["target"]) <= {"view_goods", "add_to_cart", "pay"}
    kept = during(30).where({"event": ["add_to_cart", "pay", "view_goods"]})
    assert frame.values.tolist() == kept.paths(start="view_goods", depth=4, sessions="30m", fold=True).frame.values.tolist()


def test_moves_before_whatever_came_first_are_refused_in_words(asked):
    faults = asked("paths", way="before", event="none").faults
    assert list(faults) == [""]
    assert faults[""]


def test_touchpoints_say_what_the_library_says(asked, catalogue, during):
    wanted = during(90).touchpoints("channel", "pay", value="value", lookback="7d", fold=True)
    question = asked("touchpoints", lookback="7d")
    pd.testing.assert_frame_equal(answers.result(question, catalogue).frame, wanted.frame)
    found = answers.answer(question, catalogue)
    assert whole(found["figures"][0]["value"]) == wanted.frame["conversions"].sum() + wanted.untouched
    rows = found["tables"][0]["rows"]
    assert [whole(row["cells"][1]["text"]) for row in rows] == wanted.frame["conversions"].tolist()[: len(rows)]


def test_activation_says_what_the_library_says_and_that_it_is_no_cause(client_as, asked, catalogue, during):
    names = ["add_to_cart", "pay", "view_goods"]
    wanted = during(90).activation("pay", candidates=names, counts=[1, 2], windows=["1d"], between=("3d", "14d"), until=catalogue.last)
    values = {"candidates": names, "counts": ["1", "2"], "windows": "1d", "after": "3d", "before": "14d"}
    question = asked("activation", **values)
    pd.testing.assert_frame_equal(answers.result(question, catalogue).frame, wanted.frame)
    found = answers.answer(question, catalogue)
    assert [whole(one["value"]) for one in found["figures"][:2]] == [wanted.started, wanted.stayed]
    assert len(found["warnings"]) == 1
    html = client_as("viewer").get(f"{BASE}/activation/?answer=1").content.decode()
    assert html.index("t-note--warn") < html.index("t-figures")


def test_candidates_hold_what_was_merged_into_them(asked, catalogue, inside):
    from tilth.workbench.data.models import EventEntry

    kept, _made = EventEntry.objects.get_or_create(workspace=inside, code="add_to_cart")
    EventEntry.objects.update_or_create(workspace=inside, code="begin_checkout", defaults={"merged_into": kept})
    steps = KINDS["activation"].options_of(asked("activation"), catalogue).candidates
    assert "begin_checkout" not in [step.name for step in steps]
    assert set(next(step for step in steps if step.name == "add_to_cart").events) == {"add_to_cart", "begin_checkout"}


@pytest.mark.parametrize(
    ("kind", "values", "part"),
    [
        ("stickiness", {"count": "hour-day"}, "count"),
        ("sessions", {"timeout": "long"}, "timeout"),
        ("sessions", {"timeout": "none"}, ""),
        ("sessions", {"separator": "opne"}, "separator"),
        ("paths", {"depth": "99"}, "depth"),
        ("paths", {"only": "view_good"}, "only"),
        ("touchpoints", {"channel": "chanel"}, "channel"),
        ("touchpoints", {"value": "channel"}, "value"),
        ("activation", {"counts": "0"}, "counts"),
        ("activation", {"windows": "14d", "after": "7d"}, ""),
        ("activation", {"after": "none"}, "after"),
    ],
)
def test_a_fault_stands_with_its_part(asked, kind, values, part):
    faults = asked(kind, **values).faults
    assert list(faults) == [part]
    assert faults[part]


def test_a_shop_that_has_orders_alone_asks_them(client_as, empty_workspace):
    rows = [(f"u{n % 5}", f"o{n}", f"2025-03-{n + 1:02d} 10:00", 10 + n, "tmall" if n % 2 else "douyin") for n in range(28)]
    lines = pd.DataFrame(rows, columns=["person", "order", "time", "amount", "channel"])
    empty_workspace.facts.load(lines, table="orders", name="orders.csv")
    client = client_as("analyst", empty_workspace)
    for kind in NEW:
        page = client.get(f"/w/bare/analysis/{kind}/?dates=all&answer=1")
        assert page.status_code == 200
        assert "t-definition" in page.content.decode(), kind


def test_the_list_offers_every_kind_in_its_group(client_as, inside):
    html = client_as("viewer").get(f"{BASE}/").content.decode()
    assert html.count('class="m-group"') == len(GROUPS)
    for kind in KINDS:
        assert f'href="{BASE}/{kind}/"' in html
