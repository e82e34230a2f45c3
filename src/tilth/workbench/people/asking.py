"""Which people the list shows, in what order and columns: the list's address, read and written, and answered from the facts.

``filter`` in the address is a :class:`tilth.warehouse.persons.PeopleFilter` as JSON; ``q`` its search; ``in`` and ``out`` are segments. A time in a
range may be written ``-30d``: 30 days before the last day of the data, so that a saved view stays true tomorrow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from tilth.engine.people import PersonSet
from tilth.errors import InputError
from tilth.warehouse import memberships, persons
from tilth.warehouse.persons import Did, PeopleFilter, Range, Where, register
from tilth.workbench.data import facts, masking
from tilth.workbench.people import contacts
from tilth.workbench.people.models import Segment
from tilth.workbench.people.sources import source
from tilth.workbench.tenancy.models import Workspace

AGO = re.compile(r"-(\d{1,5})d")
PAGE = 50


class Hidden(InputError):
    """A filter or an order by something that the actor sees masked."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("“{name}” is personal: who sees it masked cannot filter or sort by it. This needs the right “people:contact”.").format(name=name)
        )


@dataclass(frozen=True)
class Ask:
    """What the list is asked for.

    Attributes
    ----------
    given : PeopleFilter
        Conditions on profile, figures and behaviour, and the search.
    inside, outside : tuple of int
        Segments that people must be in, and must not be in, by their keys.
    sort : str
        A column, with a ``-`` before it for downwards.
    columns : tuple of str
        The columns shown; empty for the usual ones.
    """

    given: PeopleFilter = PeopleFilter()  # noqa: RUF009  (frozen)
    inside: tuple[int, ...] = ()
    outside: tuple[int, ...] = ()
    sort: str = "-last_seen"
    columns: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: QueryDict) -> Ask:
        """Return what an address asks for; InputError when it cannot be read."""
        given = PeopleFilter.from_json(query.get("filter") or "{}")
        columns = tuple(name for name in query.get("columns", "").split(",") if name)
        inside, outside = (tuple(int(pk) for pk in query.getlist(name) if pk.isdigit()) for name in ("in", "out"))
        return cls(replace(given, search=query.get("q", "").strip()), inside, outside, query.get("sort") or "-last_seen", columns)

    @property
    def query(self) -> str:
        """The address that asks for it, without a page."""
        filter_ = replace(self.given, search="")
        parts: list[tuple[str, Any]] = [("q", self.given.search)] if self.given.search else []
        parts += [("filter", filter_.to_json())] if filter_ else []
        parts += [("in", pk) for pk in self.inside] + [("out", pk) for pk in self.outside]
        parts += [("sort", self.sort)] if self.sort != "-last_seen" else []
        parts += [("columns", ",".join(self.columns))] if self.columns else []
        return urlencode(parts)

    @property
    def is_narrow(self) -> bool:
        """Whether anybody is left out."""
        return bool(self.given or self.inside or self.outside)

    def parts(self) -> list[tuple[str, Any]]:
        """Return its conditions, each with the place at which :meth:`without` and :meth:`put` find it again."""
        found: list[tuple[str, Any]] = []
        for name in ("where", "ranges", "did"):
            found += [(f"{name}.{number}", one) for number, one in enumerate(getattr(self.given, name))]
        found += [(f"in.{number}", pk) for number, pk in enumerate(self.inside)]
        return found + [(f"out.{number}", pk) for number, pk in enumerate(self.outside)]

    def without(self, place: str) -> Ask:
        """Return it without the condition at a place."""
        return self._with(place, ())

    def put(self, part: Where | Range | Did | tuple[str, int], place: str = "") -> Ask:
        """Return it with a condition more, or with another one at a place."""
        name, kept = part if isinstance(part, tuple) else (KINDS[type(part)], part)
        if place and place.partition(".")[0] == name:
            return self._with(place, (kept,))
        asked = self.without(place) if place else self
        if name in SETS:
            return _changed(asked, SETS[name], (*getattr(asked, SETS[name]), kept))
        return replace(asked, given=_changed(asked.given, name, (*getattr(asked.given, name), kept)))

    def _with(self, place: str, parts: tuple[Any, ...]) -> Ask:
        name, _dot, number = place.partition(".")
        where: Any = self if name in SETS else self.given
        field = SETS.get(name, name)
        if field not in (*SETS.values(), "where", "ranges", "did") or not number.isdigit():
            return self
        kept = list(getattr(where, field))
        kept[int(number) : int(number) + 1] = parts
        changed = _changed(where, field, tuple(kept))
        return changed if name in SETS else replace(self, given=changed)


SETS = {"in": "inside", "out": "outside"}
KINDS: dict[type, str] = {Where: "where", Range: "ranges", Did: "did"}


