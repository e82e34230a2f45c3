"""One person: what is known of them, the ids they go by, where they belong, and their figures."""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tilth.engine import clock
from tilth.engine.conditions import literal
from tilth.errors import InputError
from tilth.language import _
from tilth.warehouse import identities, memberships
from tilth.warehouse.persons import register

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace


class UnknownPerson(InputError):
    """Nobody has this id."""

    def __init__(self, id: str) -> None:
        self.id = id
        super().__init__(_("Nobody is known by the id {id}. Search by its beginning, or look whether its rows have been loaded.").format(id=repr(id)))


@dataclass(frozen=True)
class Figures:
    """What a person's rows add up to; orders are those whose lines sum above 0.

    Attributes
    ----------
    first_seen, last_seen : datetime or None
        Their first and last event.
    events, orders : int
        How many.
    first_order, last_order : datetime or None
        When.
    spent : Decimal
        What the orders add up to, refunds taken off.
    average_order : Decimal or None
        That by the number of orders.
    recency_days : int or None
        Whole days from the last order to the day of the question.
    """

    first_seen: datetime | None
    last_seen: datetime | None
    events: int
    orders: int
    first_order: datetime | None
    last_order: datetime | None
    spent: Decimal
    average_order: Decimal | None
    recency_days: int | None


@dataclass(frozen=True)
class LinkedId:
    """An id that a person goes or went by.

    Attributes
    ----------
    kind, value : str
        Its kind and the id.
    since : datetime
        When the link began.
    until : datetime or None
        When it ended.
    shared : bool
        Whether others are linked to it too, so that its rows are nobody's.
    """

    kind: str
    value: str
    since: datetime
    until: datetime | None
    shared: bool


@dataclass(frozen=True)
class Stay:
    """A segment, an experiment's variant or a score that a person has.

    Attributes
    ----------
    kind, name, value : str
        ``"segment"``, ``"exposure"`` or ``"score"``; which; the variant or score.
    since : datetime
        When it began.
    """

    kind: str
    name: str
    value: str | None
    since: datetime


@dataclass(frozen=True)
class Person:
    """A person.

    Attributes
    ----------
    id, kind : str
        The id that they are known by, and its kind.
    known : bool
        Whether there is a profile of them.
    registered : datetime or None
        The earliest time of their profiles.
    profile : dict
        The columns of their latest profile that hold something, in the schema's order.
    properties : dict
        Its properties from JSON.
    ids : tuple of LinkedId
        The ids linked to them, in the order in which that happened.
    stays : tuple of Stay
        Where they belong now, the latest first.
    figures : Figures
        What their rows add up to.
    """

    id: str
    kind: str | None
    known: bool
    registered: datetime | None
    profile: dict[str, Any]
    properties: dict[str, Any]
    ids: tuple[LinkedId, ...]
    stays: tuple[Stay, ...]
    figures: Figures

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments they are in."""
        return tuple(stay.name for stay in self.stays if stay.kind == "segment")


def person(workspace: Workspace, id: str, *, at: date | None = None) -> Person:
    """Return the person who goes by an id of any kind.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    id : str
        The id.
    at : date, optional
        The day from which ``recency_days`` looks back; by default the last day on which anybody did anything.

    Raises
    ------
    UnknownPerson
        When no row of the workspace has the id.
    """
    people = register.opened(workspace)
    people.given([id])
    found = people.connection.sql("SELECT given.person AS id, * EXCLUDE (person) FROM given LEFT JOIN person USING (person)").to_arrow_table()
    row = found.to_pylist()[0]
    ids = _linked(workspace, people, row["id"])
    stays = _stays(workspace, people)
    if row["person_kind"] is None and row["events"] is None and not ids and not stays:
        raise UnknownPerson(id)
    return Person(
        id=row["id"],
        kind=row["person_kind"],
        known=bool(row["known"]),
        registered=row["registered"],
        profile={name: row[name] for name in register.PROFILE if name != "person_kind" and row[name] is not None},
        properties=json.loads(row["properties"] or "{}"),
        ids=ids,
        stays=stays,
        figures=_figures(row, at or people.last_day, workspace.tz),
    )


def _figures(row: dict[str, Any], today: date | None, tz: str) -> Figures:
    orders, spent = row["orders"] or 0, row["spent"] or Decimal(0)
    last = row["last_order"]
    return Figures(
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        events=row["events"] or 0,
        orders=orders,
        first_order=row["first_order"],
        last_order=last,
        spent=spent,
        average_order=spent / orders if orders else None,
        recency_days=(today - last.astimezone(clock.zone(tz)).date()).days if last is not None and today is not None else None,
    )


def _linked(workspace: Workspace, people: register.Register, id: str) -> tuple[LinkedId, ...]:
    """Return the ids that are or were linked to a person, those of people who became one with them included."""
    identities.view(people.connection, workspace, identities.version(workspace))
    rows = people.connection.sql(f"""
        SELECT kind, i.value AS value, time AS since, until, coalesce(link.shared, false) AS shared
        FROM identities i
        LEFT JOIN link ON link.value = i.value AND link.shared AND i.until IS NULL
        WHERE i.person = {literal(id)} OR i.person IN (SELECT value FROM link WHERE person = {literal(id)} AND NOT shared)
        GROUP BY ALL ORDER BY time, kind, i.value
    """)
    return tuple(LinkedId(**row) for row in _listed(rows))


def _stays(workspace: Workspace, people: register.Register) -> tuple[Stay, ...]:
    """Return where somebody belongs now, whichever of their ids it says so of."""
    rows = people.connection.sql(f"""
        SELECT DISTINCT kind, name, value, time AS since FROM {memberships.spans_sql(people.connection, workspace)}
        WHERE {memberships.holds()} AND person IN (FROM given UNION SELECT value FROM link JOIN given USING (person) WHERE NOT shared)
        ORDER BY since DESC, kind, name
    """)
    return tuple(Stay(**row) for row in _listed(rows))


def _listed(rows: Any) -> list[dict[str, Any]]:
    """Return a relation's rows; by way of Arrow, which gives times the zone that Python knows."""
    found: list[dict[str, Any]] = rows.to_arrow_table().to_pylist()
    return found
