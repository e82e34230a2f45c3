"""From numbers to tables: event and order rows, people and their ids, costs and exposures as Arrow tables with the schema's columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tilth.warehouse.demo import names
from tilth.warehouse.demo.footprints import COUPON_CODES
from tilth.warehouse.demo.goods import Shelf
from tilth.warehouse.demo.lives import PLATFORMS, STORE, Ints
from tilth.warehouse.demo.media import PLACEMENTS, Media
from tilth.warehouse.demo.places import CITIES, ONLINE_SHOP, STORES
from tilth.warehouse.demo.profiles import ID_KINDS, ID_OF_PLATFORM, MEMBER, USER
from tilth.warehouse.demo.rows import NO_VALUE, NONE, Events, Lines, Rows, choose
from tilth.warehouse.demo.seasons import DAY, Seasons
from tilth.warehouse.demo.truth import Truth
from tilth.warehouse.demo.world import World
from tilth.warehouse.schema import COUNT, MONEY, TABLES, TEXT, TIME


def labels(codes: Rows, texts: list[str]) -> pa.Array:
    """Return the text of each code; empty where the code is negative."""
    index = pa.array(codes.astype(np.int32), mask=np.asarray(codes) < 0)
    return pa.array(texts, TEXT).take(index)


def money(cents: Rows, empty: Rows | None = None) -> pa.Array:
    """Return hundredths as amounts; empty where `empty` says so.

    Examples
    --------
    >>> import numpy as np
    >>> money(np.array([1999, -5])).to_pylist()
    [Decimal('19.9900'), Decimal('-0.0500')]
    """
    whole = pa.array(np.asarray(cents, dtype=np.int64) * 100, mask=empty).cast(pa.decimal128(19, 0))
    # the same digits read with four places: a cast by value would divide
    scaled = pa.Array.from_buffers(pa.decimal128(19, 4), len(whole), whole.buffers(), offset=whole.offset)
    return scaled.cast(MONEY)


def instants(wall: Rows, seasons: Seasons) -> pa.Array:
    """Return wall-clock milliseconds as instants."""
    return pa.array(seasons.instants(wall)).cast(TIME)


@dataclass(frozen=True)
class Codes:
    """The texts behind the numbers of one brand."""

    seasons: Seasons
    truth: Truth
    shelf: Shelf
    ids: list[list[str]]
    visitors: list[str]
    devices: list[str]
    order_ids: list[str]
    order_coupon: Rows

    @property
    def channels(self) -> list[str]:
        """Codes of the channels, and direct."""
        return [*(c.code for c in self.truth.channels), "direct"]

    @property
    def campaigns(self) -> list[str]:
        """Codes of the campaigns with their year."""
        return [code for code, _first, _last in self.seasons.campaigns]

    def known_as(self, kind: Rows | int, person: Rows) -> pa.Array:
        """Return each person's id of a kind; empty for persons below 0."""
        return labels(np.where(person < 0, NONE, kind * len(self.ids[0]) + person), self._every_id)

    @cached_property
    def _every_id(self) -> list[str]:
        return [one for ids in self.ids for one in ids]

    def order_notes(self) -> list[str]:
        """Return the properties of events that belong to an order."""
        coupons = [f',"coupon":"{code}"' for code in COUPON_CODES] + [""]
        return [f'{{"order":"{order}"{coupons[c]}}}' for order, c in zip(self.order_ids, self.order_coupon.tolist(), strict=True)]


