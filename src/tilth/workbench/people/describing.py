"""Conditions in words, as the chips above the list say them: a label and what it has to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tilth.analysis.display import wording
from tilth.warehouse.persons import Did, Range, Where
from tilth.warehouse.persons.filter import TIMES
from tilth.workbench.people import columns
from tilth.workbench.people.asking import AGO, Ask
from tilth.workbench.people.columns import Sheet
from tilth.workbench.people.models import Segment


@dataclass(frozen=True)
class Chip:
    """A condition above the list: where it stands in the question, label, text, and the address without it."""

    place: str
    label: str
    text: str
    without: str


def chips(sheet: Sheet, ask: Ask) -> list[Chip]:
    """Return the conditions of a question in words."""
    called = sheet.called
    labels = {key: column.label for key, column in sheet.columns.items()}
    segments = dict(Segment.objects.filter(pk__in=(*ask.inside, *ask.outside)).values_list("pk", "name"))
    made = []
    for place, part in ask.parts():
        if isinstance(part, int):
            label = _("In segment") if place.startswith("in.") else _("Not in segment")
            text = segments.get(part, _("one that is no longer there"))
        elif isinstance(part, Where):
            label, text = labels.get(part.name, part.name), condition(part, called)
        elif isinstance(part, Range):
            label, text = labels.get(part.name, part.name), span(part, sheet.workspace.currency)
        else:
            label, text = (called.get(part.event, part.event) if part.event else _("Any event")), behaviour(part)
        made.append(Chip(place, label, text, ask.without(place).query))
    return made


def condition(part: Where, called: dict[str, str]) -> str:
    """Return a condition on a property in words."""

    def value(one: Any) -> str:
        return columns.in_words(part.name, one, called)

    if part.op == "empty":
        return _("is empty")
    if part.op == "filled":
        return _("has a value")
    if part.op == "in":
        return _(" or ").join(value(one) for one in part.value)
    if part.op == "between":
        return _between(*(one if one in (None, "") else value(one) for one in part.value))
    wording_ = {"equals": "{value}", "not": _("is not {value}"), "contains": _("contains {value}")}
    return wording_[part.op].format(value=value(part.value))


def span(part: Range, currency: str) -> str:
    """Return a range of a figure in words."""
    ago = [AGO.fullmatch(str(one)) if one not in (None, "") else None for one in (part.low, part.high)]
    if part.name in TIMES and any(ago):
        if ago[0] and ago[1]:
            return _("{low}–{high} days ago").format(low=ago[1][1], high=ago[0][1])
        number = int((ago[0] or ago[1])[1])  # type: ignore[index]
        if ago[0]:
            return ngettext("within the last {n} day", "within the last {n} days", number).format(n=number)
        return ngettext("{n} day ago or longer", "{n} days ago or longer", number).format(n=number)

    def value(one: Any) -> Any:
        if one in (None, "") or part.name in TIMES:
            return one
        plain = str(one).replace(",", "")
        return columns.money(float(plain), currency, 0 if float(plain).is_integer() else 2) if part.name == "spent" else wording.count(float(plain))

    return _between(value(part.low), value(part.high))


def behaviour(part: Did) -> str:
    """Return what somebody did in words."""
    lately = "" if part.days is None else ngettext("in the last {n} day", "in the last {n} days", part.days).format(n=part.days)
    if part.never and part.times == 1:
        return _("not {lately}").format(lately=lately) if lately else _("never")
    times = ngettext("{n} time", "{n} times", part.times).format(n=part.times)
    if part.never:
        return _("fewer than {times} {lately}").format(times=times, lately=lately).strip()
    return _("at least {times} {lately}").format(times=times, lately=lately).strip()


def _between(low: Any, high: Any) -> str:
    if low in (None, ""):
        return f"≤ {high}" if high not in (None, "") else _("any")
    return f"≥ {low}" if high in (None, "") else f"{low} – {high}"
