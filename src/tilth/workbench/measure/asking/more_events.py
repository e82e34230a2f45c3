"""Events that a question may take besides those it is about: one that is added to the sentence, or several to keep to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tilth.analysis.steps import Step
from tilth.errors import UnknownEvent
from tilth.workbench.data import names
from tilth.workbench.measure.asking import steps
from tilth.workbench.measure.asking.fields import Field
from tilth.workbench.measure.asking.pickers import Drawing, phrase
from tilth.workbench.measure.asking.steps import Asked, Event

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue
    from tilth.workbench.measure.asking.query import Query


def usual(*wanted: str, place: int = 0) -> Callable[[Catalogue], str | None]:
    """Return what finds, of the usual steps of a purchase, the one at a place: ``usual("pay")``; None where nothing happened yet."""

    def found(catalogue: Catalogue) -> str | None:
        codes = catalogue.usual(*wanted)
        return codes[min(place, len(codes) - 1)] if codes else None

    return found


class Added(Event):
    """An event that may be added to the question, and is not there at first.

    Parameters
    ----------
    add : str
        The words by which it is added.
    words : str
        What is said of it, with ``{picker}`` in its place.
    remove : str
        The words by which it is taken away.
    """

    def __init__(self, name: str, label: Any, *, add: Any, words: Any, remove: Any) -> None:
        super().__init__(name, lambda _catalogue: None, label)
        self.add, self.words, self.remove = add, words, remove

    def draw(self, value: Asked | None, drawing: Drawing) -> SafeString:  # noqa: D102
        if value is None:
            return drawing.picker(self.name, None, _offered(drawing), self.add, add=True)
        return phrase(str(self.words), picker=steps.draw(value, self.name, drawing, str(self.label), str(self.remove)))


class Among(Field):
    """The events that are looked at: all that are offered, or those that were picked, in the order of the list.

    Parameters
    ----------
    every : str
        What all of them are called.
    """

    def __init__(self, name: str, label: Any, every: Any) -> None:
        super().__init__(name, (), label)
        self.every = every

    def read(self, query: Query, catalogue: Catalogue) -> tuple[str, ...]:  # noqa: D102
        given = query.all(self.name)
        for event in given:
            if event not in catalogue.there:
                raise UnknownEvent(event, catalogue.there)
        return tuple(sorted(given))

    def write(self, value: tuple[str, ...], catalogue: Catalogue) -> Iterator[tuple[str, str]]:  # noqa: D102
        yield from ((self.name, event) for event in value)

    def steps(self, value: tuple[str, ...], catalogue: Catalogue) -> list[Step]:
        """Return the events, or all that are offered, each as a step called by its code, with those that are merged into it."""
        codes = value or tuple(code for code, _name, _rows in catalogue.events)
        return [names.resolve(catalogue.workspace, Step(code, label=code)) for code in codes]

    def draw(self, value: tuple[str, ...], drawing: Drawing) -> SafeString:  # noqa: D102
        if not value:
            return drawing.picker(self.name, None, _offered(drawing), str(self.every), add=True)
        return drawing.picker(self.name, value, _offered(drawing), _("choose"), multiple=True)


def _offered(drawing: Drawing) -> list[tuple[str, str, str]]:
    return [(code, called, "" if called == code else code) for code, called, _rows in drawing.catalogue.events]
