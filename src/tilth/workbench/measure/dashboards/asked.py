"""What the tiles of a dashboard ask: each its own question, with the days, people, conditions and comparison that the dashboard sets for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.errors import InputError
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.fields import Field
from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.measure.asking.narrowing import PREVIOUS, YEAR, Compare, Dates, People
from tilth.workbench.measure.asking.pickers import Drawing, phrase
from tilth.workbench.measure.asking.query import Pairs, Query
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.where import Where
from tilth.workbench.measure.models import Tile
from tilth.workbench.shell import dates

PARTS = {"chart": gettext_lazy("chart"), "table": gettext_lazy("table"), "figures": gettext_lazy("key figures")}
"""What a tile shows of an answer."""


class CommonDates(Dates):
    """The days of all tiles, or of each tile its own."""

    def default(self, catalogue: Catalogue) -> Any:  # noqa: D102
        return None

    def read(self, query: Query, catalogue: Catalogue) -> Any:  # noqa: D102
        return super().read(query, catalogue) if query.one(self.name) else None

    def text(self, value: Any) -> str:  # noqa: D102
        return value.code if value is not None else ""

    def draw(self, value: Any, drawing: Drawing) -> SafeString:  # noqa: D102
        if value is not None and value.code not in dates.PRESETS:
            return drawing.dates(self.name, value, self.label)
        offered = [("", _("each tile its own days")), *((code, _(label)) for code, label in dates.PRESETS.items())]
        return drawing.picker(self.name, value.code if value is not None else "", offered, self.label)


class CommonCompare(Compare):
    """What all tiles are held against, or each its own."""

    def draw(self, value: str, drawing: Drawing) -> SafeString:  # noqa: D102
        offered = [("", _("each tile its own")), *((code, str(self.options[code])) for code in (PREVIOUS, YEAR))]
        return phrase(_("against {picker}"), picker=drawing.picker(self.name, value, offered, self.label))


COMMON: tuple[Field, ...] = (CommonDates(), People(), Where(), CommonCompare())


@dataclass(frozen=True)
class Common:
    """What a dashboard sets for all its tiles; what is empty is each tile's own."""

    values: Mapping[str, Any]
    faults: Mapping[str, str]

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]], catalogue: Catalogue) -> Common:
        """Return what an address sets."""
        query = Query(pairs)
        values, faults = {}, {}
        for part in COMMON:
            try:
                values[part.name] = part.read(query, catalogue)
            except InputError as fault:
                values[part.name], faults[part.name] = part.default(catalogue), str(fault)
        return cls(values, faults)

    def pairs(self, catalogue: Catalogue) -> Pairs:
        """Return the names and values of its address."""
        return [pair for part in COMMON for pair in part.write(self.values[part.name], catalogue)]

    def over(self, question: Question) -> Question:
        """Return a question with what the dashboard sets, as far as its kind knows of it."""
        known = {part.name for part in question.kind.fields}
        if question.kind.source != "events":
            known &= {"dates", "compare"}
        chosen = {name: value for name, value in self.values.items() if value and name in known}
        options = {part.name: getattr(part, "options", None) for part in question.kind.fields}
        if "compare" in chosen and chosen["compare"] not in (options.get("compare") or {}):
            del chosen["compare"]  # a kind that compares in a way of its own keeps it
        if "where" in chosen:
            chosen["where"] = (*question.values.get("where", ()), *chosen["where"])
        return question.having(**chosen)

    def drawn(self, drawing: Drawing) -> SafeString:
        """Return the sentence in which it is set."""
        days, people, where, compare = (part.draw(self.values[part.name], drawing) for part in COMMON)
        return phrase(_("All tiles: {days}, {people}, {where}, {compare}"), days=days, people=people, where=where, compare=compare)


def question_of(kind: str, pairs: Iterable[Iterable[str]], common: Common, catalogue: Catalogue) -> Question | None:
    """Return the question of a tile, or None when its kind is no longer there."""
    if kind not in KINDS:
        return None
    question = Question.read(KINDS[kind], [(name, value) for name, value in pairs], catalogue)
    return question if question.faults else common.over(question)


def part_of(tile: Tile) -> str:
    """Return what a tile shows of its answer."""
    found = tile.options.get("part", "chart")
    return found if found in PARTS else "chart"
