"""Drawing pickers from code: the shell's components, for one page and what can be picked on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tilth.workbench.shell.dates import Span
from tilth.workbench.shell.templatetags import tilth as components

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue


def phrase(words: str, **pickers: SafeString) -> SafeString:
    """Return words with pickers in them."""
    return format_html(words, **pickers)


def _drawn(template: str, context: dict[str, Any]) -> SafeString:
    """Return a template's text without the line break at its end: a blank before a comma would show."""
    return SafeString(render_to_string(template, context).strip())


class Drawing:
    """Draws the pickers of one page.

    Parameters
    ----------
    request : HttpRequest
    catalogue : Catalogue
        What can be picked.

    Attributes
    ----------
    values : mapping
        What was picked in the question that is drawn, by the field's name.
    """

    def __init__(self, request: HttpRequest, catalogue: Catalogue) -> None:
        self.request, self.catalogue = request, catalogue
        self.values: Mapping[str, Any] = {}

    def picker(self, name: str, value: Any, options: Sequence[Sequence[Any]], label: Any, multiple: bool = False, add: bool = False) -> SafeString:
        """Return a word that opens a list; see the tag ``picker``. What is picked stays on the list even if it is no longer offered."""
        chosen = value if isinstance(value, list | tuple) else [] if value is None else [value]
        offered = {str(option[0]) for option in options}
        kept = [(one, self.catalogue.call(one)) for one in chosen if str(one) not in offered]
        context = components.picker({"request": self.request}, name, value, [*options, *kept], str(label), multiple, add)
        return _drawn("shell/components/picker.html", context)

    def number(self, name: str, value: int, label: Any, unit: Any, low: int, high: int) -> SafeString:
        """Return a number to type."""
        context = components.number_picker(name, value, str(label), str(unit), low, high)
        return _drawn("shell/components/number_picker.html", context)

    def dates(self, name: str, value: Span, label: Any) -> SafeString:
        """Return a span of days to pick."""
        return _drawn("shell/components/date_picker.html", components.date_picker(name, value, str(label)))

    def template(self, part: str, /, **context: Any) -> SafeString:
        """Return a part of a question that has a template of its own."""
        return _drawn(f"measure/asking/{part}.html", context)
