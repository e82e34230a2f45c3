"""What must hold in any brand: the tables agree with each other and nobody acts before they exist."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tilth.warehouse.demo import Brand
from tilth.warehouse.demo.names import NAMES, VISITS
from tilth.warehouse.schema import TABLES, TEXT


@pytest.fixture(params=["brand", "small"])
def any_brand(request: pytest.FixtureRequest) -> Brand:
    return request.getfixturevalue(request.param)


@pytest.fixture
def rows(any_brand: Brand, brand: Brand, request: pytest.FixtureRequest) -> pd.DataFrame:
    return request.getfixturevalue("events" if any_brand is brand else "small_events")


def first_time(rows: pd.DataFrame, event: str | None = None) -> pd.Series:
    chosen = rows if event is None else rows[rows["event"] == event]
    return chosen.groupby("person", observed=True)["time"].min()


def test_every_table_has_the_schemas_columns_and_properties(any_brand: Brand) -> None:
    assert set(any_brand.tables) == set(TABLES)
    for name, table in any_brand.tables.items():
        wanted = [(c.name, c.type) for c in TABLES[name].columns] + [("properties", TEXT)]
        assert [(f.name, f.type) for f in table.schema] == wanted
        for column in TABLES[name].columns:
            assert not column.required or table[column.name].null_count == 0, (name, column.name)


def test_rows_are_by_time_and_inside_the_span(any_brand: Brand) -> None:
    first = pd.Timestamp(any_brand.first, tz=any_brand.tz)
    after = pd.Timestamp(any_brand.end, tz=any_brand.tz) + pd.Timedelta(days=1)
    for name, table in any_brand.tables.items():
        times = table["time"].to_pandas()
        assert times.is_monotonic_increasing or name == "contents", name
        assert times.min() >= first, name
        assert times.max() < after, name


def test_size_is_what_was_asked_for(brand: Brand, small: Brand) -> None:
    assert brand.tables["people"].num_rows == 20_000
    assert small.tables["people"].num_rows == 600
    assert 1_300_000 < brand.tables["events"].num_rows < 1_700_000
    assert (brand.end - brand.first).days + 1 == 731
    assert str(small.first) == "2022-03-01"


def test_ids_are_unique_and_of_one_person(any_brand: Brand) -> None:
    people, links = any_brand.tables["people"], any_brand.tables["identities"]
    assert len(people["person"].unique()) == people.num_rows
    assert pc.all(pc.is_in(links["person"], people["person"])).as_py()
    seen = pc.unique(any_brand.tables["events"]["person"])
    known = pc.is_in(seen, pa.chunked_array([*people["person"].chunks, *links["value"].chunks]))
    nobodies = any_brand.answers["visitors"]["person"]
    assert set(seen.filter(pc.invert(known)).to_pylist()) == set(nobodies.to_pylist())
    # an id under which events come is one person's alone; only shared devices of fraud are several people's
    pairs = pa.table({"value": links["value"], "person": links["person"]}).group_by(["value"]).aggregate([("person", "count_distinct")])
    shared = pairs.filter(pc.greater(pairs["person_count_distinct"], 1))["value"]
    assert not pc.any(pc.is_in(shared, seen)).as_py()
    assert len(shared) > 0


def test_people_come_before_they_act(rows: pd.DataFrame, any_brand: Brand) -> None:
    people = rows[~rows["person"].isin(any_brand.answers["visitors"]["person"].to_pylist())]
    first, signed = first_time(people), first_time(people, "sign_up")
    assert len(first) == any_brand.tables["people"].num_rows
    assert (first.reindex(signed.index) < signed).all()
    # who is known by a user or member id has signed up before
    known = people[people["person_kind"].isin(["user", "member"])]
    assert (known["time"].to_numpy() >= signed.reindex(known["person"]).to_numpy()).all()
    before = people[~people["person_kind"].isin(["user", "member"])]
    later = before["time"].to_numpy() > signed.reindex(before["person"]).to_numpy()
    assert not later.any()
    assert (people["event"] == "sign_up").sum() == len(signed)
    opening = people.groupby("person", observed=True)["event"].first()
    assert set(opening) <= {"ad_click", "app_open"}


def test_the_people_table_says_what_the_events_say(rows: pd.DataFrame, any_brand: Brand) -> None:
    people = any_brand.tables["people"].to_pandas().set_index("person")
    seconds = people["time"].map(lambda t: t.timestamp())
    signed = first_time(rows, "sign_up")
    assert set(people.index[people["person_kind"] == "user"]) == set(signed.index)
    assert (seconds[signed.index] - signed).abs().max() < 1e-6
    unsigned = people.index[people["person_kind"] != "user"]
    assert (seconds[unsigned] - first_time(rows)[unsigned]).abs().max() <= 2.0001  # without a click the first event is the opening
    assert people.loc[unsigned, ["name", "gender", "birth_year", "tier"]].isna().all(axis=None)
    invited = people["inviter"].dropna()
    assert invited.isin(signed.index).all()


def test_inviters_invite_before_the_invited_come(rows: pd.DataFrame, any_brand: Brand) -> None:
    people = any_brand.answers["people"].to_pandas().set_index("person")
    invited = people["inviter"].dropna()
    accepted = first_time(rows, "accept_invite")
    assert set(accepted.index) == set(invited.index)
    assert (first_time(rows, "invite").reindex(invited).to_numpy() < first_time(rows)[invited.index].to_numpy()).all()
    sent = rows[rows["event"] == "invite"].groupby("person", observed=True).size()
    assert (invited.value_counts() <= sent.reindex(invited.value_counts().index)).all()
    assert (people.loc[invited.index, "channel"] == "referral").all()


def test_payments_and_orders_agree_to_the_cent(rows: pd.DataFrame, any_brand: Brand) -> None:
    lines = any_brand.tables["orders"].to_pandas()
    lines["amount"] = lines["amount"].astype(float)
    sold, back = lines[lines["status"] == "paid"], lines[lines["status"] == "refunded"]
    known = sold[sold["person"].notna()].groupby("order").agg(amount=("amount", "sum"), time=("time", "first"), times=("time", "nunique"))
    assert (known["times"] == 1).all()
    paid = rows[rows["event"] == "pay"]
    order = [json.loads(text)["order"] for text in paid["properties"]]
    events = pd.DataFrame({"value": paid["value"].to_numpy(), "time": paid["time"].to_numpy()}, index=order)
    assert events.index.is_unique
    assert set(events.index) == set(known.index)
    assert (events["value"] - known["amount"].reindex(events.index)).abs().max() < 0.005
    assert (events["time"] - known["time"].reindex(events.index).map(lambda t: t.timestamp())).abs().max() < 1e-6
    refunds = rows[rows["event"] == "refund"]
    assert len(refunds) == back["person"].notna().sum()
    assert refunds["value"].sum() == pytest.approx(back.loc[back["person"].notna(), "amount"].sum(), abs=0.01)


def test_lines_are_what_they_say(any_brand: Brand) -> None:
    lines = any_brand.tables["orders"].to_pandas()
    cents = {name: np.rint(lines[name].astype(float) * 100).astype(int) for name in ("quantity", "price", "amount")}
    full = cents["quantity"] // 100 * cents["price"]
    off = lines["coupon"].map({"welcome": any_brand.truth.coupons.welcome_off, "campaign": any_brand.truth.coupons.campaign_off}).fillna(0)
    assert (cents["amount"] - full * (1 - off)).abs().max() <= 0.5
    assert ((cents["amount"] < 0) == (lines["status"] == "refunded")).all()
    assert (cents["price"] > 0).all()
    # a refund is of a line of the same order sold before, and of one only once
    sold = lines[lines["status"] == "paid"].set_index(["order", "product"])
    back = lines[lines["status"] == "refunded"].set_index(["order", "product"])
    assert sold.index.is_unique
    assert back.index.is_unique
    assert back.index.isin(sold.index).all()
    assert (sold.loc[back.index, "time"] < back["time"]).all()


def test_stores_sell_only_while_they_are_open(rows: pd.DataFrame, any_brand: Brand) -> None:
    in_store = rows[rows["platform"] == "store"]
    assert in_store["hour"].between(10, 21).all()
    assert (in_store["person_kind"] == "member").all()
    lines = any_brand.tables["orders"].to_pandas()
    hours = lines.loc[lines["shop"] != "MALL", "time"].dt.tz_convert(any_brand.tz).dt.hour
    assert hours.between(10, 21).all()


def test_a_session_runs_in_order(rows: pd.DataFrame, any_brand: Brand) -> None:
    honest = rows[rows["honest"] & ~rows["event"].isin(["refund", "nps_answer", "service_contact"])]
    # each session's events lie between its opening and the next one's; a click comes just before the opening it leads to
    begins = honest["event"].isin(VISITS) | (honest["event"] == "ad_click")
    opened = honest["event"].isin(VISITS).groupby(honest["person"], observed=True).cumsum()
    assert (opened[~begins] > 0).all()
    after_click = honest["event"].shift(1)[honest["event"] == "app_open"] == "ad_click"
    assert (honest["event"] == "ad_click").sum() == after_click.sum()
    cart = (honest["event"] == "add_to_cart").groupby([honest["person"], opened], observed=True).sum()
    checkout = (honest["event"] == "begin_checkout").groupby([honest["person"], opened], observed=True).sum()
    assert (cart[checkout[checkout > 0].index] > 0).all()
    assert (checkout <= 1).all()


def test_media_platforms_count_at_least_the_clicks_that_were_seen(rows: pd.DataFrame, any_brand: Brand) -> None:
    costs = any_brand.tables["costs"].to_pandas()
    assert (costs["clicks"] <= costs["impressions"]).all()
    day = (costs["time"].dt.tz_convert(any_brand.tz).dt.date - any_brand.first).map(lambda d: d.days)
    counted = costs["clicks"].groupby([costs["channel"], day]).sum()
    clicks = rows[rows["event"] == "ad_click"]
    seen = clicks.groupby([clicks["channel"].astype(str), "day"]).size()
    assert (seen <= counted.reindex(seen.index)).all()


def test_every_code_has_its_names_and_properties_are_json(any_brand: Brand) -> None:
    events, orders = any_brand.tables["events"], any_brand.tables["orders"]
    assert set(pc.unique(events["event"]).to_pylist()) == set(NAMES["event"])
    for table, column, kind in ((events, "channel", "channel"), (events, "platform", "platform"), (orders, "status", "status")):
        assert set(pc.unique(table[column]).drop_null().to_pylist()) <= set(NAMES[kind]), column
    people, costs, shown = (any_brand.tables[name] for name in ("people", "costs", "memberships"))
    for table, column, kind in ((people, "tier", "tier"), (costs, "placement", "placement"), (shown, "value", "variant")):
        assert set(pc.unique(table[column]).drop_null().to_pylist()) == set(NAMES[kind]), column
    campaigns = {code.rsplit("_", 1)[0] for code in pc.unique(events["campaign"]).drop_null().to_pylist()}
    assert campaigns <= set(NAMES["campaign"])
    assert {e.code for e in any_brand.truth.experiments} == set(NAMES["experiment"])
    for name, table in any_brand.tables.items():
        for text in pc.unique(table["properties"]).drop_null().to_pylist()[:5000]:
            assert isinstance(json.loads(text), dict), name


def test_gaps_are_as_wide_as_the_truth_says(brand: Brand) -> None:
    people = brand.tables["people"].to_pandas()
    members = people[people["person_kind"] == "user"]
    gaps = brand.truth.gaps
    for name, share in (("gender", gaps.gender), ("birth_year", gaps.birth_year)):
        assert abs(members[name].isna().mean() - share) < 4 * np.sqrt(share / len(members)), name
    events = brand.tables["events"].filter(pc.equal(brand.tables["events"]["event"], "sign_up"))
    missing = events["city"].null_count / events.num_rows
    assert abs(missing - gaps.city) < 4 * np.sqrt(gaps.city / events.num_rows) + 0.002  # fraudulent accounts have their city
