"""Segments, the changes of who is in them, and saved views of the list of people.

Who is in a segment is a fact and lies in the Delta table ``memberships``; here are its name, how it was made, and what is still to be written there.
"""

from __future__ import annotations

import zlib
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tilth.engine.people import PersonSet
from tilth.workbench.tenancy.models import Scoped


class Segment(Scoped):
    """People who are kept together under a name."""

    class Kind(models.TextChoices):
        """How it is known who is in it."""

        STATIC = "static", _("fixed list")

    code = models.CharField(_("code"), max_length=120, editable=False, help_text=_("Its name in the facts; stays when the segment is renamed."))
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=500, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.STATIC)
    source = models.JSONField(_("how it was made"), default=dict, blank=True)
    size = models.PositiveIntegerField(_("people"), default=0)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("owner"))
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("segment")
        ordering: ClassVar = ["-updated_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "name"], name="one_segment_a_name"),
            models.UniqueConstraint(fields=["workspace", "code"], name="one_segment_a_code"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """``"writing"`` while a change of its people is on the way to the facts, ``"ready"`` otherwise."""
        return "writing" if self.changes.filter(done_at=None).exists() else "ready"

    @property
    def history(self) -> list[int]:
        """Its size after each change, the last ones, oldest first."""
        sizes = self.changes.exclude(done_at=None).order_by("-done_at", "-pk").values_list("size", flat=True)[:60]
        return list(sizes)[::-1]


class Change(Scoped):
    """People who enter or leave a segment. Their ids are here only until they are in the facts."""

    class Verb(models.TextChoices):
        """What they do."""

        ENTER = "enter", _("added")
        LEAVE = "leave", _("removed")

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="changes")
    verb = models.CharField(_("change"), max_length=5, choices=Verb.choices)
    people = models.BinaryField(_("people"), null=True)
    moved = models.PositiveIntegerField(_("people who were really added or removed"), null=True)
    size = models.PositiveIntegerField(_("size after it"), null=True)
    at = models.DateTimeField(_("asked at"))
    done_at = models.DateTimeField(_("written at"), null=True)
    who = models.CharField(_("who"), max_length=120, blank=True)

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("change of a segment")
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.segment} {self.verb} {self.at:%Y-%m-%d %H:%M}"

    @staticmethod
    def packed(people: PersonSet) -> bytes:
        """Return ids as bytes to keep."""
        return zlib.compress("\n".join(map(str, people)).encode(), 1)

    @property
    def ids(self) -> list[str]:
        """The ids that were kept."""
        return zlib.decompress(bytes(self.people)).decode().split("\n") if self.people else []


class View(Scoped):
    """Filters, columns and order of the list of people under a name, for everybody in the workspace."""

    name = models.CharField(_("name"), max_length=40)
    query = models.TextField(_("query"), blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("owner"))
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("saved view")
        ordering: ClassVar = ["created_at", "pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "name"], name="one_view_a_name")]

    def __str__(self) -> str:
        return self.name


def history_of(segments: list[Segment]) -> dict[Any, list[int]]:
    """Return the sizes after each change of several segments, oldest first, in one query."""
    sizes: dict[Any, list[int]] = {segment.pk: [] for segment in segments}
    rows = Change.objects.filter(segment__in=segments).exclude(done_at=None).order_by("done_at", "pk").values_list("segment", "size")
    for segment, size in rows:
        sizes[segment].append(size)
    return sizes
