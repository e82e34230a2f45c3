"""Saved questions, and the dashboards that show them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from tilth.workbench.measure.addresses import address
from tilth.workbench.tenancy.models import Scoped
from tilth.workbench.tenancy.roles import Role


class Owned(Scoped):
    """What a member keeps: theirs alone until they share it with the workspace."""

    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("owner"))
    shared = models.BooleanField(_("found by everybody"), default=False, help_text=_("Everybody in the workspace finds it."))
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False, help_text=_("One more with every change."))

    class Meta(Scoped.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name


class Question(Owned):
    """A question as it stands in an address: its kind and the parameters."""

    kind = models.CharField(_("kind"), max_length=30)
    query = models.JSONField(_("question"), default=list, help_text=_("Names and values of the address, in the order of the question."))
    note = models.TextField(_("remark"), blank=True)
    opened_at = models.DateTimeField(_("last opened"), null=True, editable=False)

    class Meta(Owned.Meta):
        abstract = False
        verbose_name = _("question")
        ordering: ClassVar = ["-updated_at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["workspace", "-updated_at"], name="questions_by_change")]

    @property
    def address(self) -> str:
        """The query of its page's address."""
        return urlencode([tuple(pair) for pair in self.query])

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return f"{address(self.workspace, f'measure:{self.kind}')}?{urlencode([*map(tuple, self.query), ('saved', self.pk)])}"


class Dashboard(Owned):
    """Tiles side by side, asked about the same dates and the same people."""

    filters = models.JSONField(_("filters"), default=list)
    layout = models.JSONField(_("layout"), default=dict)
    role = models.CharField(_("home page of"), max_length=10, choices=Role.choices, blank=True)

    class Meta(Owned.Meta):
        abstract = False
        verbose_name = _("dashboard")
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "role"], condition=~models.Q(role=""), name="one_home_a_role"),
        ]


class Tile(Scoped):
    """A place on a dashboard: a question's answer, one of its figures, or text."""

    class Kind(models.TextChoices):
        """What a tile shows."""

        QUESTION = "question", _("question")
        FIGURE = "figure", _("figure")
        TEXT = "text", _("text")

    dashboard = models.ForeignKey(Dashboard, models.CASCADE, related_name="tiles", verbose_name=_("dashboard"))
    question = models.ForeignKey(Question, models.CASCADE, null=True, blank=True, related_name="tiles", verbose_name=_("question"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.QUESTION)
    title = models.CharField(_("title"), max_length=80, blank=True)
    x = models.PositiveSmallIntegerField(_("column"), default=0)
    y = models.PositiveSmallIntegerField(_("row"), default=0)
    width = models.PositiveSmallIntegerField(_("width"), default=6)
    height = models.PositiveSmallIntegerField(_("height"), default=4)
    options = models.JSONField(_("options"), default=dict)

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("tile")
        ordering: ClassVar = ["y", "x", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind="text") | models.Q(question__isnull=False), name="tile_has_a_question"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.question or "")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the tile, on a dashboard and with a question of its own workspace."""
        for other in (self.dashboard, self.question):
            if other is not None:
                other.enter_scope()
        super().save(*args, **kwargs)
