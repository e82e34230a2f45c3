"""The rows of a load that were kept aside: in groups that have the same fault in the same column, and one by one with the value at fault marked."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tilth.warehouse.loading import quarantine
from tilth.warehouse.loading.quarantine import LINE, Quarantined, readable
from tilth.workbench.data import faults, masked, masking
from tilth.workbench.tenancy.models import Workspace

VALUES = 30
"""Different values at fault that are offered for replacing, at most."""
STATES = ("waiting", "mended", "dismissed")


@dataclass(frozen=True)
class Group:
    """Rows with the same fault in the same column.

    Attributes
    ----------
    key : str
        How it stands in an address.
    source : str
        The column of the source where the values at fault stand; empty where the row as a whole is at fault or several columns are read together.
    values : list of (str, str, int)
        The values at fault, the most frequent first: what stands for one in a form, how it is shown, its rows.
    """

    key: str
    fault: str
    column: str | None
    source: str
    label: str
    rows: int
    values: list[tuple[str, str, int]]


def rows(workspace: Workspace, load: str, state: str = "waiting", key: str = "") -> list[Quarantined]:
    """Return the rows of a load that are in a state, of one group or of all; UnknownName when there is no such load."""
    found = quarantine.rows(workspace.facts, load)
    return [one for one in found if one.state == state and key in ("", key_of(one))]


def key_of(one: Quarantined) -> str:
    """Return the key of the group that a row belongs to."""
    return f"{one.fault['fault']}.{one.fault['column'] or ''}"


def groups(workspace: Workspace, load: str, state: str = "waiting") -> list[Group]:
    """Return the groups of a load's rows in a state, the largest first."""
    return grouped(rows(workspace, load, state))


def grouped(found: Iterable[Quarantined]) -> list[Group]:
    """Return rows in groups, the largest first."""
    gathered: dict[str, list[Quarantined]] = defaultdict(list)
    for one in found:
        gathered[key_of(one)].append(one)
    made = []
    for key, members in gathered.items():
        fault, column = members[0].fault["fault"], members[0].fault["column"]
        source = _source(members[0])
        counted = Counter((value_of(one), readable(masked.row(one).fault["value"] or "")) for one in members) if source else Counter()
        values = [(key, text, rows) for (key, text), rows in counted.most_common(VALUES)]
        made.append(Group(key, fault, column, source, faults.label(fault, column), len(members), values))
    return sorted(made, key=lambda group: -group.rows)


def value_of(one: Quarantined) -> str:
    """Return what stands in a form for a row's value at fault: the value, or for one that is masked a cipher, so that none can be guessed at."""
    value = str(one.fault["value"] or "")
    return readable(value) if masked.fault(one, one.fault)["value"] in (None, "", value) else masking.sealed(value)


def _source(one: Quarantined) -> str:
    """Return the one column of the source at fault, if it is one."""
    named = str(one.fault["source"] or "")
    return named if named in json.loads(one.record.columns) else ""


def shown(one: Quarantined, columns: Iterable[str]) -> dict[str, Any]:
    """Return a row for a list: its number, reason, and the values of some columns with the one at fault marked."""
    values, bad = one.values(), _source(one)
    cells = [(name, values.get(name, ""), name == bad) for name in columns]
    about = one.dismissal or {}
    return {
        "row": one.row,
        "reason": faults.told(one.fault),
        "cells": cells,
        "line": values.get(LINE, ""),
        "state": one.state,
        "mended_by": one.mended_by,
        "why": about.get("reason", ""),
        "who": about.get("who", ""),
    }


def columns_of(found: list[Quarantined]) -> list[str]:
    """Return the columns of the source that rows of one load have, in its order, then what stands beside them."""
    if not found:
        return []
    named = dict.fromkeys(json.loads(found[0].record.columns))
    beside = dict.fromkeys(name for one in found for name in one.values() if name not in named and name != LINE)
    return [*named, *beside]
