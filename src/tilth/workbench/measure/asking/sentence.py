"""The question as a sentence whose words are pickers."""

from __future__ import annotations

from string import Formatter

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from tilth.workbench.measure.asking.pickers import Drawing
from tilth.workbench.measure.asking.question import Question


def sentence(question: Question, drawing: Drawing) -> SafeString:
    """Return the sentence; what is wrong with a part stands right behind it, and what has no place in this one is carried along unseen."""
    kind, drawing.values = question.kind, question.values
    words = str(kind.words(question))
    core = {name for _text, name, _form, _conversion in Formatter().parse(words) if name}
    drawn = {part.name: part.draw(question.values[part.name], drawing) for part in kind.fields if part.name in (*core, *kind.further)}
    told = {name: pickers + fault(question, name) for name, pickers in drawn.items()}
    between = pgettext("between parts of a question", ", ")
    parts = [part for part in (format_html(words, **told), *(told[name] for name in kind.further)) if part]
    return format_html_join(between, "{}", ((part,) for part in parts)) + _carried(question, drawing, drawn) + fault(question, "")


def fault(question: Question, name: str) -> SafeString:
    """Return what is wrong with a part, for the place behind it."""
    words = question.faults.get(name)
    return format_html('<span class="t-fault" role="alert">{}</span>', words) if words else SafeString("")


def _carried(question: Question, drawing: Drawing, drawn: dict[str, SafeString]) -> SafeString:
    """Return the parts that have no picker here, as fields that keep what was picked for when they have one again."""
    unseen = [part for part in question.kind.fields if not drawn.get(part.name)]
    pairs = [pair for part in unseen for pair in part.write(question.values[part.name], drawing.catalogue)]
    faults = format_html_join("", "{}", ((fault(question, part.name),) for part in unseen if part.name not in drawn))
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs) + faults
