"""Segments whose members are kept: who is in, since when, and who was.

Rows of the table ``memberships`` are never changed. Who enters has a row with the time; who leaves a second one with the same person, kind, name
and time, and the ``until`` that now holds: of rows that share these the latest by ``seq`` counts. So the past stays as it was, any moment can be
asked for, and one commit takes in as many people as there are.

A change is decided on the very version of the table that it is committed against, together with the mark of its key: nobody is ever in twice, and the
same key does nothing the second time, however many processes try.
"""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tilth.engine.conditions import literal
from tilth.engine.people import PersonSet
from tilth.engine.sources import connect
from tilth.errors import InputError
from tilth.language import _
from tilth.warehouse import scan, schema
from tilth.warehouse.delta import ATTEMPTS, DataFile, OvertakenError, pause
from tilth.warehouse.loading.files import MonthFiles
from tilth.warehouse.loading.history import ROWS_MARK
from tilth.warehouse.loading.ingest import SLOT_BITS
from tilth.warehouse.loading.load import alive

if TYPE_CHECKING:
    import pandas as pd

    from tilth.warehouse.workspace import Workspace

Ids = PersonSet | Iterable[Any]
KIND = "segment"
CHANGE_MARK = "tilth.change:"
NOBODY = "SELECT NULL::VARCHAR AS person, NULL::TIMESTAMPTZ AS time WHERE false"


@dataclass(frozen=True)
class Change:
    """What a change of a segment did.

    Attributes
    ----------
    name : str
        The segment.
    entered, left : int
        How many people.
    version : int
        The table's version after it.
    already : bool
        Whether its key had been used before, so that nothing was done.
    """

    name: str
    entered: int
    left: int
    version: int
    already: bool = False


def enter(workspace: Workspace, name: str, people: Ids, at: datetime | None = None, *, key: str) -> Change:
    """Let people into a segment; those who are in stay as they are.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    name : str
        The segment; it is there once somebody has entered.
    people : PersonSet or ids
        Who; ids are kept as they are given.
    at : datetime, optional
        When; now by default. Nobody enters before they last left.
    key : str
        What makes this change the only one of its kind: the same key does nothing the second time.

    Raises
    ------
    InputError
        When the name or the key is empty.
    """
    return _change(workspace, name, at, key, people, entries="FROM given ANTI JOIN inside USING (person)")


def leave(workspace: Workspace, name: str, people: Ids, at: datetime | None = None, *, key: str) -> Change:
    """Let people out of a segment; those who are not in stay out. The arguments are those of :func:`enter`."""
    return _change(workspace, name, at, key, people, exits="FROM inside SEMI JOIN given USING (person)")


def replace(workspace: Workspace, name: str, people: Ids, at: datetime | None = None, *, key: str) -> Change:
    """Make these people the only members, in one commit of entries and exits. The arguments are those of :func:`enter`."""
    entries, exits = "FROM given ANTI JOIN inside USING (person)", "FROM inside ANTI JOIN given USING (person)"
    return _change(workspace, name, at, key, people, entries=entries, exits=exits)


def delete(workspace: Workspace, name: str, at: datetime | None = None, *, key: str) -> Change:
    """End all memberships of a segment; who was in it can still be asked. The arguments are those of :func:`enter`."""
    return _change(workspace, name, at, key, (), exits="FROM inside")


def members(workspace: Workspace, name: str, at: datetime | None = None) -> PersonSet:
    """Return who is in a segment now, or was at a moment; nobody for a name that there never was."""
    connection = connect(workspace.tz)
    rows = f"SELECT DISTINCT person FROM {spans_sql(connection, workspace)} WHERE kind = {literal(KIND)} AND name = {literal(name)} AND {holds(at)}"
    return PersonSet.of(connection.sql(f"{rows} ORDER BY person").to_arrow_table()["person"])


def sizes(workspace: Workspace) -> pd.DataFrame:
    """Return one row a segment: name, members (now), ever (who was in it at any time), first (entry), changed (last entry or exit)."""
    connection = connect(workspace.tz)
    return connection.sql(f"""
        SELECT name, count(DISTINCT person) FILTER ({holds()}) AS members, count(DISTINCT person) AS ever, min(time) AS first,
            greatest(max(time), max(until)) AS changed
        FROM {spans_sql(connection, workspace)} WHERE kind = {literal(KIND)} GROUP BY name ORDER BY name
    """).df()


def spans(workspace: Workspace, name: str | None = None, people: Ids | None = None) -> pd.DataFrame:
    """Return who was in which segment from when to when (NaT while they are in), of all or one, of everybody or some, by time."""
    connection = connect(workspace.tz)
    _given(connection, () if people is None else people)
    return connection.sql(f"""
        SELECT name, person, time, until FROM {spans_sql(connection, workspace)}
        WHERE kind = {literal(KIND)} AND {"true" if name is None else f"name = {literal(name)}"}
            AND {"true" if people is None else "person IN (FROM given)"}
        ORDER BY time, name, person
    """).df()


