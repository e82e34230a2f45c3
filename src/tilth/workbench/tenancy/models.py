"""The workspace, its members, and the base that keeps every other model inside its workspace."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.signals import m2m_changed
from django.dispatch import receiver
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from tilth.engine.home import home
from tilth.warehouse.workspace import Workspace as Facts
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.narrowing import InScope
from tilth.workbench.tenancy.roles import Role

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


class Workspace(models.Model):
    """One business, brand or shop: its facts lie in a folder of their own, everything else carries its key."""

    slug = models.SlugField(
        _("address"), max_length=40, unique=True, validators=[RegexValidator(rf"^{SLUG.pattern}$", _("Write small letters, digits and hyphens."))]
    )
    name = models.CharField(_("name"), max_length=80)
    tz = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    week_start = models.CharField(
        _("weeks begin on"),
        max_length=10,
        default="monday",
        choices=[("monday", _("Monday")), ("sunday", _("Sunday")), ("saturday", _("Saturday"))],
    )
    red_up = models.BooleanField(_("red means up"), default=False, help_text=_("Colours of change as the stock market of mainland China shows them."))
    short_numbers = models.BooleanField(_("short numbers"), default=False, help_text=_("Write 1.2万 rather than 12,345 in key figures."))
    is_demo = models.BooleanField(_("demo brand"), default=False, editable=False)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta:
        verbose_name = _("workspace")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        """Where its facts lie."""
        return home() / "workspaces" / self.slug

    @cached_property
    def facts(self) -> Facts:
        """Its facts, opened."""
        return Facts.open(self.folder)

    @property
    def url(self) -> str:
        """The address of its home page."""
        return f"/w/{self.slug}/"


class Membership(models.Model):
    """A user's place in a workspace: one role. Reading them never needs a scope, because they decide which scopes a user may enter."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    joined_at = models.DateTimeField(_("joined at"), auto_now_add=True)
    seen_at = models.DateTimeField(_("last seen at"), null=True, editable=False)
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("workspace member")
        ordering: ClassVar = ["joined_at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "user"], name="one_role_a_member")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class ScopedQuerySet(models.QuerySet):
    """Rows of one workspace."""

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        """Create many rows, each in the workspace in scope."""
        if kwargs.get("update_conflicts") and "workspace" not in (kwargs.get("unique_fields") or ()):
            raise ValueError("rows that may exist already are known by unique_fields with the workspace among them")
        objs = list(objs)
        for one in objs:
            one.enter_scope()
        _same_workspace(self.model, objs)
        return super().bulk_create(objs, *args, **kwargs)

    def bulk_update(self, objs: Any, fields: Any, *args: Any, **kwargs: Any) -> int:
        """Change many rows, each in the workspace in scope."""
        objs = list(objs)
        for one in objs:
            one.enter_scope()
        _same_workspace(self.model, objs, fields)
        return super().bulk_update(objs, fields, *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        """Change rows; none ever moves to another workspace or points into one."""
        if {"workspace", "workspace_id"} & kwargs.keys():
            raise ValueError("a row never moves to another workspace")
        for name, value in () if scope.is_everywhere() else kwargs.items():
            field = self.model._meta.get_field(name)
            if _leads_to_scoped(field) and value is not None and not hasattr(value, "resolve_expression"):
                _exist(field.related_model, scope.current().pk, {value.pk if isinstance(value, models.Model) else value}, field)
        return super().update(**kwargs)

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        """Run SQL of one's own: only inside ``scope.everywhere()``, because nothing keeps it in a workspace."""
        if not scope.is_everywhere():
            raise scope.NoWorkspace
        return super().raw(*args, **kwargs)


def _leads_to_scoped(field: Any) -> bool:
    """Whether a field is a foreign key to a model that belongs to a workspace; the link of a child to its own parent's row is not meant."""
    return isinstance(field, models.ForeignKey) and not field.remote_field.parent_link and issubclass(field.related_model, Scoped)


def _same_workspace(model: type[models.Model], rows: Collection[Any], fields: Collection[str] | None = None) -> None:
    """Refuse rows that point at rows of another workspace; `fields` names those that are written, when not all are."""
    for field in model._meta.concrete_fields:
        if not _leads_to_scoped(field) or (fields is not None and not {field.name, field.attname} & set(fields)):
            continue
        keys: dict[Any, set[Any]] = {}
        for row in rows:
            key = getattr(row, field.attname)
            if key is not None and not (field.is_cached(row) and field.get_cached_value(row).workspace_id == row.workspace_id):
                keys.setdefault(row.workspace_id, set()).add(key)
        for workspace, wanted in keys.items():
            _exist(field.related_model, workspace, wanted, field)


def _exist(target: type[models.Model], workspace: Any, keys: Collection[Any], what: Any) -> None:
    if target._base_manager.filter(workspace=workspace, pk__in=keys).count() != len(keys):
        raise ValueError(f"{what} points at a row of another workspace, or at none: {sorted(keys)}")


@receiver(m2m_changed)
def many_in_one_workspace(action: str, instance: Any, model: Any, pk_set: Collection[Any] | None, **kwargs: Any) -> None:
    """Refuse to tie a row to rows of another workspace."""
    if action == "pre_add" and pk_set and isinstance(instance, Scoped) and issubclass(model, Scoped):
        _exist(model, instance.workspace_id, pk_set, instance._meta.label)


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    """Sees the rows of the workspace in scope, and all rows inside ``scope.everywhere()``; a query that runs outside raises NoWorkspace."""

    def get_queryset(self) -> Any:
        """Return the rows in scope."""
        here = scope.chosen()
        return super().get_queryset().filter(InScope(models.F("workspace"), here and here.pk))


class Scoped(models.Model):
    """Base of every model that belongs to a workspace.

    Its default *and* its base manager are scoped, so that lists, look-ups by key, related objects, refreshes, choosers, histories and bulk actions
    all stay inside. The check ``tenancy.E001`` refuses a model that replaces either by one that is not.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, editable=False, related_name="+", verbose_name=_("workspace"))
    wagtail_reference_index_ignore = True  # rows hold no rich text: Wagtail need not look through every audit entry for links to pages

    objects = ScopedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def enter_scope(self) -> None:
        """Take the workspace in scope, or make sure that it is this row's; ValueError for a row of another."""
        if scope.is_everywhere():
            if self.workspace_id is None:
                raise scope.NoWorkspace
            return
        here = scope.current()
        if self.workspace_id is None:
            self.workspace = here
        elif self.workspace_id != here.pk:
            raise ValueError(f"{self._meta.label} {self.pk} belongs to another workspace than the one in scope")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row inside the workspace in scope; what it points at is of the same workspace."""
        self.enter_scope()
        _same_workspace(type(self), [self], kwargs.get("update_fields"))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete the row, if it is of the workspace in scope."""
        self.enter_scope()
        return super().delete(*args, **kwargs)


class Entry(Scoped):
    """One line of the audit: who did what to which thing, when, and by which way."""

    class Via(models.TextChoices):
        """By which way an action came."""

        WEB = "web", _("web")
        API = "api", _("API")
        CLI = "cli", _("terminal")
        JOB = "job", _("background job")

    at = models.DateTimeField(_("time"), auto_now_add=True, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who"))
    who = models.CharField(_("who"), max_length=120, help_text=_("Name at that time; stays when the account goes."))
    role = models.CharField(_("role"), max_length=10, blank=True)
    via = models.CharField(_("way"), max_length=4, choices=Via.choices)
    code = models.CharField(_("action"), max_length=80, db_index=True)
    kind = models.CharField(_("kind of thing"), max_length=40)
    key = models.CharField(_("key"), max_length=64, blank=True)
    name = models.CharField(_("thing"), max_length=200, blank=True)
    details = models.JSONField(_("details"), default=dict)

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("audit entry")
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["workspace", "-at"], name="audit_by_time")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.who} {self.code} {self.name}"
