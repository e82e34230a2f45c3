"""Asking a sample of the people: what the page shows is what it comes to for everybody, and whom it opens are those of the sample."""

import re

import pytest

from tilth.language import using
from tilth.workbench.measure import answers
from tilth.workbench.measure.asking.kinds import KINDS

OF_EVENTS = sorted(code for code, kind in KINDS.items() if kind.source == "events")
ESTIMATE = re.compile(r"≈ ([\d,]+)(?: ± [\d,]+)?")


def test_every_question_of_events_may_be_asked_of_a_sample_and_none_of_orders(asked, catalogue):
    assert len(OF_EVENTS) >= 10
    for code, kind in KINDS.items():
        assert ("sample" in [one.name for one in kind.fields]) == (kind.source == "events")
        assert ("sample" in kind.further) == (kind.source == "events")
        assert "sample" not in dict(asked(code).pairs(catalogue))
    assert asked("sales", sample="0.1").faults


@pytest.mark.parametrize("kind", OF_EVENTS)
def test_a_figure_is_scaled_and_its_people_are_those_of_the_sample(asked, catalogue, kind):
    question = asked(kind, dates="all", sample="0.1")
    assert not question.faults
    assert ("sample", "0.1") in question.pairs(catalogue)
    found, result = answers.answer(question, catalogue), answers.result(question, catalogue)
    assert result.share == 0.1
    assert not found["empty"]
    doors = [one for one in found["figures"] if one["people"] is not None]
    assert doors
    for one in doors:
        people = len(KINDS[kind].people(result, one["people"]))
        assert ESTIMATE.fullmatch(one["value"])[1].replace(",", "") == str(people * 10)
        assert ("± " in one["unit"]) == (people > 0)
    cells = [cell for table in found["tables"] for row in table["rows"] for cell in row["cells"] if cell["people"] is not None]
    assert not any(cell["text"] == f"{len(KINDS[kind].people(result, cell['people'])):,}" for cell in cells)
    with using("en"):
        whole = answers.answer(asked(kind, dates="all"), catalogue)
    assert not any("≈" in one["value"] for one in whole["figures"])
    assert "≈" not in "".join(whole["notes"])
    assert "10%" in "".join(found["notes"])


# The figure of everybody lies within three and a half 95 % errors of the estimate: all that chance may do.
def test_the_estimate_is_near_the_figure_of_everybody(asked, catalogue):
    sample, whole = (answers.answer(asked("funnel", dates="all", **given), catalogue)["figures"][0] for given in ({"sample": "0.1"}, {}))
    estimate = int(sample["value"].removeprefix("≈ ").replace(",", ""))
    error = int(re.match(r"± ([\d,]+)", sample["unit"])[1].replace(",", ""))
    assert 0 < abs(estimate - int(whole["value"].replace(",", ""))) < 3.5 * error


def test_the_page_offers_a_sample_and_says_when_it_asks_one(client_as, inside):
    client = client_as("analyst")
    plain = client.get("/w/shop/analysis/funnel/").content.decode()
    assert "+ 抽样" in plain
    assert "样本" not in plain
    html = client.get("/w/shop/analysis/funnel/?answer=1&sample=0.1").content.decode()
    assert "只问了抽样的 10% 的人" in html
    assert "≈ " in html
    assert "抽样 10% 的人" in html  # among what is looked at
    name = client.get("/w/shop/analysis/funnel/?format=csv&sample=0.1")["Content-Disposition"]
    assert "10%25" in name or "10%" in name
    assert 'role="alert"' in client.get("/w/shop/analysis/funnel/?sample=0.3").content.decode()
