"""Conditions as a part of a question: how they are drawn, and the field that narrows all events by them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.workbench.measure.asking import conditions
from tilth.workbench.measure.asking.conditions import MANY, OPERATORS, Condition
from tilth.workbench.measure.asking.fields import Field
from tilth.workbench.measure.asking.pickers import Drawing

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue
    from tilth.workbench.measure.asking.query import Query


class Where(Field):
    """Conditions on all events that are looked at."""

    def __init__(self, name: str = "where") -> None:
        super().__init__(name, (), gettext_lazy("Conditions"))

    def read(self, query: Query, catalogue: Catalogue) -> tuple[Condition, ...]:  # noqa: D102
        return conditions.read(query, self.name, catalogue)

    def write(self, value: tuple[Condition, ...], catalogue: Catalogue) -> Iterator[tuple[str, str]]:  # noqa: D102
        yield from conditions.write(value, self.name)

    def draw(self, value: tuple[Condition, ...], drawing: Drawing) -> SafeString:  # noqa: D102
        return draw(value, self.name, drawing) + add(value, self.name, drawing)


def draw(given: Sequence[Condition], prefix: str, drawing: Drawing) -> SafeString:
    """Return the pickers of conditions: property, what is said of it, values."""
    return format_html_join(SafeString(" "), "{}", ((_condition(one, f"{prefix}{place}", drawing),) for place, one in enumerate(given, 1)))


def add(given: Sequence[Condition], prefix: str, drawing: Drawing) -> SafeString:
    """Return the list from which a further condition is begun."""
    offered = [(code, called, "" if called == code else code) for code, called, _kind in drawing.catalogue.properties]
    return drawing.picker(f"{prefix}{len(given) + 1}", None, offered, _("+ condition"), add=True)


def _condition(one: Condition, name: str, drawing: Drawing) -> SafeString:
    catalogue = drawing.catalogue
    numeric = catalogue.kinds.get(one.code) == "number"
    operators = [(code, _(operator.label)) for code, operator in OPERATORS.items() if numeric or not operator.numeric]
    takes = OPERATORS[one.operator].takes
    values = SafeString("")
    if takes == MANY:
        offered = [(value, called, f"{rows:,}") for value, called, rows in catalogue.values(one.code)]
        values = drawing.picker(f"{name}.value", one.values, offered, _("choose"), multiple=True)
    elif takes:
        values = drawing.template("typed", name=f"{name}.value", value=one.values[0] if one.values else "", numeric=OPERATORS[one.operator].numeric)
    code = [(one.code, catalogue.call(one.code)), ("", _("Remove this condition"))]
    return drawing.template(
        "condition",
        property=drawing.picker(name, one.code, code, _("Property")),
        operator=drawing.picker(f"{name}.is", one.operator, operators, _("Condition")),
        values=values,
    )
