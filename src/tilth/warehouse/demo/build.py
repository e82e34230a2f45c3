"""Building the brand: every part in its turn, then all of it cut at the end date and turned into tables."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tilth.errors import InputError
from tilth.language import _
from tilth.warehouse.demo import answers, tables, voices
from tilth.warehouse.demo.brand import Brand
from tilth.warehouse.demo.dirt import DirtyExport, soil
from tilth.warehouse.demo.exports import wall_clock
from tilth.warehouse.demo.footprints import exposures, leave, scene
from tilth.warehouse.demo.fraud import BOT, census, defraud
from tilth.warehouse.demo.goods import stock
from tilth.warehouse.demo.identities import identities_table, memberships_table
from tilth.warehouse.demo.journeys import travel
from tilth.warehouse.demo.lives import Ints, populate
from tilth.warehouse.demo.media import plan
from tilth.warehouse.demo.orders import payments, sell, take_back, walk_in
from tilth.warehouse.demo.profiles import ANONYMOUS, DEVICE, ID_KINDS, draw, spell
from tilth.warehouse.demo.publishing import publish
from tilth.warehouse.demo.rows import NONE, Events, Lines, Notes, stack
from tilth.warehouse.demo.seasons import Seasons
from tilth.warehouse.demo.streams import Streams
from tilth.warehouse.demo.truth import Truth
from tilth.warehouse.demo.world import World

FEWEST_PEOPLE = 100
_TIERS = (50_000, 200_000)  # cents paid, less refunds, from which a member is silver and gold


class TooFewPeople(InputError):
    """Fewer people than a brand with some fraud of each kind can be made of.

    Attributes
    ----------
    people : int
        The number that was asked for.
    """

    def __init__(self, people: int) -> None:
        self.people = people
        super().__init__(_("A demo brand cannot be made of {people} people: ask for at least {fewest}.").format(people=people, fewest=FEWEST_PEOPLE))


def generate(seed: int = 2025, end: date | None = None, people: int = 20_000, truth: Truth | None = None, tz: str = "Asia/Shanghai") -> Brand:
    """Simulate a brand for two years.

    Parameters
    ----------
    seed : int
        The same seed, end, people, truth and time zone give the same rows.
    end : date, optional
        The last day; 31 December 2025 when left out.
    people : int
        Number of people, fraudulent accounts among them.
    truth : Truth, optional
        The parameters; the documented ones when left out.
    tz : str
        Time zone of the wall clock.

    Raises
    ------
    TooFewPeople
        For less than a hundred people.
    tilth.warehouse.demo.seasons.EndOutOfCalendar
        For an end whose lunar calendar is not known.
    tilth.errors.UnknownName
        For a time zone that there is none of, or a truth without one of the channels that have a part of their own.
    tilth.warehouse.demo.streams.NegativeSeed
        For a seed below 0.

    Examples
    --------
    >>> brand = generate(seed=1, people=100)
    >>> brand.tables["people"].num_rows
    100
    """
    if people < FEWEST_PEOPLE:
        raise TooFewPeople(people)
    truth, streams = truth or Truth(), Streams(seed)
    seasons = Seasons(end or date(2025, 12, 31), truth, tz)
    world, events, lines = _live(people, seasons, truth, streams)
    return _tabulate(world, events, lines, streams)


def _live(people: int, seasons: Seasons, truth: Truth, streams: Streams) -> tuple[World, Events, Lines]:
    """Draw everything that happens before the end."""
    notes = Notes()
    media, shelf = plan(people, seasons, truth, streams), stock(seasons, truth, streams)
    honest = people - census(people, truth).people
    lives = populate(honest, media, seasons, truth, streams)
    profiles = draw(people, seasons.end.year, truth, streams)
    journeys = travel(lives, media, shelf, seasons, truth, streams)
    place = scene(lives, journeys, profiles, truth, notes, streams)
    sold = sell(lives, journeys, profiles, shelf, truth, streams)
    anonymous = walk_in(people, int(journeys.checkouts.paid.sum()), shelf, seasons, truth, streams)
    frauds = defraud(honest, people, media, shelf, seasons, truth, notes, streams)
    first_fraud = max(sold.order.max(initial=-1), anonymous.order.max(initial=-1)) + 1
    for rows in (frauds.lines, frauds.events):
        rows.order = np.where(rows.order == NONE, NONE, rows.order + first_fraud)
    home = np.concatenate([lives.people.home, frauds.home])
    profiles.city[honest:] = frauds.city
    back, told = take_back(stack(Lines, [sold, anonymous]), home, profiles.city, shelf, truth, streams)
    happened = [
        leave(place, media, shelf, truth, notes, streams),
        payments(place, sold),
        told,
        voices.speak(place, sold, back, truth, notes, streams),
        frauds.events,
    ]
    world = World(seasons, truth, media, shelf, lives, profiles, journeys, frauds, notes, first_fraud)
    return world, world.cut(stack(Events, happened)), world.cut(stack(Lines, [sold, anonymous, frauds.lines, back]))


def _tabulate(world: World, events: Events, lines: Lines, streams: Streams) -> Brand:
    seasons, frauds = world.seasons, world.frauds
    order_ids, order_coupon = tables.number_orders(lines, seasons)
    visitor_id = np.where(frauds.visitor_kind == BOT, ANONYMOUS, DEVICE)
    # numbers after the people's: nothing in an id tells that it is shared, or nobody's
    devices = world.people + 1 + np.arange(int(frauds.device.max(initial=-1)) + 1)
    visitors = world.people + 1 + len(devices) + np.arange(len(frauds.visitor_kind))
    codes = tables.Codes(
        seasons=seasons,
        truth=world.truth,
        shelf=world.shelf,
        ids=[world.profiles.ids(kind) for kind in range(len(ID_KINDS))],
        visitors=[spell(kind, visitors[i : i + 1])[0] for i, kind in enumerate(visitor_id.tolist())],
        devices=spell(DEVICE, devices),
        order_ids=order_ids,
        order_coupon=order_coupon,
    )
    orders = tables.orders_table(lines, codes)
    made = {
        "events": tables.events_table(events, codes, world.notes.texts),
        "orders": orders,
        "costs": tables.costs_table(*world.counted(events), codes),
        "people": tables.people_table(world, _tiers(lines, world.people), codes),
        "identities": identities_table(world, codes),
        "memberships": memberships_table(world, exposures(world.lives, world.journeys, seasons, world.truth, streams), codes),
        "contents": publish(world.people, world.shelf, seasons, streams),
    }
    return Brand(
        tables=made,
        answers=answers.answer(world, lines, codes),
        truth=world.truth,
        seed=streams.seed,
        first=seasons.first,
        end=seasons.end,
        tz=seasons.tz,
        dirty_export=_dirty(orders, world.truth, seasons, streams),
    )


def _tiers(lines: Lines, people: int) -> Ints:
    known = lines.person != NONE
    paid = np.bincount(lines.person[known], weights=lines.amount[known], minlength=people)
    return np.searchsorted(np.array(_TIERS), paid, side="right")


def _dirty(orders: pa.Table, truth: Truth, seasons: Seasons, streams: Streams) -> DirtyExport:
    last = orders.filter(pc.equal(orders["status"], "paid"))
    last = last.slice(max(0, last.num_rows - truth.dirt.lines))
    cells = {name: last[name].to_pylist() for name in ("order", "person", "product")}
    for name in ("quantity", "price", "amount"):
        cells[name] = [f"{number:.2f}" for number in last[name].to_pylist()]
    times = wall_clock(last["time"], seasons.tz).to_pylist()
    order = ("order", "time", "person", "product", "quantity", "price", "amount")
    clean = [
        [f"L{i + 1:07d}", *(str(cell or "") for cell in row), "已支付"]
        for i, row in enumerate(zip(*({**cells, "time": times}[name] for name in order), strict=True))
    ]
    return soil(clean, truth.dirt, streams)
