"""Brackets of periods, as retention counts comings back in: ``1,2-6,7-29`` in the address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.workbench.measure.asking.fields import Field
from tilth.workbench.measure.asking.pickers import Drawing

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue
    from tilth.workbench.measure.asking.query import Query

Spans = tuple[tuple[int, int], ...]
MOST = 12
LATEST = 400
"""The last period that a bracket may hold."""
OFFERED = ("1, 2-6, 7-29", "1-7, 8-14, 15-30", "1-3, 4-6, 7-12")
ONE = re.compile(r"(\d{1,3})(?:[-–—~](\d{1,3}))?")


class Brackets(Field):
    """Spans of periods after the cohort's own, both ends included, typed one after the other."""

    def read(self, query: Query, catalogue: Catalogue) -> Spans:  # noqa: D102
        given = query.one(self.name)
        return spans(given) if given.strip() else self.default(catalogue)

    def text(self, value: Spans) -> str:  # noqa: D102
        return ",".join(written(value))

    def draw(self, value: Spans, drawing: Drawing) -> SafeString:  # noqa: D102
        return drawing.template("brackets", name=self.name, value=", ".join(written(value)), label=self.label, offered=OFFERED)


def spans(text: str) -> Spans:
    """Return the brackets of a text; InputError for one that has none.

    Examples
    --------
    >>> spans("1, 2-6，7–29")
    ((1, 1), (2, 6), (7, 29))
    """
    parts = [part.strip() for part in re.split("[,，、;；]", text) if part.strip()]
    found = [ONE.fullmatch(re.sub(r"\s", "", part)) for part in parts]
    made: list[Any] = [(int(one[1]), int(one[2] or one[1])) for one in found if one]
    if not 0 < len(made) == len(parts) <= MOST or not all(1 <= low <= high <= LATEST for low, high in made):
        raise InputError(_("Write brackets like 1, 2-6, 7-29: up to {most}, each from 1 on and its smaller number first.").format(most=MOST))
    return tuple(made)


def written(value: Spans) -> list[str]:
    """Return each bracket as it is typed."""
    return [str(low) if low == high else f"{low}-{high}" for low, high in value]
