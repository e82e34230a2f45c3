"""RFM in exact arithmetic: orders from lines, then each customer's recency, frequency, monetary and scores as fractions.

"An order counts when its lines sum above 0; equal values share a bin; recency in days to `at` (default: the day after the last order),
frequency = distinct orders, monetary = total, orders after `at` not seen, 5 is the best score." A score is 1 + the number of quantile
edges Q(k/bins) that the value lies strictly above, the quantile interpolated linearly; recency is scored on the negated days. Segments:
high = score above the mean of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracles.frames import UNSPECIFIED

COLUMNS = ("person", "recency_days", "frequency", "monetary", "r", "f", "m", "segment")


@dataclass(frozen=True)
class Order:
    """The lines of one order together."""

    person: Any
    time: datetime
    amount: Fraction


def orders(lines: Sequence[Mapping[str, Any]], by_order: bool) -> list[Order]:
    """Return the orders with a person and a time whose lines sum above 0; without an order's id every line is an order."""
    together: dict[Any, list[Mapping[str, Any]]] = {}
    for place, line in enumerate(lines):
        if line["person"] is not None and line["time"] is not None:
            together.setdefault(line["order"] if by_order else place, []).append(line)
    found = []
    for of_one in together.values():
        amount = sum((Fraction(line["amount"]) for line in of_one), Fraction(0))
        if amount > 0:
            found.append(Order(of_one[0]["person"], min(line["time"] for line in of_one), amount))
    return found


def day_after(instant: datetime, tz: str) -> datetime:
    """Return the first instant of the local day after the one in which `instant` lies."""
    local = instant.astimezone(ZoneInfo(tz)).date() + timedelta(days=1)
    return datetime.combine(local, time.min, ZoneInfo(tz)).astimezone(UTC)


def quantile(values: Sequence[Fraction], share: Fraction) -> Fraction:
    """Return the quantile of values by linear interpolation between the two nearest in order."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def scores(values: Mapping[Any, Fraction], bins: int) -> dict[Any, int]:
    """Return of each value 1 + the number of edges that it lies strictly above."""
    edges = [quantile(list(values.values()), Fraction(k, bins)) for k in range(1, bins)]
    return {key: 1 + sum(value > edge for edge in edges) for key, value in values.items()}


def rfm(lines: Sequence[Mapping[str, Any]], tz: str, by_order: bool = True, at: datetime | None = None, bins: int = 5) -> list[dict[str, Any]]:
    """Return the rows of the answer; the segment's name is not the oracle's to say, see :func:`above_means`."""
    counted = orders(lines, by_order)
    if not counted:
        return []
    at = at or day_after(max(o.time for o in counted), tz)
    customers: dict[Any, list[Order]] = {}
    for order in counted:
        if order.time <= at:
            customers.setdefault(order.person, []).append(order)
    if not customers:
        return []
    at_day = at.astimezone(ZoneInfo(tz)).date()
    recency = {p: Fraction((at_day - max(o.time for o in of).astimezone(ZoneInfo(tz)).date()).days) for p, of in customers.items()}
    frequency = {p: Fraction(len(of)) for p, of in customers.items()}
    monetary = {p: sum((o.amount for o in of), Fraction(0)) for p, of in customers.items()}
    r, f, m = scores({p: -days for p, days in recency.items()}, bins), scores(frequency, bins), scores(monetary, bins)
    return [
        {
            "person": p,
            "recency_days": int(recency[p]),
            "frequency": int(frequency[p]),
            "monetary": float(monetary[p]),
            "r": r[p],
            "f": f[p],
            "m": m[p],
            "segment": UNSPECIFIED,
        }
        for p in customers
    ]


def above_means(rows: Sequence[Mapping[str, Any]]) -> dict[Any, tuple[bool, bool, bool]]:
    """Return of each person whether r, f and m are above the mean score of all: what a segment's name must tell apart."""
    means = {c: Fraction(sum(int(row[c]) for row in rows), len(rows)) for c in "rfm"} if rows else {}
    return {row["person"]: (row["r"] > means["r"], row["f"] > means["f"], row["m"] > means["m"]) for row in rows}
