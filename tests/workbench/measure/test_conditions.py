"""Conditions and people on a page, against the same rows counted by pandas."""

import numpy as np
import pandas as pd
import pytest

from tilth.workbench.measure import answers
from tilth.workbench.measure.asking import narrowing
from tilth.workbench.measure.asking.conditions import Condition, as_condition

CASES = [
    ([Condition("channel", "is", ("douyin", "tmall"))], lambda rows: rows["channel"].isin(["douyin", "tmall"])),
    ([Condition("campaign", "not", ("double_11",))], lambda rows: rows["campaign"] != "double_11"),  # unknown counts as "is not"
    ([Condition("campaign", "filled")], lambda rows: rows["campaign"].notna()),
    ([Condition("keyword", "empty")], lambda rows: rows["keyword"].isna()),
    ([Condition("city", "contains", ("州",))], lambda rows: rows["city"].fillna("").str.contains("州")),
    ([Condition("value", "ge", ("100",))], lambda rows: rows["value"].astype(float) >= 100),
    ([Condition("wait_seconds", "le", ("60",))], lambda rows: pd.to_numeric(rows["wait_seconds"]) <= 60),
    ([Condition("csat", "is", ("5", "4"))], lambda rows: pd.to_numeric(rows["csat"]).isin([4, 5])),
    (
        [Condition("channel", "is", ("direct",)), Condition("platform", "not", ("app",)), Condition("value", "ge", ("50",)), Condition("city")],
        lambda rows: (rows["channel"] == "direct") & (rows["platform"] != "app") & (rows["value"].astype(float) >= 50),
    ),
]


@pytest.fixture
def rows(inside):
    """Every event, as pandas sees it, its person the one whom the id stands for: links are followed, shared ids stand for themselves."""
    found, linked = (inside.facts.relation(table).df() for table in ("events", "identities"))
    linked = linked[linked["until"].isna() & (linked["value"] != linked["person"])]
    of = {value: people.iloc[0] for value, people in linked.groupby("value")["person"] if people.nunique() == 1}

    def person(id):
        return person(of[id]) if id in of else id

    return found.assign(person=found["person"].map(person))


@pytest.mark.parametrize(("conditions", "holds"), CASES, ids=lambda given: given[0].operator if isinstance(given, list) else "")
def test_conditions_hold_for_the_rows_that_pandas_finds(inside, catalogue, rows, conditions, holds):
    found = inside.facts.events().where(as_condition(conditions, catalogue))
    assert len(found) == int(holds(rows).sum()) > 0


def test_conditions_of_text_need_no_expression(catalogue):
    assert as_condition([Condition("channel", "is", ("sms",)), Condition("city")], catalogue) == {"channel": ["sms"]}
    assert as_condition([Condition("city")], catalogue) is None


def test_new_and_known_people_are_told_by_their_first_event_of_all(catalogue, inside, rows, asked):
    question = asked("funnel", dates="30d", people="new")
    span = question.values["dates"]
    first = rows.groupby("person")["time"].min().dt.tz_convert("Asia/Shanghai").dt.date
    events = inside.facts.events()
    new = set(first[(first >= span.start) & (first <= span.end)].index)
    known = set(first[first < span.start].index)
    assert set(narrowing.first_seen(events, span)) == new
    assert set(narrowing.first_seen(events, span, before=True)) == known
    assert new
    assert known
    views = rows[(rows["event"] == "view_goods") & (rows["time"].dt.tz_convert("Asia/Shanghai").dt.date >= span.start)]
    counted = answers.result(question, catalogue).frame["people"].iloc[0]
    assert counted == len(set(views["person"]) & new)


def test_a_segment_is_its_people_by_all_their_ids(catalogue, inside, actor, asked, rows):
    from tilth.warehouse import memberships
    from tilth.workbench.people.models import Segment

    identities = inside.facts.relation("identities").df()
    identities = identities[identities["until"].isna()]
    person = identities["person"].value_counts().index[0]
    assert (identities["person"] == person).sum() > 1
    segment = Segment.objects.create(code="vip", name="贵客", size=1)
    memberships.enter(inside.facts, "vip", [person], key="test")
    question = asked("funnel", step1="app_open", dates="all", people=str(segment.pk))
    assert not question.faults
    assert ((rows["person"] == person) & (rows["event"] == "app_open")).any()
    assert set(answers.result(question, catalogue).people(1)) == {person}


def test_no_day_is_seen_twice_or_left_out_by_the_time_compared_with(asked):
    for dates in ("7d", "30d", "month", "2025-10-05..2025-10-20"):
        values = asked("funnel", dates=dates, compare="previous").values
        now, before = values["dates"], narrowing.other_time(values)["dates"]
        assert (now.start - before.end).days == 1
        assert now.days == before.days
    assert narrowing.other_time(asked("funnel", dates="all", compare="previous").values) is None
    assert np.all(narrowing.other_time(asked("funnel", compare="year").values)["dates"].end.year == now.end.year - 1)
