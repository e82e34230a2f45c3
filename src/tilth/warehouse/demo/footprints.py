"""The events that sessions leave behind, and which experiments they showed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tilth.warehouse.demo import names
from tilth.warehouse.demo.goods import Shelf
from tilth.warehouse.demo.journeys import Journeys, Views
from tilth.warehouse.demo.lives import APP, STORE, Ints, Lives, within
from tilth.warehouse.demo.media import Media
from tilth.warehouse.demo.places import CITIES, STORES
from tilth.warehouse.demo.profiles import SYSTEMS, Profiles
from tilth.warehouse.demo.rows import NO_VALUE, NONE, Events, Notes, Rows, events, stack
from tilth.warehouse.demo.seasons import Seasons
from tilth.warehouse.demo.streams import Streams
from tilth.warehouse.demo.truth import Truth

_SECOND = 1000
APP_VERSIONS = ("3.0", "3.1", "3.2", "3.3")
"""Versions of the app, each the only one for its share of the brand's time."""
COUPON_CODES = tuple(names.COUPONS)
STORE_CITY = np.array([[c.name for c in CITIES].index(s.city) for s in STORES])


@dataclass(frozen=True)
class Scene:
    """Where each session's events happen: what they share."""

    lives: Lives
    journeys: Journeys
    city: Rows
    note: Rows

    def at(
        self,
        name: str,
        session: Rows,
        time: Rows,
        *,
        goods: Rows | int = NONE,
        value: Rows | int = NO_VALUE,
        order: Rows | int = NONE,
        note: Rows | int | None = None,
        signed: Rows | bool = True,
    ) -> Events:
        """Return events of one name in the given sessions."""
        s, j = self.lives.sessions, self.journeys
        return events(
            name,
            s.person[session],
            time,
            s.platform[session],
            channel=j.entry[session],
            campaign=j.campaign[session],
            city=self.city[session],
            goods=goods,
            value=value,
            order=order,
            note=self.note[session] if note is None else note,
            signed=signed,
        )


def scene(lives: Lives, journeys: Journeys, profiles: Profiles, truth: Truth, notes: Notes, streams: Streams) -> Scene:
    """Return where each session happens: the person's city where it is known, or the store's."""
    s = lives.sessions
    plain = notes.add(f'{{"os":"{system}"}}' for system in SYSTEMS)
    in_app = notes.add(f'{{"os":"{system}","app_version":"{version}"}}' for version in APP_VERSIONS for system in SYSTEMS)
    version = s.start * len(APP_VERSIONS) // (s.start.max(initial=0) + 1)
    system = profiles.system[s.person]
    note = np.where(s.platform == APP, in_app[version * len(SYSTEMS) + system], plain[system])
    in_store = s.platform == STORE
    city = np.where(in_store, STORE_CITY[profiles.store[s.person]], profiles.city[s.person])
    city[~in_store & (streams("gaps in sessions").random(len(s)) < truth.gaps.city)] = NONE
    return Scene(lives, journeys, city, np.where(in_store, NONE, note))


def leave(place: Scene, media: Media, shelf: Shelf, truth: Truth, notes: Notes, streams: Streams) -> Events:
    """Return the events of all sessions, in no order of time."""
    return stack(Events, [*_arrive(place, media), *_look(place, shelf, truth, notes, streams), *_buy(place, notes)])


def _arrive(place: Scene, media: Media) -> list[Events]:
    s, j = place.lives.sessions, place.journeys
    known = s.signed & ~s.sign_up
    online = s.platform != STORE
    # people who come by an earlier day's advertising, or unprompted, have nothing to click on
    advertised = np.vstack([media.spend > 0, np.zeros((1, media.spend.shape[1]), dtype=bool)])
    clicked = np.flatnonzero(advertised[j.entry, s.day] & online)
    opened, visited = np.flatnonzero(online), np.flatnonzero(~online)
    invited = np.flatnonzero((s.ordinal == 0) & (place.lives.people.inviter[s.person] >= 0))
    joined = np.flatnonzero(s.sign_up)
    return [
        place.at("ad_click", clicked, s.start[clicked], signed=known[clicked]),
        place.at("app_open", opened, s.start[opened] + 2 * _SECOND, signed=known[opened]),
        place.at("store_visit", visited, s.start[visited], signed=True),
        place.at("accept_invite", invited, s.start[invited] + 8 * _SECOND, signed=known[invited]),
        place.at("sign_up", joined, j.sign_up_at[joined]),
    ]


