"""Fraud of each kind is there in the numbers the truth gives, looks like itself, and the answers name it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tilth.warehouse.demo import Brand


@pytest.fixture(scope="module")
def cheats(brand: Brand) -> pd.DataFrame:
    people = brand.answers["people"].to_pandas().set_index("person")
    return people[people["fraud"].notna()]


def test_there_are_as_many_of_each_kind_as_the_truth_says(brand: Brand, cheats: pd.DataFrame) -> None:
    f = brand.truth.fraud
    assert cheats["fraud"].value_counts().to_dict() == {
        "device_farm": f.farm_accounts,
        "coupon_abuse": f.coupon_accounts,
        "self_referral": f.rings * (f.ring_size + 1),
        "order_brushing": f.brushers,
    }
    orders = brand.answers["orders"].to_pandas()["fraud"].value_counts()
    assert orders["order_brushing"] == f.brushed_orders
    # the hunters who came on the last evening may not have paid yet
    assert f.coupon_accounts - 8 <= orders["coupon_abuse"] <= f.coupon_accounts
    visitors = brand.answers["visitors"].to_pandas()["fraud"].value_counts()
    assert visitors["bot"] == f.bots


def test_farms_and_rings_share_devices(brand: Brand, cheats: pd.DataFrame) -> None:
    links = brand.tables["identities"].to_pandas()
    devices = links[links["kind"] == "device"]
    shared = devices.groupby("value")["person"].agg(["nunique", set])
    shared = shared[shared["nunique"] > 1]
    together = set().union(*shared["set"])
    assert together == set(cheats.index[cheats["fraud"] != "order_brushing"])
    for _value, row in shared.iterrows():
        assert cheats.loc[list(row["set"]), "fraud"].nunique() == 1


def test_rings_invite_themselves_within_hours(brand: Brand, cheats: pd.DataFrame) -> None:
    ring = cheats[cheats["fraud"] == "self_referral"]
    invited = ring[ring["inviter"].notna()]
    assert (invited.groupby("inviter").size() == brand.truth.fraud.ring_size).all()
    leaders = ring.loc[invited["inviter"], "arrival"].to_numpy()
    assert ((invited["arrival"].to_numpy() - leaders) < np.timedelta64(3, "h")).all()


def test_coupon_hunters_never_come_back(events: pd.DataFrame, cheats: pd.DataFrame) -> None:
    hunters = events[events["person"].isin(cheats.index[cheats["fraud"] == "coupon_abuse"])]
    life = hunters.groupby("person", observed=True)["time"].agg(lambda t: t.max() - t.min())
    assert life.max() < 120
    assert (hunters[hunters["event"] == "pay"].groupby("person", observed=True).size() == 1).all()


def test_brushed_orders_come_at_night_for_a_few_goods(brand: Brand, orders: pd.DataFrame) -> None:
    kind = brand.answers["orders"].to_pandas().set_index("order")["fraud"]
    brushed = orders[orders["order"].map(kind) == "order_brushing"]
    assert (brushed["time"].dt.tz_convert(brand.tz).dt.hour < 5).all()
    assert brushed["product"].nunique() <= 3
    honest = orders[~orders["fraud"]]
    assert honest["product"].nunique() == 120


def test_flooded_days_have_clicks_without_people(brand: Brand, events: pd.DataFrame) -> None:
    fake = brand.answers["clicks"].to_pandas()
    days = (brand.end - brand.first).days + 1
    f = brand.truth.fraud
    assert set(fake["channel"]) == {f.flood_channel}
    # days without spend cannot be flooded, a fifth of all
    assert 0.5 * f.flooded_days * days < len(fake) < 1.3 * f.flooded_days * days
    flooders = brand.answers["visitors"].to_pandas()
    flooders = flooders.loc[flooders["fraud"] == "click_flooding", "person"]
    theirs = events[events["person"].isin(flooders)]
    assert set(theirs["event"]) == {"ad_click"}
    assert len(theirs) == fake["fake_clicks"].sum()


def test_bots_read_at_a_constant_pace(brand: Brand, events: pd.DataFrame) -> None:
    bots = brand.answers["visitors"].to_pandas()
    bots = bots.loc[bots["fraud"] == "bot", "person"]
    theirs = events[events["person"].isin(bots)]
    pace = theirs.groupby("person", observed=True)["time"].diff().dropna()
    assert pace.between(6.7, 7.3).all()
    assert set(theirs["event"]) == {"view_goods"}
