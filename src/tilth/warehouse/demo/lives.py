"""The people of the demo brand and when they came: first touch, churn, every session, sign-up, and whom they invited.

People come in generations: those that media and the brand's own channels bring, then those they invite, and so on. Whole families
(everybody that goes back to one first person) are kept until the number of people asked for is reached.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from tilth.warehouse.demo.formulas import chance
from tilth.warehouse.demo.media import Media
from tilth.warehouse.demo.seasons import DAY, HOUR, Seasons, clock
from tilth.warehouse.demo.streams import Streams
from tilth.warehouse.demo.truth import Experiment, Truth

PLATFORMS = ("app", "mini_program", "web", "store")
APP, MINI, WEB, STORE = range(4)
_HOME = {"baidu_search": (0.2, 0.2, 0.6), "tmall": (0.3, 0.2, 0.5), "douyin": (0.6, 0.35, 0.05), "kuaishou": (0.6, 0.35, 0.05)}
_HOME_OTHERS = (0.25, 0.70, 0.05)
_ELSEWHERE = (0.35, 0.35, 0.10, 0.20)
_GAP = 2 * HOUR

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass
class People:
    """One entry a person, in the order in which they were drawn.

    Attributes
    ----------
    arrival : ndarray
        First touch, wall-clock milliseconds since the first day.
    channel : ndarray
        Index of the channel that brought them.
    inviter : ndarray
        Index of the person who invited them, -1 for none.
    root : ndarray
        Index of the first person of their family.
    churn_age : ndarray
        τ*: days after the day of the first touch until they churn; 0 for those who never come back.
    rate : ndarray
        λ: visits a day.
    home : ndarray
        Platform they use at first and mostly.
    arms : ndarray of shape (people, experiments)
        True for treatment, drawn for everybody whether exposed or not.
    """

    arrival: Ints
    channel: Ints
    inviter: Ints
    root: Ints
    churn_age: npt.NDArray[np.float64]
    rate: npt.NDArray[np.float64]
    home: Ints
    arms: Flags

    def __len__(self) -> int:
        return len(self.arrival)


@dataclass
class Sessions:
    """One entry a session, a person's sessions together and in order of time.

    Attributes
    ----------
    person, start : ndarray
        Whose, and when it began in wall-clock milliseconds.
    ordinal : ndarray
        Number of the session in the person's life, from 0.
    platform : ndarray
        Index in :data:`PLATFORMS`.
    signed, sign_up : ndarray
        Whether the person is signed up in it (from its sign-up on); whether they sign up in it.
    invites : ndarray
        Whether an invitation is sent in it.
    guest : ndarray
        The person who came by that invitation, -1 for nobody.
    """

    person: Ints
    start: Ints
    ordinal: Ints
    platform: Ints
    signed: Flags
    sign_up: Flags
    invites: Flags
    guest: Ints

    def __len__(self) -> int:
        return len(self.person)

    @property
    def day(self) -> Ints:
        """Day each session began on."""
        return self.start // DAY


@dataclass(frozen=True)
class Lives:
    """People and their sessions, with the common factor of the media response."""

    people: People
    sessions: Sessions
    scale: float


def populate(count: int, media: Media, seasons: Seasons, truth: Truth, streams: Streams) -> Lives:
    """Draw `count` people and their sessions."""
    rng = streams("arrivals")
    rate = media.rate.ravel()
    cell = np.searchsorted(np.cumsum(rate) / rate.sum(), rng.random(count), side="right")
    channel, day = np.divmod(np.minimum(cell, rate.size - 1), seasons.days)
    in_store = channel == truth.place("store")
    arrival = day * DAY + np.where(in_store, clock(rng, count, truth.hours_store), clock(rng, count, truth.hours_online))
    generations: list[tuple[People, Sessions]] = []
    inviter, root, born = np.full(count, -1), np.arange(count), 0
    while len(arrival):
        numbered = len(generations)
        people = _draw_people(streams(f"people {numbered}"), arrival, channel, inviter, root, seasons, truth)
        sessions = _draw_sessions(streams(f"sessions {numbered}"), people, seasons, truth)
        arrival, invited_in = _invite(streams(f"invitations {numbered}"), sessions, seasons, truth)
        root = people.root[sessions.person[invited_in]]
        sessions.guest[invited_in] = born + len(people) + np.arange(len(arrival))
        inviter = born + sessions.person[invited_in]
        sessions.person = sessions.person + born
        channel = np.full(len(arrival), truth.place("referral"))
        born += len(people)
        generations.append((people, sessions))
    everybody = People(**{f.name: np.concatenate([getattr(p, f.name) for p, _ in generations]) for f in fields(People)})
    every = Sessions(**{f.name: np.concatenate([getattr(s, f.name) for _, s in generations]) for f in fields(Sessions)})
    seeds_kept, kept = _families(everybody, count)
    return Lives(*_keep(everybody, every, kept), scale=seeds_kept / float(rate.sum()))


def _draw_people(rng: np.random.Generator, arrival: Ints, channel: Ints, inviter: Ints, root: Ints, seasons: Seasons, truth: Truth) -> People:
    n, life = len(arrival), truth.life
    arms = rng.random((n, len(truth.experiments))) < 0.5
    log_hazard = np.log([c.hazard for c in truth.channels])[channel]
    for i, experiment in enumerate(truth.experiments):
        if experiment.acts_on == "churn":
            log_hazard = log_hazard + experiment.effect * (arms[:, i] & within(experiment, arrival, seasons))
    # S(τ*) is uniform, so τ* = σ · (E / m)^(1/κ) with E exponential
    churn_age = life.scale * (rng.exponential(size=n) / np.exp(log_hazard)) ** (1 / life.shape)
    churn_age[rng.random(n) < life.bounce] = 0
    rate = rng.gamma(life.visit_shape, life.visit_mean / life.visit_shape, n)
    mixes = np.cumsum([_HOME.get(c.code, _HOME_OTHERS) for c in truth.channels], axis=1)
    home = (rng.random(n)[:, None] > mixes[channel]).sum(axis=1).clip(max=WEB)
    return People(arrival, channel, inviter, root, churn_age, rate, home, arms)


def within(experiment: Experiment, wall: Ints, seasons: Seasons) -> Flags:
    """Return which wall-clock times lie in the experiment's time."""
    whole = seasons.days * DAY
    return (wall >= experiment.start * whole) & (wall < experiment.stop * whole)


