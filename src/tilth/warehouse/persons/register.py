"""The register of people: one row a person with the latest profile and figures over all that is known of them, kept beside the facts.

Who a row of events or orders belongs to is what :mod:`tilth.warehouse.identities` says of its id: a link counts while its ``until`` is empty, links
are followed to their end, and an id that is linked to several people (a shared device) stands for itself. An order counts when its lines sum above 0,
as in RFM.

The register is derived and can be thrown away at any time: it lies under ``cache/people`` in a folder named after the versions of the tables that it
was made from, is written aside and put in place whole, and older ones that nobody reads are removed when a new one is made.
"""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

import errno
import os
import shutil
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tilth.engine.conditions import literal, quoted
from tilth.engine.people import PersonSet
from tilth.engine.sources import connect
from tilth.warehouse import identities, scan, schema

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace

SOURCES = ("events", "orders", "people", "identities")
PROFILE = tuple(column.name for column in schema.TABLES["people"].columns if column.name not in ("person", "time"))
FIGURES = ("first_seen", "last_seen", "events", "orders", "first_order", "last_order", "spent")
LAST_DAY = "last_day"
FORMAT = 2  # of a register's folder
LONGEST_QUESTION = 600  # seconds: so long somebody may go on reading a register that has become obsolete
_FOLLOWED = 32  # links in a row


@dataclass(frozen=True)
class Register:
    """A connection with the register as views.

    Attributes
    ----------
    connection : duckdb.DuckDBPyConnection
        With ``person`` (person, registered, the profile's columns, properties, known, the figures) and ``link`` (value, person, shared).
    last_day : date or None
        The last day on which anybody did or bought anything, in the workspace's time zone.
    """

    connection: Any
    last_day: date | None

    def given(self, people: PersonSet | Iterable[Any], name: str = "given") -> None:
        """Make a view of one column, ``person``, with the people whom ids from anywhere stand for."""
        ids = people.ids if isinstance(people, PersonSet) else pa.array([str(one) for one in people], pa.string())
        self.connection.register(f"{name}_ids", pa.table({"id": ids.cast(pa.string())}))
        self.connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT DISTINCT coalesce(link.person, id) AS person "
            f"FROM {name}_ids LEFT JOIN link ON value = id AND NOT shared"
        )


def opened(workspace: Workspace) -> Register:
    """Return the register of the tables as they are now, made first when they have changed."""
    while True:
        handles = {name: workspace.table(name).now() for name in SOURCES}
        versions = {name: -1 if handle is None else handle.version() for name, handle in handles.items()}
        versions["identities"] = identities.version(workspace)
        folder = workspace.root / "cache" / "people" / f"{'-'.join(map(str, versions.values()))}.{schema.VERSION}.{FORMAT}"
        try:
            if not folder.exists():
                _make(workspace, versions, folder)
            return _read(workspace, folder)
        except FileNotFoundError:  # somebody has just made a newer one and removed this
            continue
        except (OSError, duckdb.IOException) as fault:
            if not is_full(fault):
                raise
            return _held(workspace, versions)


def is_full(fault: BaseException) -> bool:
    """Whether nothing can be written any more: the disk is full, or read only."""
    return getattr(fault, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EROFS) or "No space left" in str(fault)


def _held(workspace: Workspace, versions: dict[str, int]) -> Register:
    """Return a register in memory, made for this question alone: people can still be read when there is no room to keep it."""
    connection = _gathered(workspace, versions)
    connection.execute(f"CREATE TEMP TABLE person AS {_people()}")
    last = _last_day(connection, "person")
    return Register(connection, date.fromisoformat(last) if last else None)


def _read(workspace: Workspace, folder: Path) -> Register:
    try:
        os.utime(folder)  # in use, and not to be removed for a while
    except OSError as fault:
        if not is_full(fault):
            raise
    connection = connect(workspace.tz)
    for name in ("person", "link"):
        file = folder / f"{name}.parquet"
        if not file.exists():
            raise FileNotFoundError(file)
        connection.execute(f"CREATE TEMP VIEW {name} AS FROM read_parquet({literal(str(file))})")
    last = (folder / LAST_DAY).read_text()
    return Register(connection, date.fromisoformat(last) if last else None)


def _make(workspace: Workspace, versions: dict[str, int], folder: Path) -> None:
    aside = folder.with_name(f".{folder.name}-{os.getpid()}-{uuid.uuid4().hex[:8]}")
    aside.mkdir(parents=True)
    connection = _gathered(workspace, versions)
    try:
        _write(connection, "FROM link ORDER BY value", aside / "link.parquet")
        _write(connection, _people(), aside / "person.parquet")
        (aside / LAST_DAY).write_text(_last_day(connection, f"read_parquet({literal(str(aside / 'person.parquet'))})"))
        try:
            aside.rename(folder)
        except OSError:  # another process made the same
            if not folder.exists():
                raise
        _tidy(folder)
    finally:
        connection.close()
        shutil.rmtree(aside, ignore_errors=True)


