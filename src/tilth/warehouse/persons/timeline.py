"""What one person did and bought, newest first, a page at a time."""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from tilth.engine.conditions import literal
from tilth.errors import InputError
from tilth.language import _
from tilth.warehouse import identities, scan
from tilth.warehouse.persons import register

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace

LEFT_OUT = ("month", "seq", "person", "person_kind", "time", "event", "order", "properties", "load", "row")
CURSOR = re.compile(r"(-?\d{1,18})\.([eo])\.(\d{1,19})")


@dataclass(frozen=True)
class Moment:
    """Something that happened.

    Attributes
    ----------
    time : datetime
        When.
    kind : str
        ``"event"``, ``"order"`` or ``"refund"`` (an order's lines of one moment that sum below 0).
    name : str
        The event's name or the order's id.
    details : dict
        An event's other columns that hold something, and its properties.
    lines : tuple of dict
        An order's lines: product, quantity, price, amount and whatever else they have.
    amount : Decimal or None
        What the lines add up to.
    cursor : str
        The moment's place: the moments before it in time follow.
    """

    time: datetime
    kind: Literal["event", "order", "refund"]
    name: str
    details: dict[str, Any]
    lines: tuple[dict[str, Any], ...]
    amount: Decimal | None
    cursor: str


@dataclass(frozen=True)
class Timeline:
    """A page of moments; `next` gives the page after it, and is None on the last."""

    moments: tuple[Moment, ...]
    next: str | None


def timeline(
    workspace: Workspace, id: str, before: str | None = None, limit: int = 50, events: Iterable[str] | None = None, *, orders: bool = True
) -> Timeline:
    """Return what the person who goes by an id did and bought, newest first.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    id : str
        An id of any kind; rows of all ids of the person are shown.
    before : str, optional
        The ``next`` of the page before.
    limit : int
        How many moments.
    events : iterable of str, optional
        Only these events; an empty one: none. By default all.
    orders : bool
        Whether orders and refunds are shown.

    Raises
    ------
    InputError
        When `before` or `limit` cannot be used.
    """
    if limit < 1:
        raise InputError(_("A page holds at least one moment."))
    place = _place(before)
    people = register.opened(workspace)
    people.given([id])
    people.connection.execute(
        "CREATE TEMP TABLE own AS SELECT person AS id FROM given UNION SELECT value FROM link JOIN given USING (person) WHERE NOT shared"
    )
    chosen = None if events is None else list(events)
    moments = _events(workspace, people.connection, place, limit + 1, chosen) if chosen != [] else []
    if orders:
        moments += _orders(workspace, people.connection, place, limit + 1)
    moments.sort(key=lambda moment: _place(moment.cursor) or _FIRST, reverse=True)
    shown = tuple(moments[:limit])
    return Timeline(shown, shown[-1].cursor if len(moments) > limit else None)


Place = tuple[int, str, int]  # microseconds, which table, seq
_FIRST: Place = (0, "", 0)


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    found = CURSOR.fullmatch(cursor)
    if found is None:
        raise InputError(_("{cursor} is no place in a timeline. Begin anew without it.").format(cursor=repr(cursor)))
    return int(found[1]), found[2], int(found[3])


def _earlier(place: Place | None, table: str) -> str:
    """Return SQL that holds for the rows (micros, seq) of a table that come after a place, in the order of the timeline."""
    if place is None:
        return "true"
    micros, other, seq = place
    same = f"seq < {seq}" if table == other else str(table < other).lower()
    return f"(micros < {micros} OR (micros = {micros} AND {same}))"


def _of(workspace: Workspace, connection: Any, table: str) -> str:
    """Return SQL for a table's rows, each of the one whose it was."""
    return identities.applied(connection, workspace, identities.version(workspace), scan.rows(connection, workspace.table(table)))


def _events(workspace: Workspace, connection: Any, place: Place | None, limit: int, names: list[str] | None) -> list[Moment]:
    wanted = "true" if names is None else f"event IN ({', '.join(map(literal, names))})"
    rows = connection.sql(f"""
        SELECT *, epoch_us(time) AS micros FROM {_of(workspace, connection, "events")}
        WHERE person IN (SELECT id FROM own) AND {wanted} AND {_earlier(place, "e")}
        ORDER BY micros DESC, seq DESC LIMIT {limit}
    """).to_arrow_table()
    return [Moment(row["time"], "event", row["event"], _details(row), (), None, f"{row['micros']}.e.{row['seq']}") for row in rows.to_pylist()]


def _orders(workspace: Workspace, connection: Any, place: Place | None, limit: int) -> list[Moment]:
    """Return orders and refunds: the lines of an order that share a moment and a sign are one."""
    rows = connection.sql(f"""
        WITH line AS (
            SELECT *, epoch_us(time) AS micros, amount < 0 AS back FROM {_of(workspace, connection, "orders")}
            WHERE person IN (SELECT id FROM own)
        ),
        act AS (SELECT "order", micros, back, min(seq) AS seq FROM line GROUP BY ALL),
        shown AS (FROM act WHERE {_earlier(place, "o")} ORDER BY micros DESC, seq DESC LIMIT {limit})
        SELECT line.*, shown.seq AS first FROM line JOIN shown USING ("order", micros, back) ORDER BY shown.micros DESC, shown.seq DESC, line.seq
    """).to_arrow_table()
    acts: dict[int, list[dict[str, Any]]] = {}
    for row in rows.to_pylist():
        acts.setdefault(row["first"], []).append(row)
    return [
        Moment(
            time=lines[0]["time"],
            kind="refund" if lines[0]["back"] else "order",
            name=lines[0]["order"],
            details={},
            lines=tuple(_details(line) for line in lines),
            amount=sum((line["amount"] for line in lines), Decimal(0)),
            cursor=f"{lines[0]['micros']}.o.{first}",
        )
        for first, lines in acts.items()
    ]


def _details(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a row tells besides who, when and what."""
    own = {name: value for name, value in row.items() if name not in (*LEFT_OUT, "micros", "back", "first") and value is not None}
    return own | {name: value for name, value in json.loads(row["properties"] or "{}").items() if name not in own}
