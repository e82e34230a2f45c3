"""What the box in the top bar finds among people and segments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tilth.warehouse import persons
from tilth.workbench.data import masking
from tilth.workbench.people import contacts
from tilth.workbench.people.models import Segment
from tilth.workbench.people.policies import people, segments
from tilth.workbench.shell.finding import MOST

SHORTEST = 3
"""Characters from which on people are looked for."""


def find(request: Any, text: str) -> Iterator[tuple[str, str, str]]:
    """Yield segments by a part of their name, then people by the beginning of an id."""
    if segments.allows(request.actor, "view"):
        for segment in Segment.objects.filter(name__icontains=text)[:MOST]:
            yield segment.name, _("segment"), reverse("people:segment", args=[segment.pk])
    if people.allows(request.actor, "view") and len(text) >= SHORTEST:
        found = contacts.find(request.workspace, text, contact=people.allows(request.actor, "contact"))
        page = persons.listing(request.workspace.facts, within=found, sort="person", descending=False, limit=MOST)
        for person, kind in page.frame[["person", "person_kind"]].itertuples(index=False):
            yield masking.id(kind, person), _("person"), reverse("people:person", args=[masking.key(kind, person)])
