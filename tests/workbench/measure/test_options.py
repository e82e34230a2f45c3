"""Parts of a question that narrow what counts, and how it is shown: what must come out is what the library answers about the same facts."""

import csv
import io
import re
from datetime import timedelta

import pandas as pd
import pytest

import tilth as tl
from tilth.workbench.measure import answers

BASE = "/w/shop/analysis"
STEPS = {"dates": "90d", "step1": "view_goods", "step2": "add_to_cart", "step3": "pay", "within": "14d"}


@pytest.fixture
def during(inside, catalogue):
    """The demo brand's events of the last 90 days of its data."""
    events = inside.facts.events()
    last = catalogue.last_day
    return events.during(last - timedelta(days=89), last)


def people(result):
    return result.frame["people"].tolist()


def test_events_between_two_steps_are_excluded(asked, catalogue, during):
    names, within = ["view_goods", "add_to_cart", "pay"], "14d"
    free = people(during.funnel(names, within=within))
    wanted = people(during.funnel(names, within=within, exclude=tl.Exclude("begin_checkout", between=(2, 3))))
    assert wanted != free  # there is something to exclude
    question = asked("funnel", **STEPS, exclude1="begin_checkout", exclude1__between="2-3")
    assert people(answers.result(question, catalogue)) == wanted
    whole = asked("funnel", **STEPS, exclude1="begin_checkout")
    assert people(answers.result(whole, catalogue)) == people(during.funnel(names, within=within, exclude="begin_checkout"))


def test_steps_have_to_share_a_value(asked, catalogue, during):
    wanted = people(during.funnel(["view_goods", "add_to_cart", "pay"], within="14d", hold="product"))
    found = people(answers.result(asked("funnel", **STEPS, hold="product"), catalogue))
    assert found == wanted
    assert found != people(answers.result(asked("funnel", **STEPS), catalogue))


def test_the_sentence_reads_its_exclusions_and_the_definition_says_them(client_as, inside):
    query = "&".join(f"{name}={value}" for name, value in STEPS.items())
    html = client_as().get(f"{BASE}/funnel/?{query}&exclude1=refund&exclude1.between=1-2&hold=product").content.decode()
    assert 'name="exclude1.between"' in html
    assert re.search(r'name="exclude1.between" value="1-2" checked', html)
    assert 'name="exclude2"' in html  # one more may be added
    answer = client_as().get(f"{BASE}/funnel/?{query}&exclude1=refund&exclude1.between=1-2&hold=product&answer=1").content.decode()
    assert "“view_goods”到“add_to_cart”之间没有“refund”" in answer
    assert "全程" in html


def test_one_step_has_nothing_between(client_as, inside):
    assert 'name="exclude1"' not in client_as().get(f"{BASE}/funnel/?step1=pay").content.decode()


def test_brackets_count_comings_back_in_any_of_their_periods(asked, catalogue, during):
    question = asked("retention", dates="90d", period="day", kind="bracket", brackets="1-3, 4–10")
    assert not question.faults
    assert ("brackets", "1-3,4-10") in question.pairs(catalogue)
    until = catalogue.known_until(question.values["dates"])
    wanted = during.retention("pay", "pay", period="day", kind="bracket", brackets=[(1, 3), (4, 10)], until=until)
    found = answers.result(question, catalogue).frame
    assert found[["size", "people"]].values.tolist() == wanted.frame[["size", "people"]].values.tolist()


def test_brackets_stand_in_the_sentence_instead_of_periods(client_as, inside):
    html = client_as().get(f"{BASE}/retention/?kind=bracket&period=day").content.decode()
    assert 'name="brackets" value="1, 2-6, 7-29"' in html
    assert 'name="periods"' not in html
    html = client_as().get(f"{BASE}/retention/").content.decode()
    assert 'name="brackets"' not in html
    assert 'name="periods"' in html


def test_retention_in_people_is_the_same_answer_shown_otherwise(asked, catalogue):
    shares, counts = asked("retention", by="channel"), asked("retention", by="channel", show="people")
    result = answers.result(shares, catalogue)
    assert answers.result(counts, catalogue) is result  # nothing is computed again
    found = answers.answer(counts, catalogue)
    whole = answers.result(counts.having(by=None), catalogue).frame
    table = found["tables"][1]
    by_cohort = whole[whole["cohort"] == whole["cohort"].iloc[0]]
    row = next(row for row in table["rows"] if not row["total"])
    assert [cell["text"].rstrip("*").replace(",", "") for cell in row["cells"][2:]] == ["" if pd.isna(n) else str(n) for n in by_cohort["people"]]
    passed = whole[whole["complete"] & (whole["period"] > 0)].groupby("period")["people"].sum()
    curve = found["charts"][0]["option"]
    assert curve["series"][0]["data"] == passed.tolist()
    assert "formatter" not in curve["yAxis"].get("axisLabel", {})  # no per cent on the axis
    said = answers.answer(shares, catalogue)["tables"]
    for one, other in zip(said, found["tables"], strict=True):  # the colours stay those of the shares
        assert [[cell["heat"] for cell in row["cells"]] for row in one["rows"]] == [[cell["heat"] for cell in row["cells"]] for row in other["rows"]]


def test_the_file_follows_what_is_shown(client_as, inside):
    def heads(query):
        content = b"".join(client_as().get(f"{BASE}/retention/?format=csv{query}")).decode("utf-8-sig")
        return next(csv.reader(io.StringIO(content)))

    assert set(heads("")) - set(heads("&show=people")) == {"留存率"}
    assert set(heads("&show=people")) < set(heads(""))