def _draw_sessions(rng: np.random.Generator, people: People, seasons: Seasons, truth: Truth) -> Sessions:
    person, day, start, second = _visits(rng, people, seasons, truth)
    order = np.lexsort((second, day, person))
    person, start, second = person[order], start[order], second[order]
    first_row = np.searchsorted(person, np.arange(len(people)))
    ordinal = np.arange(len(person)) - first_row[person]
    when = _sign_up_ordinal(rng, people, seasons, truth)
    signed, sign_up = ordinal >= when[person], ordinal == when[person]
    # a person is met in a store only when a membership is shown, and never twice a day
    roams = signed & ~sign_up & ~second & (rng.random(len(person)) < truth.life.elsewhere)
    elsewhere = np.searchsorted(np.cumsum(_ELSEWHERE)[:-1], rng.random(len(person)), side="right")
    platform = np.where(roams, elsewhere, people.home[person])
    in_store = (platform == STORE) & (ordinal > 0)
    start = np.where(in_store, start // DAY * DAY + clock(rng, len(start), truth.hours_store), start)
    start = _apart(person, start)
    return Sessions(person, start, ordinal, platform, signed, sign_up, np.zeros(len(person), bool), np.full(len(person), -1))


def _visits(rng: np.random.Generator, people: People, seasons: Seasons, truth: Truth) -> tuple[Ints, Ints, Ints, Flags]:
    """Return person, day, start and whether it is the day's second session; the arrival first."""
    n = len(people)
    arrived = people.arrival // DAY
    alive = np.minimum(np.ceil(people.churn_age) - 1, seasons.days - 1 - arrived).clip(min=0).astype(np.int64)
    who = np.repeat(np.arange(n), alive)
    age = np.arange(len(who)) - np.repeat(np.cumsum(alive) - alive, alive) + 1
    day = arrived[who] + age
    visited = rng.random(len(who)) < -np.expm1(-people.rate[who] * seasons.factor[day])
    who, day = who[visited], day[visited]
    person = np.concatenate([np.arange(n), who])
    start = np.concatenate([people.arrival, day * DAY + clock(rng, len(who), truth.hours_online)])
    twice = rng.random(len(person)) < truth.life.second_session
    twice[:n] &= people.arrival % DAY < 20 * HOUR
    late = twice & (start % DAY >= 20 * HOUR)
    start[late] -= 8 * HOUR
    opened = start[twice] % DAY + _GAP
    again = start[twice] + _GAP + (rng.random(int(twice.sum())) * (23.5 * HOUR - opened)).astype(np.int64)
    start = np.concatenate([start, again])
    second = np.concatenate([np.zeros(len(person), bool), np.ones(len(again), bool)])
    person = np.concatenate([person, person[twice]])
    return person, start // DAY, start, second


def _sign_up_ordinal(rng: np.random.Generator, people: People, seasons: Seasons, truth: Truth) -> Ints:
    logit = truth.sign_up.first + np.array([c.sign_up for c in truth.channels])[people.channel]
    for i, experiment in enumerate(truth.experiments):
        if experiment.acts_on == "sign_up":
            logit = logit + experiment.effect * (people.arms[:, i] & within(experiment, people.arrival, seasons))
    at_first = rng.random(len(people)) < chance(logit)
    return np.where(at_first, 0, rng.geometric(truth.sign_up.later, len(people)))


def _apart(person: Ints, start: Ints) -> Ints:
    """Move sessions that begin within two hours of the person's last one, so that sessions never overlap.

    A store visit never has to move: what can come shortly before it is a session of the evening before, hours before the store opens.
    """
    while True:
        close = np.flatnonzero((person[1:] == person[:-1]) & (start[1:] < start[:-1] + _GAP)) + 1
        if not len(close):
            return start
        start[close] = start[close - 1] + _GAP


def _invite(rng: np.random.Generator, sessions: Sessions, seasons: Seasons, truth: Truth) -> tuple[Ints, Ints]:
    """Mark the sessions that invite; return when the invited come, and in which sessions they were invited."""
    r = truth.referral
    sessions.invites = sessions.signed & (sessions.platform != STORE) & (rng.random(len(sessions)) < r.invite)
    accepted = sessions.invites & (rng.random(len(sessions)) < r.accept)
    # the invitation is sent at most 100 minutes into the session
    delay = np.exp(rng.normal(np.log(r.delay_hours * HOUR), r.delay_spread, len(sessions))).astype(np.int64) + 2 * HOUR
    arrival = sessions.start + delay
    accepted &= arrival < (seasons.days - 1) * DAY + 23 * HOUR
    rows = np.flatnonzero(accepted)
    return arrival[rows], rows


def _families(people: People, count: int) -> tuple[int, Ints]:
    """Return how many first people are kept, and the kept people: whole families in random order, of the last one its earliest."""
    seeds = int((people.inviter < 0).sum())
    reached = np.cumsum(np.bincount(people.root, minlength=seeds))
    last = int(np.searchsorted(reached, count))
    room = count - (int(reached[last - 1]) if last else 0)
    in_last = np.flatnonzero(people.root == last)
    in_last = in_last[np.argsort(people.arrival[in_last], kind="stable")][:room]
    return last + 1, np.concatenate([np.flatnonzero(people.root < last), in_last])


def _keep(people: People, sessions: Sessions, kept: Ints) -> tuple[People, Sessions]:
    """Return only the people kept, numbered by their first touch, and their sessions by person and time."""
    kept = kept[np.argsort(people.arrival[kept], kind="stable")]
    number = np.full(len(people) + 1, -1)  # the last entry answers for "nobody"
    number[kept] = np.arange(len(kept))
    chosen = People(**{f.name: getattr(people, f.name)[kept] for f in fields(People)})
    chosen.inviter, chosen.root = number[chosen.inviter], number[chosen.root]
    mine = number[sessions.person] >= 0
    left = Sessions(**{f.name: getattr(sessions, f.name)[mine] for f in fields(Sessions)})
    left.person, left.guest = number[left.person], number[left.guest]
    order = np.lexsort((left.start, left.person))
    return chosen, Sessions(**{f.name: getattr(left, f.name)[order] for f in fields(Sessions)})
