"""The question as a sentence whose words are pickers."""

from __future__ import annotations

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from tilth.workbench.measure.asking import views
from tilth.workbench.measure.asking.pickers import Drawing
from tilth.workbench.measure.asking.question import Question


def sentence(question: Question, drawing: Drawing) -> SafeString:
    """Return the sentence; what is wrong with a part stands right behind it."""
    kind, drawing.values = question.kind, question.values
    drawn = {part.name: part.draw(question.values[part.name], drawing) + fault(question, part.name) for part in kind.fields}
    core = format_html(str(kind.words(question)), **drawn)
    between = pgettext("between parts of a question", ", ")
    parts = [part for part in (core, *(drawn[name] for name in kind.further)) if part]
    return format_html_join(between, "{}", ((part,) for part in parts)) + drawn.get(views.NAME, SafeString("")) + fault(question, "")


def fault(question: Question, name: str) -> SafeString:
    """Return what is wrong with a part, for the place behind it."""
    words = question.faults.get(name)
    return format_html('<span class="t-fault" role="alert">{}</span>', words) if words else SafeString("")
