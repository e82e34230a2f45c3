"""Order lines: what paid checkouts bought, what stores sold to people they do not know, and what came back."""

from __future__ import annotations

import numpy as np

from tilth.warehouse.demo.footprints import STORE_CITY, Scene
from tilth.warehouse.demo.goods import Shelf
from tilth.warehouse.demo.journeys import Journeys
from tilth.warehouse.demo.lives import STORE, Lives
from tilth.warehouse.demo.places import STORES
from tilth.warehouse.demo.profiles import Profiles
from tilth.warehouse.demo.rows import NONE, Events, Lines, Rows, choose, events, stack
from tilth.warehouse.demo.seasons import DAY, Seasons, clock
from tilth.warehouse.demo.streams import Streams
from tilth.warehouse.demo.truth import REFERENCE_PEOPLE, Truth

_SECOND = 1000


def sell(lives: Lives, journeys: Journeys, profiles: Profiles, shelf: Shelf, truth: Truth, streams: Streams) -> Lines:
    """Return the lines of the paid checkouts; the order's key is its place among them."""
    s, c, v = lives.sessions, journeys.checkouts, journeys.views
    rng = streams("pieces")
    order_of = np.full(len(s), NONE)
    order_of[c.session[c.paid]] = np.arange(int(c.paid.sum()))
    taken = np.flatnonzero(v.carted & (order_of[v.session] != NONE))
    # one line for each goods of an order, however often it was put in the cart
    many = len(shelf.goods)
    key, pieces = np.unique(order_of[v.session[taken]] * many + v.goods[taken], return_counts=True)
    order, goods = np.divmod(key, many)
    quantity = pieces + rng.poisson(truth.buying.more_pieces, len(key))
    paid = np.flatnonzero(c.paid)[order]
    session = c.session[paid]
    person, price = s.person[session], shelf.cents[goods, s.day[session]]
    off = np.array([truth.coupons.welcome_off, truth.coupons.campaign_off, 0.0])[c.coupon[paid]]
    amount = quantity * price - np.rint(quantity * price * off).astype(np.int64)
    in_store = s.platform[session] == STORE
    return Lines(
        person=person,
        time=c.paid_at[paid],
        order=order,
        goods=goods,
        quantity=quantity,
        price=price,
        amount=amount,
        channel=journeys.entry[session],
        campaign=journeys.campaign[session],
        shop=np.where(in_store, profiles.store[person] + 1, 0),
        coupon=c.coupon[paid],
        refund=np.zeros(len(order), dtype=bool),
    )


def payments(place: Scene, lines: Lines) -> Events:
    """Return the pay event of every order of the paid checkouts, and redeem_coupon where a coupon was used."""
    c = place.journeys.checkouts
    total = np.bincount(lines.order, weights=lines.amount).astype(np.int64)
    paid = np.flatnonzero(c.paid)
    used = np.flatnonzero(c.coupon[paid] != NONE)
    order = np.arange(len(paid))
    return stack(
        Events,
        [
            place.at("pay", c.session[paid], c.paid_at[paid], value=total, order=order),
            place.at("redeem_coupon", c.session[paid[used]], c.paid_at[paid[used]] - 1, order=order[used]),
        ],
    )


def walk_in(people: int, first_order: int, shelf: Shelf, seasons: Seasons, truth: Truth, streams: Streams) -> Lines:
    """Return orders in stores by people who show no membership; keys run on from `first_order`."""
    rng = streams("anonymous orders")
    count = rng.poisson(truth.buying.anonymous * people / REFERENCE_PEOPLE * seasons.factor)
    day = np.repeat(np.arange(seasons.days), count)
    time = day * DAY + clock(rng, len(day), truth.hours_store) + rng.integers(0, 40 * 60 * _SECOND, len(day))
    shop = rng.integers(1, len(STORES) + 1, len(day))
    size = 1 + rng.poisson(0.6, len(day))
    key = np.unique(np.repeat(np.arange(len(day)), size) * len(shelf.goods) + shelf.pick(rng, int(size.sum())))
    order, goods = np.divmod(key, len(shelf.goods))
    quantity = 1 + rng.poisson(truth.buying.more_pieces, len(order))
    price = shelf.cents[goods, day[order]]
    empty = np.full(len(order), NONE)
    return Lines(
        person=empty,
        time=time[order],
        order=order + first_order,
        goods=goods,
        quantity=quantity,
        price=price,
        amount=quantity * price,
        channel=np.full(len(order), truth.place("store")),
        campaign=empty,
        shop=shop[order],
        coupon=empty,
        refund=np.zeros(len(order), dtype=bool),
    )


def take_back(lines: Lines, home: Rows, city: Rows, shelf: Shelf, truth: Truth, streams: Streams) -> tuple[Lines, Events]:
    """Return the refunds of lines: negative lines of the same order, and a refund event for those of known people.

    Parameters
    ----------
    home, city : ndarray
        Platform on which each person asks for a refund of an online order; the city they live in.
    """
    rng = streams("refunds")
    r = truth.refunds
    odds = np.array([c.refund for c in truth.categories])[shelf.category[lines.goods]]
    back = choose(lines, rng.random(len(lines)) < odds)
    n = len(back)
    days = np.exp(rng.normal(np.log(r.median), r.spread, n)).clip(1, r.latest)
    when = back.time + (days * DAY).astype(np.int64)
    # at an hour when the store is open, or people are awake
    at_store = back.shop > 0
    hour = np.where(at_store, clock(rng, n, truth.hours_store), 8 * DAY // 24 + rng.integers(0, 15 * DAY // 24, n))
    back.time = (when // DAY + 1) * DAY + hour
    back.quantity, back.amount, back.refund = -back.quantity, -back.amount, np.ones(n, dtype=bool)
    known = choose(back, back.person != NONE)
    told = events(
        "refund",
        known.person,
        known.time,
        np.where(known.shop > 0, STORE, home[known.person]),
        channel=known.channel,
        city=np.where(known.shop > 0, STORE_CITY[known.shop - 1], city[known.person]),
        goods=known.goods,
        value=known.amount,
        order=known.order,
    )
    return back, told
