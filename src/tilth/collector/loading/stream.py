"""A table of facts that live rows go to: which load they belong to, their numbers, and the commit that makes them count.

The rows of a day are one load, ``…-live…``. Its slot of ``seq`` grows as long as no other load of the table took one after it; then another begins,
so that ``seq`` goes on growing with the order of commits. A load stands before anything is told of it.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from tilth.collector.loading import rows
from tilth.warehouse import schema
from tilth.warehouse.delta import ATTEMPTS, DataFile, Delta, OvertakenError
from tilth.warehouse.loading import mapping
from tilth.warehouse.loading.files import MonthFiles
from tilth.warehouse.loading.history import LOAD_MARK, ROWS_MARK, STANDS, UNDONE, LoadRecord
from tilth.warehouse.loading.ingest import SLOT_BITS
from tilth.warehouse.workspace import Workspace

PLACE_MARK, SLOT_MARK, NEXT_MARK, ASIDE_MARK = "tilth.live:", "tilth.live.slot", "tilth.live.next", "tilth.live.aside"
SOURCE = "live"
RETELL = 300.0  # seconds after which the record of a load that grows is written anew

Row = tuple[str, int, dict[str, Any]]
"""A row with the instance and the place in its log that it comes from."""


@dataclass
class Load:
    """The load that rows go to.

    Attributes
    ----------
    slot : int
    id : str
    began : datetime
    rows, quarantined : int
        How many it has so far.
    properties : dict
        Names of the properties that it brought.
    told : float
        When its record was written, by the monotonic clock; 0 for not by this process.
    """

    slot: int
    id: str
    began: datetime
    rows: int = 0
    quarantined: int = 0
    properties: dict[str, None] = field(default_factory=dict)
    told: float = 0.0


class Stream:
    """Live rows of one table.

    Parameters
    ----------
    workspace : Workspace
    table : str
    """

    def __init__(self, workspace: Workspace, table: str) -> None:
        self._workspace, self._name = workspace, table
        self._table = workspace.table(table)
        self._slots = f"tilth.seq:{table}"
        self._load: Load | None = None

    def forget(self) -> None:
        """Forget what this process knows; the tables know it better."""
        self._load = None

    def commit(
        self,
        given: list[Row],
        ends: Mapping[str, int],
        *,
        after: Mapping[str, int] | None = None,
        faults: int = 0,
        made: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = list,
        beside: Callable[[Load], None] = lambda load: None,
    ) -> None:
        """Add rows, and let the table remember the places `ends` up to which it has everything.

        Parameters
        ----------
        given : list of Row
        ends : dict
            Places by instance.
        after : dict, optional
            The places that the table has to remember now. Without it rows that it has already are left out, and nothing is done if none are left.
        faults : int
            Items that this turn put aside.
        made : callable, optional
            Makes rows of what is given that is new; by default it is rows already.
        beside : callable, optional
            What has to be done before the rows count, and may be done more than once.

        Raises
        ------
        OvertakenError
            When another loader was at work.
        """
        for _attempt in range(ATTEMPTS):
            handle = self._table.made()
            held = places(handle, ends)
            if after is not None and any(held.get(instance) != place for instance, place in after.items()):
                raise OvertakenError(self._name)
            new = [row for instance, place, row in given if place > held[instance]]
            if after is None and not new:
                return
            new = made(new)
            files: list[DataFile] = []
            try:
                load = self._load = self._going_on(handle)
                if load is None:
                    self._begin(handle)
                    continue
                files = self._files(load, new)
                self._tell(load, new, faults)
                beside(load)
                marks = {PLACE_MARK + instance: max(place, held[instance]) for instance, place in ends.items()}
                self._table.commit(
                    handle, files, {**_marks(handle, load, load.rows + len(new), load.quarantined + faults), **marks}, {"tilth.load": load.id}
                )
            except OvertakenError:  # a load from a file came first
                for file in files:
                    (self._table.path / file.path).unlink(missing_ok=True)
                continue
            load.rows += len(new)
            load.quarantined += faults
            return
        raise OvertakenError(self._name)

    def _going_on(self, handle: Any) -> Load | None:
        """Return the load that rows go to: the one at hand, while it is of today, stands, and no other took a slot after it."""
        load = self._load or self._left(handle)
        zone = ZoneInfo(self._workspace.tz)
        if load is None or handle.transaction_version(LOAD_MARK + load.id) == UNDONE:
            return None
        if load.slot == self._workspace.record("loads").mark(self._slots) and load.began.astimezone(zone).date() == datetime.now(zone).date():
            return load
        self._write(load)
        return None

    def _begin(self, handle: Any) -> None:
        began = datetime.now(UTC)
        slot = self._workspace.record("loads").reserve(self._slots)
        load = Load(slot, f"{began:%Y%m%dT%H%M%S}-{self._name}-live{slot}", began)  # the tables count slots each by themselves
        self._write(load)
        self._table.commit(handle, [], _marks(handle, load))
        self._load = load

    def _left(self, handle: Any) -> Load | None:
        """Return the load that the loader before this one left."""
        slot = handle.transaction_version(SLOT_MARK)
        found = [one for one in self._workspace.history.all() if slot and one.table == self._name and one.load.endswith(f"-live{slot}")]
        if not found:
            return None
        record = found[-1]
        count, faults = (int(handle.transaction_version(mark) or 0) for mark in (NEXT_MARK, ASIDE_MARK))
        load = Load(slot, record.load, record.time, count, faults)
        load.properties = dict.fromkeys(json.loads(record.properties))
        return load

    def _files(self, load: Load, new: list[dict[str, Any]]) -> list[DataFile]:
        if not new:
            return []
        arrow = schema.TABLES[self._name].arrow
        numbers = np.arange(load.rows + 1, load.rows + 1 + len(new))
        given = [{**row, "properties": rows.written(row["properties"])} for row in new]
        columns = {f.name: pa.array([row.get(f.name) for row in given], f.type) for f in arrow if f.name not in ("month", "seq", "load", "row")}
        same = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(new), np.int32)), pa.array([load.id]))
        table = pa.table({"seq": pa.array((np.int64(load.slot) << SLOT_BITS) + numbers), **columns, "load": same, "row": pa.array(numbers)})
        files = MonthFiles(self._table.path, f"{load.id}-{uuid.uuid4().hex[:8]}", 0, arrow, self._workspace.tz)
        files.write(table)
        return files.close()

    def _tell(self, load: Load, new: list[dict[str, Any]], faults: int) -> None:
        """Write the load's record before the commit, when something about it is new or it has not been written for a while."""
        names = rows.names(new).keys() - load.properties.keys()
        load.properties.update(dict.fromkeys(sorted(names)))
        if names or not load.told or (faults and not load.quarantined) or time.monotonic() - load.told > RETELL:
            self._write(load, len(new), faults)

    def _write(self, load: Load, new: int = 0, faults: int = 0) -> None:
        load.told = time.monotonic()
        self._workspace.history.write(
            LoadRecord(
                load=load.id,
                table=self._name,
                source=SOURCE,
                digest=None,
                bytes=None,
                time=load.began,
                seconds=(datetime.now(UTC) - load.began).total_seconds(),
                who=None,
                rows=load.rows + new + load.quarantined + faults,
                accepted=load.rows + new,
                quarantined=load.quarantined + faults,
                skipped=0,
                mapping=_mapping(self._name).to_json(),
                columns="[]",
                properties=json.dumps(list(load.properties), ensure_ascii=False),
            )
        )


