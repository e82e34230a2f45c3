"""All that was drawn for a brand, honest and fraudulent people side by side, before it becomes tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tilth.warehouse.demo.fraud import Frauds
from tilth.warehouse.demo.goods import Shelf
from tilth.warehouse.demo.journeys import Journeys
from tilth.warehouse.demo.lives import Ints, Lives
from tilth.warehouse.demo.media import Media
from tilth.warehouse.demo.profiles import ID_OF_PLATFORM, USER, Profiles
from tilth.warehouse.demo.rows import EVENT, NONE, Events, Notes, R, choose
from tilth.warehouse.demo.seasons import DAY, Seasons
from tilth.warehouse.demo.truth import Truth


@dataclass(frozen=True)
class World:
    """The parts of a brand; honest people come first in every array of people.

    Attributes
    ----------
    first_fraud : int
        Key of the first order that a fraudulent account placed; all later keys are such.
    """

    seasons: Seasons
    truth: Truth
    media: Media
    shelf: Shelf
    lives: Lives
    profiles: Profiles
    journeys: Journeys
    frauds: Frauds
    notes: Notes
    first_fraud: int

    @property
    def honest(self) -> int:
        """Number of honest people."""
        return len(self.lives.people)

    @property
    def people(self) -> int:
        """Number of people, fraudulent accounts included."""
        return self.honest + len(self.frauds.kind)

    @property
    def stop(self) -> int:
        """The moment the last day is over, in wall-clock milliseconds."""
        return self.seasons.days * DAY

    @cached_property
    def arrival(self) -> Ints:
        """First touch of everybody."""
        return np.concatenate([self.lives.people.arrival, self.frauds.arrival])

    @cached_property
    def sign_up(self) -> Ints:
        """Sign-up of everybody, -1 where there was none before the brand's end."""
        s = self.lives.sessions
        honest = np.full(self.honest, NONE)
        honest[s.person[s.sign_up]] = self.journeys.sign_up_at[s.sign_up]
        when = np.concatenate([honest, self.frauds.sign_up])
        return np.where(when < self.stop, when, NONE)

    @cached_property
    def home(self) -> Ints:
        """Everybody's first platform."""
        return np.concatenate([self.lives.people.home, self.frauds.home])

    @cached_property
    def channel(self) -> Ints:
        """The channel that brought everybody."""
        return np.concatenate([self.lives.people.channel, self.frauds.channel])

    @cached_property
    def inviter(self) -> Ints:
        """Who invited everybody, -1 for nobody."""
        return np.concatenate([self.lives.people.inviter, self.frauds.inviter])

    @cached_property
    def id_kind(self) -> Ints:
        """Kind of the id by which everybody is listed: the user id of those who signed up."""
        return np.where(self.sign_up >= 0, USER, ID_OF_PLATFORM[self.home])

    def cut(self, rows: R) -> R:
        """Return the rows that happened before the brand's end."""
        return choose(rows, rows.time < self.stop)

    def counted(self, events: Events) -> tuple[Media, Ints, Ints]:
        """Return the media plan with impressions and clicks as the platforms report them, shape (channels, days, placements).

        A platform counts every click that the brand's own events hold, and the fake ones.
        """
        honest = (events.event == EVENT["ad_click"]) & (events.person >= 0)
        shape = self.media.spend.shape
        cell = events.channel[honest] * np.int64(shape[1]) + events.time[honest] // DAY
        seen = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
        clicks = self.media.clicks.copy()
        clicks[:, :, 0] += (seen - clicks.sum(axis=2)).clip(min=0)
        clicks += self.frauds.fake_clicks
        return self.media, np.maximum(self.media.impressions, clicks), clicks
