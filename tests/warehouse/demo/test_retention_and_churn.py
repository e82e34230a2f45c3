"""Coming back obeys the hazard of the truth. Expectations are worked out here from the formulas in the reference, not by the generator's code."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tilth.warehouse.demo import Brand
from tilth.warehouse.demo.names import VISITS

AGES = (1, 2, 3, 5, 7, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365, 500)


@pytest.fixture(scope="module")
def visits(honest: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """One row a person and day visited, with the age in days."""
    days = honest.loc[honest["event"].isin(VISITS), ["person", "day"]].drop_duplicates()
    days["age"] = days["day"].to_numpy() - people["first_day"].reindex(days["person"]).to_numpy()
    return days


def hazard_ratio(brand: Brand, people: pd.DataFrame) -> np.ndarray:
    """m of each person: the channel's, and the experiment's for those treated."""
    channel = people["channel"].map({c.code: c.hazard for c in brand.truth.channels}).to_numpy()
    effect = next(e.effect for e in brand.truth.experiments if e.acts_on == "churn")
    return channel * np.exp(effect * (people["care_messages"] == "treatment").to_numpy())


def expected_visits(brand: Brand, people: pd.DataFrame, age: int) -> np.ndarray:
    """(1 - b) exp(-m (τ/σ)^κ) (1 - (1 + s μ/r)^-r) for everybody who is that old before the end."""
    life = brand.truth.life
    season = brand.answers["seasons"]["factor"].to_numpy()
    day = people["first_day"].to_numpy() + age
    seen = day < len(season)
    m = hazard_ratio(brand, people)[seen]
    alive = (1 - life.bounce) * np.exp(-m * (age / life.scale) ** life.shape)
    return alive * (1 - (1 + season[day[seen]] * life.visit_mean / life.visit_shape) ** -life.visit_shape)


def test_retention_by_age_is_the_formulas(brand: Brand, people: pd.DataFrame, visits: pd.DataFrame) -> None:
    # every person visits or not on the day of an age: a sum of independent draws, so four standard errors bound it
    for age in AGES:
        expected = expected_visits(brand, people, age)
        observed = int((visits["age"] == age).sum())
        error = np.sqrt((expected * (1 - expected)).sum())
        assert abs(observed - expected.sum()) < 4 * error, (age, observed, expected.sum())


def test_retention_of_monthly_cohorts_is_the_formulas(brand: Brand, people: pd.DataFrame, visits: pd.DataFrame) -> None:
    cohort = people["first_day"] // 61
    of_visit = cohort.reindex(visits["person"]).to_numpy()
    for number in range(6):
        members = people[cohort == number]
        for age in (1, 7, 30, 90):
            expected = expected_visits(brand, members, age)
            observed = int(((visits["age"] == age) & (of_visit == number)).sum())
            error = np.sqrt((expected * (1 - expected)).sum())
            assert abs(observed - expected.sum()) < 4.5 * error, (number, age)


def test_shape_and_scale_of_the_hazard_come_back_from_visits_alone(brand: Brand, people: pd.DataFrame, visits: pd.DataFrame) -> None:
    # people whose hazard ratio is near 1; the curve A exp(-(τ/σ)^κ) is fitted to season-adjusted visits by Poisson likelihood on a grid
    m = pd.Series(hazard_ratio(brand, people), index=people.index)
    chosen = people[(m > 0.94) & (m < 1.06)]
    season = brand.answers["seasons"]["factor"].to_numpy()
    life = brand.truth.life
    chance = 1 - (1 + season * life.visit_mean / life.visit_shape) ** -life.visit_shape
    ages = np.arange(1, 400)
    days = chosen["first_day"].to_numpy()[:, None] + ages
    exposure = np.where(days < len(season), chance[np.minimum(days, len(season) - 1)], 0).sum(axis=0)
    mine = visits[visits["person"].isin(set(chosen.index))]
    observed = np.bincount(mine["age"], minlength=401)[1:400]
    best = (-np.inf, 0.0, 0.0)
    for kappa in np.arange(0.3, 1.01, 0.02):
        for sigma in np.geomspace(30, 300, 60):
            curve = exposure * np.exp(-((ages / sigma) ** kappa))
            likelihood = float((observed * np.log(curve)).sum() - observed.sum() * np.log(curve.sum()))
            best = max(best, (likelihood, kappa, sigma))
    assert best[1] == pytest.approx(life.shape, abs=0.12)
    assert best[2] == pytest.approx(life.scale, rel=0.30)


def test_hidden_churn_ages_have_the_weibull_hazard_of_each_channel(brand: Brand, people: pd.DataFrame) -> None:
    # (τ/σ)^κ is exponential with rate m: the maximum-likelihood estimate of m is n / Σ (τ/σ)^κ, its relative error 1/√n
    life = brand.truth.life
    plain = people[(people["churn_age"] > 0) & (people["care_messages"] != "treatment")]
    for channel in brand.truth.channels:
        age = plain.loc[plain["channel"] == channel.code, "churn_age"].to_numpy()
        m = len(age) / ((age / life.scale) ** life.shape).sum()
        assert m == pytest.approx(channel.hazard, rel=4 / np.sqrt(len(age))), channel.code
    assert (people["churn_age"] == 0).mean() == pytest.approx(life.bounce, abs=4 * np.sqrt(life.bounce / len(people)))


def test_nobody_visits_after_they_churned(people: pd.DataFrame, visits: pd.DataFrame) -> None:
    churned = people["churn_age"].reindex(visits["person"]).to_numpy()
    later = visits["age"].to_numpy() > 0
    assert (visits["age"].to_numpy()[later] < churned[later]).all()
