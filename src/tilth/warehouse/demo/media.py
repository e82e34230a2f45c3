"""Advertising and arrivals: what each channel spent each day, and how many new people that is expected to bring.

The response is the truth for media mix: see :class:`tilth.warehouse.demo.truth.Channel` for the formula.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tilth.warehouse.demo import names
from tilth.warehouse.demo.formulas import Floats, adstock, hill
from tilth.warehouse.demo.seasons import Seasons
from tilth.warehouse.demo.streams import Streams
from tilth.warehouse.demo.truth import REFERENCE_PEOPLE, Truth

PLACEMENTS = tuple(names.PLACEMENTS)
"""Every paid channel has these two; the first takes most of the money."""
_FEED_SHARE = 0.7
_FLIGHTS = (0.0, 0.5, 1.0, 1.0, 2.0)
_FLIGHT_DAYS = 10


@dataclass(frozen=True)
class Media:
    """Spend and its effect, arrays of shape (channels, days) in the order of ``truth.channels``.

    Attributes
    ----------
    spend : ndarray
        x: yuan spent, in whole cents.
    at_work : ndarray
        a: adstock in yuan.
    saturation : ndarray
        h(a).
    base, paid : ndarray
        Expected new people of the day without spend, and brought by spend, up to a common factor (``scale`` of the answers).
    impressions, clicks : ndarray of shape (channels, days, placements)
        As the media platform counts them, before any fraud.
    split : ndarray
        Share of the spend that goes to each placement.
    """

    spend: Floats
    at_work: Floats
    saturation: Floats
    base: Floats
    paid: Floats
    impressions: npt.NDArray[np.int64]
    clicks: npt.NDArray[np.int64]
    split: Floats

    @property
    def rate(self) -> Floats:
        """λ: expected new people of each channel and day, up to the common factor."""
        return self.base + self.paid


def plan(people: int, seasons: Seasons, truth: Truth, streams: Streams) -> Media:
    """Draw the spend of every channel and day and work out its effect."""
    size = people / REFERENCE_PEOPLE
    shape = (len(truth.channels), seasons.days)
    spend, at_work, saturation = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    impressions = np.zeros((*shape, len(PLACEMENTS)), dtype=np.int64)
    clicks = np.zeros_like(impressions)
    split = np.array([_FEED_SHARE, 1 - _FEED_SHARE])
    for i, channel in enumerate(truth.channels):
        if not channel.budget:
            continue
        rng = streams(f"media {channel.code}")
        flights = rng.choice(_FLIGHTS, seasons.days // _FLIGHT_DAYS + 1)
        wave = np.repeat(flights, _FLIGHT_DAYS)[: seasons.days] * np.sqrt(seasons.factor) * np.exp(rng.normal(0, 0.2, seasons.days))
        spend[i] = np.rint(channel.budget * size * wave * 100) / 100
        at_work[i] = adstock(spend[i], channel.carry_over)
        saturation[i] = hill(at_work[i], channel.half * size, channel.slope)
        shown = spend[i][:, None] * split / channel.cpm * 1000
        impressions[i] = rng.poisson(shown)
        clicks[i] = rng.binomial(impressions[i], channel.ctr)
    base = np.array([c.base for c in truth.channels])[:, None] * size * seasons.factor
    paid = np.array([c.reach for c in truth.channels])[:, None] * size * seasons.factor * saturation
    return Media(spend, at_work, saturation, base, paid, impressions, clicks, split)
