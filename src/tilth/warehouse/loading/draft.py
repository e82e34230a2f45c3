"""A mapping for one table in the making: which single column of the source fills which column of the table.

A column's name and its values are weighed together. The values decide what is possible at all (only times fill a time), the name decides
what is meant; without names the values alone must do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from tilth.language import _
from tilth.warehouse import schema
from tilth.warehouse.loading.evidence import Evidence
from tilth.warehouse.loading.mapping import Field
from tilth.warehouse.loading.names import NAMES, likeness
from tilth.warehouse.loading.sniff import Format

_GOOD_ENOUGH = 0.45
_NEVER_FIGURES = ("channel", "city", "platform", "title", "province")


@dataclass
class Draft:
    """A mapping for one table in the making."""

    table: str
    fields: dict[str, Field] = field(default_factory=dict)
    refund: dict[str, Field] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    @property
    def required(self) -> list[str]:
        """Return the columns that the table requires."""
        return [column.name for column in schema.TABLES[self.table].columns if column.required]

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the required columns that nothing fills yet."""
        return tuple(name for name in self.required if name not in self.fields)

    @property
    def certainty(self) -> float:
        """Return how sure the required columns are, from 0 to 1."""
        required = [self.scores.get(name, 0.3) for name in self.required]
        return sum(required) / len(required)

    @property
    def rating(self) -> float:
        """Return how well the table fits: what it requires counts most, what else it takes up counts too."""
        others = [score for name, score in self.scores.items() if name not in self.required]
        fit = sum(self.scores.get(name, 0.0) for name in self.required) / len(self.required) - len(self.missing)
        return fit + 0.12 * sum(self.scores.values()) - (0.5 if self.table in ("people", "contents") and not others else 0.0)

    @property
    def used(self) -> set[str]:
        """Return the source's columns that are in use."""
        return {source for one in (*self.fields.values(), *self.refund.values()) for source in one.sources}

    def take(self, target: str, one: Field, score: float, reason: str | None = None) -> None:
        """Fill a column of the table."""
        self.fields[target] = one
        self.scores[target] = score
        if reason:
            self.reasons.append(reason)


def draft(name: str, format: Format, evidence: Sequence[Evidence]) -> Draft:
    """Return the columns of a table that single columns of the source fill, each by the one that fits it best."""
    drawn = Draft(name)
    candidates = []
    for column in schema.TABLES[name].columns:
        for place, one in enumerate(evidence):
            score = _score(name, column.name, column.type, one, place, format.header)
            if score >= _GOOD_ENOUGH:
                candidates.append((score, -place, column.name, one))
    for score, _place, target, one in sorted(candidates, key=lambda c: (c[0], c[1]), reverse=True):
        if target in drawn.fields or one.column in drawn.used:
            continue
        kind = _kind(target, schema.TABLES[name].column(target).type, one)
        drawn.take(target, Field(one.column, kind), score)
        if one.unsure and target == "time":
            reason = _("In '{column}' no date tells whether the day or the month comes first; {kind} was assumed. Please check it.")
            drawn.reasons.append(reason.format(column=one.column, kind=kind))
            drawn.scores[target] = 0.4
    return drawn


def _score(table: str, target: str, type: pa.DataType, one: Evidence, place: int, header: bool) -> float:
    if one.filled == 0 and header:
        return 0.0
    name = likeness(one.column, NAMES[table].get(target, "")) if header else 0.0
    if pa.types.is_timestamp(type):
        if one.time is None:
            return 0.0
        name = name or (0.5 if target == "time" else 0.0)
        return name * (0.4 + 0.6 * one.filled)  # a time that is often missing is not the row's own
    if pa.types.is_decimal(type) or pa.types.is_integer(type):
        if target == "birth_year":
            return name if one.number or one.time else 0.0
        return name if one.number and (one.time is None or one.time == "ymd") else 0.0
    if one.clock or (one.time is not None and name < 0.9):
        return 0.0
    if one.number and (one.fraction or target in _NEVER_FIGURES):
        return 0.0  # a figure names nothing
    if target == "inviter" and not one.id:
        return 0.0
    if not header:
        return _by_values(table, target, one, place)
    if target == "event":
        return name if one.distinct <= 200 else name * 0.3
    if target == "person" and table in ("events", "orders", "people", "memberships"):
        return max(name, 0.75 if one.phone else 0.0) if one.id or one.distinct > 1 else 0.0
    return name


def _by_values(table: str, target: str, one: Evidence, place: int) -> float:
    """Score a column without a name: a few words for deeds are the event, the first code is the person, the second the goods."""
    if target == "event":
        return 0.9 if one.action else 0.0
    if one.action or not one.id or one.distinct < 2:
        return 0.0
    if target == "person":
        return 0.8 if one.phone else 0.65 - 0.05 * place
    if target == "product" and table == "events":
        return 0.55 - 0.02 * place
    return 0.0


def _kind(target: str, type: pa.DataType, one: Evidence) -> str:
    if pa.types.is_timestamp(type):
        return one.time or "iso"
    if target == "birth_year":
        return "year"
    if pa.types.is_decimal(type) or pa.types.is_integer(type):
        return one.number or "number"
    return "id" if target in ("person", "order", "product", "content", "inviter", "value") else "text"