def number_orders(lines: Lines, seasons: Seasons) -> tuple[list[str], Rows]:
    """Return the id of every order key, day by day in order of time, and its coupon."""
    keys = int(lines.order.max(initial=-1)) + 1
    placed = np.full(keys, np.iinfo(np.int64).max)
    sold = ~lines.refund
    np.minimum.at(placed, lines.order[sold], lines.time[sold])
    coupon = np.full(keys, NONE)
    coupon[lines.order] = lines.coupon
    order = np.argsort(placed, kind="stable")
    day = (placed // DAY)[order]
    first = np.searchsorted(day, day)
    number = np.empty(keys, dtype=np.int64)
    number[order] = np.arange(keys) - first + 1
    stamps = [seasons.day(n).strftime("%Y%m%d") for n in range(seasons.days)]
    # keys of orders cut off by the end of the brand stay unused
    used = (placed // DAY).clip(max=seasons.days - 1).tolist()
    return [f"{stamps[d]}{n:06d}" for d, n in zip(used, number.tolist(), strict=True)], coupon


def events_table(rows: Events, codes: Codes, notes: list[str]) -> pa.Table:
    """Return the ``events`` table, by time."""
    rows = choose(rows, np.argsort(rows.time, kind="stable"))
    kind = np.where(rows.signed & (rows.platform != STORE), USER, ID_OF_PLATFORM[rows.platform])
    ids = pc.if_else(pa.array(rows.person < 0), labels(-1 - rows.person, codes.visitors), codes.known_as(kind, rows.person))
    note = np.where(rows.order >= 0, len(notes) + rows.order, rows.note)
    return as_table(
        "events",
        person=ids,
        person_kind=labels(kind, list(ID_KINDS)),
        time=instants(rows.time, codes.seasons),
        event=labels(rows.event, list(names.EVENTS)),
        channel=labels(rows.channel, codes.channels),
        campaign=labels(rows.campaign, codes.campaigns),
        platform=labels(rows.platform, list(PLATFORMS)),
        city=labels(rows.city, [c.name for c in CITIES]),
        product=labels(rows.goods, [g.code for g in codes.shelf.goods]),
        value=money(np.where(rows.value == NO_VALUE, 0, rows.value), rows.value == NO_VALUE),
        properties=labels(note, notes + codes.order_notes()),
    )


def orders_table(lines: Lines, codes: Codes) -> pa.Table:
    """Return the ``orders`` table, by time."""
    lines = choose(lines, np.lexsort((lines.goods, lines.order, lines.time)))
    in_store = lines.shop > 0
    kind = np.where(in_store, MEMBER, USER)
    known = lines.person >= 0
    return as_table(
        "orders",
        person=codes.known_as(kind, lines.person),
        person_kind=labels(np.where(known, kind, NONE), list(ID_KINDS)),
        time=instants(lines.time, codes.seasons),
        order=labels(lines.order, codes.order_ids),
        product=labels(lines.goods, [g.code for g in codes.shelf.goods]),
        quantity=money(lines.quantity * 100),
        price=money(lines.price),
        amount=money(lines.amount),
        channel=labels(lines.channel, codes.channels),
        campaign=labels(lines.campaign, codes.campaigns),
        shop=labels(lines.shop, [ONLINE_SHOP, *(s.code for s in STORES)]),
        coupon=labels(lines.coupon, list(COUPON_CODES)),
        status=labels(lines.refund.astype(np.int8), list(names.STATUSES)),
        properties=labels(lines.goods, [f'{{"category":"{g.category}","goods_name":"{g.name}"}}' for g in codes.shelf.goods]),
    )


def people_table(world: World, tier: Rows, codes: Codes) -> pa.Table:
    """Return the ``people`` table: a row a person, by the time they signed up, or were first seen where they never did.

    Of people who never signed up little more is known than that they came.
    """
    people, profiles, signed = world.people, world.profiles, world.sign_up >= 0
    kind = world.id_kind
    when = np.where(signed, world.sign_up, world.arrival)
    provinces = [c.province for c in CITIES]
    table = as_table(
        "people",
        person=codes.known_as(kind, np.arange(people)),
        person_kind=labels(kind, list(ID_KINDS)),
        time=instants(when, codes.seasons),
        name=pc.if_else(pa.array(signed), pa.array(profiles.names(), TEXT), pa.scalar(None, TEXT)),
        gender=labels(np.where(signed, profiles.gender, NONE), ["male", "female"]),
        birth_year=pa.array(profiles.birth_year, COUNT, mask=~signed | (profiles.birth_year == 0)),
        province=labels(profiles.city, provinces),
        city=labels(profiles.city, [c.name for c in CITIES]),
        channel=labels(world.channel, codes.channels),
        tier=labels(np.where(signed, tier, NONE), list(names.TIERS)),
        inviter=codes.known_as(USER, world.inviter),
        properties=pa.nulls(people, TEXT),
    )
    return table.take(pa.array(np.argsort(when, kind="stable")))


def costs_table(media: Media, impressions: Ints, clicks: Ints, codes: Codes) -> pa.Table:
    """Return the ``costs`` table: a row a day, paid channel and placement on which anything was spent; `clicks` with the fake ones."""
    channel, day, placement = np.nonzero(impressions + clicks + (media.spend[:, :, None] > 0))
    order = np.lexsort((placement, channel, day))
    channel, day, placement = channel[order], day[order], placement[order]
    cents = np.rint(media.spend * 100).astype(np.int64)
    first = np.rint(cents * media.split[0]).astype(np.int64)
    spend = np.where(placement == 0, first[channel, day], (cents - first)[channel, day])
    month = [f"{codes.seasons.day(n):%Y%m}" for n in range(codes.seasons.days)]
    creatives = [
        f"{codes.channels[c]}_{PLACEMENTS[p]}_{month[d]}" for c, d, p in zip(channel.tolist(), day.tolist(), placement.tolist(), strict=True)
    ]
    return as_table(
        "costs",
        time=instants(day * DAY, codes.seasons),
        channel=labels(channel, codes.channels),
        campaign=labels(codes.seasons.campaign[day], codes.campaigns),
        placement=labels(placement, list(PLACEMENTS)),
        creative=pa.array(creatives, TEXT),
        city=pa.nulls(len(day), TEXT),
        impressions=pa.array(impressions[channel, day, placement], COUNT),
        clicks=pa.array(clicks[channel, day, placement], COUNT),
        spend=money(spend),
        properties=pa.nulls(len(day), TEXT),
    )


def as_table(table: str, **columns: pa.Array) -> pa.Table:
    """Return the columns in the schema's order and types, with the properties at the end."""
    wanted = [(c.name, c.type) for c in TABLES[table].columns] + [("properties", TEXT)]
    return pa.table([columns[name] for name, _type in wanted], schema=pa.schema([pa.field(name, kind) for name, kind in wanted]))