def _gathered(workspace: Workspace, versions: dict[str, int]) -> Any:
    """Return a connection with the tables of some versions, and with whom each linked id stands for."""
    connection = connect(workspace.tz)
    identities.view(connection, workspace, versions["identities"])
    for name, version in versions.items():
        if name != "identities":
            rows = scan.rows(connection, workspace.table(name), None if version < 0 else version)
            rows = identities.applied(connection, workspace, versions["identities"], rows) if name != "people" else rows
            connection.execute(f"CREATE TEMP VIEW {name} AS FROM {rows}")
    connection.register("link", links(connection))
    return connection


def _write(connection: Any, query: str, file: Path) -> None:
    connection.execute(f"COPY ({query}) TO {literal(str(file))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 65536)")


def _last_day(connection: Any, people: str) -> str:
    found = connection.sql(f"SELECT CAST(greatest(max(last_seen), max(last_order)) AS DATE) FROM {people}").fetchall()[0][0]
    return "" if found is None else str(found.isoformat())


def _tidy(current: Path) -> None:
    """Remove registers that nobody can be reading any more."""
    for other in current.parent.iterdir():
        if other != current and time.time() - other.stat().st_mtime > LONGEST_QUESTION:
            shutil.rmtree(other, ignore_errors=True)


def links(connection: Any) -> pa.Table:
    """Return whom each linked id stands for: value, person, shared (linked to several people, so that it stands for itself)."""
    found = connection.sql("""
        SELECT value, min(person) AS person, min(person) <> max(person) AS shared
        FROM identities WHERE until IS NULL AND value <> person GROUP BY value ORDER BY value
    """).to_arrow_table()
    connection.register("found", found)
    single = found.filter(pc.invert(found["shared"]))
    rows = single.num_rows
    onward = pc.index_in(single["person"], single["value"].combine_chunks()).fill_null(-1).to_numpy().astype(np.int64)
    end = np.arange(rows)
    for _step in range(_FOLLOWED):
        further = onward[end] >= 0
        if not further.any():
            break
        end[further] = onward[end[further]]
    resolved = pa.table({"value": single["value"], "person": single["person"].take(pa.array(end)), "shared": single["shared"]})
    resolved = resolved.filter(pa.array(onward[end] < 0))  # links that run in a circle stand for nothing
    connection.register("resolved", resolved)
    return connection.sql("""
        SELECT value, person, shared FROM resolved
        UNION ALL
        SELECT DISTINCT i.value, coalesce(resolved.person, i.person), true
        FROM identities i JOIN found USING (value) LEFT JOIN resolved ON resolved.value = i.person
        WHERE found.shared AND i.until IS NULL AND i.value <> i.person
    """).to_arrow_table()


def _people() -> str:
    """Return SQL for the rows of the register."""
    profile = ", ".join(quoted(name) for name in PROFILE if name != "person_kind")
    return f"""
        WITH held AS (SELECT value, person FROM link WHERE NOT shared),
        profile AS (
            SELECT coalesce(held.person, people.person) AS person, people.* EXCLUDE (person),
                row_number() OVER latest AS place, min(time) OVER latest AS registered
            FROM people LEFT JOIN held ON held.value = people.person
            WINDOW latest AS (
                PARTITION BY coalesce(held.person, people.person) ORDER BY time DESC, seq DESC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            )
        ),
        did AS (SELECT person, any_value(person_kind) AS kind, count(*) AS events, min(time) AS first, max(time) AS last FROM events GROUP BY person),
        seen AS (
            SELECT coalesce(held.person, did.person) AS person, any_value(kind) FILTER (held.person IS NULL) AS kind,
                sum(events)::BIGINT AS events, min(first) AS first_seen, max(last) AS last_seen
            FROM did LEFT JOIN held ON held.value = did.person GROUP BY ALL
        ),
        line AS (
            SELECT coalesce(held.person, orders.person) AS person, "order", min(time) AS time, sum(amount) AS amount,
                any_value(person_kind) FILTER (held.person IS NULL) AS kind
            FROM orders LEFT JOIN held ON held.value = orders.person WHERE orders.person IS NOT NULL GROUP BY ALL
        ),
        bought AS (
            SELECT person, any_value(kind) AS kind, count(*) FILTER (amount > 0) AS orders, min(time) FILTER (amount > 0) AS first_order,
                max(time) FILTER (amount > 0) AS last_order, sum(amount) FILTER (amount > 0) AS spent
            FROM line GROUP BY person
        )
        SELECT person, coalesce(profile.person_kind, seen.kind, bought.kind) AS person_kind, registered, {profile},
            properties, profile.place IS NOT NULL AS known, first_seen, last_seen, coalesce(events, 0) AS events, coalesce(orders, 0) AS orders,
            first_order, last_order, coalesce(spent, 0)::DECIMAL(18, 4) AS spent
        FROM (FROM profile WHERE place = 1) AS profile FULL JOIN seen USING (person) FULL JOIN bought USING (person)
        ORDER BY person
    """
