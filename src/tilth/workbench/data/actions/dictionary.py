"""The dictionary: what events and properties are called, who looks after them, which are hidden, and which are one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.warehouse.demo import names as demo
from tilth.workbench.data import names
from tilth.workbench.data.models import EventEntry, PropertyEntry
from tilth.workbench.data.policies import dictionary, loads
from tilth.workbench.tenancy.actions import Actor, action, record
from tilth.workbench.tenancy.models import Membership

NAME, DESCRIPTION = 80, 500
"""Longest display name and description."""


@action(dictionary, "edit")
def describe_event(
    actor: Actor, code: str, *, name: str | None = None, description: str | None = None, hidden: bool | None = None, owner: int | None = None
) -> EventEntry:
    """Say what an event is called and means, whether it is offered, and who looks after it (a user's number, 0 for nobody); None leaves a part.

    Raises
    ------
    InputError
        For a text that is too long, or a user who is no member.
    """
    entry, _made = EventEntry.objects.get_or_create(code=code)
    _describe(entry, name, description, hidden)
    if owner is not None:
        if owner and not Membership.objects.filter(workspace=actor.workspace, user=owner).exists():
            raise InputError(_("Only a member of the workspace can look after an event."))
        entry.owner_id = owner or None
    entry.save()
    record(entry, code=code, hidden=entry.hidden)
    return entry


@action(dictionary, "edit")
def describe_property(
    actor: Actor, table: str, code: str, *, name: str | None = None, description: str | None = None, hidden: bool | None = None
) -> PropertyEntry:
    """Say what a property or column of a table is called and means, and whether it is offered; None leaves a part."""
    entry, _made = PropertyEntry.objects.get_or_create(table=table, code=code)
    _describe(entry, name, description, hidden)
    entry.save()
    record(entry, table=table, code=code, hidden=entry.hidden)
    return entry


@action(dictionary, "edit")
def merge(actor: Actor, code: str, into: str) -> EventEntry:
    """Show and ask an event as another from now on; those merged into it come along. The rows stay as they are, so that it can be taken apart again.

    Raises
    ------
    InputError
        When both are the same, or `into` is itself merged into the first.
    """
    kept, _made = EventEntry.objects.select_related("merged_into").get_or_create(code=into)
    kept = kept.merged_into or kept
    entry, _made = EventEntry.objects.get_or_create(code=code)
    if entry.pk == kept.pk:
        raise InputError(_("“{name}” cannot be merged into itself.").format(name=entry))
    entry.merged.update(merged_into=kept)
    entry.merged_into = kept
    entry.save()
    record(entry, code=code, into=kept.code)
    return kept


@action(dictionary, "edit")
def part(actor: Actor, code: str) -> EventEntry:
    """Show and ask a merged event by itself again."""
    entry = EventEntry.objects.get(code=code)
    entry.merged_into = None
    entry.save()
    record(entry, code=code)
    return entry


@action(loads, "run")
def name_demo(actor: Actor) -> int:
    """Call the demo brand's events what they are called, in the language in use; return how many were named."""
    called = names.demo_names()
    made = EventEntry.objects.bulk_create([EventEntry(code=code, name=called[code]) for code in demo.EVENTS], ignore_conflicts=True)
    record(actor.workspace, events=len(made))
    return len(made)


def _describe(entry: Any, name: str | None, description: str | None, hidden: bool | None) -> None:
    for part, text, longest in (("name", name, NAME), ("description", description, DESCRIPTION)):
        if text is None:
            continue
        text = " ".join(text.split())
        if len(text) > longest:
            raise InputError(_("At most {count} characters; these are {found}.").format(count=longest, found=len(text)))
        setattr(entry, part, text)
    if hidden is not None:
        entry.hidden = hidden
