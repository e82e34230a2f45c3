"""One person's page against brute force over their rows."""

import re

import pandas as pd
import pytest

from tilth.analysis.orders import Orders
from tilth.workbench.people import value

ZONE = "Asia/Shanghai"


@pytest.fixture
def buyer(truth):
    """Somebody who bought several times."""
    people = truth["people"]
    return people[people["orders"] > 3].index[0]


def test_figures_and_profile_are_those_of_the_rows(client_as, truth, buyer):
    page = client_as("viewer").get(f"/w/shop/people/one/{buyer}/")
    row = truth["people"].loc[buyer]
    given = page.context_data["person"].figures
    assert (given.orders, given.events) == (row["orders"], row["events"])
    assert float(given.spent) == pytest.approx(row["spent"])
    last = pd.Timestamp("2025-12-31").date()
    assert given.recency_days == (last - row["last_order"].tz_convert(ZONE).date()).days
    profile = dict(page.context_data["profile"])
    assert row["city"] in profile.values()
    text = page.content.decode()
    assert row["city"] in text
    assert f"{int(row['events']):,}" in text


def test_any_id_of_theirs_leads_to_the_page(client_as, truth):
    link = truth["links"][truth["links"]["kind"] == "member"].iloc[0]
    answer = client_as("viewer").get(f"/w/shop/people/one/{link['value']}/")
    assert answer.headers["Location"] == f"/w/shop/people/one/{truth['owner'](link['person'])}/"


def test_the_timeline_scrolls_through_everything_once(client_as, truth, buyer):
    client, page, told, url = client_as("viewer"), None, 0, f"/w/shop/people/one/{buyer}/timeline/"
    expected = (truth["events"]["person"] == buyer).sum()
    days = []
    while url:
        page = client.get(url)
        assert page.status_code == 200
        told += sum(one.kind == "event" for _day, moments in page.context_data["days"] for one in moments)
        text = page.content.decode()
        days += re.findall(r'class="p-day">([^<]+)<', text)
        found = re.search(r'class="p-more" hx-get="([^"]+)"', text)
        url = found and found[1].replace("&amp;", "&")
    assert told == expected
    assert len(days) == len(set(days)), "a day is headed once, also across pages"


def test_the_timeline_is_narrowed_to_orders_or_one_event(client_as, truth, buyer):
    client = client_as("viewer")
    base = f"/w/shop/people/one/{buyer}/timeline/"
    orders = [one for _day, moments in client.get(base, {"show": "orders"}).context_data["days"] for one in moments]
    assert {one.kind for one in orders} <= {"order", "refund"}
    assert sum(one.kind == "order" for one in orders) >= truth["people"].loc[buyer, "orders"]
    pays = [one for _day, moments in client.get(base, {"event": "pay"}).context_data["days"] for one in moments]
    events = truth["events"]
    assert len(pays) == min(40, ((events["person"] == buyer) & (events["event"] == "pay")).sum())
    assert client.get(base, {"before": "nonsense"}).status_code == 404


def test_rfm_is_that_of_all_who_bought(client_as, truth, buyer, inside):
    """The same scores come from the brand's own table of orders with ids replaced by persons."""
    orders = truth["orders"]
    frame = (
        Orders(orders.reset_index(drop=True), person="person", time="time", amount="amount", order="order", tz=ZONE).rfm().frame.set_index("person")
    )
    place = value.rfm(inside, buyer)
    assert (place.r, place.f, place.m) == tuple(frame.loc[buyer, ["r", "f", "m"]])
    page = client_as("viewer").get(f"/w/shop/people/one/{buyer}/rfm/")
    assert place.segment in page.content.decode()
    nobody = truth["people"][truth["people"]["orders"] == 0].index[0]
    assert value.rfm(inside, nobody) is None


def test_the_chart_ends_at_what_was_spent(truth, buyer, inside):
    from tilth.warehouse import persons

    option = value.growth(inside, persons.person(inside.facts, buyer))
    total = truth["people"].loc[buyer, "spent"]
    whole = truth["orders"][truth["orders"]["person"] == buyer]["amount"].sum()
    assert total == pytest.approx(whole)
    assert option["series"][0]["data"][-1][1] == pytest.approx(total)


def test_somebody_unknown_is_said_with_a_way_on(client_as):
    answer = client_as("viewer").get("/w/shop/people/one/no-such-person/")
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "no-such-person" in text
    assert 'href="/w/shop/people/"' in text


@pytest.mark.parametrize(
    ("start", "end", "named", "form"),
    [
        ("2025-02-03", "2025-12-31", ["2025-03-01", "2025-06-01", "2025-09-01", "2025-12-01"], "{yyyy}-{MM}"),
        ("2023-11-20", "2025-12-31", ["2023-12-01", "2024-07-01", "2025-02-01", "2025-09-01"], "{yyyy}-{MM}"),
        ("2025-11-30", "2025-12-02", ["2025-11-30", "2025-12-02"], "{MM}-{dd}"),
        ("2025-12-02", "2025-12-02", ["2025-12-02", "2025-12-02"], "{HH}:{mm}"),
    ],
)
def test_months_below_the_line_are_at_equal_steps(start, end, named, form):
    """Expected by the calendar: 10, 25, 1 and 0 first days of months lie after the start, named are the 1st, 4th, …, or the 1st, 8th, …"""
    marks, told = value._marks(pd.Timestamp(start), pd.Timestamp(end))
    assert ([mark[:10] for mark in marks], told) == (named, form)
