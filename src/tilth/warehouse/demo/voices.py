"""What customers say: answers to the NPS survey, service contacts, joining a community."""

from __future__ import annotations

import numpy as np

from tilth.warehouse.demo import names
from tilth.warehouse.demo.footprints import Scene
from tilth.warehouse.demo.formulas import Floats
from tilth.warehouse.demo.lives import STORE, Ints
from tilth.warehouse.demo.rows import Events, Lines, Notes, stack
from tilth.warehouse.demo.seasons import DAY, HOUR
from tilth.warehouse.demo.streams import Streams
from tilth.warehouse.demo.truth import Truth, Voices

DRIVERS = ("quality", "delivery", "service", "price")
_TOPIC_SHARES = (0.34, 0.26, 0.14, 0.10, 0.16)
_RESOLVED = (0.85, 0.75, 0.90, 0.97, 0.92)


def speak(place: Scene, lines: Lines, refunds: Lines, truth: Truth, notes: Notes, streams: Streams) -> Events:
    """Return everything that people say, in no order of time."""
    s, c = place.lives.sessions, place.journeys.checkouts
    paid = np.flatnonzero(c.paid)
    session, when = c.session[paid], c.paid_at[paid]
    online = s.platform[session] != STORE
    refunded = np.zeros(len(paid), dtype=bool)
    refunded[refunds.order[refunds.order < len(paid)]] = True
    return stack(
        Events,
        [
            _answers(place, session[online], when[online], truth.voices, notes, streams),
            _contacts(place, session[online], when[online], refunded[online], truth.voices, notes, streams),
            _joins(place, truth.voices, streams),
        ],
    )


def _waking(rng: np.random.Generator, when: Ints, days: Floats) -> Ints:
    """Return a time between 8 and 23 o'clock on a later day, `days` after."""
    return (when // DAY + 1 + days.astype(np.int64)) * DAY + 8 * HOUR + rng.integers(0, 15 * HOUR, len(when))


def score(ratings: Ints, noise: Floats, v: Voices) -> Ints:
    """Return the NPS score of ratings (columns in the order of :data:`DRIVERS`) and noise.

    Examples
    --------
    >>> import numpy as np
    >>> score(np.array([[3, 3, 3, 3], [5, 5, 5, 5]]), np.zeros(2), Voices()).tolist()
    [7, 10]
    """
    weights = np.array([getattr(v, driver) for driver in DRIVERS])
    return np.rint(v.centre + (ratings - 3) @ weights + noise).clip(0, 10).astype(np.int64)


def _answers(place: Scene, session: Ints, when: Ints, v: Voices, notes: Notes, streams: Streams) -> Events:
    rng = streams("nps")
    told = np.flatnonzero(rng.random(len(session)) < v.answer)
    n = len(told)
    ratings = np.stack([rng.choice(5, n, p=p) + 1 for p in ((0.04, 0.08, 0.2, 0.38, 0.3),) * 2 + ((0.05, 0.1, 0.3, 0.35, 0.2),) * 2], axis=1)
    scores = score(ratings, rng.normal(0, v.noise, n), v)
    mood = np.where(scores >= 9, "promoter", np.where(scores >= 7, "passive", "detractor"))
    pick, silent = rng.random(n), rng.random(n) < 0.4
    texts = []
    for row, kind, share, quiet in zip(ratings.tolist(), mood.tolist(), pick.tolist(), silent.tolist(), strict=True):
        comments = names.COMMENTS[kind]
        said = "" if quiet else comments[int(share * len(comments))]
        driven = ",".join(f'"{driver}":{rating}' for driver, rating in zip(DRIVERS, row, strict=True))
        texts.append(f'{{{driven},"comment":"{said}"}}')
    time = _waking(rng, when[told], rng.integers(2, 9, n).astype(float))
    return place.at("nps_answer", session[told], time, value=scores * 100, note=notes.add(texts))


def _contacts(place: Scene, session: Ints, when: Ints, refunded: Ints, v: Voices, notes: Notes, streams: Streams) -> Events:
    rng = streams("service")
    told = np.flatnonzero(rng.random(len(session)) < np.where(refunded, v.contact_refunded, v.contact))
    n = len(told)
    topics = tuple(names.TOPICS)
    topic = rng.choice(len(topics), n, p=_TOPIC_SHARES)
    topic = np.where(refunded[told] & (rng.random(n) < 0.8), topics.index("refund"), topic)
    wait = np.rint(rng.lognormal(np.log(45), 1.0, n)).astype(np.int64).clip(1, 3600)
    resolved = rng.random(n) < np.array(_RESOLVED)[topic]
    # people grow less content with every doubling of the wait, and most when nothing was solved
    mood = 4.3 - 0.25 * np.log2(wait / 45) - 1.6 * ~resolved + rng.normal(0, 0.7, n)
    csat = np.rint(mood).clip(1, 5).astype(np.int64)
    effort = np.rint(8 - mood * 1.2 + rng.normal(0, 0.6, n)).clip(1, 7).astype(np.int64)
    texts = notes.add(
        f'{{"topic":"{topics[t]}","wait_seconds":{w},"resolved":{str(r).lower()},"csat":{c},"effort":{e}}}'
        for t, w, r, c, e in zip(topic.tolist(), wait.tolist(), resolved.tolist(), csat.tolist(), effort.tolist(), strict=True)
    )
    time = _waking(rng, when[told], rng.integers(0, 6, n).astype(float))
    return place.at("service_contact", session[told], time, note=texts)


def _joins(place: Scene, v: Voices, streams: Streams) -> Events:
    s = place.lives.sessions
    wants = np.flatnonzero(s.signed & (s.platform != STORE) & (streams("communities").random(len(s)) < v.community))
    _people, first = np.unique(s.person[wants], return_index=True)
    joined = wants[first]
    return place.at("join_community", joined, place.journeys.leaves_at[joined] + 40_000)
