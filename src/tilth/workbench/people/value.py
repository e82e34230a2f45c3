"""What a person is worth so far: spending over time, and their place among all who bought."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from django.utils import timezone
from django.utils.translation import gettext as _

from tilth.analysis.orders import Orders
from tilth.analysis.value.rfm import NAMES
from tilth.language import _ as floors
from tilth.warehouse import persons, scan
from tilth.warehouse.persons import Person, register
from tilth.warehouse.workspace import Workspace as Facts
from tilth.workbench.tenancy.models import Workspace

POINTS = 500
MARKS = 4
"""How many months are named at most below the line."""


class Place(NamedTuple):
    """Scores from 1 to 5, the best being 5, and the segment that follows from them."""

    r: int
    f: int
    m: int
    segment: str


def growth(workspace: Workspace, person: Person) -> dict[str, Any] | None:
    """Return the chart of what somebody has spent in all over time; None with fewer than two orders."""
    if person.figures.orders < 2:
        return None
    found = persons.timeline(workspace.facts, person.id, limit=POINTS, events=[])
    moments = found.moments[::-1]
    start = person.figures.spent - sum((moment.amount or Decimal(0) for moment in moments), Decimal(0)) if found.next else Decimal(0)
    sums = list(accumulate((moment.amount or Decimal(0) for moment in moments), initial=start))[1:]
    marks, form = _marks(*(timezone.localtime(one.time) for one in (moments[0], moments[-1])))
    return {
        "grid": {"top": 16, "right": 20, "left": 8, "bottom": 24, "containLabel": True},
        "xAxis": {"type": "time", "axisTick": {"customValues": marks}, "axisLabel": {"customValues": marks, "formatter": form}},
        "yAxis": {"type": "value", "min": 0, "splitNumber": 3},
        "tooltip": {"trigger": "axis"},
        "series": [
            {
                "name": _("Spent"),
                "type": "line",
                "step": "end",
                "showSymbol": False,
                "data": [[f"{timezone.localtime(moment.time):%Y-%m-%d %H:%M:%S}", float(total)] for moment, total in zip(moments, sums, strict=True)],
            }
        ],
    }


def _marks(start: datetime, end: datetime) -> tuple[list[str], str]:
    """Return the moments to name below a line, first days of months at equal steps or else both ends, and the form of their names."""
    months = [date(month // 12, month % 12 + 1, 1) for month in range(start.year * 12 + start.month, end.year * 12 + end.month)]
    if len(months) < 2:
        return [f"{one:%Y-%m-%d %H:%M:%S}" for one in (start, end)], "{MM}-{dd}" if start.date() < end.date() else "{HH}:{mm}"
    return [f"{one} 00:00:00" for one in months[:: -(-len(months) // MARKS)]], "{yyyy}-{MM}"


def rfm(workspace: Workspace, id: str) -> Place | None:
    """Return somebody's place by recency, frequency and monetary value among all who bought; None for who has no order.

    Rows of all ids of a person count as theirs. All places are worked out once as long as orders and identities stay.
    """
    facts = workspace.facts
    places = _places(facts.root, facts.table_version("orders"), facts.table_version("identities"))
    found = [person for person in persons.resolve(facts, [id]) if person in places.index]
    if not found:
        return None
    r, f, m, segment = places.loc[found[0], ["r", "f", "m", "segment"]]
    return Place(int(r), int(f), int(m), floors(NAMES[segment]))


@lru_cache(maxsize=4)
def _places(root: Path, orders: int, identities: int) -> pd.DataFrame:
    """Return the scores of everybody who bought, by person; the versions are those of the tables."""
    facts = Facts.open(root)
    people = register.opened(facts)
    rows = people.connection.sql(f"""
        SELECT coalesce(link.person, o.person) AS person, time, amount, "order"
        FROM {scan.rows(people.connection, facts.table("orders"), None if orders < 0 else orders)} o
        LEFT JOIN link ON value = o.person AND NOT shared
        WHERE o.person IS NOT NULL
    """).to_arrow_table()  # noqa: S608  (a table's own files)
    if not rows.num_rows:
        return pd.DataFrame(columns=["person", "r", "f", "m", "segment"]).set_index("person")
    scored = Orders(rows, person="person", time="time", amount="amount", order="order", tz=facts.tz).rfm().frame
    return scored[["person", "r", "f", "m", "segment"]].astype({"segment": "category"}).set_index("person")
