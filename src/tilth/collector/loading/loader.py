"""The loader of one workspace: takes what waits in its logs and commits it to its tables, every call exactly once.

A turn reads what follows the places that ``events`` remembers, leaves out what has come before, writes the files, and then commits table by table,
``events`` last. Each commit sets the places up to which its table now holds everything; a table that is ahead of ``events``, because the loader died
in between, leaves those rows out the next time. ``arrivals`` comes first and so says what a turn was about to do: the next loader begins with just
that, however much more waits by then, or a repeat in another log could take the place of a call that some tables have already.

One loader at a time holds the lease (:mod:`~tilth.collector.loading.lease`). Should two ever run, the second commit fails, because it is made against
the version that was read, and its loader begins anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset

from tilth.analysis.people.kinds import Kinds
from tilth.collector import clock
from tilth.collector.calls import Call, Fault, Unreadable
from tilth.collector.loading import arrivals, profiles, rows
from tilth.collector.loading.arrivals import Arrival
from tilth.collector.loading.ids import Id, Ids, key_of, together
from tilth.collector.loading.recent import Recent, of_turn
from tilth.collector.loading.seen import KIND, Seen, digests
from tilth.collector.loading.stream import Load, Row, Stream, aside, places
from tilth.collector.requests import unreadable
from tilth.language import N_
from tilth.warehouse.delta import Delta
from tilth.warehouse.workspace import Workspace

MOST = 16 << 20  # bytes of logs that a turn reads
HORIZON = timedelta(days=7)
FAULTS = ("tilth.live.faults", 1 << 32)  # what is wrong is numbered apart from rows, on from there
RECORDS = ("arrivals", "contacts", "calls", "items")

NOBODY = N_("None of its ids can be used: send an id that is somebody's.")


@dataclass(frozen=True)
class Turn:
    """What a turn did.

    Attributes
    ----------
    requests, calls : int
    events : int
        Rows that came to ``events``.
    repeated : int
        Calls that had come before.
    faults : int
        Items that went into the quarantine.
    """

    requests: int = 0
    calls: int = 0
    events: int = 0
    repeated: int = 0
    faults: int = 0


@dataclass
class _Batch:
    """What a turn has in hand."""

    events: list[Row] = field(default_factory=list)
    people: list[Row] = field(default_factory=list)
    records: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in RECORDS})
    faults: list[tuple[str, int, Fault]] = field(default_factory=list)
    refused: dict[str, Fault] = field(default_factory=dict)  # calls that can be read but not used, by message id


class Loader:
    """Loads what arrives live for one workspace.

    Parameters
    ----------
    workspace : Workspace
    kinds : Kinds, optional
        Its kinds of ids.
    horizon : timedelta
        For how long repeats are recognised.
    """

    def __init__(self, workspace: Workspace, kinds: Kinds | None = None, horizon: timedelta = HORIZON) -> None:
        self._workspace, self._horizon = workspace, horizon
        self._ids = Ids(kinds or Kinds(), key_of(workspace.root))
        self._events, self._people = Stream(workspace, "events"), Stream(workspace, "people")
        self._recent = Recent(workspace.root)
        self._ready = False
        self._seen = Seen()
        self._places: dict[str, int] = {}
        self._begun: dict[str, int] | None = None  # how far the turn went that another loader began and did not end
        self._known: dict[str, int] = {}  # calls that link: when the same ids first came together
        self._parted: set[str] = set()  # ids that were unbound: calls that name them link again, and again
        self._contacts: set[str] = set()

    def turn(self) -> Turn:
        """Take in what waits, and return what was done; nothing waits when it has no requests.

        Raises
        ------
        StoreError
            When a table cannot be written; the turn has not been.
        """
        if not self._ready:
            self._prepare()
        waiting = arrivals.waiting(self._workspace.root, self._places, MOST, self._begun)
        try:
            done = self._taken(waiting) if waiting else Turn()
        except BaseException:
            self._ready = False  # what is in memory may be ahead of the tables
            raise
        self._begun = None
        arrivals.remove(self._workspace.root, self._places)  # also when nothing came: a file may have been finished since
        return done

    def _prepare(self) -> None:
        """Read from the tables how far they are."""
        instances = arrivals.instances(self._workspace.root)
        self._places = places(self._workspace.table("events").open(), instances)
        begun = places(self._workspace.record("arrivals").open(), instances)
        self._begun = begun if any(place > self._places[name] for name, place in begun.items()) else None
        self._seen = Seen(self._arrived())
        self._known, self._parted = {}, set()
        calls = _table(self._workspace.record("calls"))
        for ids, micros in zip(calls["ids"].to_pylist(), calls["time"].cast(pa.int64()).to_pylist(), strict=True):
            self._known[ids] = min(micros, self._known.get(ids, micros))
        for ids in calls.filter(pc.equal(calls["kind"], "unbind"))["ids"].to_pylist():
            self._parted.update(text for _kind, text in json.loads(ids))
        self._contacts = set(_table(self._workspace.record("contacts"))["id"].to_pylist())
        self._events.forget()
        self._people.forget()
        self._ready = True

    def _arrived(self) -> np.ndarray:
        """Return the calls that ``events`` knows of and that are not older than the horizon."""
        found = _table(self._workspace.record("arrivals"), pc.field("time") >= datetime.now(UTC) - self._horizon)
        instances = pc.index_in(found["instance"], value_set=pa.array(list(self._places), pa.string())).to_numpy()
        loaded = np.array([*self._places.values(), 0], np.int64)[instances.astype(np.int64)]
        known = np.empty(found.num_rows, KIND)
        for name in ("high", "low"):
            known[name] = found[name].to_numpy()
        known["time"] = found["time"].cast(pa.int64()).to_numpy()
        return known[found["place"].to_numpy() <= loaded]

    def _taken(self, waiting: list[Arrival]) -> Turn:
        for one in waiting:
            self._places.setdefault(one.instance, 0)
        calls, faults = self._read(waiting)
        came = [(arrival, call.message) for arrival, call in calls] + [(arrival, f"fault\0{fault.raw}") for arrival, fault in faults]
        self._seen.forget(_micros(datetime.now(UTC) - self._horizon))
        signs = digests([message for _arrival, message in came], [arrival.request.received for arrival, _message in came])
        fresh = self._seen.new(signs)
        batch = _Batch()
        for (arrival, _message), sign, new in zip(came, signs, fresh.tolist(), strict=True):
            if new:
                row = {"instance": arrival.instance, "place": arrival.place, "time": arrival.request.time}
                batch.records["arrivals"].append((arrival.instance, arrival.place, row | {"high": int(sign["high"]), "low": int(sign["low"])}))
        for (arrival, call), new in zip(calls, fresh.tolist(), strict=False):
            if new:
                self._take(batch, arrival, call)
        batch.faults += [(a.instance, a.place, fault) for (a, fault), new in zip(faults, fresh[len(calls) :].tolist(), strict=True) if new]
        self._commit(batch, waiting)
        self._recent.keep(of_turn(calls, fresh[: len(calls)].tolist(), faults, batch.refused), self._places)
        return Turn(len(waiting), len(calls), len(batch.events), int((~fresh).sum()), len(batch.faults))

    def _read(self, waiting: list[Arrival]) -> tuple[list[tuple[Arrival, Call]], list[tuple[Arrival, Fault]]]:
        calls: list[tuple[Arrival, Call]] = []
        faults: list[tuple[Arrival, Fault]] = []
        for arrival in waiting:
            try:
                batch = arrival.request.read(self._workspace.tz)
            except Unreadable as error:
                faults.append((arrival, unreadable(arrival.request, error)))
                continue
            calls += [(arrival, call) for _index, call in batch.calls]
            faults += [(arrival, fault) for fault in batch.faults]
        return calls, faults

    def _take(self, batch: _Batch, arrival: Arrival, call: Call) -> None:
        """Put a call that is new where it belongs."""
        where = (arrival.instance, arrival.place)
        ids, _left = self._ids.read(call)
        settled = clock.settled(call.time, call.sent, arrival.request.time)
        if call.kind == "item":
            thing, said = (json.dumps(one, ensure_ascii=False) for one in (call.properties, call.profile))
            batch.records["items"].append((*where, {"message": call.message, "time": settled.time, "thing": thing, "profile": said}))
            return
        if not ids:
            told = {"kind": call.kind, "event": call.event, "ids": call.ids, **call.properties}
            batch.refused[call.message] = Fault(0, "missing", "ids", NOBODY, rows.written(told))
            batch.faults.append((*where, batch.refused[call.message]))
            return
        for one in ids:
            if one.contact is not None and one.text not in self._contacts:
                self._contacts.add(one.text)
                sealed = {"id": one.text, "time": settled.time, "sealed": self._ids.sealed(one.contact)}
                batch.records["contacts"].append((*where, sealed))
        self._tell(batch, where, call, ids, settled.time, arrival)
        if call.kind == "event":
            batch.events.append((*where, rows.event(call, ids[0], settled.time, settled.mark)))
        change = rows.change(call)
        if change:
            batch.people.append((*where, {"person": ids[0].text, "person_kind": ids[0].kind, "time": settled.time, "change": change}))

    def _tell(self, batch: _Batch, where: tuple[str, int], call: Call, ids: list[Id], time: datetime, arrival: Arrival) -> None:
        """Keep a call that says something of who is who which was not known yet."""
        linked = [one for one in ids if self._ids.links(one)]
        if len(linked) < 2 and call.kind != "unbind":
            return
        told, micros = json.dumps(together(linked), ensure_ascii=False), _micros(time)
        if call.kind == "unbind":
            self._parted.update(one.text for one in linked)
        if call.kind == "event" and self._known.get(told, 1 << 62) <= micros and self._parted.isdisjoint(one.text for one in linked):
            return
        self._known[told] = min(micros, self._known.get(told, 1 << 62))
        row = {"message": call.message, "time": time, "received": arrival.request.time, "kind": call.kind, "ids": told}
        batch.records["calls"].append((*where, row))

    def _commit(self, batch: _Batch, waiting: list[Arrival]) -> None:
        ends = dict(self._places)
        for arrival in waiting:
            ends[arrival.instance] = max(ends[arrival.instance], arrival.place)

        def beside(load: Load) -> None:
            aside(self._workspace.record("arrivals"), batch.records["arrivals"])
            aside(self._workspace.record("quarantine"), [(name, place, _aside(load.id, fault)) for name, place, fault in batch.faults], FAULTS)
            for record in RECORDS[1:]:
                aside(self._workspace.record(record), batch.records[record])
            self._people.commit(batch.people, ends, made=lambda changes: profiles.rows(self._workspace, changes))

        self._events.commit(batch.events, ends, after=self._places, faults=len(batch.faults), beside=beside)
        self._places = ends


def _aside(load: str, fault: Fault) -> dict[str, Any]:
    kind = {"missing": "missing", "time": "unreadable", "type": "unreadable", "size": "range", "number": "range", "unknown": "values"}.get(
        fault.reason, "json"
    )
    return {
        "load": load,
        "table": "events",
        "fault": kind,
        "column": None,
        "source": fault.where or None,
        "value": fault.text,
        "line": fault.raw,
    }


def _table(record: Delta, wanted: pc.Expression | None = None) -> pa.Table:
    files = [file.path for file in record.files()[1]]
    return pa.dataset.dataset(files, schema=record.arrow, format="parquet").to_table(filter=wanted) if files else record.arrow.empty_table()


def _micros(time: datetime) -> int:
    return int((time - clock.EPOCH) / timedelta(microseconds=1))
