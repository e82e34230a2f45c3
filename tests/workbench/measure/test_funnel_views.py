"""The views of a funnel's answer: how long it takes, its trend, two groups. Figures are the library's own on the same facts."""

import csv
import io
from urllib.parse import parse_qsl, urlsplit

import pytest

from tilth.workbench.measure import answers
from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.measure.asking.question import Question

BASE = "/w/shop/analysis"
STEPS = ["view_goods", "add_to_cart", "pay"]
ASKED = {f"step{number}": step for number, step in enumerate(STEPS, 1)} | {"dates": "2025-11-01..2025-12-10"}
VIEWS = {
    "times": {"view": "times", "by": "channel", "compare": "previous"},
    "trend": {"view": "trend", "each": "week", "by": "channel"},
    "pair": {"view": "pair", "by": "channel", "pair": "douyin", "pair.other": "sms"},
}


@pytest.fixture
def funnel(inside):
    """The same funnel, asked of the library."""
    events = inside.facts.events().during("2025-11-01", "2025-12-10")
    return lambda **more: events.funnel(STEPS, within="7d", **more)


@pytest.fixture
def view(catalogue):
    """``view("times")`` is the funnel's question with that view open; further names are added to its address."""

    def made(view, **more):
        return Question.read(KINDS["funnel"], [*ASKED.items(), *(VIEWS.get(view, {"view": view}) | more).items()], catalogue)

    return made


def whole(text):
    return int(text.replace(",", "").rstrip("*"))


def counts(table, place=1):
    return [whole(row["cells"][place]["text"]) for row in table["rows"]]


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_part_of_the_address(view, catalogue, name):
    question = view(name)
    assert not question.faults
    address = question.address(catalogue)
    assert set(VIEWS[name].items()) <= set(parse_qsl(urlsplit(address).query))
    assert Question.read(KINDS["funnel"], parse_qsl(urlsplit(address).query), catalogue).address(catalogue) == address


@pytest.mark.parametrize("name", VIEWS)
def test_every_door_of_a_view_leads_to_as_many_people_as_it_says(view, catalogue, name):
    question = view(name)
    tables = answers.answer(question, catalogue)["tables"]
    shares, seen = 0, 0
    for table in tables:
        for row in table["rows"]:
            for cell in row["cells"]:
                if cell["people"] is None:
                    continue
                found = len(answers.people(question, cell["people"], catalogue))
                seen += 1
                if table["warm"] and "bucket" in cell["people"]:  # a share of the group
                    size = whole(row["cells"][1]["text"])
                    assert cell["text"] == f"{found / size * 100:.1f}"
                    shares += 1
                else:
                    assert whole(cell["text"]) == found
                assert KINDS["funnel"].people_called(question, cell["people"], catalogue)
    assert seen >= 6
    assert bool(shares) == (name == "times")


def test_times_are_the_library_s_and_add_up_to_the_last_step(view, catalogue, funnel):
    wanted = funnel().times()
    found = answers.answer(view("times"), catalogue)
    everybody = found["tables"][1]
    assert counts(everybody) == wanted["people"].tolist()
    assert sum(counts(everybody)) == funnel().frame["people"].iloc[-1]
    assert everybody["rows"][-1]["cells"][3]["text"] == "100.0%"
    assert found["charts"][0]["option"]["series"][0]["data"] == wanted["people"].tolist()
    assert len(everybody["columns"]) == 5  # with the share at the other time


def test_a_funnel_that_takes_one_length_of_time_only(view, catalogue):
    question = view("times", within="30m")
    assert answers.answer(question, catalogue)["tables"]
    single = Question.read(KINDS["funnel"], [("step1", "pay"), ("step2", "pay"), ("dates", "2025-11-01..2025-11-03"), ("view", "times")], catalogue)
    assert "tables" in answers.answer(single, catalogue)


def test_the_trend_is_the_library_s_and_what_is_not_over_is_marked(view, catalogue, funnel):
    frame = funnel().trend("week")
    table = answers.answer(view("trend"), catalogue)["tables"][0]
    wanted = frame.pivot(index="period", columns="step", values="people").sort_index(ascending=False)
    assert [counts(table, step) for step in (1, 2, 3)] == [wanted[step].tolist() for step in (1, 2, 3)]
    # the days end on Wednesday 10 December: those who began in the week from the 1st may still go on until the 14th
    assert [row["cells"][0]["text"] for row in table["rows"]][:3] == ["2025-12-08", "2025-12-01", "2025-11-24"]
    assert [row["cells"][4]["unfinished"] for row in table["rows"]][:3] == [True, True, False]
    open_end = answers.answer(view("trend", within="none"), catalogue)["tables"][0]
    assert all(row["cells"][4]["unfinished"] for row in open_end["rows"] if row["cells"][4]["text"] != "—")


