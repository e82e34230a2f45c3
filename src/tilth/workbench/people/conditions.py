"""The forms in which one condition of the list is set: what can be chosen, and the condition that a filled form means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tilth.errors import InputError
from tilth.warehouse import persons
from tilth.warehouse.persons import Did, Range, Where
from tilth.warehouse.persons.filter import TIMES
from tilth.workbench.data import masking, names
from tilth.workbench.people import asking, columns
from tilth.workbench.people.asking import AGO, Ask
from tilth.workbench.people.columns import Sheet
from tilth.workbench.people.models import Segment
from tilth.workbench.tenancy.models import Workspace

Part = Where | Range | Did | tuple[str, int]


@dataclass(frozen=True)
class Choice:
    """Something to set a condition on: the kind of form, a name, a label, and the group it is offered in."""

    kind: str
    name: str
    label: str
    group: str


def offered(workspace: Workspace, *, contact: bool) -> list[Choice]:
    """Return what conditions can be set on: figures, times, the profile without what the actor sees masked, events, segments."""
    known = Sheet(workspace).columns
    hidden = frozenset() if contact else asking.hidden(workspace)
    found = [
        Choice("ranges", name, known[name].label, _("Times") if name in TIMES else pgettext("what a condition is about", "Figures"))
        for name in persons.RANGES
    ]
    found += [Choice("where", name, known[name].label, _("Profile")) for name in persons.properties(workspace.facts) if name not in hidden]
    found += [Choice("did", code, label, _("Behaviour")) for code, label, _rows in names.events(workspace)]
    if Segment.objects.exists():
        found += [Choice("in", "", _("In segment"), _("Segments")), Choice("out", "", _("Not in segment"), _("Segments"))]
    return found


def form(workspace: Workspace, ask: Ask, kind: str, name: str, place: str, *, contact: bool) -> dict[str, Any]:
    """Return what the form of a condition shows; `place` says which condition of the list it changes, if any.

    Values that are masked are offered only to who has the right to `contact`.
    """
    part = dict(ask.parts()).get(place)
    if isinstance(part, Where | Range):
        kind, name = ("where" if isinstance(part, Where) else "ranges"), part.name
    elif isinstance(part, Did):
        kind, name = "did", part.event or ""
    elif part is not None:
        kind = place.partition(".")[0]
    sheet = Sheet(workspace)
    called, known = sheet.called, sheet.columns
    shown: dict[str, Any] = {"kind": kind, "name": name, "place": place, "part": part}
    if kind == "where":
        if name not in persons.properties(workspace.facts):
            raise InputError(_("There is no property “{name}”.").format(name=name))
        chosen = part.value if part and part.op == "in" else (part.value,) if part and part.op in ("equals", "not") else ()
        values = [one for one in persons.values(workspace.facts, name) if contact or not masking.is_masked("people", name, one[0])]
        shown |= {
            "label": known[name].label,
            "values": [(value, columns.in_words(name, value, called), people, value in chosen) for value, people in values],
            "op": "in" if part is None or part.op == "equals" else part.op,
            "text": part.value if part and part.op in ("contains", "not") else "",
            "low": part.value[0] if part and part.op == "between" else "",
            "high": part.value[1] if part and part.op == "between" else "",
        }
    elif kind == "ranges":
        if name not in persons.RANGES:
            raise InputError(_("There is no figure “{name}”.").format(name=name))
        ago = [AGO.fullmatch(str(one)) if one is not None else None for one in ((part.low, part.high) if part else ())]
        by_days = any(ago) or part is None
        shown |= {
            "label": known[name].label,
            "is_time": name in TIMES,
            "by_days": by_days,
            "low": part.low if part and not any(ago) else None,
            "high": part.high if part and not any(ago) else None,
            "near": ago[1][1] if ago and ago[1] else "",
            "far": ago[0][1] if ago and ago[0] else "",
        }
    elif kind == "did":
        shown |= {"label": _("Behaviour"), "events": names.events(workspace)}
    else:
        shown |= {"label": _("In segment") if kind == "in" else _("Not in segment"), "segments": Segment.objects.order_by("name")}
    return shown


def read(given: QueryDict) -> Part:
    """Return the condition that a filled form means; InputError when something is missing."""
    kind, name = given.get("put", ""), given.get("name", "")
    if kind == "where":
        return _where(name, given)
    if kind == "ranges":
        return Range(name, *_ends(name, given))
    if kind == "did":
        never = given.get("never") == "1"
        return Did(
            given.get("event") or None, _whole(given.get("times"), pgettext("filter", "times")) or 1, _whole(given.get("days"), _("days")), never
        )
    if kind in asking.SETS and given.get("segment", "").isdigit():
        return kind, int(given["segment"])
    raise InputError(_("Choose what the condition is about."))


def _where(name: str, given: QueryDict) -> Where:
    op, text = given.get("op", "in"), given.get("text", "").strip()
    values = tuple(value for value in given.getlist("value") if value)
    if op in ("empty", "filled"):
        return Where(name, op)  # type: ignore[arg-type]
    if op == "between":
        low, high = given.get("low", "").strip(), given.get("high", "").strip()
        if not low and not high:
            raise InputError(_("Write from where or to where."))
        return Where(name, "between", (low or None, high or None))
    if op == "in":
        if not values:
            raise InputError(_("Choose at least one value."))
        return Where(name, "in", values) if len(values) > 1 else Where(name, "equals", values[0])
    if not text:
        raise InputError(_("Write what to compare with."))
    return Where(name, op, text)  # type: ignore[arg-type]


def _ends(name: str, given: QueryDict) -> tuple[Any, Any]:
    if name in TIMES and given.get("by") == "days":
        near, far = _whole(given.get("near"), _("days")), _whole(given.get("far"), _("days"))
        ends: tuple[Any, Any] = (None if far is None else f"-{far}d", None if near is None else f"-{near}d")
    else:
        ends = (given.get("low", "").strip() or None, given.get("high", "").strip() or None)
    if ends == (None, None):
        raise InputError(_("Write from where or to where."))
    return ends


def _whole(text: str | None, what: str) -> int | None:
    if not text:
        return None
    if not text.isdigit() or len(text) > 5:
        raise InputError(_("{what}: “{text}” is no whole number.").format(what=what, text=text))
    return int(text)