def _changed(one: Any, field: str, value: tuple[Any, ...]) -> Any:
    return replace(one, **{field: value})


def listed(workspace: Workspace, ask: Ask, *, contact: bool, offset: int = 0, limit: int = PAGE) -> persons.Page:
    """Return a page of people, values as they are in the facts: what shows them masks them.

    Parameters
    ----------
    workspace : Workspace
        Whose; in scope.
    ask : Ask
        Who, and in what order.
    contact : bool
        Whether the actor has the right ``people:contact``.
    offset, limit : int
        Which part.

    Raises
    ------
    InputError
        When the filter cannot be used.
    Hidden
        When it is by something that the actor sees masked.
    """
    given, within = _settled(workspace, ask, contact)
    sort = ask.sort.removeprefix("-")
    if not contact and sort in hidden(workspace):
        raise Hidden(sort)
    return persons.listing(workspace.facts, given, within, sort=sort, descending=ask.sort.startswith("-"), offset=offset, limit=limit)


def chosen(workspace: Workspace, ask: Ask, *, contact: bool) -> PersonSet:
    """Return everybody whom the list shows on all its pages; the arguments are those of :func:`listed`."""
    given, within = _settled(workspace, ask, contact)
    return persons.chosen(workspace.facts, given, within)


@source("list")
def of_list(workspace: Workspace, payload: dict[str, Any]) -> PersonSet:
    """Return the people of a list: ``{"query": its address, "contact": whether its reader could filter by contacts}``."""
    return chosen(workspace, Ask.of(QueryDict(payload["query"])), contact=bool(payload["contact"]))


@source("segment")
def of_segment(workspace: Workspace, payload: dict[str, Any]) -> PersonSet:
    """Return the people of a segment: ``{"segment": its key}``."""
    return memberships.members(workspace.facts, Segment.objects.get(pk=payload["segment"]).code)


@source("people")
def of_people(workspace: Workspace, payload: dict[str, Any]) -> PersonSet:
    """Return people one by one: ``{"people": keys of their pages}``."""
    return PersonSet.of([masking.id_of(key) for key in payload["people"]])


def hidden(workspace: Workspace) -> frozenset[str]:
    """Return the properties of people that are masked: by their name, or because values seen in them are or hold phone numbers or mail addresses."""
    return frozenset({one.code for one in facts.properties(workspace, table="people") if one.masked} | set(masking.RULES))


def is_personal(workspace: Workspace, ask: Ask) -> bool:
    """Whether a question holds what only some may know, a name or a number: then it is not kept where everybody reads it."""
    return bool(ask.given.search or _personal(workspace, ask))


def _settled(workspace: Workspace, ask: Ask, contact: bool) -> tuple[PeopleFilter, PersonSet | None]:
    """Return the filter that the facts can answer, and the people among whom."""
    if not contact:
        for one in _personal(workspace, ask):
            raise Hidden(one.name)
    relative = any(AGO.fullmatch(str(end)) for one in ask.given.ranges for end in (one.low, one.high))
    today = register.opened(workspace.facts).last_day if relative else None
    ranges = tuple(replace(one, low=_day(one.low, today), high=_day(one.high, today)) for one in ask.given.ranges)
    given = replace(ask.given, search="", ranges=ranges)
    sets = [contacts.find(workspace, ask.given.search, contact=contact)] if ask.given.search else []
    codes = dict(Segment.objects.filter(pk__in=(*ask.inside, *ask.outside)).values_list("pk", "code"))
    for pk in (*ask.inside, *ask.outside):
        if pk not in codes:
            raise InputError(_("This segment is no longer there. Take its condition off the list."))
    sets += [_members(workspace, codes[pk]) for pk in ask.inside]
    within = sets[0] if sets else None
    for other in sets[1:]:
        within = within & other  # type: ignore[operator]
    if ask.outside:
        within = persons.chosen(workspace.facts) if within is None else within
        for pk in ask.outside:
            within = within - _members(workspace, codes[pk])
    return given, within


def _members(workspace: Workspace, code: str) -> PersonSet:
    return persons.resolve(workspace.facts, memberships.members(workspace.facts, code))


def _personal(workspace: Workspace, ask: Ask) -> list[Where]:
    masked = hidden(workspace) if ask.given.where else frozenset()
    return [one for one in ask.given.where if one.name in masked or _reads_contact(one)]


def _reads_contact(part: Where) -> bool:
    values = part.value if isinstance(part.value, tuple) else (part.value,)
    return any(masking.looks_personal(one) for one in values if one is not None)


def _day(value: Any, today: date | None) -> Any:
    ago = AGO.fullmatch(str(value)) if value is not None else None
    return value if ago is None or today is None else (today - timedelta(days=int(ago[1]))).isoformat()
