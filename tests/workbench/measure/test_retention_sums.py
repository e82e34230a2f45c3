"""Retention of what people bring: the sum of a property beside the people, as the library gives it on the same facts."""

import csv
import io

import pytest

from tilth.workbench.measure import answers

DAYS = {"dates": "2025-09-01..2025-12-31", "start": "pay", "back": "pay", "period": "month", "periods": "3"}


@pytest.fixture
def wanted(inside, catalogue):
    """The same question, asked of the library."""
    events = inside.facts.events().during("2025-09-01", "2025-12-31")
    return lambda **more: events.retention("pay", "pay", period="month", periods=3, value="value", until=catalogue.last, **more).frame


def figure(text):
    return float(text.replace("¥", "").replace(",", "").replace("−", "-").rstrip("*"))


@pytest.mark.parametrize(("show", "column", "digits"), [("sum", "value", 0), ("each", "value_each", 2)])
def test_cells_say_what_a_cohort_brought(asked, catalogue, wanted, show, column, digits):
    frame = wanted()
    (table,) = answers.answer(asked("retention", value="value", show=show, **DAYS), catalogue)["tables"]
    everybody, *cohorts = table["rows"]
    for row, (_cohort, rows) in zip(cohorts, frame.groupby("cohort"), strict=True):
        told = [None if cell["text"] == "" else figure(cell["text"]) for cell in row["cells"][2:]]
        wanted_now = [None if one != one else pytest.approx(one, abs=0.5001 / 10**digits) for one in rows[column]]
        assert told == wanted_now
        assert [cell["unfinished"] for cell in row["cells"][2:]] == [
            bool(p == p) and not c for p, c in zip(rows[column], rows["complete"], strict=True)
        ]
    finished = frame[frame["complete"] & (frame["period"] == 1)]
    total = finished["value"].sum() / (finished["size"].sum() if show == "each" else 1)
    assert figure(everybody["cells"][3]["text"]) == round(total, digits)
    assert everybody["cells"][3]["text"].startswith("¥")
    assert any(cell["heat"] == 8 for row in cohorts for cell in row["cells"])


def test_groups_and_bars_say_it_too(asked, catalogue, wanted):
    found = answers.answer(asked("retention", value="value", show="sum", by="channel", **DAYS), catalogue)
    frame = wanted(by="channel")
    finished = frame[frame["complete"] & (frame["period"] == 1)].groupby("channel")["value"].sum()
    by_group = {row["cells"][1]["people"]["channel"]: figure(row["cells"][3]["text"]) for row in found["tables"][0]["rows"]}
    assert {channel: total for channel, total in by_group.items() if channel} == {channel: round(total) for channel, total in finished.items()}
    drawn = {one["name"]: one["data"][0][0] for one in found["charts"][1]["option"]["series"]}
    assert drawn[catalogue.call("douyin")] == pytest.approx(finished["douyin"])


def test_the_key_figure_is_the_whole_sum(asked, catalogue, wanted):
    found = answers.answer(asked("retention", value="value", **DAYS), catalogue)
    frame = wanted()
    amount = next(one for one in found["figures"] if one["label"].endswith(catalogue.call("value")) or catalogue.call("value") in one["label"])
    assert figure(amount["value"]) == round(frame["value"].sum())


def test_the_definition_calls_the_property_as_the_workspace_does(asked, catalogue):
    told = dict(answers.answer(asked("retention", value="value", **DAYS), catalogue)["definition"])
    (counted,) = next(iter(told.values()))
    assert catalogue.call("value") != "value"
    assert catalogue.call("value") in counted


def test_sums_are_shown_only_where_something_is_summed(asked, catalogue):
    plain, sums = asked("retention", **DAYS), asked("retention", show="sum", **DAYS)
    assert answers.answer(sums, catalogue)["tables"] == answers.answer(plain, catalogue)["tables"]
    summed = asked("retention", value="value", **DAYS)
    assert answers.result(summed, catalogue) is answers.result(summed.having(show="each"), catalogue)  # shown otherwise, nothing is counted again


def test_held_against_another_time_and_in_a_file(client_as, asked, catalogue, wanted):
    question = asked("retention", value="value", show="each", compare="year", **DAYS)
    series = answers.answer(question, catalogue)["charts"][0]["option"]["series"]
    assert len(series) == 2
    address = asked("retention", value="value", show="sum", **DAYS).address(catalogue)
    rows = list(csv.DictReader(io.StringIO(b"".join(client_as("viewer").get(f"{address}&format=csv")).decode("utf-8-sig"))))
    name = next(one for one in rows[0] if catalogue.call("value") in one)
    assert sum(float(row[name] or 0) for row in rows) == pytest.approx(wanted()["value"].sum())


def test_the_page_offers_to_sum(client_as, inside):
    html = client_as().get("/w/shop/analysis/retention/?value=value").content.decode()
    assert 'value="each"' in html
    assert 'value="each"' not in client_as().get("/w/shop/analysis/retention/").content.decode()
