"""The list of people against brute force over the same tables."""

import json
from datetime import date
from urllib.parse import urlencode

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.workbench.people.conftest import shown, total

from tilth.warehouse.persons import Did, PeopleFilter, Range, Where
from tilth.workbench.people.asking import Ask
from tilth.workbench.people.models import View

LAST = date(2025, 12, 31)
"""The brand's last day."""
ZONE = "Asia/Shanghai"


def ask(client, filter=None, **query):
    if filter is not None:
        query["filter"] = json.dumps(filter)
    return client.get(f"/w/shop/people/?{urlencode(query)}")


def days_ago(times):
    return times.dt.tz_convert(ZONE).dt.date.map(lambda day: (LAST - day).days if pd.notna(day) else None)


def test_everybody_is_there_fifty_a_page_in_the_order_asked_for(client_as, truth):
    client, people = client_as("analyst"), truth["people"]
    answer = ask(client, sort="-spent")
    assert total(answer) == len(people)
    expected = people.reset_index().sort_values(["spent", "person"], ascending=[False, True])["person"].tolist()
    assert shown(answer) == expected[:50]
    assert shown(ask(client, sort="-spent", page=3)) == expected[100:150]
    beyond = ask(client, sort="-spent", page=999)
    assert beyond.status_code == 302
    assert f"page={-(-len(people) // 50)}" in beyond.headers["Location"]


def test_every_kind_of_condition_agrees_with_brute_force(client_as, truth):
    client, people, events = client_as("analyst"), truth["people"], truth["events"]
    pays = events[events["event"] == "pay"]
    recent = pays[days_ago(pays["time"]) < 60].groupby("person").size()
    ago = days_ago(people["last_order"])
    born = people["birth_year"].astype(float)
    cases = [
        ({"where": [{"name": "city", "op": "equals", "value": "杭州"}]}, people["city"] == "杭州"),
        ({"where": [{"name": "city", "op": "not", "value": "杭州"}]}, people["city"] != "杭州"),
        ({"where": [{"name": "city", "op": "contains", "value": "州"}]}, people["city"].fillna("").str.contains("州")),
        ({"where": [{"name": "channel", "op": "in", "value": ["douyin", "tmall"]}]}, people["channel"].isin(["douyin", "tmall"])),
        ({"where": [{"name": "birth_year", "op": "between", "value": ["1990", "1999"]}]}, born.between(1990, 1999)),
        ({"where": [{"name": "tier", "op": "empty"}]}, people["tier"].isna()),
        ({"where": [{"name": "tier", "op": "filled"}]}, people["tier"].notna()),
        ({"ranges": [{"name": "orders", "low": 2, "high": 5}]}, people["orders"].between(2, 5)),
        ({"ranges": [{"name": "spent", "low": "200"}]}, people["spent"] >= 200),
        ({"ranges": [{"name": "last_order", "low": "-90d", "high": "-31d"}]}, ago.between(31, 90)),
        ({"ranges": [{"name": "last_seen", "low": "-6d"}]}, days_ago(people["last_seen"]) <= 6),
        ({"did": [{"event": "pay", "times": 2, "days": 60}]}, people.index.isin(recent[recent >= 2].index)),
        ({"did": [{"event": "pay", "never": True}]}, ~people.index.isin(pays["person"])),
    ]
    for condition, expected in cases:
        answer = ask(client, condition, sort="person")
        assert total(answer) == expected.sum() > 0, condition
        assert shown(answer) == sorted(people.index[expected])[:50], condition
    both = {key: value for case, _expected in (cases[3], cases[8], cases[11]) for key, value in case.items()}
    assert total(ask(client, both)) == (cases[3][1] & cases[8][1] & cases[11][1]).sum() > 0


def test_the_brands_own_answers_are_found_again(client_as, brand, truth):
    """Who signed up has a tier, and the channel that brought each honest person is the one in the profile: so the generator says."""
    answers = brand.answers["people"].to_pandas()
    honest = answers[answers["fraud"].isna() | (answers["fraud"] == "")]
    client = client_as("viewer")
    for channel, expected in honest["channel"].value_counts().head(3).items():
        profile = truth["people"].loc[truth["people"].index.isin(honest["person"]), "channel"]
        assert (profile == channel).sum() == expected
        assert total(ask(client, {"where": [{"name": "channel", "op": "equals", "value": channel}]})) >= expected
    assert total(ask(client, {"where": [{"name": "tier", "op": "filled"}]})) == answers["signed_up"].sum()


