"""What all questions about events share: which days, which people, and what to compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.analysis.events import Events
from tilth.engine import clock
from tilth.engine.people import PersonSet
from tilth.warehouse import memberships, persons
from tilth.workbench.measure.asking import conditions
from tilth.workbench.measure.asking.fields import Choice, Field
from tilth.workbench.measure.asking.pickers import Drawing, phrase
from tilth.workbench.shell import dates
from tilth.workbench.shell.dates import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tilth.workbench.measure.asking.catalogue import Catalogue
    from tilth.workbench.measure.asking.query import Query

NONE, PREVIOUS, YEAR = "", "previous", "year"
NEW, KNOWN = "new", "known"


class Dates(Field):
    """The days that are looked at."""

    def __init__(self, default: str = "30d") -> None:
        super().__init__("dates", default, gettext_lazy("Days"))

    def default(self, catalogue: Catalogue) -> Span:  # noqa: D102
        return self._span(self._default, catalogue)

    def read(self, query: Query, catalogue: Catalogue) -> Span:  # noqa: D102
        return self._span(query.one(self.name) or self._default, catalogue)

    def text(self, value: Span) -> str:  # noqa: D102
        return value.code

    def draw(self, value: Span, drawing: Drawing) -> SafeString:  # noqa: D102
        return drawing.dates(self.name, value, self.label)

    @staticmethod
    def _span(text: str, catalogue: Catalogue) -> Span:
        return dates.parse(text, catalogue.workspace.tz, catalogue.workspace.week_start, catalogue.last_day)


class Compare(Choice):
    """Another time to hold the answer against."""

    def __init__(self) -> None:
        options = {NONE: gettext_lazy("Do not compare"), PREVIOUS: gettext_lazy("the days before"), YEAR: gettext_lazy("a year before")}
        super().__init__("compare", options, NONE, gettext_lazy("Compare"))

    def draw(self, value: str, drawing: Drawing) -> SafeString:  # noqa: D102
        if value == NONE:
            return drawing.picker(self.name, None, [(code, words) for code, words in self.options.items() if code], _("+ compare"), add=True)
        return phrase(_("against {picker}"), picker=super().draw(value, drawing))


class People(Field):
    """Whose events are looked at: everybody's, those of a segment, or of people who were first seen in these days or before them."""

    def __init__(self) -> None:
        super().__init__("people", "", gettext_lazy("People"))

    def read(self, query: Query, catalogue: Catalogue) -> str:  # noqa: D102
        given = query.one(self.name)
        return given if given in ("", NEW, KNOWN) else str(catalogue.segment(given).pk)

    def words(self, value: str, catalogue: Catalogue) -> str:
        """Return who they are."""
        return str(self.choices().get(value) or catalogue.segment(value).name)

    @staticmethod
    def choices() -> dict[str, str]:
        """Return those who need no segment."""
        return {"": _("everybody"), NEW: _("new people"), KNOWN: _("people known before")}

    def draw(self, value: str, drawing: Drawing) -> SafeString:  # noqa: D102
        segments = [(key, name, f"{size:,}") for key, name, size in drawing.catalogue.segments]
        return phrase(_("of {picker}"), picker=drawing.picker(self.name, value, [*self.choices().items(), *segments], self.label))


class Sample(Choice):
    """What share of the people is asked: all of them, or so many that are drawn by their ids."""

    def __init__(self) -> None:
        super().__init__("sample", {1: gettext_lazy("everybody"), 0.1: "10%", 0.01: "1%"}, 1, gettext_lazy("Sample"))

    def draw(self, value: float, drawing: Drawing) -> SafeString:  # noqa: D102
        if value == 1:
            smaller = [(self.text(share), words) for share, words in self.options.items() if share < 1]
            return drawing.picker(self.name, None, smaller, _("+ sample"), add=True)
        return phrase(_("of a sample of {picker}"), picker=super().draw(value, drawing))


def narrowed(events: Events, values: Mapping[str, Any], catalogue: Catalogue, looked_at: Span | None = None) -> Events:
    """Return the events that a question looks at, by those of the fields here and the conditions that it has.

    Where other days than those picked have to be looked at, such as whole weeks, these are `looked_at`; who is new is told by the days picked.
    """
    span: Span | None = values.get("dates")
    found = within(events, values.get("people", ""), span, catalogue)
    if values.get("sample", 1) < 1:
        found = found.sample(values["sample"])
    days = looked_at or span
    if days is not None:
        found = found.during(days.start, days.end)
    held = conditions.as_condition(values.get("where", ()), catalogue)
    return found if held is None else found.where(held)


def within(events: Events, who: str, span: Span | None, catalogue: Catalogue) -> Events:
    """Return the events of some people."""
    if not who:
        return events
    if who in (NEW, KNOWN):
        return events.within(first_seen(events, span, before=who == KNOWN))
    held = catalogue.workspace.facts
    return events.within(persons.every_id(held, memberships.members(held, catalogue.segment(who).code)))


def first_seen(events: Events, span: Span | None, before: bool = False) -> PersonSet:
    """Return those whose first event of all lies in the days of `span`, or before them."""
    start, end = (None, None) if span is None else (span.start, span.end)
    if not before:
        return events.newcomers(start, end)
    if start is None:
        return PersonSet.of([])
    return events.newcomers(end=clock.local(clock.instant(start, events.tz), events.tz))


def other_time(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the values of the same question about the time to compare with; None where nothing is compared, or there is no such time."""
    span: Span | None = values.get("dates")
    if span is None or not values.get("compare"):
        return None
    other = span.before() if values["compare"] == PREVIOUS else span.year_before()
    return None if other is None else {**values, "dates": other, "compare": NONE}
