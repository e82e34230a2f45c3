"""By what ids people can be found and reached: the search, contacts of the people on a page, how many of a set can be reached at all."""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import pyarrow as pa

from tilth.engine.conditions import literal
from tilth.engine.people import PersonSet
from tilth.warehouse import scan
from tilth.warehouse.persons import register
from tilth.workbench.data import masking
from tilth.workbench.tenancy.models import Workspace

REACHING = ("phone", "email", "openid", "unionid", "external_userid")
"""Kinds of id by which a message can be sent."""
NAMELESS = ("anonymous", "device")
"""Kinds of id that say nothing but that it is the same device."""
TAIL = 4
"""Digits of a phone number that everybody sees, and may search by."""


class Reach(NamedTuple):
    """How many of a set of people have an id that a message can be sent to, and how many are known by a device only."""

    reachable: int
    anonymous: int


def find(workspace: Workspace, text: str, *, contact: bool) -> PersonSet:
    """Return the people an id of whom begins with `text`.

    Without the right to contacts, ids that are masked are not looked at but for the last four digits of phone numbers, which the mask leaves: whether
    a full number belongs to somebody is not to be read from what a search finds.
    """
    text = text.strip()
    people = register.opened(workspace.facts)
    start = literal(text)
    open_ids = "true" if contact else f"coalesce(kind, '') NOT IN ({_listed(masking.KINDS)}) AND NOT {_looks('id')}"
    tail = f"OR (kind = 'phone' AND length(id) >= 11 AND right(id, {TAIL}) = {start})" if text.isdigit() and len(text) == TAIL else ""
    found = people.connection.sql(f"""
        WITH own AS (
            SELECT person AS id, person_kind AS kind FROM person
            UNION ALL
            SELECT value, kind FROM {_identities(people.connection, workspace)} WHERE until IS NULL
        ),
        hit AS (SELECT DISTINCT id FROM own WHERE (starts_with(id, {start}) AND {open_ids}) {tail})
        SELECT DISTINCT coalesce(link.person, id) AS person FROM hit LEFT JOIN link ON value = id ORDER BY person
    """).to_arrow_table()
    return PersonSet.of(found["person"])


def known(workspace: Workspace, keys: Iterable[str], *, contact: bool) -> list[str]:
    """Return those of some keys that stand for somebody.

    Without the right to contacts an id that is masked stands for nobody unless it comes as the cipher that pages give: otherwise an answer would tell
    whether a number somebody types belongs to a person, and to whom.
    """
    ids = {key: masking.id_of(key) for key in keys}
    people = register.opened(workspace.facts)
    people.connection.register("asked", pa.table({"id": pa.array(ids.values(), pa.string())}))
    rows = people.connection.sql(f"""
        SELECT id, person_kind FROM asked JOIN person ON person = id
        UNION ALL
        SELECT id, kind FROM asked JOIN {_identities(people.connection, workspace)} ON value = id
    """).fetchall()
    there = {id for id, _kind in rows}
    closed = {id for id, kind in rows if masking.id(kind, id) != id} if not contact else set()
    return [key for key, id in ids.items() if id in there and (id != key or id not in closed)]


def contacts(workspace: Workspace, people: Iterable[str], opened: register.Register) -> dict[str, dict[str, str]]:
    """Return the latest phone number and mail address of each person who has one: ``{person: {"phone": …, "email": …}}``, unmasked."""
    opened.given(people)
    rows = opened.connection.sql(f"""
        SELECT given.person, kind, arg_max(i.value, time)
        FROM {_identities(opened.connection, workspace)} i
        LEFT JOIN link ON link.value = i.value AND NOT link.shared JOIN given ON given.person = coalesce(link.person, i.person)
        WHERE i.until IS NULL AND kind IN ({_listed(masking.KINDS)}) GROUP BY ALL
    """).fetchall()
    found: dict[str, dict[str, str]] = {}
    for person, kind, value in rows:
        found.setdefault(person, {})[kind] = value
    return found


def reach(workspace: Workspace, people: PersonSet, opened: register.Register) -> Reach:
    """Return how many of them can be reached, and how many are known by a device only."""
    opened.given(people)
    row = opened.connection.sql(f"""
        WITH own AS (
            SELECT given.person, person_kind AS kind FROM given LEFT JOIN person USING (person)
            UNION ALL
            SELECT given.person, kind FROM {_identities(opened.connection, workspace)} i
            LEFT JOIN link ON link.value = i.value AND NOT link.shared JOIN given ON given.person = coalesce(link.person, i.person)
            WHERE until IS NULL
        ),
        each AS (SELECT bool_or(kind IN ({_listed(REACHING)})) AS reachable, bool_and(coalesce(kind, '') IN ({_listed(NAMELESS)})) AS anonymous
            FROM own GROUP BY person)
        SELECT count(*) FILTER (reachable), count(*) FILTER (anonymous) FROM each
    """).fetchall()[0]
    return Reach(*row)


def _identities(connection: Any, workspace: Workspace) -> str:
    return scan.rows(connection, workspace.facts.table("identities"))


def _listed(values: Iterable[str]) -> str:
    return ", ".join(map(literal, values))


def _looks(column: str) -> str:
    return f"(regexp_full_match({column}, '(\\+?86[- ]?)?1\\d{{10}}') OR contains({column}, '@'))"
