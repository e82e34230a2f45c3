"""Several views of one answer: a choice above the chart, which stands in the address as all else does, and what is picked for one view only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from tilth.workbench.measure.asking.fields import Choice
from tilth.workbench.measure.asking.pickers import Drawing, phrase

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue
    from tilth.workbench.measure.asking.question import Question

NAME = "view"
"""Its name in addresses."""


class View(Choice):
    """Which view of the answer is open: picked above the chart, so the sentence has no place for it and carries it along.

    Parameters
    ----------
    options : dict
        Words, translatable, by code; the first is open at first.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(NAME, options, next(iter(options)), gettext_lazy("View"))


class InView(Choice):
    """One of a few values that matters to one view alone, and is drawn there.

    Parameters
    ----------
    view : str
        The code of that view.
    words : str
        What is said of it, with ``{picker}`` in its place.
    """

    def __init__(self, name: str, view: str, words: Any, options: Mapping[Any, Any], default: Any, label: Any) -> None:
        super().__init__(name, options, default, label)
        self.view, self.words = view, words

    def draw(self, value: Any, drawing: Drawing) -> SafeString:  # noqa: D102
        if drawing.values[NAME] != self.view:
            return SafeString("")
        return phrase(str(self.words), picker=super().draw(value, drawing))


def shown(question: Question) -> str:
    """Return the code of the view that a question's answer shows: the one picked, or the first where that one cannot be had."""
    offered = question.kind.views(question)
    return question.values[NAME] if question.values[NAME] in offered else next(iter(offered))


def choice(question: Question, catalogue: Catalogue, **more: Any) -> list[tuple[str, str, bool]]:
    """Return the views to choose from: words, address, whether it is shown; none where there is one only."""
    offered = question.kind.views(question)
    if len(offered) < 2:
        return []
    now = shown(question)
    return [(str(words), question.having(**{NAME: code}).address(catalogue, **more), code == now) for code, words in offered.items()]
