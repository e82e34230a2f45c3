"""A workspace that holds orders and no events, as a shop's first file leaves it: its orders are asked about as events."""

import pandas as pd
import pytest

import tilth as tl
from tilth.workbench.measure import answers, purchases
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.tenancy import scope

BASE = "/w/bare/analysis"


def lines():
    """Thirty orders of seven people, each of two lines a minute apart; every tenth is a refund, and one more is given back as a whole."""
    rows = []
    for n in range(30):
        at = pd.Timestamp("2025-03-01 10:00", tz="Asia/Shanghai") + pd.Timedelta(days=n)
        sign = -1 if n % 10 == 9 else 1
        for line in range(2):
            told = {"person": f"u{n % 7}", "order": f"o{n}", "channel": "tmall" if n % 2 else "douyin", "product": f"p{line}"}
            rows.append({**told, "time": at + pd.Timedelta(minutes=line), "amount": sign * (10.0 + n)})
    rows.append({"person": "u3", "order": "o3", "channel": "tmall", "product": "p0", "time": at, "amount": -26.0})
    return pd.DataFrame(rows)


@pytest.fixture
def orders(empty_workspace):
    empty_workspace.facts.load(lines(), table="orders", name="orders.csv")
    return empty_workspace


@pytest.fixture
def counted():
    """The orders that count, worked out with pandas."""
    found = lines().groupby(["person", "order"], as_index=False).agg(time=("time", "min"), value=("amount", "sum"), channel=("channel", "first"))
    found = found[found["value"] > 0].assign(event="order")
    assert len(found) == 26
    return found


@pytest.mark.parametrize("kind", ["rfm", "sales"])
def test_what_is_asked_of_orders_is_answered(client_as, orders, kind):
    page = client_as("analyst", orders).get(f"{BASE}/{kind}/")
    assert page.status_code == 200
    assert "2025-03-30" in page.content.decode()  # up to the last order
    answer = client_as("analyst", orders).get(f"{BASE}/{kind}/?answer=1").content.decode()
    assert "t-figures" in answer
    if kind == "rfm":
        assert ">7<" in answer  # every buyer


def test_an_order_is_one_event_of_its_buyer(orders, counted):
    made = purchases.relation(orders).df().sort_values("seq").reset_index(drop=True)
    wanted = counted.sort_values("time").reset_index(drop=True)
    for column in ("person", "value", "channel"):
        assert made[column].astype(wanted[column].dtype).tolist() == wanted[column].tolist(), column
    assert (made["time"].to_numpy() == wanted["time"].dt.tz_convert("UTC").to_numpy()).all() or made["time"].tolist() == wanted["time"].tolist()
    assert made["product"].isna().all()  # the lines differ in it
    assert purchases.event(orders).people == counted["person"].nunique()


def test_retention_of_buyers_is_that_of_the_orders_that_count(orders, counted):
    with scope.use(orders):
        catalogue = Catalogue(orders)
        question = Question.read(KINDS["retention"], [("period", "week"), ("periods", "3")], catalogue)
        assert not question.faults
        found = answers.result(question, catalogue).frame
    events = tl.Events(counted, person="person", time="time", event="event")
    wanted = events.retention("order", "order", period="week", periods=3).frame
    assert found[["size", "people"]].values.tolist() == wanted[["size", "people"]].values.tolist()


def test_a_funnel_of_orders_counts_second_orders_and_splits_by_channel(orders, counted):
    with scope.use(orders):
        catalogue = Catalogue(orders)
        question = Question.read(KINDS["funnel"], [("dates", "90d"), ("within", "30d"), ("by", "channel")], catalogue)
        assert not question.faults
        found = answers.result(question, catalogue).frame
    events = tl.Events(counted, person="person", time="time", event="event")
    wanted = events.funnel(["order", "order"], within="30d", by="channel").frame
    assert found[["channel", "people"]].values.tolist() == wanted[["channel", "people"]].values.tolist()


@pytest.mark.parametrize("kind", ["funnel", "retention", "activity"])
def test_the_page_says_that_orders_are_counted(client_as, orders, kind):
    client = client_as("analyst", orders)
    assert "t-sentence" in client.get(f"{BASE}/{kind}/").content.decode()
    answer = client.get(f"{BASE}/{kind}/?answer=1").content.decode()
    assert "t-figures" in answer
    assert "订单按事件计算" in answer


def test_conditions_offer_what_orders_hold(orders):
    with scope.use(orders):
        catalogue = Catalogue(orders)
        assert [code for code, _name, _kind in catalogue.properties] == ["channel", "product", "value"]
        assert [code for code, _name in catalogue.splits] == ["channel", "product"]
        assert {value for value, _name, _rows in catalogue.values("channel")} == {"tmall", "douyin"}
        dear = Question.read(KINDS["activity"], [("where1", "value"), ("where1.is", "ge"), ("where1.value", "70")], catalogue)
        assert answers.result(dear, catalogue).frame["events"].sum() == 4  # of o25 to o28: 2 × 35 and more


def test_where_events_exist_orders_are_orders(inside):
    catalogue = Catalogue(inside)
    assert not catalogue.of_orders
    assert purchases.table_of(inside, "events") == "events"
    assert purchases.CODE not in catalogue.there


def test_without_an_order_that_counts_there_is_nothing_to_ask(client_as, empty_workspace):
    given_back = lines().assign(amount=-1.0)
    empty_workspace.facts.load(given_back, table="orders", name="refunds.csv")
    page = client_as("analyst", empty_workspace).get(f"{BASE}/retention/").content.decode()
    assert "/w/bare/data/" in page
    assert "t-sentence" not in page


def test_the_first_event_that_is_loaded_takes_their_place(orders):
    with scope.use(orders):
        question = Question.read(KINDS["activity"], [("dates", "all")], Catalogue(orders))
        assert len(answers.result(question, Catalogue(orders)).people()) == 7
        orders.facts.load(pd.DataFrame({"person": ["v"], "time": ["2025-04-01"], "event": ["open"]}), table="events", name="events.csv")
        question = Question.read(KINDS["activity"], [("dates", "all")], Catalogue(orders))
        assert list(answers.result(question, Catalogue(orders)).people()) == ["v"]


def test_the_home_page_shows_what_the_orders_tell(client_as, orders):
    page = client_as("owner", orders).get("/w/bare/").content.decode()
    for key in ("sold", "retention", "rfm"):
        assert f'data-key="{key}"' in page
    assert 'data-key="funnel"' not in page


def test_first_and_second_orders_are_told_apart_by_their_names(client_as, orders):
    answer = client_as("analyst", orders).get(f"{BASE}/funnel/?answer=1").content.decode()
    assert "第 2 次下单人数 ÷ 第 1 次下单人数" in answer
    drawer = client_as("analyst", orders).get(f"{BASE}/funnel/people/?cell=%7B%22step%22%3A2%7D")
    assert "第 2 次下单" in drawer.content.decode()


def test_sales_say_by_what_they_are_counted_and_in_which_money(client_as, orders):
    by_day, by_week = (client_as("analyst", orders).get(f"{BASE}/sales/?answer=1&period={period}").content.decode() for period in ("day", "week"))
    assert "每日销售额" in by_day
    assert "每周销售额" in by_week
    assert "元，已扣退款" in by_day
    assert "CNY" not in by_day
    answer = client_as("analyst", orders).get(f"{BASE}/rfm/?answer=1").content.decode()
    spent = lines().groupby(["person", "order"])["amount"].sum()
    assert f"¥{round(spent[spent > 0].sum() / 7):,}" in answer
