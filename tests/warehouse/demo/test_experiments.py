"""The experiments' effects come back from exposures and events, each with an estimator of its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tilth.warehouse.demo import Brand


def log_odds_ratio(successes: pd.Series, treated: pd.Series, strata: pd.Series) -> tuple[float, float]:
    """Return the log odds ratio pooled over strata by inverse variance (Woolf's method), and its standard error."""
    weights, total = 0.0, 0.0
    for _name, table in pd.DataFrame({"s": successes, "t": treated}).groupby(strata, observed=True):
        a, b = (table.s & table.t).sum(), (~table.s & table.t).sum()
        c, d = (table.s & ~table.t).sum(), (~table.s & ~table.t).sum()
        if min(a, b, c, d) < 5:
            continue
        w = 1 / (1 / a + 1 / b + 1 / c + 1 / d)
        weights, total = weights + w, total + w * np.log(a * d / (b * c))
    return total / weights, 1 / np.sqrt(weights)


def test_sign_up_in_the_first_session(brand: Brand, honest: pd.DataFrame, people: pd.DataFrame) -> None:
    first = honest.groupby("person", observed=True)["time"].min()
    signed = honest[honest["event"] == "sign_up"].groupby("person", observed=True)["time"].min()
    exposed = people[people["welcome_gift"].notna()]
    at_once = (signed.reindex(exposed.index) - first.reindex(exposed.index)) < 120
    effect, error = log_odds_ratio(at_once, exposed["welcome_gift"] == "treatment", exposed["channel"])
    truth = brand.truth.experiment("welcome_gift")
    assert error < 0.08
    assert abs(effect - truth.effect) < 4 * error
    # those not exposed sign up with logit first + sign_up of the channel
    other = people[people["welcome_gift"].isna()]
    soon = (signed.reindex(other.index) - first.reindex(other.index)) < 120
    for channel in brand.truth.channels:
        mine = soon[other["channel"] == channel.code]
        share = 1 / (1 + np.exp(-brand.truth.sign_up.first - channel.sign_up))
        assert abs(mine.mean() - share) < 4.5 * np.sqrt(share * (1 - share) / len(mine)), channel.code


def test_paying_at_checkout(brand: Brand, honest: pd.DataFrame, people: pd.DataFrame) -> None:
    steps = honest[honest["event"].isin(["begin_checkout", "pay"])]
    paid = (steps["event"].shift(-1) == "pay") & (steps["person"].shift(-1) == steps["person"]) & (steps["time"].diff(-1) > -1800)
    began = steps["event"] == "begin_checkout"
    exposure = brand.tables["memberships"].to_pandas()
    since = exposure[exposure["name"] == "one_page_checkout"].set_index("person")["time"].map(lambda t: t.timestamp())
    truth = brand.truth.experiment("one_page_checkout")
    days = (brand.end - brand.first).days + 1
    inside = (steps["time"] >= since.reindex(steps["person"]).to_numpy()) & (steps["day"] < int(truth.stop * days))
    rows = steps[began & inside]
    person = people.reindex(rows["person"])
    coupon = rows["properties"].str.contains("coupon")
    strata = pd.Series(person["channel"].to_numpy() + np.where(coupon, " coupon ", " ") + (rows["day"] // 30).astype(str).to_numpy(), rows.index)
    effect, error = log_odds_ratio(paid[rows.index], pd.Series((person["one_page_checkout"] == "treatment").to_numpy(), rows.index), strata)
    # touches differ within a stratum, which draws the pooled ratio a little towards 0
    assert error < 0.05
    assert abs(effect - truth.effect) < 4 * error + 0.02


def test_goods_viewed_in_a_session(brand: Brand, honest: pd.DataFrame, people: pd.DataFrame) -> None:
    truth, b = brand.truth.experiment("smart_picks"), brand.truth.buying
    days = (brand.end - brand.first).days + 1
    rows = honest[honest["event"].isin(["app_open", "view_goods"]) & (honest["day"] >= int(truth.start * days) + 1)]
    rows = rows[rows["day"] < int(truth.stop * days)]
    session = ((rows["event"] == "app_open").cumsum()).to_numpy()
    views = np.bincount(session, weights=rows["event"] == "view_goods")[1:]
    of = rows.loc[rows["event"] == "app_open", "person"]
    arm = people["smart_picks"].reindex(of).to_numpy()
    # a session views none with chance q, else 1 + Poisson(ν e^δ): the mean is (1 - q)(1 + ν e^δ)
    further = {variant: views[arm == variant].mean() / (1 - b.no_views) - 1 for variant in ("control", "treatment")}
    assert further["control"] == pytest.approx(b.views, rel=0.03)
    assert np.log(further["treatment"] / further["control"]) == pytest.approx(truth.effect, abs=0.04)


def test_care_messages_keep_people(brand: Brand, honest: pd.DataFrame, people: pd.DataFrame) -> None:
    # among those with a life after the first day, log hazard ratio of two exponential rates: difference of logs, error √(1/n + 1/m)
    life = brand.truth.life
    exposed = people[people["care_messages"].notna() & (people["churn_age"] > 0)]
    hazard = exposed["channel"].map({c.code: c.hazard for c in brand.truth.channels})
    risk = hazard * (exposed["churn_age"] / life.scale) ** life.shape
    treated = exposed["care_messages"] == "treatment"
    effect = np.log(treated.sum() / risk[treated].sum()) - np.log((~treated).sum() / risk[~treated].sum())
    truth = brand.truth.experiment("care_messages").effect
    assert abs(effect - truth) < 4 * np.sqrt(1 / treated.sum() + 1 / (~treated).sum())
    # and it is seen in what they do: more days active between the 20th and the 120th
    days = honest.loc[honest["event"] == "app_open", ["person", "day"]].drop_duplicates()
    age = days["day"].to_numpy() - people["first_day"].reindex(days["person"]).to_numpy()
    count = days[(age >= 20) & (age < 120)].groupby("person", observed=True).size().reindex(exposed.index).fillna(0)
    difference = count[treated].mean() - count[~treated].mean()
    error = np.sqrt(count[treated].var() / treated.sum() + count[~treated].var() / (~treated).sum())
    assert difference > 3 * error


def test_the_a_a_test_shows_nothing_and_lost_exposures_show(brand: Brand, people: pd.DataFrame, honest: pd.DataFrame) -> None:
    views = honest[honest["event"] == "view_goods"].groupby("person", observed=True).size().reindex(people.index).fillna(0)
    arms = [views[people["button_colour"] == variant] for variant in ("control", "treatment")]
    error = np.sqrt(sum(a.var() / len(a) for a in arms))
    assert abs(arms[0].mean() - arms[1].mean()) < 4 * error
    for experiment in brand.truth.experiments:
        n = people[experiment.code].value_counts()
        expected = 1 - experiment.lost
        ratio = n["treatment"] / n["control"]
        assert abs(np.log(ratio / expected)) < 4 * np.sqrt(1 / n["treatment"] + 1 / n["control"]), experiment.code
    lost = people["new_badge"].value_counts()
    assert (lost["control"] - lost["treatment"]) ** 2 / lost.sum() > 24  # chi-square with p < 1e-6
