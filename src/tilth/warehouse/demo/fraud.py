"""Fraud of each kind: who they are, what they leave in events, orders and costs. The answers say which rows were theirs.

Fraudulent accounts are people like others in the tables; crawlers and flooded clicks come from visitors who are nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tilth.warehouse.demo import names
from tilth.warehouse.demo.goods import Shelf
from tilth.warehouse.demo.lives import APP, MINI, WEB, Ints
from tilth.warehouse.demo.media import Media
from tilth.warehouse.demo.places import CITIES
from tilth.warehouse.demo.rows import NONE, Events, Lines, Notes, events, stack
from tilth.warehouse.demo.seasons import DAY, HOUR, Seasons
from tilth.warehouse.demo.streams import Streams
from tilth.warehouse.demo.truth import REFERENCE_PEOPLE, Truth

KINDS = tuple(names.FRAUD)
FLOODING, FARM, COUPON, RING, BRUSHING, BOT = range(len(KINDS))
_SECOND = 1000
_COUPON_DEVICE = 8
_FLOOD_DEVICES = 3


@dataclass(frozen=True)
class Census:
    """How many fraudulent accounts of each kind a brand has."""

    farm: int
    coupon: int
    rings: int
    ring_size: int
    brushers: int

    @property
    def people(self) -> int:
        """All of them together, the ring leaders included."""
        return self.farm + self.coupon + self.rings * (self.ring_size + 1) + self.brushers


@dataclass
class Frauds:
    """Fraudulent accounts and what they and nobodies did.

    Attributes
    ----------
    kind, arrival, sign_up, home, channel, inviter, city, device : ndarray
        One entry an account, numbered from the first person after the honest ones: index in :data:`KINDS`, wall-clock times, platform,
        channel, inviter's index or -1, city, number of the device it shares with others (-1 for its own).
    events : Events
        Everything they did; orders are numbered from 0.
    lines : Lines
        Their orders.
    order_kind : ndarray
        Kind of each of those orders.
    visitor_kind : ndarray
        Kind of each visitor.
    fake_clicks : ndarray of shape (channels, days, placements)
        Clicks that the media platform counted and no person made.
    """

    kind: Ints
    arrival: Ints
    sign_up: Ints
    home: Ints
    channel: Ints
    inviter: Ints
    city: Ints
    device: Ints
    events: Events
    lines: Lines
    order_kind: Ints
    visitor_kind: Ints
    fake_clicks: Ints


def census(people: int, truth: Truth) -> Census:
    """Return how many fraudulent accounts there are among `people`.

    Examples
    --------
    >>> census(20_000, Truth()).people
    564
    """
    size, f = people / REFERENCE_PEOPLE, truth.fraud
    return Census(
        round(f.farm_accounts * size),
        round(f.coupon_accounts * size),
        max(1, round(f.rings * size)) if f.rings else 0,
        f.ring_size,
        max(1, round(f.brushers * size)) if f.brushers else 0,
    )


def defraud(first: int, people: int, media: Media, shelf: Shelf, seasons: Seasons, truth: Truth, notes: Notes, streams: Streams) -> Frauds:
    """Draw all fraud of a brand of `people`, whose fraudulent accounts are numbered from `first`."""
    counts = census(people, truth)
    ledger = _Ledger(first, counts, seasons, truth, shelf, notes, streams)
    ledger.farms()
    ledger.coupon_hunters()
    ledger.rings()
    ledger.brushers(people)
    fake = ledger.floods(media)
    ledger.crawlers(people)
    accounts = {name: np.concatenate([part[name] for part in ledger.accounts]) for name in ledger.accounts[0]}
    return Frauds(
        **accounts,
        events=stack(Events, ledger.events),
        lines=stack(Lines, ledger.lines),
        order_kind=np.concatenate(ledger.order_kinds),
        visitor_kind=np.concatenate(ledger.visitor_kinds),
        fake_clicks=fake,
    )


class _Ledger:
    """Accounts, events and orders while the kinds of fraud are drawn one after another."""

    def __init__(self, first: int, counts: Census, seasons: Seasons, truth: Truth, shelf: Shelf, notes: Notes, streams: Streams) -> None:
        self.next_person, self.next_order, self.next_visitor, self.next_device = first, 0, 0, 0
        self.counts, self.seasons, self.truth, self.shelf, self.notes, self.streams = counts, seasons, truth, shelf, notes, streams
        self.accounts: list[dict[str, Ints]] = []
        self.events: list[Events] = []
        self.lines: list[Lines] = []
        self.order_kinds: list[Ints] = []
        self.visitor_kinds: list[Ints] = []

    def enrol(self, kind: int, arrival: Ints, sign_up: Ints, home: int, channel: Any, city: Ints, device: Any = NONE, inviter: Any = NONE) -> Ints:
        """Add accounts and return their numbers."""
        n = len(arrival)
        fill = {"kind": kind, "home": home, "channel": channel, "device": device, "inviter": inviter, "city": city}
        given = {name: np.broadcast_to(np.asarray(value), n).astype(np.int64) for name, value in fill.items()}
        self.accounts.append({**given, "arrival": arrival, "sign_up": sign_up})
        person = np.arange(self.next_person, self.next_person + n)
        self.next_person += n
        return person

    def order(self, kind: int, person: Ints, time: Ints, goods: Ints, quantity: Ints, off: float, channel: int, coupon: int) -> tuple[Ints, Ints]:
        """Add an order of one line for each entry; return the orders' numbers and totals."""
        n = len(person)
        order = np.arange(self.next_order, self.next_order + n)
        self.next_order += n
        price = self.shelf.cents[goods, time // DAY]
        amount = quantity * price - np.rint(quantity * price * off).astype(np.int64)
        empty, shop = np.full(n, NONE), np.zeros(n, dtype=np.int64)
        self.lines.append(
            Lines(person, time, order, goods, quantity, price, amount, np.full(n, channel), empty, shop, np.full(n, coupon), shop.astype(bool))
        )
        self.order_kinds.append(np.full(n, kind))
        return order, amount

    def farms(self) -> None:
        """Device farms: a device signs up account after account within the hour; some open the app again at the same minute."""
        n, rng = self.counts.farm, self.streams("fraud farms")
        device = np.arange(n) // self.truth.fraud.farm_size
        farms = int(device.max(initial=-1)) + 1
        began = rng.integers(0, self.seasons.days - 5, farms) * DAY + rng.integers(1, 22, farms) * HOUR
        town = rng.integers(0, len(CITIES), farms)
        arrival = began[device] + (np.arange(n) % self.truth.fraud.farm_size) * 110 * _SECOND + rng.integers(0, 9, n) * _SECOND
        channel = self.truth.place(self.truth.fraud.flood_channel)
        person = self.enrol(FARM, arrival, arrival + 11 * _SECOND, APP, channel, town[device], device + self.next_device)
        self.next_device += farms
        self.arrivals(person, arrival, 11, APP, channel, town[device])
        for day in (1, 2, 3):
            again = rng.random(n) < 0.7
            self.events.append(
                events("app_open", person[again], arrival[again] + day * DAY, APP, channel=len(self.truth.channels), city=town[device][again])
            )

    def arrivals(self, person: Ints, arrival: Ints, seconds: int, platform: int, channel: int, city: Ints) -> None:
        """Add the opening and the sign-up of accounts, `seconds` apart."""
        shared: dict[str, Any] = {"channel": channel, "city": city}
        self.events.append(events("app_open", person, arrival, platform, signed=False, **shared))
        self.events.append(events("sign_up", person, arrival + seconds * _SECOND, platform, **shared))

    def coupon_hunters(self) -> None:
        """薅羊毛: sign up in a campaign, take the welcome coupon, buy the cheapest with it within two minutes, never come back."""
        n, rng = self.counts.coupon, self.streams("fraud coupons")
        device = np.arange(n) // _COUPON_DEVICE
        groups = int(device.max(initial=-1)) + 1
        campaign_days = np.flatnonzero(self.seasons.campaign != NONE)
        began = rng.choice(campaign_days, groups) * DAY + rng.integers(8, 22, groups) * HOUR
        town = rng.integers(0, len(CITIES), groups)[device]
        arrival = began[device] + (np.arange(n) % _COUPON_DEVICE) * 170 * _SECOND
        channel = self.truth.place("mini_program")
        person = self.enrol(COUPON, arrival, arrival + 16 * _SECOND, MINI, channel, town, device + self.next_device)
        self.next_device += groups
        self.arrivals(person, arrival, 16, MINI, channel, town)
        cheap = np.argsort(self.shelf.cents.mean(axis=1), kind="stable")[:5]
        goods = cheap[rng.integers(0, len(cheap), n)]
        shared: dict[str, Any] = {"platform": MINI, "channel": channel, "city": town}
        note = self.notes.add(['{"coupon":"welcome"}'])[0]
        price = self.shelf.cents[goods, arrival // DAY]
        order, total = self.order(COUPON, person, arrival + 75 * _SECOND, goods, np.full(n, 3), self.truth.coupons.welcome_off, channel, 0)
        self.events += [
            events("receive_coupon", person, arrival + 18 * _SECOND, note=note, **shared),
            events("view_goods", person, arrival + 31 * _SECOND, goods=goods, value=price, **shared),
            events("add_to_cart", person, arrival + 40 * _SECOND, goods=goods, value=price, **shared),
            events("begin_checkout", person, arrival + 55 * _SECOND, note=note, **shared),
            events("redeem_coupon", person, arrival + 75 * _SECOND - 1, order=order, **shared),
            events("pay", person, arrival + 75 * _SECOND, value=total, order=order, **shared),
        ]

    def rings(self) -> None:
        """Self-referral: one account invites a dozen others that live on its own device."""
        rings, size, rng = self.counts.rings, self.counts.ring_size, self.streams("fraud rings")
        begin = rng.integers(0, self.seasons.days - 1, rings) * DAY + rng.integers(9, 20, rings) * HOUR
        town, device = rng.integers(0, len(CITIES), rings), self.next_device + np.arange(rings)
        self.next_device += rings
        mini, referral = self.truth.place("mini_program"), self.truth.place("referral")
        leader = self.enrol(RING, begin, begin + 35 * _SECOND, MINI, mini, town, device)
        self.arrivals(leader, begin, 35, MINI, mini, town)
        ring, place = np.repeat(np.arange(rings), size), np.tile(np.arange(size), rings)
        invited = begin[ring] + (place + 1) * 420 * _SECOND
        arrival = invited + rng.integers(60, 200, len(ring)) * _SECOND
        person = self.enrol(RING, arrival, arrival + 24 * _SECOND, MINI, referral, town[ring], device[ring], leader[ring])
        self.arrivals(person, arrival, 24, MINI, referral, town[ring])
        self.events += [
            events("invite", leader[ring], invited, MINI, channel=mini, city=town[ring]),
            events("accept_invite", person, arrival + 9 * _SECOND, MINI, channel=referral, city=town[ring], signed=False),
        ]

    def brushers(self, people: int) -> None:
        """刷单: hired accounts order a few chosen goods at night without looking at anything else."""
        n, rng = self.counts.brushers, self.streams("fraud brushing")
        arrival = rng.integers(0, self.seasons.days // 2, n) * DAY + rng.integers(9, 22, n) * HOUR
        town, channel = rng.integers(0, len(CITIES), n), self.truth.place("tmall")
        person = self.enrol(BRUSHING, arrival, arrival + 40 * _SECOND, WEB, channel, town)
        self.arrivals(person, arrival, 40, WEB, channel, town)
        many = round(self.truth.fraud.brushed_orders * people / REFERENCE_PEOPLE) if n else 0
        who = rng.integers(0, n, many) if n else np.zeros(0, dtype=np.int64)
        day = rng.integers(self.seasons.days // 2 + 1, self.seasons.days, many)
        start = day * DAY + rng.integers(0, 5 * HOUR - 60 * _SECOND, many)
        boosted = rng.choice(np.flatnonzero(self.shelf.role == 2), 3, replace=False)
        goods = boosted[rng.integers(0, 3, many)]
        order, total = self.order(BRUSHING, person[who], start + 38 * _SECOND, goods, np.ones(many, dtype=np.int64), 0.0, channel, NONE)
        shared: dict[str, Any] = {"person": person[who], "platform": WEB, "channel": channel, "city": town[who]}
        price = self.shelf.cents[goods, day]
        word = self.notes.add(f'{{"keyword":"{g.name}"}}' for g in self.shelf.goods)[goods]
        self.events += [
            events("app_open", time=start, **shared),
            events("search", time=start + 6 * _SECOND, note=word, **shared),
            events("view_goods", time=start + 12 * _SECOND, goods=goods, value=price, **shared),
            events("add_to_cart", time=start + 18 * _SECOND, goods=goods, value=price, **shared),
            events("begin_checkout", time=start + 25 * _SECOND, **shared),
            events("pay", time=start + 38 * _SECOND, value=total, order=order, **shared),
        ]

    def floods(self, media: Media) -> Ints:
        """Click flooding: a few devices click one placement second after second; nobody of them ever opens the shop."""
        rng = self.streams("fraud flooding")
        fake = np.zeros_like(media.clicks)
        channel = self.truth.place(self.truth.fraud.flood_channel)
        flooded = (rng.random(self.seasons.days) < self.truth.fraud.flooded_days) & (media.clicks[channel].sum(axis=1) > 0)
        days = np.flatnonzero(flooded)
        # a media platform cannot count more clicks than showings
        wanted = rng.poisson(self.truth.fraud.flood_clicks * media.clicks[channel, days].sum(axis=1))
        count = np.minimum(wanted, media.impressions[channel, days, 1] - media.clicks[channel, days, 1])
        fake[channel, days, 1] = count
        day = np.repeat(np.arange(len(days)), count)
        number = np.arange(len(day)) - np.repeat(np.cumsum(count) - count, count)
        began = days * DAY + rng.integers(0, 20 * HOUR, len(days))
        pace = (3 * HOUR // np.maximum(count, 1)).clip(max=2 * _SECOND)  # all on the day itself, however many
        time = began[day] + ((number + rng.random(len(day))) * pace[day]).astype(np.int64)
        device = self.next_visitor + day * _FLOOD_DEVICES + number % _FLOOD_DEVICES
        self.visitor_kinds.append(np.full(len(days) * _FLOOD_DEVICES, FLOODING))
        self.next_visitor += len(days) * _FLOOD_DEVICES
        self.events.append(events("ad_click", -1 - device, time, APP, channel=channel, signed=False))
        return fake

    def crawlers(self, people: int) -> None:
        """Bots: read page after page at a constant pace at any hour, and do nothing else."""
        rng, f = self.streams("fraud bots"), self.truth.fraud
        pages = round(f.bots * f.bot_pages * people / REFERENCE_PEOPLE)
        bots = max(1, round(f.bots * people / REFERENCE_PEOPLE)) if pages else 0
        bot = np.arange(pages) % max(bots, 1)
        begin = rng.integers(0, self.seasons.days - 1, bots) * DAY + rng.integers(0, DAY, bots)
        time = begin[bot] + np.arange(pages) // max(bots, 1) * 7 * _SECOND + rng.integers(0, 200, pages)
        goods = np.arange(pages) // max(bots, 1) % len(self.shelf.goods)
        inside = time < self.seasons.days * DAY
        bot, time, goods = bot[inside], time[inside], goods[inside]
        agent = self.notes.add(['{"user_agent":"Mozilla/5.0 (compatible; PriceSpider/1.2)"}'])[0]
        price = self.shelf.cents[goods, time // DAY]
        visitor = -1 - (self.next_visitor + bot)
        self.visitor_kinds.append(np.full(bots, BOT))
        self.next_visitor += bots
        self.events.append(
            events("view_goods", visitor, time, WEB, channel=len(self.truth.channels), goods=goods, value=price, note=agent, signed=False)
        )
