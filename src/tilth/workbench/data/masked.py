"""Rows in quarantine as they are shown to who may not see contacts: what the mapping or a column's name says is personal, and whatever looks so.

A row is masked as a row: its list, its form, its reason and its file then all show the same. The mask is taken off one row at a time, by the right
``quarantine:contact``, and off a file, each time with an audit entry. What comes back still masked keeps the value behind it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping as Cells
from dataclasses import replace
from functools import cache
from typing import Any

from tilth.warehouse.loading.mapping import Mapping
from tilth.warehouse.loading.quarantine import Quarantined, readable
from tilth.workbench.data import masking

IDS = {"person": "person_kind", "value": "kind", "inviter": ""}
"""Columns that hold ids, and the column that says of what kind they are."""
UNPARTED = (masking.name, masking.address)
"""Rules for what nobody finds in a line that could not be taken apart: such a line is shown by its first characters."""


def row(one: Quarantined) -> Quarantined:
    """Return a row in quarantine with its values masked."""
    given: dict[str, Any] = json.loads(one.fault["fields"]) if one.fault["fields"] else {}
    texts = {name: text if isinstance(text, str) else json.dumps(text, ensure_ascii=False) for name, text in given.items() if text is not None}
    masked = {name: cell(one, name, text, texts) for name, text in texts.items()}
    fields = {name: masked[name] if name in masked and masked[name] != texts[name] else value for name, value in given.items()}
    line = one.fault["line"] and _line(one, str(one.fault["line"]))
    return replace(one, fault={**fault(one, one.fault), "fields": one.fault["fields"] and json.dumps(fields, ensure_ascii=False), "line": line})


def fault(one: Quarantined, found: Cells[str, Any]) -> dict[str, Any]:
    """Return what is wrong with a row, its value masked."""
    value, source = found.get("value"), str(found.get("source") or "")
    return {**found, "value": value and cell(one, source, str(value), one.values())}


def cell(one: Quarantined, name: str, text: str, values: Cells[str, str]) -> str:
    """Mask the value of a column of the source; `values` are the row's, among which may stand of what kind its ids are."""
    table, target = one.record.table, _targets(one.record.mapping).get(name, "")
    masked = (masking.value if table == "people" else masking.detail)(name, text)
    if masked != text or not text.strip():
        return masked
    if (table, target) == ("people", "name"):
        return masking.name(text)
    return masking.id(_kind(one.record.mapping, target, values), text) if target in IDS else text


def _line(one: Quarantined, text: str) -> str:
    columns, targets = json.loads(one.record.columns), _targets(one.record.mapping)
    hidden = any(masking.rule(name) in UNPARTED or (one.record.table, targets.get(name)) == ("people", "name") for name in columns)
    return masking.address(readable(text)) if hidden else masking.free(text)


@cache
def _targets(mapping: str) -> dict[str, str]:
    """Return the column of the table that each column of the source is read for."""
    return {source: target for target, field in Mapping.from_json(mapping).fields.items() for source in field.sources}


def _kind(mapping: str, target: str, values: Cells[str, str]) -> str | None:
    field = Mapping.from_json(mapping).fields.get(IDS[target])
    found = field and ((values.get(field.column) if field.column else None) or field.constant)
    return field.values.get(found, found) if field and found else None
