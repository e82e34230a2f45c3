"""Properties of events that hold phone numbers: of no use to a question, and in no answer, list or dictionary for anybody to read."""

import pandas as pd
import pytest

NUMBERS = [f"1381234620{n}" for n in range(5)]


@pytest.fixture
def called(workspace):
    """Some calls, with the number in a property of its own, in a note, and a property that is none of it."""
    time = pd.Timestamp("2025-12-02T10:00:00+08:00")
    rows = [
        {"person": f"n{n}", "time": time, "event": "call", "mobile": f"+86 {one}", "note": f"回电 {one}", "line": "A"}
        for n, one in enumerate(NUMBERS)
    ]
    workspace.facts.load(pd.DataFrame(rows), table="events", name="calls")
    return workspace


@pytest.mark.parametrize("role_", ["viewer", "owner"])
def test_a_question_takes_no_property_that_is_shown_masked(client_as, called, role_):
    client = client_as(role_)
    for name in ("mobile", "note"):
        page = client.get(
            "/w/shop/analysis/funnel/", {"step1": "call", "step2": "pay", "where1": name, "where1.is": "contains", "where1.value": "1381"}
        )
        assert page.context_data["question"].faults, name
        assert not any(number in page.content.decode() for number in NUMBERS)
    page = client.get("/w/shop/analysis/funnel/", {"step1": "call", "step2": "pay", "where1": "line", "where1.value": "A"})
    assert not page.context_data["question"].faults


def test_the_dictionary_shows_no_examples_of_them(client_as, called):
    shown = client_as("viewer").get("/w/shop/data/events/about/call")
    told = {one["told"].code: one["told"] for one in shown.context["properties"]}
    assert (told["mobile"].examples, told["note"].examples) == ((), ())
    assert told["line"].examples == (("A", 5),)
    assert not any(number in shown.content.decode() for number in NUMBERS)
