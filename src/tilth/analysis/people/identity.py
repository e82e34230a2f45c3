"""Ids to people: resolve the calls of a workspace by the rules of ``docs/reference/identity.md``.

Calls run through a kernel over arrays. Those that are connected, over whatever ids, with one that takes something back (the undoing of a merge, an
erasure) are replayed one by one; nothing that happens to them can touch the others.

Examples
--------
>>> calls = [
...     Call(1, "m1", (("anonymous", "cookie"),)),
...     Call(2, "m2", (("user", "li"), ("anonymous", "cookie")), "identify"),
...     Call(3, "m3", (("user", "wang"), ("anonymous", "cookie")), "identify"),
... ]
>>> people = resolve(calls)
>>> people.who(("user", "li")), people.who(("anonymous", "cookie")), people.who(("user", "wang"))
(0, 0, 1)
>>> people.assign().tolist()
[0, 0, 1]
>>> people.who(("user", "li"), at=1) is None
True
>>> [(row.id, row.holder, row.person, row.calls) for row in people.conflicts()]
[(('anonymous', 'cookie'), 0, 1, 1)]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tilth.analysis.people.calls import TAKING_BACK, Call
from tilth.analysis.people.columns import Columns, columns, declared, does
from tilth.analysis.people.history import History, told
from tilth.analysis.people.kinds import Kinds
from tilth.analysis.people.people import LEADS, LINKS, NOW, People
from tilth.analysis.people.records import Founding, Lead, Link
from tilth.engine.kernels import identity as kernel

__all__ = ["Call", "Kinds", "People", "resolve", "resolve_columns"]


def resolve(calls: Iterable[Call], kinds: Kinds | None = None) -> People:
    """Return the people whom calls tell of, in whatever order they arrived.

    Parameters
    ----------
    calls : iterable of Call
    kinds : Kinds, optional
        What the workspace declares; the default kinds otherwise.
    """
    kinds = kinds or Kinds()
    return resolve_columns(columns(calls, kinds), kinds)


def resolve_columns(calls: Columns, kinds: Kinds) -> People:
    """Return the people whom calls tell of that stand in columns already."""
    apart = _replayed(calls)
    histories = [told([(int(at), calls.call(int(at))) for at in some], kinds) for some in apart]
    linking = np.ones(len(calls), np.bool_)
    for some in apart:
        linking[some] = False
    order = np.flatnonzero(linking)
    about = declared(calls.names, kinds)
    whose, founded, led, links, conflicts, passed, shared, left = kernel.resolve(
        order, calls.offsets, calls.codes, does(calls.says), calls.kind,
        about.rank, about.bit, about.slot, about.passes, about.lent, about.limits, kinds.logins,
    )  # fmt: skip
    leading = np.flatnonzero(led[:, 0] >= 0)
    people = People(
        calls=calls,
        founded=founded,
        whose=whose,
        links=_table(LINKS, [links[:, k] for k in range(6)]),
        leads=_table(LEADS, [leading, led[leading, 0], led[leading, 1], led[leading, 2]]),
        clashes=conflicts,
        passings=passed,
        shares=shared,
        lefts=left,
    )
    return _with_histories(people, histories) if histories else people


def _table(names: tuple[str, ...], given: list[np.ndarray]) -> dict[str, np.ndarray]:
    rows = len(given[0])
    known = [np.full(rows, -1, np.int32), np.full(rows, NOW, np.int32)]
    return dict(zip(names, [*given, *known], strict=True))


def _replayed(calls: Columns) -> list[np.ndarray]:
    """Return the places of the calls to replay, those of each component together."""
    taking = [at for at, call in calls.rare.items() if call.says in TAKING_BACK]
    if not taking:
        return []
    some = np.flatnonzero(np.diff(calls.offsets))
    first = calls.codes[calls.offsets[some]]
    lengths = np.diff(calls.offsets)[some]
    n = len(calls.kind)
    graph = coo_array((np.ones(len(calls.codes), np.bool_), (np.repeat(first, lengths), calls.codes)), shape=(n, n))
    label_of_id = connected_components(graph, directed=False)[1] if n else np.empty(0, np.int32)
    label = np.full(len(calls), -1)
    label[some] = label_of_id[first]
    merges = {call.message: label[at] for at, call in calls.rare.items() if call.says == "merge"}
    for at, call in calls.rare.items():
        if call.says == "undo":
            label[at] = merges.get(call.of, -1)
    touched = np.unique(label[taking])
    touched = touched[touched >= 0]
    places = np.flatnonzero(np.isin(label, touched))
    places = places[np.argsort(label[places], kind="stable")]
    return np.split(places, np.flatnonzero(np.diff(label[places])) + 1) if len(places) else []


def _with_histories(people: People, histories: list[History]) -> People:
    """Return the people of the kernel together with those who were replayed, numbered in the order in which they were founded."""
    calls = people.calls
    keys: set[Founding] = set()
    for history in histories:
        for known in history.known:
            keys.update([known.what.person] if isinstance(known.what, Link | Lead) else [])
    replayed = sorted(keys)
    founded = np.concatenate([people.founded, np.array([at for at, _ in replayed], np.int32)])
    by_age = np.argsort(founded, kind="stable")
    number = np.empty(len(founded), np.int32)
    number[by_age] = np.arange(len(founded))
    code = {key: int(number[len(people.founded) + k]) for k, key in enumerate(replayed)}
    id_code = {calls.id(one): int(one) for history in histories for at in history.ledger.whose for one in calls.ids(at)}

    links, leads, before = [], [], []
    whose = np.where(people.whose >= 0, number[people.whose], -1).astype(np.int32) if len(number) else people.whose.copy()
    for what, recorded, superseded in (known for history in histories for known in history.known):
        span = (-1 if recorded is None else recorded, NOW if superseded is None else superseded)
        if isinstance(what, Link):
            until = (-1, -1) if what.until is None else (what.until, what.ended)
            links.append((id_code[what.id], code[what.person], what.since, what.rule, *until, *span))
        elif isinstance(what, Lead):
            leads.append((code[what.person], code[what.into], what.since, what.rule, *span))
        else:
            at, person = what
            before.append((at, -1 if person is None else code[person], *span))
            if span[1] == NOW:
                whose[at] = before[-1][1]
    ledgers = [history.ledger for history in histories]

    def more(rows: np.ndarray, found: list[tuple[int, ...]]) -> np.ndarray:
        old = rows.copy()
        old[:, 2:] = number[old[:, 2:]]
        return np.concatenate([old, np.array(found, np.int32).reshape(-1, rows.shape[1])])

    return People(
        calls=calls,
        founded=founded[by_age],
        whose=whose,
        links=_joined(people.links, links, {"person": number}),
        leads=_joined(people.leads, leads, {"person": number, "into": number}),
        clashes=more(people.clashes, [(c.at, id_code[c.id], code[c.holder], code[c.person]) for one in ledgers for c in one.conflicts]),
        passings=more(people.passings, [(c.at, id_code[c.id], code[c.holder], code[c.person]) for one in ledgers for c in one.passed]),
        shares=more(people.shares, [(s.at, id_code[s.id]) for one in ledgers for s in one.shared.values()]),
        lefts=more(people.lefts, [(o.at, id_code[o.id]) for one in ledgers for o in one.left]),
        known=np.array([row for row in before if row[2] != -1 or row[3] != NOW], np.int32).reshape(-1, 4),
    )


def _joined(table: dict[str, np.ndarray], rows: Sequence[tuple[int, ...]], renumbered: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    added = np.array(rows, np.int32).reshape(-1, len(table))
    own = {name: renumbered[name][column] if name in renumbered else column for name, column in table.items()}
    return {name: np.concatenate([column, added[:, k]]) for k, (name, column) in enumerate(own.items())}
