"""A question as it stands in an address: its kind and what was picked; read and written so that both always say the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.http import urlencode
from django.utils.translation import gettext as _

from tilth.errors import InputError, UnknownName
from tilth.workbench.measure.addresses import address
from tilth.workbench.measure.asking.query import Pairs, Query

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue
    from tilth.workbench.measure.asking.kinds import Kind

CONTROLS = ("saved", "format", "cell", "answer", "job")
"""Names in an address that belong to the page, not to the question."""


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes
    ----------
    kind : Kind
    values : mapping
        What was picked, by the field's name.
    faults : mapping
        What is wrong with the address, by the field's name; ``""`` for what belongs to none. A question with faults is not asked.
    """

    kind: Kind
    values: Mapping[str, Any]
    faults: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, kind: Kind, pairs: Iterable[tuple[str, str]], catalogue: Catalogue) -> Question:
        """Return the question that names and values of an address ask."""
        query = Query(pair for pair in pairs if pair[0] not in CONTROLS)
        values, faults = {}, {}
        for part in kind.fields:
            try:
                values[part.name] = part.read(query, catalogue)
            except InputError as fault:
                values[part.name], faults[part.name] = part.default(catalogue), str(fault)
        if not faults and query.left:
            faults[""] = str(UnknownName(_("part of this question"), query.left[0], [part.name for part in kind.fields]))
        made = cls(kind, values, faults)
        if not faults:
            try:
                kind.options_of(made, catalogue)
            except InputError as fault:
                return cls(kind, values, {"": str(fault)})
        return made

    def pairs(self, catalogue: Catalogue) -> Pairs:
        """Return the names and values of its address, in the order of the fields, without what is by default so."""
        return [pair for part in self.kind.fields for pair in part.write(self.values[part.name], catalogue)]

    def address(self, catalogue: Catalogue, **more: Any) -> str:
        """Return the address of its page; `more` are names that belong to the page."""
        pairs = [*self.pairs(catalogue), *((name, value) for name, value in more.items() if value)]
        return address(catalogue.workspace, self.kind.page) + (f"?{urlencode(pairs)}" if pairs else "")

    def bare(self, catalogue: Catalogue) -> Question:
        """Return the question without what only says how its answer is shown."""
        return self.having(**{part.name: part.default(catalogue) for part in self.kind.fields if part.name in self.kind.worn})

    def having(self, **values: Any) -> Question:
        """Return the same question with something else picked."""
        return dataclasses.replace(self, values={**self.values, **values})
