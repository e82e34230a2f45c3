"""People as a list: filtered, sorted, a page at a time, or all of them as a set."""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tilth.engine import clock
from tilth.engine.conditions import literal, quoted
from tilth.engine.people import PersonSet
from tilth.errors import InputError, UnknownColumn
from tilth.language import _
from tilth.warehouse import scan
from tilth.warehouse.persons import register
from tilth.warehouse.persons.filter import PeopleFilter, expression

if TYPE_CHECKING:
    import pandas as pd

    from tilth.warehouse.workspace import Workspace

Ids = PersonSet | Iterable[Any]
COLUMNS = ("person", "person_kind", "registered", *(name for name in register.PROFILE if name != "person_kind"))
EVERYBODY = PeopleFilter()


@dataclass(frozen=True)
class Page:
    """A part of a list of people.

    Attributes
    ----------
    frame : DataFrame
        person, person_kind, registered, the profile's columns, properties from JSON (one that is called like another column is
        ``properties.<name>``), first_seen, last_seen, events, orders, first_order, last_order, spent.
    total : int
        How many people there are in the whole list.
    """

    frame: pd.DataFrame
    total: int


def listing(
    workspace: Workspace,
    given: PeopleFilter = EVERYBODY,
    within: Ids | None = None,
    *,
    sort: str = "last_seen",
    descending: bool = True,
    offset: int = 0,
    limit: int = 50,
    at: date | None = None,
) -> Page:
    """Return a page of the people whom a filter chooses.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    given : PeopleFilter
        Who; everybody by default.
    within : PersonSet or ids, optional
        Only these; ids of any kind.
    sort : str
        A column of the page; people without a value stand last, equals by their id.
    descending : bool
        The greatest first.
    offset, limit : int
        Which part.
    at : date, optional
        The day up to which ``Did.days`` counts; by default the last day on which anybody did anything.

    Raises
    ------
    UnknownColumn
        When there is no such column to sort or filter by.
    InputError
        When the filter cannot be used.
    """
    if offset < 0 or limit < 0:
        raise InputError(_("A page begins at 0 or later and holds no less than 0 people."))
    people = register.opened(workspace)
    names = workspace.properties("people")
    shown = {name: quoted(name) for name in COLUMNS}
    taken = {*COLUMNS, *register.FIGURES}
    shown |= {f"properties.{name}" if name in taken else name: f"json_extract_string(properties, {literal(scan.pointer(name))})" for name in names}
    shown |= {name: quoted(name) for name in register.FIGURES}
    if sort not in shown:
        raise UnknownColumn(sort, shown)
    chosen = _chosen(workspace, people, given, within, names, at)
    total = people.connection.sql(f"SELECT count(*) FROM {chosen}").fetchall()[0][0]
    columns = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in shown.items())
    rows = people.connection.sql(f"""
        SELECT {columns} FROM {chosen}
        ORDER BY {shown[sort]} {"DESC" if descending else "ASC"} NULLS LAST, person LIMIT {limit} OFFSET {offset}
    """)
    import pandas as pd

    return Page(rows.to_arrow_table().to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get), total)  # a year of birth may be missing


def chosen(workspace: Workspace, given: PeopleFilter = EVERYBODY, within: Ids | None = None, *, at: date | None = None) -> PersonSet:
    """Return everybody whom a filter chooses; the arguments are those of :func:`listing`."""
    people = register.opened(workspace)
    rows = _chosen(workspace, people, given, within, workspace.properties("people"), at)
    return _ids(people, f"SELECT person FROM {rows} ORDER BY person")


def values(workspace: Workspace, name: str, limit: int = 50) -> list[tuple[str, int]]:
    """Return the values of a property of people, each with how many have it, the most frequent first."""
    people = register.opened(workspace)
    value = expression(name, workspace.properties("people"))
    counted = (
        f"SELECT {value} AS value, count(*) AS people FROM person WHERE value <> '' GROUP BY value ORDER BY people DESC, value LIMIT {int(limit)}"
    )
    return [(value, count) for value, count in people.connection.sql(counted).fetchall()]


def properties(workspace: Workspace) -> list[str]:
    """Return the names of the properties that people can be filtered by."""
    return list(dict.fromkeys((*register.PROFILE, *workspace.properties("people"))))


def resolve(workspace: Workspace, ids: Ids) -> PersonSet:
    """Return the people whom ids of any kind stand for; an id that nothing is known of stands for itself."""
    people = register.opened(workspace)
    people.given(ids)
    return _ids(people, "FROM given ORDER BY person")


def every_id(workspace: Workspace, ids: Ids) -> PersonSet:
    """Return all ids of some people, those that rows of events and orders may hold: to narrow a question to them."""
    people = register.opened(workspace)
    people.given(ids)
    return _ids(people, "SELECT person FROM given UNION SELECT value FROM link JOIN given USING (person) WHERE NOT shared ORDER BY person")


def _chosen(workspace: Workspace, people: register.Register, given: PeopleFilter, within: Ids | None, names: tuple[str, ...], at: date | None) -> str:
    """Return SQL for the rows of the register that are meant, for a ``FROM``."""
    events = scan.rows(people.connection, workspace.table("events")) if given.did else ""
    condition = given.sql(events, names, at or people.last_day, clock.zone(workspace.tz))
    if within is not None:
        people.given(within)
        condition = f"person IN (FROM given) AND {condition}"
    return f"(FROM person WHERE {condition})"


def _ids(people: register.Register, query: str) -> PersonSet:
    found: pa.Table = people.connection.sql(query).to_arrow_table()
    return PersonSet.of(found.column(0))
