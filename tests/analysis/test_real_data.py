"""Answers over published data against independent computations: SQL self-joins, and pandas' own quantiles."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from tests.real_data import real

import tilth as tl

STEPS = ["pv", "cart", "buy"]
COLUMNS = ["user", "item", "category", "behaviour", "seconds"]


@pytest.fixture(scope="module")
def taobao():
    return pd.read_csv(real("taobao_behavior.csv"), names=COLUMNS)


@pytest.mark.parametrize("days", [1, 3, 9])
def test_taobao_funnel_equals_self_joins_in_sql(taobao, days):
    """One row for every triple of events in order within the window; the file's line breaks ties, as in Events."""
    connection = duckdb.connect()
    connection.register("ordered", taobao.assign(line=np.arange(len(taobao))))
    window = days * 86400
    expected = connection.sql(f"""
        WITH pv AS (SELECT * FROM ordered WHERE behaviour = 'pv'), cart AS (SELECT * FROM ordered WHERE behaviour = 'cart'),
             buy AS (SELECT * FROM ordered WHERE behaviour = 'buy'),
             two AS (SELECT pv."user" AS person, pv.seconds AS began, cart.seconds AS at, cart.line FROM pv JOIN cart ON pv."user" = cart."user"
                     AND (cart.seconds, cart.line) > (pv.seconds, pv.line) AND cart.seconds - pv.seconds <= {window}),
             three AS (SELECT two.person FROM two JOIN buy ON buy."user" = two.person
                       AND (buy.seconds, buy.line) > (two.at, two.line) AND buy.seconds - two.began <= {window})
        SELECT (SELECT count(DISTINCT "user") FROM pv), (SELECT count(DISTINCT person) FROM two), (SELECT count(DISTINCT person) FROM three)
    """).fetchall()[0]
    funnel = tl.Events(taobao, person="user", time="seconds", event="behaviour").funnel(STEPS, within=f"{days}d")
    assert tuple(funnel.frame["people"]) == expected


def test_taobao_funnel_from_the_file_without_a_header_is_the_same(taobao):
    """DuckDB names the columns column0 … column4; 43 users, pv 3,926, cart 190, fav 128, buy 77 are the published counts."""
    events = tl.Events(real("taobao_behavior.csv"), person="column0", time="column4", event="column3")
    assert len(events.people()) == 43
    assert {name: len(events.where({"column3": name})) for name in events.names()} == {"pv": 3926, "cart": 190, "fav": 128, "buy": 77}
    frame = tl.Events(taobao, person="user", time="seconds", event="behaviour").funnel(STEPS, within="3d").frame
    pd.testing.assert_frame_equal(events.funnel(STEPS, within="3d").frame, frame)


def test_taobao_retention_by_day_equals_pandas(taobao):
    """Days in Shanghai by pandas' own time zone arithmetic; everyone's cohort is their first day."""
    day = pd.to_datetime(taobao["seconds"], unit="s", utc=True).dt.tz_convert("Asia/Shanghai").dt.normalize()
    active = taobao.assign(day=day).drop_duplicates(["user", "day"])
    first = active.groupby("user")["day"].min().rename("cohort")
    active = active.join(first, on="user")
    away = (active["day"] - active["cohort"]).dt.days
    expected = active[away <= 5].groupby(["cohort", away[away <= 5]])["user"].nunique()
    frame = tl.Events(taobao, person="user", time="seconds", event="behaviour").retention(["pv", "cart", "fav", "buy"], periods=5).frame
    got = frame[frame["people"].fillna(0) > 0].set_index(["cohort", "period"])["people"]
    assert {k: int(v) for k, v in got.items()} == {(c, int(p)): int(v) for (c, p), v in expected.items()}


def test_online_retail_rfm_equals_pandas_quintiles():
    """Invoices with a customer that sum above 0; the edges are numpy's quantiles; 4,372 customers in all."""
    lines = pd.read_csv(real("online_retail.csv.gz"), dtype={"InvoiceNo": str, "CustomerID": "Int64"}, parse_dates=["InvoiceDate"])
    lines["amount"] = (lines["Quantity"] * lines["UnitPrice"]).round(4)
    assert lines["CustomerID"].nunique() == 4372
    frame = tl.Orders(lines, person="CustomerID", time="InvoiceDate", amount="amount", order="InvoiceNo").rfm().frame.set_index("person").sort_index()
    known = lines.dropna(subset="CustomerID")
    invoices = known.groupby(["CustomerID", "InvoiceNo"]).agg(at=("InvoiceDate", "min"), amount=("amount", "sum"))
    invoices = invoices.query("amount > 1e-9").reset_index()
    people = invoices.groupby("CustomerID").agg(last=("at", "max"), frequency=("InvoiceNo", "nunique"), monetary=("amount", "sum"))
    assert list(frame.index) == list(people.index)
    assert frame["frequency"].tolist() == people["frequency"].tolist()
    assert np.allclose(frame["monetary"], people["monetary"])
    recency = (pd.Timestamp("2011-12-10") - people["last"].dt.normalize()).dt.days
    assert frame["recency_days"].tolist() == recency.tolist()
    for name, values in {"f": people["frequency"], "m": people["monetary"], "r": -recency}.items():
        edges = np.quantile(values, [0.2, 0.4, 0.6, 0.8])
        assert frame[name].tolist() == [1 + sum(v > e for e in edges) for v in values], name
    assert (frame.loc[frame["segment"] == "champions", list("rfm")] > frame[list("rfm")].mean()).all(axis=None)