def test_the_forms_of_conditions_lead_to_the_question_they_mean(client_as):
    client = client_as("operator")
    base = Ask(PeopleFilter(where=(Where("city", "equals", "杭州"),))).query
    forms = [
        ({"put": "where", "name": "channel", "op": "in", "value": ["douyin", "tmall"]}, Where("channel", "in", ("douyin", "tmall"))),
        ({"put": "where", "name": "channel", "op": "in", "value": ["douyin"]}, Where("channel", "equals", "douyin")),
        ({"put": "where", "name": "birth_year", "op": "between", "low": "1990", "high": ""}, Where("birth_year", "between", ("1990", None))),
        ({"put": "ranges", "name": "last_order", "by": "days", "near": "31", "far": "90"}, Range("last_order", "-90d", "-31d")),
        ({"put": "ranges", "name": "spent", "low": "200", "high": ""}, Range("spent", "200", None)),
        ({"put": "did", "event": "pay", "never": "1", "times": "1", "days": "30"}, Did("pay", 1, 30, True)),
    ]
    for form, part in forms:
        answer = client.get(f"/w/shop/people/?{urlencode({**form, 'base': base}, doseq=True)}")
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/w/shop/people/?" + Ask.of(_query(base)).put(part).query
    changed = client.get(f"/w/shop/people/?{urlencode({**forms[0][0], 'base': base, 'place': 'where.0'}, doseq=True)}")
    assert changed.headers["Location"] == "/w/shop/people/?" + Ask(PeopleFilter(where=(forms[0][1],))).query


@pytest.mark.parametrize(
    "query",
    [
        "filter={",
        'filter={"where":[{"name":"shoe","op":"filled"}]}',
        "sort=shoe",
        "in=999",
        'filter={"ranges":[{"name":"spent","low":"x"}]}',
        "put=where&name=city",
    ],
)
def test_what_cannot_be_asked_is_said_beside_the_whole_list(client_as, truth, query):
    answer = client_as("operator").get(f"/w/shop/people/?{query}")
    assert answer.status_code == 200
    assert answer.context_data["problem"]
    assert total(answer) == len(truth["people"])


def test_a_view_is_saved_shown_with_its_count_and_deleted_by_its_owner_or_a_manager(client_as, post, truth, inside):
    query = Ask(PeopleFilter(where=(Where("city", "equals", "杭州"),)), columns=("city", "spent")).query
    operator, analyst = client_as("operator"), client_as("analyst")
    assert post(operator, "views/save/", {"name": "杭州", "base": query}).headers["Location"].endswith(query)
    page = analyst.get("/w/shop/people/")
    (tab,) = [tab for tab in page.context_data["tabs"] if tab["name"] == "杭州"]
    assert tab["count"] == (truth["people"]["city"] == "杭州").sum()
    assert [column.key for column in analyst.get(tab["url"]).context_data["columns"]] == ["city", "spent"]
    pk = View.objects.get().pk
    assert post(analyst, f"views/{pk}/delete/").status_code == 403
    assert post(client_as("viewer"), "views/save/", {"name": "x", "base": ""}).status_code == 403
    assert post(client_as("manager"), f"views/{pk}/delete/").status_code == 302
    assert not View.objects.exists()


def test_an_empty_workspace_says_what_the_list_is_for(client_as, empty_workspace):
    answer = client_as("owner", empty_workspace).get("/w/bare/people/")
    assert answer.status_code == 200
    assert "t-empty" in answer.content.decode()
    assert client_as("owner", empty_workspace).get("/w/bare/people/segments/").status_code == 200


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
WHERES = st.builds(Where, TEXT, st.sampled_from(["equals", "not", "contains"]), TEXT) | st.builds(Where, TEXT, st.just("in"), st.tuples(TEXT, TEXT))
RANGES = st.builds(Range, st.sampled_from(["spent", "last_seen"]), st.sampled_from([None, "-7d", "2025-11-01", "5"]), st.sampled_from(["-1d", "9"]))
DIDS = st.builds(Did, st.none() | TEXT, st.integers(1, 9), st.none() | st.integers(1, 99), st.booleans())


def lists(of):
    return st.lists(of, max_size=3).map(tuple)


@given(
    st.builds(
        Ask,
        st.builds(PeopleFilter, TEXT.map(str.strip), lists(WHERES), lists(RANGES), lists(DIDS)),
        lists(st.integers(1, 99)),
        lists(st.integers(1, 99)),
    )
)
def test_the_address_is_the_question(question):
    assert Ask.of(_query(question.query)) == question
    for place, part in question.parts():
        without = question.without(place)
        assert len(without.parts()) == len(question.parts()) - 1
        again = without.put((place.partition(".")[0], part) if isinstance(part, int) else part)
        assert sorted(map(repr, dict(again.parts()).values())) == sorted(map(repr, dict(question.parts()).values()))


def _query(text):
    from django.http import QueryDict

    return QueryDict(text)
