"""What calls say about people, applied to what is known of them: each change gives a new row of ``people``, whole, because the latest row counts.

A change is a dictionary of operations: ``set``, ``set_once`` (only what is not there yet), ``increment`` (from 0), ``append`` (to a list, each value
once), ``unset`` (names) and ``delete``. They are applied in the order in which they arrived.

>>> changed({"city": "杭州", "orders": 2}, {"set_once": {"city": "上海", "tier": "gold"}, "increment": {"orders": 1}})
{'city': '杭州', 'orders': 3, 'tier': 'gold'}
"""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from tilth.engine.conditions import quoted
from tilth.engine.sources import connect
from tilth.warehouse import scan, schema
from tilth.warehouse.workspace import Workspace

KEPT = ("person", "person_kind", "time")
COLUMNS = tuple(column.name for column in schema.TABLES["people"].columns if column.name not in KEPT)
OWN = {"$name": "name", "$gender": "gender", "$city": "city", "$province": "province", "$signup_channel": "channel", "birthYear": "birth_year"}
"""Columns of ``people`` by the names that clients have for them; the columns' own names count, too."""
GENDERS = {"female": "female", "f": "female", "女": "female", "male": "male", "m": "male", "男": "male"}


def changed(known: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of a person after a change."""
    if change.get("delete"):
        return {}
    found = {name: value for name, value in known.items() if name not in change.get("unset", ())}
    found |= change.get("set", {})
    found |= {name: value for name, value in change.get("set_once", {}).items() if found.get(name) is None}
    for name, by in change.get("increment", {}).items():
        before = found.get(name, 0)
        found[name] = (before if isinstance(before, int | float) and not isinstance(before, bool) else 0) + by
    for name, values in change.get("append", {}).items():
        before = found.get(name, [])
        found[name] = list(dict.fromkeys([*(before if isinstance(before, list) else [before]), *values]))
    return found


def rows(workspace: Workspace, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of ``people`` that changes give: dictionaries of person, person_kind, time and change, in the order of arrival."""
    known = _known(workspace, sorted({change["person"] for change in changes}))
    found = []
    for one in changes:
        time, before = known.get(one["person"], (one["time"], {}))
        time, after = max(time, one["time"]), changed(before, {name: _plain(given) for name, given in one["change"].items()})
        known[one["person"]] = (time, after)
        found.append({"person": one["person"], "person_kind": one["person_kind"], "time": time, **_row(after)})
    return found


def _plain(given: Any) -> Any:
    """Return what an operation is given, by the names of columns where there are such."""
    if isinstance(given, dict):
        return {OWN.get(name, name): value for name, value in given.items()}
    return [OWN.get(name, name) for name in given] if isinstance(given, list) else given


def _known(workspace: Workspace, people: list[str]) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Return when people were last described, and how."""
    connection = connect("UTC")
    connection.register("wanted", pa.table({"person": pa.array(people, pa.string())}))
    columns = ", ".join(quoted(name) for name in COLUMNS)
    table = connection.sql(f"""
        SELECT person, time, {columns}, properties FROM {scan.rows(connection, workspace.table("people"))}
        WHERE person IN (FROM wanted) QUALIFY row_number() OVER (PARTITION BY person ORDER BY time DESC, seq DESC) = 1
    """).to_arrow_table()
    return {
        row["person"]: (row["time"], {**json.loads(row["properties"] or "{}"), **{name: row[name] for name in COLUMNS if row[name] is not None}})
        for row in table.to_pylist()
    }


def _row(known: dict[str, Any]) -> dict[str, Any]:
    """Return columns and properties of what is known; a value that its column cannot hold stays a property."""
    columns = {name: held for name in COLUMNS if (held := _held(name, known.get(name))) is not None}
    return {**columns, "properties": {name: value for name, value in known.items() if name not in columns}}


def _held(column: str, value: Any) -> Any:
    if column == "birth_year":
        year = int(value) if type(value) in (int, float) or (isinstance(value, str) and value.isdigit()) else 0
        return year if 1900 <= year <= 2100 else None
    if column == "gender":
        return GENDERS.get(str(value).lower())
    return value if isinstance(value, str) and value else None
