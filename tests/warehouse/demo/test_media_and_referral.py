"""Where people come from obeys the truth: media response by channel and day, and invitations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tilth.warehouse.demo import Brand


@pytest.fixture(scope="module")
def arrivals(brand: Brand, honest: pd.DataFrame, people: pd.DataFrame) -> dict[str, np.ndarray]:
    """New people of each channel by day, from the first event of each person."""
    days = (brand.end - brand.first).days + 1
    return {c.code: np.bincount(people.loc[people["channel"] == c.code, "first_day"], minlength=days) for c in brand.truth.channels}


def daily_spend(brand: Brand, channel: str) -> np.ndarray:
    """Spend by day from the costs table."""
    costs = brand.tables["costs"].select(["time", "channel", "spend"]).to_pandas()
    costs = costs[costs["channel"] == channel]
    day = (costs["time"].dt.tz_convert(brand.tz).dt.date - brand.first).map(lambda d: d.days)
    return np.bincount(day, weights=costs["spend"].astype(float), minlength=(brand.end - brand.first).days + 1)


@pytest.mark.parametrize("channel", ["douyin", "xiaohongshu", "baidu_search"])
def test_media_response_comes_back_from_spend_and_new_people(brand: Brand, arrivals: dict[str, np.ndarray], channel: str) -> None:
    # λ_t ∝ season_t (base/β + h(a_t)), a_t = x_t + θ a_(t-1), h = a^s/(a^s + k^s): Poisson likelihood on a grid of θ and k, s and base/β known
    truth = brand.truth.channel(channel)
    spend, count = daily_spend(brand, channel), arrivals[channel]
    season = brand.answers["seasons"]["factor"].to_numpy()
    best = (-np.inf, 0.0, 0.0)
    for theta in np.arange(0, 0.91, 0.05):
        stock = np.zeros(len(spend))
        for t in range(len(spend)):
            stock[t] = spend[t] + theta * (stock[t - 1] if t else 0)
        for half in truth.half * np.geomspace(0.3, 3.3, 25):
            h = stock**truth.slope / (stock**truth.slope + half**truth.slope)
            rate = season * (truth.base / truth.reach + h)
            likelihood = float((count * np.log(rate)).sum() - count.sum() * np.log(rate.sum()))
            best = max(best, (likelihood, theta, half))
    assert best[1] == pytest.approx(truth.carry_over, abs=0.15)
    assert best[2] == pytest.approx(truth.half, rel=0.6)


def test_new_people_of_each_channel_are_as_many_as_expected(brand: Brand, arrivals: dict[str, np.ndarray]) -> None:
    # λ of every channel from its spend, up to a factor common to all; given how many come unasked in all, a channel's number is multinomial
    season = brand.answers["seasons"]["factor"].to_numpy()
    rate = {}
    for channel in brand.truth.channels:
        if channel.code != "referral":
            stock = np.zeros(len(season))
            for t, x in enumerate(daily_spend(brand, channel.code)):
                stock[t] = x + channel.carry_over * (stock[t - 1] if t else 0)
            h = stock**channel.slope / (stock**channel.slope + channel.half**channel.slope)
            rate[channel.code] = (season * (channel.base + channel.reach * h)).sum()
    unasked = sum(arrivals[code].sum() for code in rate)
    media = brand.answers["media"].to_pandas()
    answer = (media["expected_base"] + media["expected_paid"]).groupby(media["channel"]).sum()
    for code, own in rate.items():
        mean = unasked * own / sum(rate.values())
        assert abs(arrivals[code].sum() - mean) < 4 * np.sqrt(mean), code
        assert answer[code] == pytest.approx(mean, rel=0.01), code


def test_costs_agree_with_the_truth_of_a_channel(brand: Brand) -> None:
    costs = brand.tables["costs"].to_pandas()
    fake = brand.answers["clicks"].to_pandas().set_index(["time", "channel", "placement"])["fake_clicks"]
    costs["clicks"] -= fake.reindex(pd.MultiIndex.from_frame(costs[["time", "channel", "placement"]])).fillna(0).to_numpy()
    sums = costs.groupby("channel")[["impressions", "clicks"]].sum()
    spend = costs["spend"].astype(float).groupby(costs["channel"]).sum()
    for channel in brand.truth.channels:
        if channel.budget:
            row = sums.loc[channel.code]
            assert spend[channel.code] / row["impressions"] * 1000 == pytest.approx(channel.cpm, rel=0.01), channel.code
            assert row["clicks"] / row["impressions"] == pytest.approx(channel.ctr, rel=0.03), channel.code


def test_invitations_are_sent_and_accepted_as_often_as_the_truth_says(brand: Brand, honest: pd.DataFrame) -> None:
    r = brand.truth.referral
    # sessions of signed-up people: opened with the user id, or the session of the sign-up itself
    opened = ((honest["event"] == "app_open") & (honest["person_kind"] == "user")).sum() + (honest["event"] == "sign_up").sum()
    invites = honest[honest["event"] == "invite"]
    assert len(invites) / opened == pytest.approx(r.invite, abs=4 * np.sqrt(r.invite / opened))
    # those of the last weeks may yet be accepted
    last = invites["day"].max() - 30
    settled = invites[invites["day"] < last]
    accepted = brand.answers["people"].to_pandas()
    accepted = accepted[accepted["inviter"].notna() & accepted["fraud"].isna()]
    days = honest[honest["event"] == "accept_invite"].groupby("person", observed=True)["day"].min()
    came = (days.reindex(accepted["person"]) < last + 2).sum()
    assert came / len(settled) == pytest.approx(r.accept, abs=4 * np.sqrt(r.accept / len(settled)) + 0.005)


def test_each_person_brings_k_people(brand: Brand, people: pd.DataFrame, honest: pd.DataFrame) -> None:
    # K over a whole life, counted on people of the first year, is invitations a person times the chance of acceptance
    early = people[people["first_day"] < 365]
    sent = honest[(honest["event"] == "invite") & honest["person"].isin(set(early.index))]
    users = brand.answers["people"].to_pandas()
    brought = users.loc[users["fraud"].isna(), "inviter"].isin(set(early.index)).sum()
    assert brought / len(early) == pytest.approx(len(sent) * brand.truth.referral.accept / len(early), rel=4 / np.sqrt(brought))


def test_people_brought_by_spend_add_up_to_what_media_expected(brand: Brand) -> None:
    # each person's chance is expected_paid / (expected_base + expected_paid) on their day, so their sum estimates that of expected_paid
    people = brand.answers["people"].to_pandas()
    brought = people.groupby("channel")["by_spend"].sum()
    media = brand.answers["media"].to_pandas()
    expected = media.groupby("channel")["expected_paid"].sum()
    for channel in brand.truth.channels:
        if channel.budget:
            assert abs(brought[channel.code] - expected[channel.code]) < 4 * np.sqrt(expected[channel.code]), channel.code
        elif channel.code != "referral":
            assert brought[channel.code] == 0
