"""Looking, carts, paying, coupons, refunds and answers obey the truth, by estimators of their own on the rows."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from tilth.warehouse.demo import Brand


def logistic(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the maximum-likelihood coefficients of a logistic regression by Newton's method, and their standard errors."""
    beta = np.zeros(x.shape[1])
    for _step in range(25):
        p = 1 / (1 + np.exp(-x @ beta))
        information = (x * (p * (1 - p))[:, None]).T @ x
        beta = beta + np.linalg.solve(information, x.T @ (y - p))
    return beta, np.sqrt(np.diag(np.linalg.inv(information)))


def test_price_elasticity_of_each_category(brand: Brand, honest: pd.DataFrame) -> None:
    # carts are rare among views: log-linear in the log price, one level a goods, conditional Poisson likelihood by Newton's method
    goods = brand.answers["goods"].to_pandas().set_index("code")
    rows = honest[honest["event"].isin(["view_goods", "add_to_cart"]) & (honest["platform"] != "store")]
    cells = rows.groupby(["product", "value", "event"], observed=True).size().unstack(fill_value=0).reset_index()
    cells["x"] = np.log(cells["value"] / goods["price"].reindex(cells["product"]).to_numpy())
    cells["category"] = goods["category"].reindex(cells["product"]).to_numpy()
    for category in brand.truth.categories:
        mine = cells[cells["category"] == category.code]
        code = mine["product"].cat.remove_unused_categories().cat.codes.to_numpy()
        n, v, x = (mine[name].to_numpy(dtype=float) for name in ("add_to_cart", "view_goods", "x"))
        epsilon = 0.0
        for _step in range(20):
            w = v * np.exp(epsilon * x)
            total = np.bincount(code, w)
            mean = np.bincount(code, w * x) / total
            spread = np.bincount(code, w * x**2) / total - mean**2
            sold = np.bincount(code, n)
            information = (sold * spread).sum()
            epsilon += ((n * x).sum() - (sold * mean).sum()) / information
        assert 1 / np.sqrt(information) < 0.25
        assert abs(epsilon - category.elasticity) < 4 / np.sqrt(information), category.code


def test_conversion_lift_of_each_touch(brand: Brand, honest: pd.DataFrame, people: pd.DataFrame) -> None:
    # touches are counted from sessions entered in the seven days before a checkout; a logistic regression tells their lifts apart
    codes = [c.code for c in brand.truth.channels]
    rows = honest[honest["event"].isin(["app_open", "store_visit", "begin_checkout", "pay"])]
    person, time = rows["person"].cat.codes.to_numpy().astype(np.int64), rows["time"].to_numpy()
    entry = rows["channel"].astype(str).to_numpy()
    opens = rows["event"].isin(["app_open", "store_visit"]).to_numpy()
    began = np.flatnonzero((rows["event"] == "begin_checkout").to_numpy())
    paid = (rows["event"].shift(-1) == "pay").to_numpy()[began] & (person[np.minimum(began + 1, len(rows) - 1)] == person[began])
    line = 1e10
    at = person[began] * line + time[began]
    touches = np.stack(
        [
            np.searchsorted(keys, at, side="right") - np.searchsorted(keys, at - 7 * 86_400)
            for keys in (np.sort(person[opens & (entry == code)] * line + time[opens & (entry == code)]) for code in codes)
        ],
        axis=1,
    ).clip(max=3)
    who = people.reindex(rows["person"].to_numpy()[began])
    quality = who["channel"].map({c.code: c.quality for c in brand.truth.channels}).to_numpy()
    demand = brand.answers["seasons"]["demand"].to_numpy()[rows["day"].to_numpy()[began]]
    coupon = rows["properties"].str.contains("coupon").to_numpy(dtype=bool, na_value=False)[began]
    page = brand.truth.experiment("one_page_checkout")
    days = (brand.end - brand.first).days + 1
    day = rows["day"].to_numpy()[began]
    inside = (day >= page.start * days) & (day < page.stop * days)
    treated = inside & (who["one_page_checkout"] == "treatment").to_numpy()
    x = np.column_stack([np.ones(len(began)), quality, demand, coupon, treated, touches])
    beta, error = logistic(x.astype(float), paid.astype(float))
    b = brand.truth.buying
    expected = [b.pay, 1.0, 1.0, b.coupon, page.effect, *(c.lift for c in brand.truth.channels)]
    for name, found, se, truth in zip(["pay", "quality", "demand", "coupon", "page", *codes], beta, error, expected, strict=True):
        assert abs(found - truth) < 4 * se, (name, found, truth, se)
    assert error[5 + codes.index("baidu_search")] < 0.06