def _look(place: Scene, shelf: Shelf, truth: Truth, notes: Notes, streams: Streams) -> list[Events]:
    s, j, b = place.lives.sessions, place.journeys, truth.buying
    rng = streams("looking")
    online = s.platform != STORE
    home = np.flatnonzero(online & (rng.random(len(s)) < 0.4))
    searched = np.flatnonzero(online & (rng.random(len(s)) < 0.22))
    words = notes.add(f'{{"keyword":"{g.name}"}}' for g in shelf.goods)
    shown = online[j.views.session]
    v = np.flatnonzero(shown)
    carted = np.flatnonzero(shown & j.views.carted)
    liked = np.flatnonzero(shown & (rng.random(len(shown)) < b.favourite))
    shared = np.flatnonzero(shown & (rng.random(len(shown)) < b.share))
    to = notes.add(('{"to":"wechat_friend"}', '{"to":"wechat_moments"}'))
    viewed, when, goods = j.views.session, j.views.time, j.views.goods
    signed, cents = s.signed[viewed], j.views.cents
    looks = _looking(j.views, streams("looking times"))
    return [
        place.at("view_home", home, s.start[home] + 78 * _SECOND, signed=s.signed[home]),
        place.at("search", searched, s.start[searched] + 84 * _SECOND, note=words[shelf.pick(rng, len(searched))], signed=s.signed[searched]),
        place.at("view_goods", viewed[v], when[v], goods=goods[v], value=cents[v], signed=signed[v]),
        place.at("favourite", viewed[liked], when[liked] + looks[liked] // 2, goods=goods[liked], signed=signed[liked]),
        place.at(
            "share",
            viewed[shared],
            when[shared] + 3 * looks[shared] // 4,
            goods=goods[shared],
            note=to[rng.integers(0, 2, len(shared))],
            signed=signed[shared],
        ),
        place.at("add_to_cart", viewed[carted], when[carted] + looks[carted], goods=goods[carted], value=cents[carted], signed=signed[carted]),
    ]


def _looking(views: Views, rng: np.random.Generator) -> Ints:
    """Draw how long after each view something is done with it: part of the time to the session's next view, seconds after the last."""
    stay = np.full(len(views.time), 9 * _SECOND)
    stay[:-1] = np.where(views.session[1:] == views.session[:-1], np.diff(views.time), stay[:-1])
    return (stay * (0.15 + 0.7 * rng.random(len(stay)))).astype(np.int64)


def _buy(place: Scene, notes: Notes) -> list[Events]:
    s, j = place.lives.sessions, place.journeys
    c = j.checkouts
    coupon_notes = notes.add(f'{{"coupon":"{code}"}}' for code in COUPON_CODES)
    session, received, kind = j.receipts
    online = np.flatnonzero(s.platform[c.session] != STORE)
    offered = c.coupon[online]
    note = np.where(offered == NONE, place.note[c.session[online]], coupon_notes[offered])
    invites = np.flatnonzero(s.invites)
    return [
        place.at("receive_coupon", session, received, note=coupon_notes[kind]),
        place.at("begin_checkout", c.session[online], c.time[online], note=note),
        place.at("invite", invites, j.leaves_at[invites] + 20 * _SECOND),
    ]


def exposures(lives: Lives, journeys: Journeys, seasons: Seasons, truth: Truth, streams: Streams) -> list[tuple[int, Ints, Ints]]:
    """Return for each experiment its index, the people exposed and when: at their first occasion in its time.

    The occasion is the first touch (sign-up and churn), a checkout begun (pay) or a session (views and nothing).
    """
    s, c = lives.sessions, journeys.checkouts
    shown = []
    for i, experiment in enumerate(truth.experiments):
        if experiment.acts_on in ("sign_up", "churn"):
            person, time = np.arange(len(lives.people)), lives.people.arrival
        elif experiment.acts_on == "pay":
            online = s.platform[c.session] != STORE
            person, time = s.person[c.session[online]], c.time[online]
        else:
            online = s.platform != STORE
            person, time = s.person[online], s.start[online]
        inside = within(experiment, time, seasons)
        person, first = np.unique(person[inside], return_index=True)
        time = time[inside][first]
        treated = lives.people.arms[person, i]
        lost = treated & (streams(f"exposures {experiment.code}").random(len(person)) < experiment.lost)
        shown.append((i, person[~lost], time[~lost]))
    return shown
