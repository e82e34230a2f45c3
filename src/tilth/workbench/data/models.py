"""What people say about the data: names of events and properties, files on their way in, loads in the making, scheduled sources, write keys."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tilth.engine.home import home
from tilth.workbench.jobs.models import Job, Schedule
from tilth.workbench.tenancy.models import Scoped


class Described(Scoped):
    """A code of the facts with what people call it."""

    code = models.CharField(_("code"), max_length=200)
    name = models.CharField(_("display name"), max_length=80, blank=True)
    description = models.CharField(_("description"), max_length=500, blank=True)
    hidden = models.BooleanField(_("hidden"), default=False, help_text=_("Not offered where questions are asked; answers still count it."))

    class Meta(Scoped.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name or self.code


class EventEntry(Described):
    """An event in the dictionary. One that is merged is shown and asked as another."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("who looks after it")
    )
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="merged", verbose_name=_("merged into"))

    class Meta(Described.Meta):
        abstract = False
        verbose_name = _("event in the dictionary")
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "code"], name="one_entry_an_event")]


class PropertyEntry(Described):
    """A property, or a column, of one of the tables in the dictionary."""

    table = models.CharField(_("data table"), max_length=20)

    class Meta(Described.Meta):
        abstract = False
        verbose_name = _("property in the dictionary")
        ordering: ClassVar = ["table", "code"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "table", "code"], name="one_entry_a_property")]


class Upload(Scoped):
    """A file that comes in pieces: what has arrived lies in a file of its own, which nobody but the workbench can read."""

    class State(models.TextChoices):
        """How far it is."""

        RECEIVING = "receiving", _("being received")
        COMPLETE = "complete", _("received")
        REFUSED = "refused", _("refused")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("file"), max_length=255)
    size = models.BigIntegerField(_("bytes"))
    pieces = models.JSONField(_("length and SHA-256 of each piece"), default=list)
    digest = models.CharField("SHA-256", max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RECEIVING)
    problem = models.TextField(_("what is wrong with it"), blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("sent by"))
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    touched_at = models.DateTimeField(_("last piece"), auto_now=True)

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("upload")
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        """Where the uploads of its workspace lie."""
        return home() / "uploads" / self.workspace.slug

    @property
    def path(self) -> Path:
        """The file; its name is ours, never the sender's."""
        return self.folder / str(self.key)

    @property
    def received(self) -> int:
        """Bytes that have arrived and are known to be right."""
        return sum(length for length, _digest in self.pieces)


class Draft(Scoped):
    """A load in the making: the file, how it is written, what its columns mean. It stays when the connection is lost."""

    class State(models.TextChoices):
        """How far it is."""

        OPEN = "open", _("being prepared")
        RUNNING = "running", _("being loaded")
        DONE = "done", _("loaded")

    upload = models.OneToOneField(Upload, models.CASCADE, related_name="draft")
    table = models.CharField(_("data table"), max_length=20, blank=True)
    format = models.JSONField(_("how the file is written, as far as people said so"), default=dict)
    mapping = models.JSONField(_("what its columns mean"), default=dict)
    template = models.CharField(_("template"), max_length=80, blank=True)
    notes = models.JSONField(_("what was assumed, by language"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("job"))
    load = models.CharField(_("load"), max_length=40, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("sent by"))
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last change"), auto_now=True)

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("load in the making")
        ordering: ClassVar = ["-updated_at"]

    def __str__(self) -> str:
        return self.upload.name

    @property
    def is_running(self) -> bool:
        """Whether its rows are on their way in; not so any more when the job failed or was cancelled."""
        return self.state == self.State.RUNNING and self.job is not None and self.job.is_open


class Source(Scoped):
    """A folder or a database that is read by schedule. The address of a database, with its password, is kept encrypted and never shown."""

    class Kind(models.TextChoices):
        """What is read."""

        FOLDER = "folder", _("folder")
        DATABASE = "database", _("database")

    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    spec = models.JSONField(_("what is read and how"))
    secret = models.BinaryField(_("address of the database, encrypted"), default=b"")
    shown_address = models.CharField(_("address"), max_length=300, blank=True)
    schedule = models.ForeignKey(Schedule, models.SET_NULL, null=True, related_name="+", verbose_name=_("schedule"))
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("sent by"))
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last change"), auto_now=True)

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("source")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "name"], name="one_source_a_name")]

    def __str__(self) -> str:
        return self.name


class SourceRun(Scoped):
    """One reading of a source: what was taken and what went wrong."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="runs")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("job"))
    started_at = models.DateTimeField(_("when"), auto_now_add=True)
    taken = models.JSONField(_("what was taken"), default=list)

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("reading of a source")
        ordering: ClassVar = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.source} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def problems(self) -> list[dict[str, Any]]:
        """What could not be loaded, with the reason."""
        return [one for one in self.taken if one.get("problem")]

    @property
    def accepted(self) -> int:
        """Rows that came in."""
        return sum(one.get("accepted", 0) for one in self.taken)

    @property
    def quarantined(self) -> int:
        """Rows that were kept aside."""
        return sum(one.get("quarantined", 0) for one in self.taken)


class WriteKey(Scoped):
    """What a site, an app or a server sends live events with. It is no secret: every visitor of a page can read it; it only lets events in."""

    class Platform(models.TextChoices):
        """Where events come from."""

        WEB = "web", _("web pages")
        APP = "app", _("app")
        MINI = "mini", _("mini program")
        SERVER = "server", _("server")

    name = models.CharField(_("name"), max_length=80)
    key = models.CharField(_("write key"), max_length=64, unique=True)
    former = models.CharField(_("write key before"), max_length=64, blank=True)
    former_until = models.DateTimeField(_("counts until"), null=True)
    platform = models.CharField(_("where events come from"), max_length=10, choices=Platform.choices, default=Platform.WEB)
    origins = models.JSONField(_("web pages that may send"), default=list)
    consent = models.BooleanField(_("only after consent"), default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    rotated_at = models.DateTimeField(_("replaced at"), null=True)
    rotated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("replaced by"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True)

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("write key")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "name"], name="one_write_key_a_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        """Whether it lets events in."""
        return self.revoked_at is None

    @property
    def former_counts(self) -> dt.datetime | None:
        """Until when the key before still counts; None when it does no more."""
        return self.former_until if self.is_active and self.former_until and self.former_until > timezone.now() else None