def test_two_groups_differ_as_the_library_says(view, catalogue, funnel):
    split = funnel(by="channel")
    wanted = split.compare({"channel": "douyin"}, {"channel": "sms"})
    (table,) = answers.answer(view("pair"), catalogue)["tables"]
    sizes = split.frame[split.frame["step"] == 1].set_index("channel")["people"]
    assert [whole(table["rows"][0]["cells"][place]["text"]) for place in (1, 3)] == [sizes["douyin"], sizes["sms"]]
    for row, (_place, told) in zip(table["rows"][1:], wanted.iterrows(), strict=True):
        assert row["cells"][2]["text"] == f"{told['control'] * 100:.1f}%"
        assert row["cells"][4]["text"] == f"{told['treatment'] * 100:.1f}%"
        assert row["cells"][5]["text"].split()[0].replace("−", "-") == f"{told['effect'] * 100:+.1f}"
        assert row["cells"][7]["text"] == ("< 0.001" if told["p_value"] < 0.001 else f"{told['p_value']:.3f}")


def test_without_two_groups_named_the_largest_are_held_against_each_other(view, catalogue, funnel):
    frame = funnel(by="channel").frame
    first, second = frame[frame["step"] == 1].nlargest(2, "people")["channel"]
    (table,) = answers.answer(view("pair", **{"pair": "", "pair.other": ""}), catalogue)["tables"]
    people = table["rows"][0]["cells"]
    assert [people[1]["people"]["channel"], people[3]["people"]["channel"]] == [first, second]
    (same,) = answers.answer(view("pair", **{"pair": second, "pair.other": second}), catalogue)["tables"]
    assert [same["rows"][0]["cells"][place]["people"]["channel"] for place in (1, 3)] == [second, first]


def test_a_view_that_cannot_be_had_falls_back_to_the_steps(client_as, view, catalogue):
    question = view("pair", by="")
    assert (
        answers.answer(question, catalogue)["tables"][0]["columns"][0]["title"]
        == answers.answer(view("steps"), catalogue)["tables"][0]["columns"][0]["title"]
    )
    html = client_as().get(f"{BASE}/funnel/?answer=1").content.decode()
    assert html.count("data-view") == 3
    assert client_as().get(f"{BASE}/funnel/?answer=1&by=channel").content.decode().count("data-view") == 4
    assert client_as().get(f"{BASE}/funnel/?answer=1&step1=pay").content.decode().count("data-view") == 0


def test_another_view_counts_nothing_again(view, catalogue, monkeypatch):
    answers.answer(view("times", compare=""), catalogue)
    monkeypatch.setattr(answers, "_ask", lambda *_: pytest.fail("counted again"))
    assert answers.answer(view("pair"), catalogue)["tables"]
    assert answers.seconds(view("trend"), catalogue) == 0


def test_steps_within_one_session(view, catalogue, funnel):
    question = view("steps", sessions="1m")
    assert answers.result(question, catalogue).frame["people"].tolist() == funnel(sessions="1m").frame["people"].tolist()
    assert answers.result(question, catalogue).frame["people"].iloc[-1] < funnel().frame["people"].iloc[-1]


@pytest.mark.parametrize("name", VIEWS)
def test_each_view_has_its_page_and_its_files(client_as, inside, view, catalogue, name):
    address = view(name).address(catalogue)
    html = client_as("viewer").get(f"{address}&answer=1").content.decode()
    for part in ("t-figures", "data-chart", "<table", "t-definition", 'aria-current="page"'):
        assert part in html
    assert f'name="view" value="{name}"' in client_as("viewer").get(address).content.decode()  # other pickers keep it
    rows = list(csv.reader(io.StringIO(b"".join(client_as("viewer").get(f"{address}&format=csv")).decode("utf-8-sig"))))
    assert len(rows) > 2
    assert client_as("viewer").get(f"{address}&format=png").content[:4] == b"\x89PNG"


def test_a_file_of_times_has_every_group_and_bucket(client_as, view, catalogue, funnel):
    address = view("times").address(catalogue)
    rows = list(csv.reader(io.StringIO(b"".join(client_as("viewer").get(f"{address}&format=csv")).decode("utf-8-sig"))))[1:]
    frame = funnel(by="channel").frame
    assert sum(int(row[4]) for row in rows) == frame[frame["step"] == 3]["people"].sum()
    assert len(rows) == frame["channel"].nunique(dropna=False) * len(funnel().times())
