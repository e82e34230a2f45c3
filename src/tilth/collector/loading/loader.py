"""The loader of one workspace: takes what waits in its logs and commits it to its tables, every call exactly once.

A turn reads what follows the places that ``events`` remembers, leaves out what has come before, writes the files, and then commits table by table,
``events`` last. Each commit sets the places up to which its table now holds everything; a table that is ahead of ``events``, because the loader died
in between, leaves those rows out the next time. So it does not matter where a loader dies, nor whether the next one reads other pieces than it did.

One loader at a time holds the lease (:mod:`~tilth.collector.loading.lease`). Should two ever run, the second commit fails, because it is made against
the version that was read, and its loader begins anew.

The rows of a day are one load, ``…-live``, with a slot of ``seq`` that grows as long as no other load began after it.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset

from tilth.analysis.people.kinds import Kinds
from tilth.collector import clock
from tilth.collector.calls import Call, Fault, Unreadable
from tilth.collector.loading import arrivals, rows
from tilth.collector.loading.arrivals import Arrival
from tilth.collector.loading.ids import Id, Ids, key_of, together
from tilth.collector.loading.seen import KIND, Seen, digests
from tilth.language import N_
from tilth.warehouse import schema
from tilth.warehouse.delta import ATTEMPTS, DataFile, Delta, OvertakenError
from tilth.warehouse.loading.files import MonthFiles
from tilth.warehouse.loading.history import LOAD_MARK, ROWS_MARK, STANDS, UNDONE, LoadRecord
from tilth.warehouse.loading.ingest import SLOT_BITS
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.workspace import Workspace

PLACE_MARK, SLOT_MARK, NEXT_MARK, FAULTS_MARK = "tilth.live:", "tilth.live.slot", "tilth.live.next", "tilth.live.faults"
FIRST_FAULT = 1 << 32  # what is wrong is numbered apart from rows, on from here
SLOTS = "tilth.seq:events"  # the counter of slots, in the record of loads
SOURCE = "live"
MOST = 16 << 20  # bytes of logs that a turn reads
HORIZON = timedelta(days=7)
RETELL = 300.0  # seconds after which the record of a load that still grows is written anew

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
    """What a turn has in hand; each row with the instance and the place it came from."""

    events: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    calls: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    contacts: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    faults: list[tuple[str, int, Fault]] = field(default_factory=list)


@dataclass
class _Load:
    """The load that rows go to."""

    slot: int
    id: str
    began: datetime
    rows: int = 0
    quarantined: int = 0
    properties: dict[str, None] = field(default_factory=dict)
    told: float = 0.0


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
        self._events = workspace.table("events")
        self._ready = False
        self._seen = Seen()
        self._places: dict[str, int] = {}
        self._known: dict[str, int] = {}  # calls that link: when the same ids first came together
        self._contacts: set[str] = set()
        self._load: _Load | None = None

    def turn(self) -> Turn:
        """Take in what waits, and return what was done; nothing waits when it has no requests.

        Raises
        ------
        StoreError
            When a table cannot be written; the turn has not been.
        """
        if not self._ready:
            self._prepare()
        waiting = arrivals.waiting(self._workspace.root, self._places, MOST)
        if not waiting:
            return Turn()
        try:
            done = self._taken(waiting)
        except BaseException:
            self._ready = False  # what is in memory may be ahead of the tables
            raise
        arrivals.remove(self._workspace.root, self._places)
        return done

    def _prepare(self) -> None:
        """Read from the tables how far they are."""
        self._places = _places(self._events, arrivals.instances(self._workspace.root))
        self._seen = Seen(self._arrived())
        self._known = {}
        calls = _table(self._workspace.record("calls"))
        for ids, micros in zip(calls["ids"].to_pylist(), calls["time"].cast(pa.int64()).to_pylist(), strict=True):
            self._known[ids] = min(micros, self._known.get(ids, micros))
        self._contacts = set(_table(self._workspace.record("contacts"))["id"].to_pylist())
        self._load = None
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
        self._seen.forget(_micros(datetime.now(UTC) - self._horizon))
        signs = digests([call.message for _arrival, call in calls], [arrival.request.received for arrival, _call in calls])
        fresh = self._seen.new(signs)
        batch = _Batch(faults=faults)
        for (arrival, call), new in zip(calls, fresh.tolist(), strict=True):
            if new:
                self._take(batch, arrival, call)
        ends = dict(self._places)
        for arrival in waiting:
            ends[arrival.instance] = max(ends[arrival.instance], arrival.place)
        came = [
            (arrival.instance, arrival.place, {"instance": arrival.instance, "place": arrival.place, "time": arrival.request.time, **sign})
            for (arrival, _call), sign in zip(calls, _halves(signs), strict=True)
        ]
        self._commit(batch, [one for one, new in zip(came, fresh.tolist(), strict=True) if new], ends)
        return Turn(len(waiting), len(calls), len(batch.events), int((~fresh).sum()), len(batch.faults))

    def _read(self, waiting: list[Arrival]) -> tuple[list[tuple[Arrival, Call]], list[tuple[str, int, Fault]]]:
        calls: list[tuple[Arrival, Call]] = []
        faults: list[tuple[str, int, Fault]] = []
        for arrival in waiting:
            try:
                batch = arrival.request.read(self._workspace.tz)
            except Unreadable as error:  # it was readable when it came: another version of the house wrote the log
                faults.append((arrival.instance, arrival.place, Fault(0, "json", "", str(error), repr(arrival.request.body[:1000]))))
                continue
            calls += [(arrival, call) for _index, call in batch.calls]
            faults += [(arrival.instance, arrival.place, fault) for fault in batch.faults]
        return calls, faults

    def _take(self, batch: _Batch, arrival: Arrival, call: Call) -> None:
        """Put a call that is new where it belongs."""
        where = (arrival.instance, arrival.place)
        ids, _left = self._ids.read(call)
        settled = clock.settled(call.time, call.sent, arrival.request.time)
        if not ids and call.kind == "event":
            batch.faults.append((*where, Fault(0, "missing", "ids", NOBODY, rows.written({"event": call.event, "ids": call.ids, **call.properties}))))
            return
        for one in ids:
            if one.contact is not None and one.text not in self._contacts:
                self._contacts.add(one.text)
                batch.contacts.append((*where, {"id": one.text, "time": settled.time, "sealed": self._ids.sealed(one.contact)}))
        self._tell(batch, where, call, ids, settled.time, arrival)
        if call.kind == "event":
            batch.events.append((*where, rows.event(call, ids[0], settled.time, settled.mark)))

    def _tell(self, batch: _Batch, where: tuple[str, int], call: Call, ids: list[Id], time: datetime, arrival: Arrival) -> None:
        """Keep a call that says something of who is who which was not known yet."""
        linked = [one for one in ids if self._ids.links(one)]
        if len(linked) < 2 and call.kind != "unbind":
            return
        told, micros = json.dumps(together(linked), ensure_ascii=False), _micros(time)
        if call.kind == "event" and self._known.get(told, 1 << 62) <= micros:
            return
        self._known[told] = min(micros, self._known.get(told, 1 << 62))
        row = {"message": call.message, "time": time, "received": arrival.request.time, "kind": call.kind, "ids": told}
        batch.calls.append((*where, row))

    def _commit(self, batch: _Batch, came: list[tuple[str, int, dict[str, Any]]], ends: dict[str, int]) -> None:
        for _attempt in range(ATTEMPTS):
            handle = self._events.made()
            if any((handle.transaction_version(PLACE_MARK + instance) or 0) != place for instance, place in self._places.items()):
                raise OvertakenError(self._events.name)  # another loader was at work
            files: list[DataFile] = []
            try:
                load = self._load = self._going_on(handle)
                if load is None:
                    self._begin(handle)
                    continue
                files = self._files(load, batch.events)
                self._tell_of(load, batch)
                for name, given in (("contacts", batch.contacts), ("calls", batch.calls), ("arrivals", came)):
                    self._beside(name, given)
                marks = {PLACE_MARK + instance: place for instance, place in ends.items()}
                self._events.commit(handle, files, {**_marks(handle, load, load.rows + len(batch.events)), **marks}, {"tilth.load": load.id})
            except OvertakenError:  # a load from a file came first
                for file in files:
                    (self._events.path / file.path).unlink(missing_ok=True)
                continue
            load.rows += len(batch.events)
            load.quarantined += len(batch.faults)
            self._places = ends
            return
        raise OvertakenError(self._events.name)

    def _going_on(self, handle: Any) -> _Load | None:
        """Return the load that rows go to: the one at hand, while it is of today, stands, and no other took a slot after it."""
        load = self._load or self._left(handle)
        zone = ZoneInfo(self._workspace.tz)
        if load is None or handle.transaction_version(LOAD_MARK + load.id) == UNDONE:
            return None
        if load.slot == self._workspace.record("loads").mark(SLOTS) and load.began.astimezone(zone).date() == datetime.now(zone).date():
            return load
        self._write(load)
        return None

    def _begin(self, handle: Any) -> None:
        """Begin another load; it stands before anything is told of it, so that what goes into the quarantine is never of a load that is none."""
        began = datetime.now(UTC)
        slot = self._workspace.record("loads").reserve(SLOTS)
        load = _Load(slot, f"{began:%Y%m%dT%H%M%S}-live{slot}", began)
        self._write(load)
        self._events.commit(handle, [], _marks(handle, load, 0))
        self._load = load

    def _left(self, handle: Any) -> _Load | None:
        """Return the load that the loader before this one left."""
        slot = handle.transaction_version(SLOT_MARK)
        found = [record for record in self._workspace.history.all() if slot and record.load.endswith(f"-live{slot}")]
        if not found:
            return None
        record = found[-1]
        load = _Load(slot, record.load, record.time, handle.transaction_version(NEXT_MARK) or 0, record.quarantined)
        load.properties = dict.fromkeys(json.loads(record.properties))
        return load

    def _files(self, load: _Load, events: list[tuple[str, int, dict[str, Any]]]) -> list[DataFile]:
        if not events:
            return []
        arrow = schema.TABLES["events"].arrow
        numbers = np.arange(load.rows + 1, load.rows + 1 + len(events))
        given = [{**row, "properties": rows.written(row["properties"])} for _instance, _place, row in events]
        columns = {f.name: pa.array([row.get(f.name) for row in given], f.type) for f in arrow if f.name not in ("month", "seq", "load", "row")}
        same = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(events), np.int32)), pa.array([load.id]))
        table = pa.table({"seq": pa.array((np.int64(load.slot) << SLOT_BITS) + numbers), **columns, "load": same, "row": pa.array(numbers)})
        files = MonthFiles(self._events.path, f"{load.id}-{uuid.uuid4().hex[:8]}", 0, arrow, self._workspace.tz)
        files.write(table)
        return files.close()

    def _tell_of(self, load: _Load, batch: _Batch) -> None:
        """Write what the house has to know of the load before the commit: what is wrong with rows, and what is new about it."""
        new = rows.names(row for _instance, _place, row in batch.events).keys() - load.properties.keys()
        load.properties.update(dict.fromkeys(sorted(new)))
        self._beside("quarantine", [(instance, place, _aside(load.id, fault)) for instance, place, fault in batch.faults])
        if new or not load.told or batch.faults or time.monotonic() - load.told > RETELL:
            self._write(load, len(batch.events), len(batch.faults))

    def _write(self, load: _Load, events: int = 0, faults: int = 0) -> None:
        load.told = time.monotonic()
        self._workspace.history.write(
            LoadRecord(
                load=load.id,
                table="events",
                source=SOURCE,
                digest=None,
                bytes=None,
                time=load.began,
                seconds=(datetime.now(UTC) - load.began).total_seconds(),
                who=None,
                rows=load.rows + events + load.quarantined + faults,
                accepted=load.rows + events,
                quarantined=load.quarantined + faults,
                skipped=0,
                mapping=MAPPING.to_json(),
                columns=json.dumps([], ensure_ascii=False),
                properties=json.dumps(list(load.properties), ensure_ascii=False),
            )
        )

    def _beside(self, name: str, given: list[tuple[str, int, dict[str, Any]]]) -> None:
        """Add rows to a record, without those that it holds already because a loader died after this act."""
        record = self._workspace.record(name)
        for _attempt in range(ATTEMPTS if given else 0):
            handle = record.made()
            held = {instance: handle.transaction_version(PLACE_MARK + instance) or 0 for instance, _place, _row in given}
            new = [row for instance, place, row in given if place > held[instance]]
            if not new:
                return
            marks = {PLACE_MARK + instance: max(place for other, place, _row in given if other == instance) for instance in held}
            if name == "quarantine":
                marks[FAULTS_MARK] = (handle.transaction_version(FAULTS_MARK) or FIRST_FAULT) + len(new)
                new = [{**row, "row": marks[FAULTS_MARK] - len(new) + n} for n, row in enumerate(new)]
            marks = {mark: max(place, handle.transaction_version(mark) or 0) for mark, place in marks.items()}
            try:
                record.commit(handle, [record.written(pa.Table.from_pylist(new, schema=record.arrow))], marks)
            except OvertakenError:
                continue
            return
        if given:
            raise OvertakenError(name)


MAPPING = Mapping("events", {"person": Field("person"), "time": Field("time", "iso"), "event": Field("event")})


def _marks(handle: Any, load: _Load, rows: int) -> dict[str, int]:
    """Return the marks that a commit to ``events`` sets besides places."""
    return {LOAD_MARK + load.id: STANDS, ROWS_MARK: (handle.transaction_version(ROWS_MARK) or 0) + 1, SLOT_MARK: load.slot, NEXT_MARK: rows}


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


def _places(table: Delta, instances: Iterable[str]) -> dict[str, int]:
    handle = table.open()
    return {instance: 0 if handle is None else handle.transaction_version(PLACE_MARK + instance) or 0 for instance in instances}


def _table(record: Delta, wanted: pc.Expression | None = None) -> pa.Table:
    files = [file.path for file in record.files()[1]]
    return pa.dataset.dataset(files, schema=record.arrow, format="parquet").to_table(filter=wanted) if files else record.arrow.empty_table()


def _halves(signs: np.ndarray) -> list[dict[str, int]]:
    return [{"high": int(one["high"]), "low": int(one["low"])} for one in signs]


def _micros(time: datetime) -> int:
    return int((time - clock.EPOCH) / timedelta(microseconds=1))
