"""Changes of segments on their way into the facts: promised in the transaction that asks for them, carried out once it has been committed."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from tilth.warehouse import memberships
from tilth.workbench.jobs.outbox import effect
from tilth.workbench.people.models import Change, Segment
from tilth.workbench.tenancy.models import Workspace


@effect("people.segment.change")
def change(workspace: Workspace, *, key: str, change: int) -> None:
    """Write who enters or leaves a segment, then forget their ids here."""
    asked = Change.objects.select_related("segment").filter(pk=change, done_at=None).first()
    if asked is None:  # done by another process, or the segment has been deleted
        return
    facts, segment = workspace.facts, asked.segment
    write = memberships.enter if asked.verb == Change.Verb.ENTER else memberships.leave
    done = write(facts, segment.code, asked.ids, asked.at, key=key)
    size = len(memberships.members(facts, segment.code))
    moved = abs(size - segment.size) if done.already else done.entered + done.left
    with transaction.atomic():
        Change.objects.filter(pk=change).update(people=None, moved=moved, size=size, done_at=timezone.now())
        Segment.objects.filter(pk=segment.pk).update(size=size, updated_at=timezone.now())


@effect("people.segment.delete")
def delete(workspace: Workspace, *, key: str, code: str) -> None:
    """End all memberships of a segment that is no more."""
    memberships.delete(workspace.facts, code, key=key)
