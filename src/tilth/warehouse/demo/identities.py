"""Which ids belong to one person, and which experiment variants people saw, as tables."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tilth.warehouse.demo import names
from tilth.warehouse.demo.lives import STORE, Ints
from tilth.warehouse.demo.profiles import DEVICE, ID_KINDS, ID_OF_PLATFORM, MEMBER, PHONE
from tilth.warehouse.demo.rows import NONE
from tilth.warehouse.demo.tables import Codes, as_table, instants, labels
from tilth.warehouse.demo.world import World
from tilth.warehouse.schema import TEXT, TIME


def identities_table(world: World, codes: Codes) -> pa.Table:
    """Return the ``identities`` table, by time.

    Signing up links the id of the platform it happened on, a member number and a phone number to the user id; the id of a further
    platform is linked when it is first used signed in. Who never signs up has one id. Device farms and rings share a device.
    """
    people, signed = np.arange(world.people), np.flatnonzero(world.sign_up >= 0)
    unsigned = np.flatnonzero(world.sign_up < 0)
    s, f = world.lives.sessions, world.frauds
    used = np.flatnonzero(s.signed & ~s.sign_up & (s.platform != STORE) & (s.start < world.stop))
    pairs, first = np.unique(s.person[used] * len(ID_OF_PLATFORM) + s.platform[used], return_index=True)
    user, platform = np.divmod(pairs, len(ID_OF_PLATFORM))
    further = platform != world.home[user]
    shared = np.flatnonzero((f.device != NONE) & (f.sign_up < world.stop))
    parts: list[tuple[Ints, Ints | int, Ints]] = [
        (unsigned, ID_OF_PLATFORM[world.home[unsigned]], world.arrival[unsigned]),
        (signed, ID_OF_PLATFORM[world.home[signed]], world.sign_up[signed]),
        (signed, MEMBER, world.sign_up[signed]),
        (signed, PHONE, world.sign_up[signed]),
        (user[further], ID_OF_PLATFORM[platform[further]], s.start[used[first[further]]]),
    ]
    who = np.concatenate([p[0] for p in parts])
    kind = np.concatenate([np.broadcast_to(p[1], len(p[0])) for p in parts])
    when = np.concatenate([p[2] for p in parts])
    farmed = world.honest + people[shared]
    everyone = np.concatenate([who, farmed])
    times = np.concatenate([when, f.sign_up[shared]])
    table = as_table(
        "identities",
        person=codes.known_as(world.id_kind[everyone], everyone),
        time=instants(times, codes.seasons),
        until=pa.nulls(len(everyone), TIME),
        kind=labels(np.concatenate([kind, np.full(len(shared), DEVICE)]), list(ID_KINDS)),
        value=pa.concat_arrays([codes.known_as(kind, who), labels(f.device[shared], codes.devices)]),
        properties=pa.nulls(len(everyone), TEXT),
    )
    return table.take(pa.array(np.argsort(times, kind="stable")))


def memberships_table(world: World, shown: list[tuple[int, Ints, Ints]], codes: Codes) -> pa.Table:
    """Return the ``memberships`` table, by time: a row for each person exposed to an experiment.

    Parameters
    ----------
    shown : list of (int, ndarray, ndarray)
        For each experiment its index, the people exposed and when.
    """
    experiment = np.repeat([i for i, _who, _when in shown], [len(who) for _i, who, _when in shown])
    who = np.concatenate([who for _i, who, _when in shown])
    when = np.concatenate([when for _i, _who, when in shown])
    inside = when < world.stop
    experiment, who, when = experiment[inside], who[inside], when[inside]
    arm = world.lives.people.arms[who, experiment].astype(np.int8)
    table = as_table(
        "memberships",
        person=codes.known_as(world.id_kind[who], who),
        time=instants(when, codes.seasons),
        until=pa.nulls(len(who), TIME),
        kind=pa.array(["exposure"] * len(who), TEXT),
        name=labels(experiment, [e.code for e in world.truth.experiments]),
        value=labels(arm, list(names.VARIANTS)),
        properties=pa.nulls(len(who), TEXT),
    )
    return table.take(pa.array(np.argsort(when, kind="stable")))