def places(handle: Any, instances: Iterable[str]) -> dict[str, int]:
    """Return the places in the logs of instances up to which a table has everything; `handle` is None for one that was never written."""
    return {instance: 0 if handle is None else int(handle.transaction_version(PLACE_MARK + instance) or 0) for instance in instances}


def aside(record: Delta, given: list[Row], numbered: tuple[str, int] | None = None) -> None:
    """Add rows to a record, without those that it holds already because a loader died after this act.

    `numbered`: they get a ``row`` by a counter of the record with this name, which begins there.
    """
    for _attempt in range(ATTEMPTS if given else 0):
        handle = record.made()
        held = places(handle, {instance for instance, _place, _row in given})
        new = [row for instance, place, row in given if place > held[instance]]
        if not new:
            return
        marks = {PLACE_MARK + instance: max(place, *(other for name, other, _row in given if name == instance)) for instance, place in held.items()}
        if numbered is not None:
            name, first = numbered
            begin = handle.transaction_version(name) or first
            new = [{**row, "row": begin + number} for number, row in enumerate(new)]
            marks[name] = begin + len(new)
        try:
            record.commit(handle, [record.written(pa.Table.from_pylist(new, schema=record.arrow))], marks)
        except OvertakenError:
            continue
        return
    if given:
        raise OvertakenError(record.name)


def _marks(handle: Any, load: Load, count: int = 0, faults: int = 0) -> dict[str, int]:
    """Return the marks that a commit sets besides places."""
    changes = (handle.transaction_version(ROWS_MARK) or 0) + 1
    return {LOAD_MARK + load.id: STANDS, ROWS_MARK: changes, SLOT_MARK: load.slot, NEXT_MARK: count, ASIDE_MARK: faults}


def _mapping(table: str) -> mapping.Mapping:
    fields = {
        column.name: mapping.Field(column.name, "iso" if column.name == "time" else "text")
        for column in schema.TABLES[table].columns
        if column.required
    }
    return mapping.Mapping(table, fields)
