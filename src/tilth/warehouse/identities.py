"""Which ids belong to one person: what loads declared (table ``identities``) together with what live calls told (record ``calls``).

Calls are resolved by the rules of :mod:`tilth.analysis.people`; rows of events are never rewritten. What comes out are links of an id to the person's
own id, which is the highest-ranking one that they hold now. An id that was somebody else's before has *ended* links, too: rows of that time are
theirs, by :func:`applied`.

One number, its version, stands for both sources; without live calls it is the version of ``identities``.
"""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset
import pyarrow.parquet as pq

from tilth.warehouse import scan, schema
from tilth.warehouse.delta import StoreError

if TYPE_CHECKING:
    from tilth.analysis.people.people import People
    from tilth.warehouse.workspace import Workspace

FORMAT = 1
_SHIFT = 32
_COLUMNS = ("person", "time", "until", "kind", "value")
_ARROW = pa.schema([field for field in schema.TABLES["identities"].arrow if field.name in _COLUMNS])


def version(workspace: Workspace, at: datetime | None = None) -> int:
    """Return the version of who is who, now or as it stood at a time; -1 while nothing is known."""
    declared, told = workspace.table("identities"), workspace.record("calls")
    if at is not None:
        return _joined(declared.standing(at), told.standing(at))
    return _joined(workspace.table_version("identities"), told.files()[0])


def _joined(declared: int, told: int) -> int:
    return declared + ((told + 1) << _SHIFT)


def _apart(joined: int) -> tuple[int, int]:
    """Return the versions of the table and of the record.

    >>> [_apart(_joined(*pair)) for pair in ((-1, -1), (7, -1), (-1, 0), (7, 41))]
    [(-1, -1), (7, -1), (-1, 0), (7, 41)]
    """
    told = (joined + 1) >> _SHIFT
    return joined - (told << _SHIFT), told - 1


def view(connection: Any, workspace: Workspace, at: int, name: str = "identities") -> None:
    """Make a view of all links of a version: person, time, until, kind, value."""
    declared, _told = _apart(at)
    rows = scan.rows(connection, workspace.table("identities"), None if declared < 0 else declared)
    if declared < 0:
        rows = scan.none(workspace.table("identities").arrow)
    live = links(workspace, at)
    connection.register(f"{name}_live", live)
    columns = ", ".join(_COLUMNS)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {columns} FROM {rows} UNION ALL SELECT {columns} FROM {name}_live")


def applied(connection: Any, workspace: Workspace, at: int, rows: str) -> str:
    """Return SQL for `rows` (with person and time) in which those of ended links are given to whom they belonged then."""
    ended = past(workspace, at)
    if not ended.num_rows:
        return rows
    name = f"past_{uuid.uuid4().hex[:8]}"
    connection.register(name, ended)
    return f"""(
        SELECT given.* REPLACE (coalesce(past.person, given.person) AS person)
        FROM {rows} AS given LEFT JOIN {name} AS past
        ON past.value = given.person AND (past.since IS NULL OR given.time >= past.since) AND given.time < past.until
    )"""


def past(workspace: Workspace, at: int) -> pa.Table:
    """Return the ended links of live calls: value, person, since (null: from the beginning), until."""
    found = links(workspace, at)
    ended = found.filter(pc.is_valid(found["until"]))
    if not ended.num_rows:
        return pa.table(
            {
                name: pa.array([], kind)
                for name, kind in (("value", schema.TEXT), ("person", schema.TEXT), ("since", schema.TIME), ("until", schema.TIME))
            }
        )
    ended = ended.sort_by([("value", "ascending"), ("time", "ascending")])
    values = ended["value"].to_pylist()
    first = pa.array([number == 0 or values[number - 1] != value for number, value in enumerate(values)])
    since = pc.if_else(first, pa.scalar(None, schema.TIME), ended["time"])
    return pa.table({"value": ended["value"], "person": ended["person"], "since": since, "until": ended["until"]})


def links(workspace: Workspace, at: int) -> pa.Table:
    """Return the links that live calls told of, as of a version; kept beside the facts, for resolving takes a while."""
    told = _apart(at)[1]
    if told < 0:
        return _ARROW.empty_table()
    file = workspace.root / "cache" / "identities" / f"{told}.{FORMAT}.parquet"
    try:
        return pq.read_table(file)
    except FileNotFoundError:
        found = _resolved(workspace, told)
    aside = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(found, aside)
        aside.replace(file)
        for other in file.parent.glob("*.parquet"):
            if other.stat().st_mtime < file.stat().st_mtime - 600:
                other.unlink(missing_ok=True)
    except OSError:  # then it is resolved again the next time
        aside.unlink(missing_ok=True)
    return found


def _resolved(workspace: Workspace, told: int) -> pa.Table:
    from tilth.analysis.people.calls import Call
    from tilth.analysis.people.identity import resolve
    from tilth.analysis.people.kinds import Kinds

    record = workspace.record("calls")
    version_, files = record.files(told)
    if version_ != told:
        raise StoreError("calls", record.path, FileNotFoundError(told))
    rows = (
        pyarrow.dataset.dataset([file.path for file in files], schema=record.arrow, format="parquet").to_table()
        if files
        else record.arrow.empty_table()
    )
    times = rows["time"].cast(pa.int64()).to_pylist()
    calls = [
        Call(time, message, tuple((kind, value) for kind, value in json.loads(ids)), kind_of)
        for time, message, ids, kind_of in zip(times, rows["message"].to_pylist(), rows["ids"].to_pylist(), rows["kind"].to_pylist(), strict=True)
    ]
    usual = Kinds()
    as_they_stand = replace(usual, kinds=tuple(replace(kind, form="text") for kind in usual.kinds), blocked=frozenset())
    return _as_links(resolve(calls, as_they_stand), as_they_stand)


def _as_links(people: People, kinds: Any) -> pa.Table:
    """Return what was resolved as links to the ids that stand for people."""
    known = np.flatnonzero(people.links["superseded"] == np.iinfo(np.int32).max)
    lead = people.leading()
    rows = []
    for row in known.tolist():
        one, until = people.calls.id(int(people.links["id"][row])), int(people.links["until"][row])
        person = int(lead[people.links["person"][row]])
        rows.append((person, kinds.rank(one[0]), int(people.links["since"][row]), one, None if until < 0 else int(people.calls.times[until])))
    own: dict[int, str] = {}
    for person, _rank, _since, one, until_ in sorted(rows, key=lambda row: (row[0], row[1], row[2], row[3])):
        if until_ is None:
            own.setdefault(person, one[1])
    found = [
        {
            "person": own.get(person) or f"person:{people.calls.messages[int(people.founded[person])]}",
            "time": int(people.calls.times[since]),
            "until": until_,
            "kind": one[0],
            "value": one[1],
        }
        for person, _rank, since, one, until_ in rows
    ]
    return pa.table({field.name: pa.array([row[field.name] for row in found], _told_as(field.type)).cast(field.type) for field in _ARROW}).cast(
        _ARROW
    )


def _told_as(kind: pa.DataType) -> pa.DataType:
    return pa.int64() if kind == schema.TIME else kind