def spans_sql(connection: Any, workspace: Workspace, version: int | None = None) -> str:
    """Return SQL for all memberships (person, kind, name, value, time, until), each once as it stands, for a ``FROM``."""
    rows = scan.rows(connection, workspace.table("memberships"), version)
    return f"""(
        SELECT person, kind, name, state.value AS value, time, state.until AS until
        FROM (SELECT person, kind, name, time, max_by({{'value': value, 'until': until}}, seq) AS state FROM {rows} GROUP BY ALL)
    )"""


def holds(at: datetime | None = None) -> str:
    """Return SQL that is true of the memberships that hold now, or held at a moment."""
    moment = literal(at or datetime.now(UTC))
    return f"(time <= {moment} AND (until IS NULL OR until > {moment}))"


def _change(workspace: Workspace, name: str, at: datetime | None, key: str, people: Ids, *, entries: str = NOBODY, exits: str = NOBODY) -> Change:
    if not name.strip() or not key:
        raise InputError(_("A segment needs a name, and a change of it a key."))
    moment = at or datetime.now(UTC)
    table, mark = workspace.table("memberships"), CHANGE_MARK + key
    load = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
    with alive(workspace.root, load):
        for attempt in range(ATTEMPTS):
            handle = table.made()
            if handle.transaction_version(mark):
                return Change(name, 0, 0, int(handle.version()), already=True)
            rows = _rows(workspace, handle.version(), name, moment, people, entries, exits)
            files = _written(workspace, load, attempt, name, rows)
            try:
                marks = {mark: 1, ROWS_MARK: (handle.transaction_version(ROWS_MARK) or 0) + 1}
                version = table.commit(handle, files, marks, {"tilth.segment": name})
            except BaseException as fault:
                if not isinstance(fault, OvertakenError) and table.mark(mark):
                    raise  # it was committed after all
                for file in files:
                    (table.path / file.path).unlink(missing_ok=True)
                if not isinstance(fault, OvertakenError):
                    raise
                pause(attempt)
            else:
                left = rows.filter(pc.is_valid(rows["until"]))
                return Change(name, rows.num_rows - left.num_rows, pc.count_distinct(left["person"]).as_py(), version)
    raise OvertakenError(table.name)


def _rows(workspace: Workspace, version: int, name: str, moment: datetime, people: Ids, entries: str, exits: str) -> pa.Table:
    """Return the rows that make the change, decided on a version of the table."""
    connection = connect(workspace.tz)
    _given(connection, people)
    connection.execute(f"""
        CREATE TEMP TABLE span AS
        SELECT person, time, until FROM {spans_sql(connection, workspace, version)} WHERE kind = {literal(KIND)} AND name = {literal(name)}
    """)
    connection.execute("CREATE TEMP VIEW inside AS SELECT person, time FROM span WHERE until IS NULL")
    now = literal(moment)
    found: pa.Table = connection.sql(f"""
        SELECT person, greatest({now}, max(until)) AS time, NULL::TIMESTAMPTZ AS until
        FROM (SELECT person FROM ({entries})) LEFT JOIN span USING (person) GROUP BY person
        UNION ALL
        SELECT person, time, greatest({now}, time) FROM ({exits})
        ORDER BY person, until
    """).to_arrow_table()
    return found


def _written(workspace: Workspace, load: str, attempt: int, name: str, rows: pa.Table) -> list[DataFile]:
    """Write the rows to files of their months that nobody sees yet."""
    if not rows.num_rows:
        return []
    table = schema.TABLES["memberships"]
    slot = workspace.record("loads").reserve(f"tilth.seq:{table.name}")  # after the version was read, so that it is above all in it
    number = np.arange(1, rows.num_rows + 1, dtype=np.int64)
    stored = pa.table(
        {
            "seq": pa.array((np.int64(slot) << SLOT_BITS) + number),
            "person": rows["person"],
            "time": rows["time"],
            "until": rows["until"],
            "kind": pa.repeat(pa.scalar(KIND), rows.num_rows),
            "name": pa.repeat(pa.scalar(name), rows.num_rows),
            "value": pa.nulls(rows.num_rows, pa.string()),
            "properties": pa.nulls(rows.num_rows, pa.string()),
            "load": pa.repeat(pa.scalar(load), rows.num_rows),
            "row": pa.array(number),
        }
    )
    files = MonthFiles(workspace.table(table.name).path, load, attempt, table.arrow, workspace.tz)
    try:
        files.write(stored)
        return files.close()
    except BaseException:
        files.discard()
        raise


def _given(connection: Any, people: Ids) -> None:
    ids = people.ids if isinstance(people, PersonSet) else pa.array([str(one) for one in people], pa.string())
    connection.register("given_ids", pa.table({"person": ids.cast(pa.string())}))
    connection.execute("CREATE TEMP VIEW given AS SELECT DISTINCT person FROM given_ids WHERE person IS NOT NULL")
