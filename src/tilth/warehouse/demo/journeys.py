"""What happens in each session: how it is entered, what is viewed, put in the cart and paid for.

The chances are those of :class:`tilth.warehouse.demo.truth.Buying`; what was decided here is turned into rows in
`tilth.warehouse.demo.footprints` (events) and `tilth.warehouse.demo.orders` (lines).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tilth.warehouse.demo.formulas import Floats, chance
from tilth.warehouse.demo.goods import Shelf
from tilth.warehouse.demo.lives import STORE, Flags, Ints, Lives, Sessions, within
from tilth.warehouse.demo.media import Media
from tilth.warehouse.demo.rows import NONE
from tilth.warehouse.demo.seasons import DAY, Seasons
from tilth.warehouse.demo.streams import Streams
from tilth.warehouse.demo.truth import Truth

_CAMPAIGN_SHARE = 0.6
_SECOND = 1000
WELCOME, CAMPAIGN = 0, 1


@dataclass
class Views:
    """One entry a goods viewed: its session, goods, time, price in cents and whether it went into the cart; by session and time."""

    session: Ints
    goods: Ints
    time: Ints
    cents: Ints
    carted: Flags


@dataclass
class Checkouts:
    """One entry a checkout begun (in a store: a till reached).

    Attributes
    ----------
    session, time : ndarray
        Its session and when.
    coupon : ndarray
        Coupon offered: 0 welcome, 1 campaign, -1 none.
    logit : ndarray
        Log odds of paying.
    touches : ndarray of shape (checkouts, channels)
        n_c: sessions entered by each channel in the days before, capped.
    paid, paid_at : ndarray
        Whether it was paid and when.
    """

    session: Ints
    time: Ints
    coupon: Ints
    logit: Floats
    touches: Ints
    paid: Flags
    paid_at: Ints


@dataclass(frozen=True)
class Journeys:
    """All that was decided about sessions.

    Attributes
    ----------
    entry, campaign : ndarray
        For each session: index of the channel (one past the last for direct), of the campaign or -1.
    sign_up_at : ndarray
        For each session: when its sign-up happens (also where there is none).
    leaves_at : ndarray
        For each session: when its last view, checkout or payment was.
    receipts : tuple of ndarray
        Coupons received: session, time and kind.
    """

    entry: Ints
    campaign: Ints
    sign_up_at: Ints
    leaves_at: Ints
    views: Views
    checkouts: Checkouts
    receipts: tuple[Ints, Ints, Ints]


def travel(lives: Lives, media: Media, shelf: Shelf, seasons: Seasons, truth: Truth, streams: Streams) -> Journeys:
    """Decide every session."""
    s = lives.sessions
    entry, campaign = _enter(streams("entries"), lives, media, seasons, truth)
    sign_up_at = s.start + (20 + 50 * streams("sign-up times").random(len(s)) * 1.0).astype(np.int64) * _SECOND
    views = _view(streams("views"), lives, shelf, seasons, truth)
    receipts = _receive(streams("coupons"), s, sign_up_at, seasons, truth)
    checkouts = _check_out(streams("checkouts"), lives, views, entry, receipts, seasons, truth)
    leaves_at = sign_up_at + 30 * _SECOND
    np.maximum.at(leaves_at, views.session, views.time + 9 * _SECOND)
    np.maximum.at(leaves_at, checkouts.session, checkouts.paid_at)
    return Journeys(entry, campaign, sign_up_at, leaves_at, views, checkouts, receipts)


def _enter(rng: np.random.Generator, lives: Lives, media: Media, seasons: Seasons, truth: Truth) -> tuple[Ints, Ints]:
    s = lives.sessions
    shares = np.cumsum([c.touch for c in truth.channels])
    entry = np.searchsorted(shares, rng.random(len(s)), side="right")
    # nobody is led by an advertisement on a day without any
    silent = np.array([c.budget > 0 for c in truth.channels])[:, None] & (media.spend == 0)
    silent = np.vstack([silent, np.zeros((1, seasons.days), dtype=bool)])
    entry[silent[entry, s.day]] = len(truth.channels)
    entry = np.where(s.ordinal == 0, lives.people.channel[s.person], entry)
    entry[s.platform == STORE] = truth.place("store")
    takes_part = rng.random(len(s)) < _CAMPAIGN_SHARE
    return entry, np.where(takes_part, seasons.campaign[s.day], NONE)


def _view(rng: np.random.Generator, lives: Lives, shelf: Shelf, seasons: Seasons, truth: Truth) -> Views:
    s, b = lives.sessions, truth.buying
    online = s.platform != STORE
    log_mean = np.full(len(s), np.log(b.views))
    for i, experiment in enumerate(truth.experiments):
        if experiment.acts_on == "views":
            log_mean += experiment.effect * (lives.people.arms[s.person, i] & within(experiment, s.start, seasons) & online)
    count = 1 + rng.poisson(np.exp(log_mean))
    count[online & (rng.random(len(s)) < b.no_views)] = 0
    session = np.repeat(np.arange(len(s)), count)
    goods = shelf.pick(rng, len(session))
    gap = 4 * _SECOND + rng.exponential(30 * _SECOND, len(session)).astype(np.int64)
    before = np.cumsum(count) - count
    total = np.concatenate([[0], np.cumsum(gap)])
    into = total[1:] - total[before][session]
    # views are squeezed rather than dropped when they would run past an hour
    last = (total[before + count] - total[before])[session]
    time = s.start[session] + 90 * _SECOND + (into * np.minimum(1, 3_600 * _SECOND / np.maximum(last, 1))).astype(np.int64)
    day = s.day[session]
    odds = shelf.cart_chance(goods, day) * np.where(online[session], 1.0, b.cart_store)
    return Views(session, goods, time, shelf.cents[goods, day], rng.random(len(session)) < odds)


def _receive(rng: np.random.Generator, s: Sessions, sign_up_at: Ints, seasons: Seasons, truth: Truth) -> tuple[Ints, Ints, Ints]:
    """Draw coupons received: at sign-up, and in sessions of campaigns."""
    welcome = np.flatnonzero(s.sign_up & (rng.random(len(s)) < truth.coupons.welcome))
    running = seasons.campaign[s.day] != NONE
    lucky = s.signed & (s.platform != STORE) & running & (rng.random(len(s)) < truth.coupons.campaign)
    campaign = np.flatnonzero(lucky)
    session = np.concatenate([welcome, campaign])
    kind = np.repeat([WELCOME, CAMPAIGN], [len(welcome), len(campaign)])
    time = sign_up_at[session] + np.where(kind == WELCOME, 2, 5) * _SECOND
    return session, time, kind


def _check_out(
    rng: np.random.Generator,
    lives: Lives,
    views: Views,
    entry: Ints,
    receipts: tuple[Ints, Ints, Ints],
    seasons: Seasons,
    truth: Truth,
) -> Checkouts:
    s, b = lives.sessions, truth.buying
    last_cart = np.zeros(len(s), dtype=np.int64)
    np.maximum.at(last_cart, views.session, views.time)
    filled = np.zeros(len(s), dtype=bool)
    filled[views.session[views.carted]] = True
    session = np.flatnonzero(filled & s.signed & (rng.random(len(s)) < b.checkout))
    time = last_cart[session] + ((10 + rng.exponential(30, len(session)).clip(max=600)) * _SECOND).astype(np.int64)
    online = s.platform[session] != STORE
    coupon = _offer(s, session, time, online, receipts, truth)
    touches = count_touches(s, entry, session, time, truth)
    person = s.person[session]
    logit = b.pay + np.array([c.quality for c in truth.channels])[lives.people.channel[person]]
    logit = logit + touches @ np.array([c.lift for c in truth.channels])
    logit = logit + b.coupon * (coupon != NONE) + seasons.demand[s.day[session]]
    for i, experiment in enumerate(truth.experiments):
        if experiment.acts_on == "pay":
            logit = logit + experiment.effect * (lives.people.arms[person, i] & within(experiment, time, seasons) & online)
    paid = rng.random(len(session)) < chance(logit)
    paid_at = time + ((12 + rng.exponential(25, len(session)).clip(max=600)) * _SECOND).astype(np.int64)
    return Checkouts(session, time, coupon, logit, touches, paid, paid_at)


def _offer(s: Sessions, session: Ints, time: Ints, online: Flags, receipts: tuple[Ints, Ints, Ints], truth: Truth) -> Ints:
    """Return the coupon offered at each checkout: a coupon goes to the person's first online checkout of its life, the newest wins."""
    offered = np.full(len(session), NONE)
    places = np.flatnonzero(online)
    line = 10 * int(max(s.start.max(initial=0), 1))  # far apart, so that one person's times never reach the next person's
    at = s.person[session[places]] * line + time[places]
    from_session, received, kind = receipts
    order = np.argsort(received, kind="stable")
    key = s.person[from_session[order]] * line + received[order]
    first = np.searchsorted(at, key)
    found = first < len(at)
    found[found] = at[first[found]] <= key[found] + truth.coupons.life_days * DAY
    offered[places[first[found]]] = kind[order][found]  # the last written is the newest received
    return offered


def count_touches(s: Sessions, entry: Ints, session: Ints, time: Ints, truth: Truth) -> Ints:
    """Return n_c of every checkout: sessions entered by channel c in the `touch_days` before it, its own included, capped."""
    line = 10 * int(max(s.start.max(initial=0), 1))
    every = s.person * line + s.start
    until = s.person[session] * line + time
    since = until - truth.buying.touch_days * DAY
    counts = np.zeros((len(session), len(truth.channels)), dtype=np.int64)
    for c, _channel in enumerate(truth.channels):
        at = every[entry == c]
        counts[:, c] = np.searchsorted(at, until, side="right") - np.searchsorted(at, since, side="left")
    return counts.clip(max=truth.buying.touch_cap)
