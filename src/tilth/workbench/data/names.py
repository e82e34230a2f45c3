"""What events and properties are called, and which events a question means: asked by every page that lets people pick them.

An event that is merged into another is not offered, and a question about the other counts both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tilth.analysis.steps import AnyStep, Step, as_step
from tilth.language import current
from tilth.warehouse.demo import names as demo
from tilth.workbench.data import facts, words
from tilth.workbench.data.models import EventEntry, PropertyEntry
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Workspace


def calling(workspace: Workspace) -> dict[str, str]:
    """Return what codes are called: columns, the demo brand's codes, then whatever the dictionary names; the dictionary wins."""
    called = {code: str(name) for code, name in words.COLUMNS.items()}
    if workspace.is_demo:
        called |= demo_names()
    with scope.use(workspace):
        called |= dict(PropertyEntry.objects.exclude(name="").values_list("code", "name"))
        called |= dict(EventEntry.objects.exclude(name="").values_list("code", "name"))
    return called


def values(workspace: Workspace, column: str) -> dict[str, str]:
    """Return what values of a column are called: of kinds that share a code the column's own wins, unless the dictionary names it."""
    called = calling(workspace)
    if not workspace.is_demo:
        return called
    usual = demo_names()
    own = {code: name.zh if current() == "zh-Hans" else name.en for code, name in demo.NAMES.get(column, {}).items()}
    return called | {code: name for code, name in own.items() if called.get(code) == usual.get(code)}


def demo_names() -> dict[str, str]:
    """Return the names of the demo brand's codes in the language in use; where kinds share a code, events win, then channels."""
    kinds = sorted(demo.NAMES, key=lambda kind: ("event", "channel").index(kind) if kind in ("event", "channel") else 9, reverse=True)
    return {code: name.zh if current() == "zh-Hans" else name.en for kind in kinds for code, name in demo.NAMES[kind].items()}


def events(workspace: Workspace) -> list[tuple[str, str, int]]:
    """Return the events to pick from, most rows first: code, display name, rows (those of events merged into it counted in)."""
    called = calling(workspace)
    with scope.use(workspace):
        entries = {entry.code: entry for entry in EventEntry.objects.select_related("merged_into")}
    hidden = {code for code, entry in entries.items() if entry.hidden}
    rows: dict[str, int] = {}
    for event in facts.events(workspace):
        entry = entries.get(event.code)
        code = entry.merged_into.code if entry and entry.merged_into else event.code
        rows[code] = rows.get(code, 0) + event.rows
    return [(code, called.get(code, code), n) for code, n in sorted(rows.items(), key=lambda one: -one[1]) if code not in hidden]


def properties(workspace: Workspace, events: Iterable[str] = ()) -> list[tuple[str, str, str]]:
    """Return the properties that rows of some events have (of any event, when none is named): code, display name, kind; hidden ones left out.

    Kind is "text", "number", "time" or "flag"; where events differ in it, "text". Columns that say who somebody is are not offered,
    nor is what is shown masked: answers are split by values, shared and mailed.
    """
    called = calling(workspace)
    with scope.use(workspace):
        hidden = set(PropertyEntry.objects.filter(table="events", hidden=True).values_list("code", flat=True))
    asked: list[str | None] = [code for event in events for code in sources(workspace, event)]
    found: dict[str, str] = {}
    for event in asked or [None]:
        for one in facts.properties(workspace, event):
            if one.filled and not one.personal and not one.masked and one.code not in hidden:
                found[one.code] = one.kind if found.get(one.code, one.kind) == one.kind else "text"
    return [(code, called.get(code, code), kind) for code, kind in found.items()]


def sources(workspace: Workspace, event: str) -> tuple[str, ...]:
    """Return the codes that an event stands for: its own and those merged into it; one that is merged stands for what it is merged into."""
    with scope.use(workspace):
        entry = EventEntry.objects.filter(code=event).select_related("merged_into").first()
        if entry is None:
            return (event,)
        kept = entry.merged_into or entry
        return (kept.code, *kept.merged.order_by("code").values_list("code", flat=True))


def resolve(workspace: Workspace, step: AnyStep | Any) -> Step:
    """Return a step as the facts know it: merged events spelled out, and called by the display name where it has no label of its own.

    Codes that do not occur (any more) are left out as long as one does; a step of which none occurs stays as it is, for the question to refuse.
    """
    given = as_step(step)
    there = {event.code for event in facts.events(workspace)}
    codes = tuple(dict.fromkeys(code for event in given.events for code in sources(workspace, event)))
    codes = tuple(code for code in codes if code in there) or given.events
    label = given.label
    if label is None:
        called = calling(workspace)
        label = " / ".join(called.get(code, code) for code in given.events)
    return replace(given, event=codes[0] if len(codes) == 1 else codes, label=label)