def test_attribution_answer_is_the_sum_of_what_touches_added(brand: Brand, orders: pd.DataFrame) -> None:
    checkouts = brand.answers["checkouts"].to_pandas()
    answer = brand.answers["attribution"].to_pandas().set_index("channel")
    for channel in brand.truth.channels:
        touches = checkouts[f"touches_{channel.code}"]
        without = checkouts["logit"] - channel.lift * touches
        added = (1 / (1 + np.exp(-checkouts["logit"])) - 1 / (1 + np.exp(-without))).sum()
        assert answer.loc[channel.code, "incremental_orders"] == pytest.approx(added, abs=1e-6)
    # what is in a cart does not hang on the channel, so an added order is worth about what an order is
    lines = orders[~orders["fraud"] & orders["person"].notna() & (orders["status"] == "paid")]
    worth = lines.groupby("order")["amount"].sum().mean()
    for code in ("baidu_search", "community"):
        row = answer.loc[code]
        assert row["incremental_value"] / row["incremental_orders"] == pytest.approx(worth, rel=0.15), code


def test_welcome_coupons_raise_the_first_checkout_by_the_truths_logit(brand: Brand, honest: pd.DataFrame, people: pd.DataFrame) -> None:
    # who gets one at sign-up is random: first checkouts within its life, with one against without any coupon, as two proportions
    coupons = brand.truth.coupons
    steps = honest[honest["event"].isin(["sign_up", "begin_checkout", "pay"])].copy()
    signed = honest[honest["event"] == "sign_up"].groupby("person", observed=True)["time"].min()
    steps["paid"] = (steps["event"].shift(-1) == "pay") & (steps["person"].shift(-1) == steps["person"])
    first = steps[steps["event"] == "begin_checkout"].groupby("person", observed=True).first()
    first = first[first["time"] - signed.reindex(first.index) < coupons.life_days * 86_400]
    offered = first["properties"].fillna("")
    groups = [first.loc[offered.str.contains("welcome"), "paid"], first.loc[~offered.str.contains("coupon"), "paid"]]
    odds = [np.log(g.mean() / (1 - g.mean())) for g in groups]
    error = np.sqrt(sum(1 / (len(g) * g.mean() * (1 - g.mean())) for g in groups))
    # chances differ among people, which draws the plain odds ratio a little towards 0
    assert abs(odds[0] - odds[1] - brand.truth.buying.coupon) < 4 * error + 0.03
    got = honest[(honest["event"] == "receive_coupon") & honest["properties"].str.contains("welcome")]["person"].nunique()
    n = len(signed)
    assert got / n == pytest.approx(coupons.welcome, abs=4 * np.sqrt(0.25 / n))


def test_refund_rate_of_each_category(brand: Brand, orders: pd.DataFrame) -> None:
    goods = brand.answers["goods"].to_pandas().set_index("code")
    category = goods["category"].reindex(orders["product"]).to_numpy()
    real = ~orders["fraud"]
    old = pd.Timestamp(brand.end, tz=brand.tz) - pd.Timedelta(days=brand.truth.refunds.latest + 3)
    sold = orders[real & (orders["status"] == "paid") & (orders["time"] < old)]
    back = orders[real & (orders["status"] == "refunded")]
    returned = sold.set_index(["order", "product"]).index.isin(back.set_index(["order", "product"]).index)
    for c in brand.truth.categories:
        mine = returned[category[sold.index] == c.code]
        assert abs(mine.mean() - c.refund) < 4 * np.sqrt(c.refund * (1 - c.refund) / len(mine)), c.code


def test_drivers_of_the_nps_come_back_by_least_squares(brand: Brand, honest: pd.DataFrame) -> None:
    answers = honest[honest["event"] == "nps_answer"]
    rated = pd.DataFrame([json.loads(text) for text in answers["properties"]], index=answers.index)
    # where quality is rated 3 or less the score hardly ever meets the top of its scale, which would bend the line
    low = rated[rated["quality"] <= 3]
    drivers = ["quality", "delivery", "service", "price"]
    x = np.column_stack([np.ones(len(low)), low[drivers] - 3]).astype(float)
    y = answers.loc[low.index, "value"].to_numpy()
    beta, residual, _rank, _sv = np.linalg.lstsq(x, y, rcond=None)
    error = np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * residual[0] / len(low))
    v = brand.truth.voices
    for found, se, truth in zip(beta, error, [v.centre, v.quality, v.delivery, v.service, v.price], strict=True):
        assert abs(found - truth) < 4 * se + 0.03
    assert set(answers["value"]) <= set(range(11))
    paid = honest[(honest["event"] == "pay") & (honest["platform"] != "store") & (honest["day"] < honest["day"].max() - 12)]
    told = answers[answers["time"] < paid["time"].max() + 5 * 86_400]
    assert len(told) / len(paid) == pytest.approx(v.answer, abs=0.015)


def test_anonymous_orders_follow_the_season(brand: Brand, orders: pd.DataFrame) -> None:
    anonymous = orders[orders["person"].isna() & (orders["status"] == "paid")]
    days = (brand.end - brand.first).days + 1
    mean = brand.truth.buying.anonymous * days
    assert abs(anonymous["order"].nunique() - mean) < 4 * np.sqrt(mean)
    assert set(anonymous["shop"]) <= {f"S{n:02d}" for n in range(1, 11)}
