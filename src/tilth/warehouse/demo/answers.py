"""The answers behind a brand: what no real brand knows of itself, as tables to check analyses against."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tilth.warehouse.demo import names
from tilth.warehouse.demo.formulas import chance
from tilth.warehouse.demo.fraud import KINDS
from tilth.warehouse.demo.lives import STORE
from tilth.warehouse.demo.media import PLACEMENTS
from tilth.warehouse.demo.rows import NONE, Lines
from tilth.warehouse.demo.seasons import DAY
from tilth.warehouse.demo.tables import Codes, instants, labels
from tilth.warehouse.demo.world import World


def answer(world: World, lines: Lines, codes: Codes) -> dict[str, pa.Table]:
    """Return all answers."""
    return {
        "people": _people(world, codes),
        "orders": _orders(world, lines, codes),
        "visitors": pa.table({"person": codes.visitors, "fraud": labels(world.frauds.visitor_kind, list(KINDS))}),
        "clicks": _clicks(world, codes),
        "media": _media(world, codes),
        "checkouts": _checkouts(world, codes),
        "attribution": _attribution(world, lines),
        "seasons": _seasons(world),
        "goods": _goods(world),
        "campaigns": _campaigns(world),
    }


def _people(world: World, codes: Codes) -> pa.Table:
    """Everybody: hidden churn, visit rate, the chance that advertising brought them, arms, and the kind of fraud (empty for the honest)."""
    people, cheats = world.lives.people, len(world.frauds.kind)
    unknown = np.full(cheats, np.nan)
    honest = np.arange(world.people) < world.honest
    fraud = np.concatenate([np.full(world.honest, NONE), world.frauds.kind])
    arms = {
        f"arm_{e.code}": pa.array(np.concatenate([people.arms[:, i], np.zeros(cheats, bool)]), mask=~honest)
        for i, e in enumerate(world.truth.experiments)
    }
    return pa.table(
        {
            "person": codes.known_as(world.id_kind, np.arange(world.people)),
            "fraud": labels(fraud, list(KINDS)),
            "arrival": instants(world.arrival, world.seasons),
            "channel": labels(world.channel, codes.channels),
            "signed_up": pa.array(world.sign_up >= 0),
            "churn_age": pa.array(np.concatenate([people.churn_age, unknown]), mask=~honest),
            "by_spend": _by_spend(world),
            "visit_rate": pa.array(np.concatenate([people.rate, unknown]), mask=~honest),
            "inviter": codes.known_as(0, world.inviter),
            **arms,
        }
    )


def _by_spend(world: World) -> pa.Array:
    """Chance that advertising brought the person: expected new people by spend over all expected, on the day in the channel."""
    people, media = world.lives.people, world.media
    rate, paid = (rates[people.channel, people.arrival // DAY] for rates in (media.rate, media.paid))
    asked = people.inviter < 0
    share = np.divide(paid, rate, out=np.zeros(len(people)), where=asked)
    nobody = np.zeros(len(world.frauds.kind))
    return pa.array(np.concatenate([share, nobody]), mask=np.concatenate([~asked, nobody == 0]))


def _orders(world: World, lines: Lines, codes: Codes) -> pa.Table:
    """Orders that are fraud: brushed, or placed with an abused coupon."""
    order = np.unique(lines.order[lines.order >= world.first_fraud])
    return pa.table(
        {
            "order": labels(order, codes.order_ids),
            "fraud": labels(world.frauds.order_kind[order - world.first_fraud], list(KINDS)),
        }
    )


def _clicks(world: World, codes: Codes) -> pa.Table:
    """Fake clicks in the costs."""
    channel, day, placement = np.nonzero(world.frauds.fake_clicks)
    return pa.table(
        {
            "time": instants(day * DAY, world.seasons),
            "channel": labels(channel, codes.channels),
            "placement": labels(placement, list(PLACEMENTS)),
            "fake_clicks": pa.array(world.frauds.fake_clicks[channel, day, placement]),
        }
    )


def _media(world: World, codes: Codes) -> pa.Table:
    """Every channel and day: spend, adstock, saturation, and expected new people without and by spend."""
    media, scale = world.media, world.lives.scale
    channel, day = (axis.ravel() for axis in np.indices(media.spend.shape))
    return pa.table(
        {
            "time": instants(day * DAY, world.seasons),
            "channel": labels(channel, codes.channels),
            "spend": pa.array(media.spend.ravel()),
            "adstock": pa.array(media.at_work.ravel()),
            "saturation": pa.array(media.saturation.ravel()),
            "season": pa.array(world.seasons.factor[day]),
            "expected_base": pa.array(scale * media.base.ravel()),
            "expected_paid": pa.array(scale * media.paid.ravel()),
        }
    )


def _checkouts(world: World, codes: Codes) -> pa.Table:
    """Every checkout of honest people: the logit of paying, the coupon offered, touches by channel, and what came of it."""
    c, s = world.journeys.checkouts, world.lives.sessions
    inside = np.flatnonzero(c.paid_at < world.stop)
    person = s.person[c.session[inside]]
    touches = {f"touches_{ch.code}": pa.array(c.touches[inside, i]) for i, ch in enumerate(world.truth.channels)}
    return pa.table(
        {
            "person": codes.known_as(0, person),
            "time": instants(c.time[inside], world.seasons),
            "in_store": pa.array(s.platform[c.session[inside]] == STORE),
            "coupon": labels(c.coupon[inside], list(names.COUPONS)),
            "logit": pa.array(c.logit[inside]),
            "paid": pa.array(c.paid[inside]),
            **touches,
        }
    )


def _attribution(world: World, lines: Lines) -> pa.Table:
    """Orders that each channel's touches are expected to have added: the chance to pay less the chance without them, summed.

    Their value: what was paid times the share of the chance to pay that would be missing without the touches.
    """
    c = world.journeys.checkouts
    mine = ~lines.refund & (lines.order < int(c.paid.sum()))
    amount = np.zeros(len(c.paid))
    amount[c.paid] = np.bincount(lines.order[mine], lines.amount[mine], minlength=int(c.paid.sum()))[: int(c.paid.sum())] / 100
    inside = c.paid_at < world.stop
    logit, touches, paid = c.logit[inside], c.touches[inside], c.paid[inside]
    lift = np.array([ch.lift for ch in world.truth.channels])
    added = [chance(logit) - chance(logit - lift[i] * touches[:, i]) for i in range(len(lift))]
    return pa.table(
        {
            "channel": [ch.code for ch in world.truth.channels],
            "touched_orders": [int((paid & (touches[:, i] > 0)).sum()) for i in range(len(lift))],
            "incremental_orders": [float(more.sum()) for more in added],
            "incremental_value": [float((amount[inside] * more / chance(logit)).sum()) for more in added],
        }
    )


def _seasons(world: World) -> pa.Table:
    """Every day: the factor on visits and new people, and the logit it adds to paying."""
    day = np.arange(world.seasons.days)
    return pa.table(
        {
            "time": instants(day * DAY, world.seasons),
            "factor": pa.array(world.seasons.factor),
            "demand": pa.array(world.seasons.demand),
        }
    )


def _goods(world: World) -> pa.Table:
    """The goods: name, category, role and list price."""
    goods = world.shelf.goods
    return pa.table({field: [getattr(g, field) for g in goods] for field in ("code", "name", "category", "role", "price")})


def _campaigns(world: World) -> pa.Table:
    """The campaigns: code, Chinese name, first and last day."""
    runs = world.seasons.campaigns
    return pa.table(
        {
            "campaign": [code for code, _a, _b in runs],
            "name": [f"{code.rsplit('_', 1)[1]} {names.CAMPAIGNS[code.rsplit('_', 1)[0]].zh}" for code, _a, _b in runs],
            "first": [world.seasons.day(a) for _c, a, _b in runs],
            "last": [world.seasons.day(b) for _c, _a, b in runs],
        }
    )
