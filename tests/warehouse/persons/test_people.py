"""The list of people, one person and their timeline are what a plain count over the brand's rows says."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from tests.warehouse.persons.oracle import Oracle

import tilth as tl
from tilth.errors import InputError, UnknownColumn, UnknownName
from tilth.language import using
from tilth.warehouse import memberships, persons
from tilth.warehouse.demo import Brand
from tilth.warehouse.persons import Did, PeopleFilter, Range, Where
from tilth.warehouse.workspace import Workspace


@pytest.fixture(scope="module")
def oracle(small: Brand) -> Oracle:
    return Oracle(small)


def test_everybody_is_there_once_with_their_figures(stocked: Workspace, oracle: Oracle) -> None:
    page = stocked.people_page(limit=10_000)
    assert page.total == len(page.frame) == len(oracle.people)
    rows = page.frame.set_index("person")
    assert set(rows.index) == oracle.people
    assert rows["events"].to_dict() == {person: len(oracle.events.get(person, ())) for person in oracle.people}
    assert rows["spent"].to_dict() == {person: sum(oracle.orders.get(person, {}).values(), Decimal(0)) for person in oracle.people}
    for person, found in rows.iterrows():
        times = [event["time"] for event in oracle.events.get(person, ())]
        assert (found["first_seen"], found["last_seen"]) == (min(times), max(times)) if times else pd.isna(found["first_seen"])
    assert rows["city"].dropna().to_dict() == {row["person"]: row["city"] for row in oracle.profiles if row["city"]}


def test_orders_are_those_of_rfm(stocked: Workspace, oracle: Oracle) -> None:
    rfm = tl.Orders(pd.DataFrame(oracle.lines), person="person", time="time", amount="amount", order="order", tz=stocked.tz).rfm().frame
    rows = stocked.people_page(PeopleFilter(ranges=(Range("orders", 1),)), limit=10_000).frame.set_index("person")
    assert rows["orders"].to_dict() == rfm.set_index("person")["frequency"].to_dict()
    for person, money in rfm.set_index("person")["monetary"].items():
        assert float(rows["spent"][person]) == pytest.approx(money)


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        (Where("city", "equals", "上海"), lambda row: row["city"] == "上海"),
        (Where("city", "not", "上海"), lambda row: row["city"] != "上海"),
        (Where("name", "contains", "子"), lambda row: "子" in (row["name"] or "")),
        (Where("tier", "in", ("gold", "silver")), lambda row: row["tier"] in ("gold", "silver")),
        (Where("tier", "in", ()), lambda row: False),
        (Where("birth_year", "between", (1980, "1989")), lambda row: 1980 <= (row["birth_year"] or 0) <= 1989),
        (Where("birth_year", "between", (None, 1989)), lambda row: (row["birth_year"] or 9999) <= 1989),
        (Where("city", "between", ("上", None)), lambda row: (row["city"] or "") >= "上"),
        (Where("inviter", "filled"), lambda row: row["inviter"] is not None),
        (Where("gender", "empty"), lambda row: row["gender"] is None),
    ],
)
def test_filters_on_the_profile(stocked: Workspace, oracle: Oracle, given: Where, holds: object) -> None:
    profiles = {row["person"]: row for row in oracle.profiles}
    nothing = dict.fromkeys(oracle.profiles[0])
    expected = {person for person in oracle.people if holds(profiles.get(person, nothing))}  # type: ignore[operator]
    assert set(persons.chosen(stocked, PeopleFilter(where=(given,)))) == expected


def test_filters_on_figures(stocked: Workspace, oracle: Oracle) -> None:
    spent = {person: sum(orders.values(), Decimal(0)) for person, orders in oracle.orders.items()}
    found = persons.chosen(stocked, PeopleFilter(ranges=(Range("spent", "100", 300),)))
    assert set(found) == {person for person, money in spent.items() if 100 <= money <= 300}
    last = {person: max(event["time"] for event in events).tz_convert(stocked.tz) for person, events in oracle.events.items()}
    found = persons.chosen(stocked, PeopleFilter(ranges=(Range("last_seen", "2024-02-10", "2024-02-20"),)))
    assert set(found) == {person for person, time in last.items() if pd.Timestamp("2024-02-10").date() <= time.date() <= date(2024, 2, 20)}
    assert len(found) > 5
    moment = last[next(iter(found))]
    assert set(persons.chosen(stocked, PeopleFilter(ranges=(Range("last_seen", moment.isoformat(), moment.isoformat()),)))) == {
        person for person, time in last.items() if time == moment
    }


@pytest.mark.parametrize(
    "did", [Did("pay"), Did("pay", 2), Did("view_goods", 3, 30), Did(None, 1, 7), Did("pay", never=True), Did("pay", 1, 60, True)]
)
@pytest.mark.parametrize("at", [None, date(2023, 12, 25)])
def test_filters_on_behaviour(stocked: Workspace, oracle: Oracle, did: Did, at: date | None) -> None:
    today = at or date(2024, 2, 29)
    counts: dict[str, int] = defaultdict(int)
    for person, events in oracle.events.items():
        for event in events:
            ago = (today - event["time"].tz_convert(stocked.tz).date()).days
            counts[person] += (did.event in (None, event["event"])) and ago >= 0 and (did.days is None or ago < did.days)
    done = {person for person, count in counts.items() if count >= did.times}
    assert 0 < len(done) < len(oracle.people)
    assert set(persons.chosen(stocked, PeopleFilter(did=(did,)), at=at)) == (oracle.people - done if did.never else done)


def test_conditions_combine_and_a_filter_comes_back_from_json(stocked: Workspace) -> None:
    parts = (
        (Where("city", "in", ["上海", "北京"]), Where("gender", "filled")),
        (Range("events", 5, None),),
        (Did("pay", 1, 90), Did("refund", never=True)),
    )
    given = PeopleFilter("", *parts)
    each = [
        persons.chosen(stocked, PeopleFilter(**{name: (one,)})) for name, ones in zip(("where", "ranges", "did"), parts, strict=True) for one in ones
    ]
    together = each[0]
    for one in each[1:]:
        together = together & one
    assert persons.chosen(stocked, given) == together
    assert len(together) > 0
    assert PeopleFilter.from_json(given.to_json()) == given
    assert PeopleFilter.from_json("{}") == PeopleFilter()
    assert not PeopleFilter()
    assert given


@pytest.mark.parametrize(
    "text",
    [
        "[]", "{", '{"search": 3}', '{"whom": []}', '{"where": [{"name": "city"}]}', '{"where": [3]}',
        '{"where": [{"name": "city", "op": "like", "value": "x"}]}',
        '{"where": [{"name": "city", "op": "in", "value": "x"}]}', '{"where": [{"name": "city", "op": "equals"}]}', '{"ranges": [{"name": "age"}]}',
        '{"did": [{"event": "pay", "times": 0}]}', '{"did": [{"event": "pay", "days": "7"}]}', '{"did": [{"evnt": "pay"}]}',
        '{"where": [{"name": "city", "op": "between", "value": ["a"]}]}', '{"where": 3}', '{"where": {"name": "city"}}',
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_used_says_so(text: str) -> None:
    with pytest.raises(InputError):
        PeopleFilter.from_json(text)


def test_unknown_names_and_numbers_that_are_none_are_refused(stocked: Workspace) -> None:
    with using("en"), pytest.raises(UnknownColumn, match="Did you mean 'city'"):
        stocked.people_page(PeopleFilter(where=(Where("citi", "filled"),)))
    with pytest.raises(UnknownColumn):
        stocked.people_page(sort="shoe_size")
    with using("en"), pytest.raises(InputError, match="'many' is no number"):
        stocked.people_page(PeopleFilter(ranges=(Range("orders", "many"),)))
    with pytest.raises(UnknownName):
        Range("shoe_size", 40)


def test_pages_follow_each_other_in_order(stocked: Workspace) -> None:
    for sort, descending in (("spent", True), ("registered", False), ("name", False), ("last_order", True), ("person", False)):
        whole = stocked.people_page(sort=sort, descending=descending, limit=10_000).frame
        pages = [stocked.people_page(sort=sort, descending=descending, offset=offset, limit=100).frame for offset in range(0, len(whole), 100)]
        assert pd.concat(pages)["person"].tolist() == whole["person"].tolist()
        values = whole[sort].tolist()
        filled = [value for value in values if not pd.isna(value)]
        assert filled == sorted(filled, reverse=descending)
        assert all(pd.isna(value) for value in values[len(filled) :])
    assert stocked.people_page(offset=10_000).frame.empty


def test_ids_of_any_kind_lead_to_the_person(stocked: Workspace, oracle: Oracle) -> None:
    person = max(oracle.aliases, key=lambda one: len(oracle.aliases[one]))
    ids = oracle.aliases[person]
    assert len(ids) >= 3
    for one in ids:
        assert stocked.person(one).id == person
        assert stocked.people_page(PeopleFilter(search=one[:-1])).frame["person"].tolist().count(person) == 1
    assert set(persons.resolve(stocked, [*ids, "nobody"])) == {person, "nobody"}
    assert set(persons.every_id(stocked, [ids[0]])) == {person, *ids}
    assert stocked.people_page(within=ids[:2]).frame["person"].tolist() == [person]
    with using("en"), pytest.raises(persons.UnknownPerson, match="Nobody is known by the id 'nobody'"):
        stocked.person("nobody")


def test_a_question_can_be_narrowed_to_people_of_the_list(stocked: Workspace, oracle: Oracle) -> None:
    found = persons.chosen(stocked, PeopleFilter(where=(Where("tier", "equals", "gold"),)))
    narrowed = stocked.events().within(persons.every_id(stocked, found))
    assert len(narrowed) == sum(len(oracle.events.get(person, ())) for person in found) > 0


def test_values_for_a_picker(stocked: Workspace, oracle: Oracle) -> None:
    cities = pd.Series([row["city"] for row in oracle.profiles]).value_counts()
    assert dict(persons.values(stocked, "city", 1000)) == cities.to_dict()
    assert [count for _value, count in persons.values(stocked, "city", 5)] == sorted(cities.tolist(), reverse=True)[:5]
    assert "city" in persons.properties(stocked)


def test_one_person_with_ids_figures_and_segments(tmp_path: Path, stocked: Workspace, oracle: Oracle) -> None:
    workspace = Workspace.open(shutil.copytree(stocked.root, tmp_path / "copy"))
    id = max(oracle.orders, key=lambda one: len(oracle.orders[one]))
    member = next(one for one in oracle.aliases[id] if one.startswith("m"))
    memberships.enter(workspace, "regulars", [id], key="1")
    memberships.enter(workspace, "card holders", [member], key="2")
    memberships.enter(workspace, "lost", [id], key="3")
    memberships.leave(workspace, "lost", [id], key="4")
    person = workspace.person(id)
    assert set(person.segments) == {"regulars", "card holders"}
    assert {one.value for one in person.ids if not one.shared} == set(oracle.aliases[id])
    figures = person.figures
    spent = sum(oracle.orders[id].values(), Decimal(0))
    assert (figures.events, figures.orders, figures.spent) == (len(oracle.events[id]), len(oracle.orders[id]), spent)
    assert figures.average_order == spent / len(oracle.orders[id])
    assert figures.last_order is not None
    assert figures.recency_days == (date(2024, 2, 29) - figures.last_order.date()).days
    exposures = {stay.name: stay.value for stay in person.stays if stay.kind == "exposure"}
    assert exposures == {row["name"]: row["value"] for row in oracle.exposures if row["person"] == id}
    profile = next(row for row in oracle.profiles if row["person"] == id)
    assert person.profile == {name: value for name, value in profile.items() if name not in ("person", "person_kind", "time", "properties") and value}


def test_somebody_without_a_profile_is_shown_all_the_same(stocked: Workspace, oracle: Oracle) -> None:
    stranger = next(iter(oracle.people - {row["person"] for row in oracle.profiles}))
    person = stocked.person(stranger)
    assert not person.known
    assert person.profile == {}
    assert person.figures.events == len(oracle.events[stranger])


@pytest.mark.parametrize("limit", [3, 20, 1000])
def test_the_timeline_has_everything_once_newest_first(stocked: Workspace, oracle: Oracle, limit: int) -> None:
    several = [person for person, orders in oracle.orders.items() if len(orders) > 2 and oracle.aliases[person]]
    id = min(several, key=lambda one: len(oracle.events[one]))
    before, moments = None, []
    while True:
        page = stocked.timeline(oracle.aliases[id][0], before, limit)
        assert len(page.moments) <= limit
        moments += page.moments
        before = page.next
        if before is None:
            break
    assert [moment.time for moment in moments] == sorted((moment.time for moment in moments), reverse=True)
    events = [(moment.time, moment.name) for moment in moments if moment.kind == "event"]
    assert sorted(events) == sorted((event["time"], event["event"]) for event in oracle.events[id])
    money: dict[str, Decimal] = defaultdict(Decimal)
    lines = 0
    for moment in moments:
        if moment.kind != "event":
            money[moment.name] += moment.amount or 0
            lines += len(moment.lines)
            assert (moment.kind == "refund") == ((moment.amount or 0) < 0)
    own = [line for line in oracle.lines if line["person"] == id]
    assert lines == len(own)
    assert {order: amount for order, amount in money.items() if amount > 0} == oracle.orders[id]


def test_the_timeline_can_be_narrowed(stocked: Workspace, oracle: Oracle) -> None:
    id = max(oracle.orders, key=lambda one: len(oracle.orders[one]))
    pays = stocked.timeline(id, events=["pay"], orders=False, limit=1000)
    assert [moment.name for moment in pays.moments] == ["pay"] * sum(event["event"] == "pay" for event in oracle.events[id])
    assert (
        json.loads(oracle.events[id][0]["properties"] or "{}").items() <= stocked.timeline(id, limit=10_000, orders=False).moments[-1].details.items()
    )
    only = stocked.timeline(id, events=[], limit=1000)
    assert {moment.kind for moment in only.moments} <= {"order", "refund"}
    with pytest.raises(InputError):
        stocked.timeline(id, before="yesterday")
    with pytest.raises(InputError):
        stocked.timeline(id, limit=0)
