"""Events that must not happen between two steps of a funnel.

``exclude1=refund&exclude1.between=1-2&exclude2=visit``: no refund between the first two steps, no visit between the first and the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.analysis.behaviour.funnel import MOST_EXCLUSIONS
from tilth.analysis.steps import Exclude
from tilth.errors import InputError
from tilth.workbench.measure.asking import steps
from tilth.workbench.measure.asking.fields import Field
from tilth.workbench.measure.asking.pickers import Drawing, phrase
from tilth.workbench.measure.asking.steps import Asked

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue
    from tilth.workbench.measure.asking.query import Query


@dataclass(frozen=True)
class Exclusion:
    """Events that end a chain when they lie between two steps, numbered from 1; between the first and the last where `between` is None."""

    asked: Asked
    between: tuple[int, int] | None = None

    def words(self, catalogue: Catalogue, called: list[str]) -> str:
        """Return it in words, with what the steps are `called`."""
        event = self.asked.step(catalogue).name
        first, last = self.between or (1, len(called))
        names = [called[place - 1] if place <= len(called) else str(place) for place in (first, last)]
        return _("no {event} between {first} and {last}").format(event=event, first=names[0], last=names[1])


class Exclusions(Field):
    """Events that must not lie between steps, each with the two steps."""

    def __init__(self, name: str = "exclude") -> None:
        super().__init__(name, (), gettext_lazy("Excluded events"))

    def read(self, query: Query, catalogue: Catalogue) -> tuple[Exclusion, ...]:  # noqa: D102
        found = []
        for number in query.numbers(self.name):
            name = f"{self.name}{number}"
            asked, between = steps.read(query, name, catalogue), query.one(f"{name}.between")
            if asked is not None:
                found.append(Exclusion(asked, _between(between) if between else None))
        return tuple(found)

    def write(self, value: tuple[Exclusion, ...], catalogue: Catalogue) -> Iterator[tuple[str, str]]:  # noqa: D102
        for number, one in enumerate(value, 1):
            yield from steps.write(one.asked, f"{self.name}{number}")
            if one.between is not None:
                yield f"{self.name}{number}.between", "{}-{}".format(*one.between)

    def option(self, value: tuple[Exclusion, ...], catalogue: Catalogue) -> tuple[Exclude, ...]:  # noqa: D102
        made = ((one.asked.step(catalogue), one.between) for one in value)
        return tuple(Exclude(step.event, step.where, between) for step, between in made)

    def draw(self, value: tuple[Exclusion, ...], drawing: Drawing) -> SafeString:  # noqa: D102
        called = [drawing.catalogue.events_called(step.events) for step in drawing.values["steps"]]
        drawn = [self._drawn(one, f"{self.name}{number}", called, drawing) for number, one in enumerate(value, 1)]
        if len(value) < MOST_EXCLUSIONS and len(called) > 1:
            offered = [(code, name, "" if name == code else code) for code, name, _rows in drawing.catalogue.events]
            drawn.append(drawing.picker(f"{self.name}{len(value) + 1}", None, offered, _("+ exclusion"), add=True))
        return format_html_join(SafeString(" "), "{}", ((one,) for one in drawn))

    def _drawn(self, one: Exclusion, name: str, called: list[str], drawing: Drawing) -> SafeString:
        event = steps.draw(one.asked, name, drawing, _("Excluded event"), _("Remove this exclusion"))
        pairs = [(f"{a}-{b}", _between_words(a, b, called)) for a, b in combinations(range(1, len(called) + 1), 2)]
        whole = ("", _("the first step and the last"))
        chosen = "{}-{}".format(*one.between) if one.between else ""
        between = drawing.picker(f"{name}.between", chosen, [whole, *pairs], _("Between which steps"))
        return phrase(_("without {event} between {steps}"), event=event, steps=between)


def _between(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", text)
    if found is None:
        raise InputError(_("“{text}” does not name two steps; write it like 1-2.").format(text=text[:40]))
    return int(found[1]), int(found[2])


def _between_words(a: int, b: int, called: list[str]) -> str:
    return _("{a} {first} and {b} {last}").format(a=a, first=called[a - 1], b=b, last=called[b - 1])
