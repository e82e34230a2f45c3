"""Something real for every parameter of an address: rows of the workspace that is visited, made as they are asked for.

A new parameter that nothing is said about fails the crawl with a sentence; the sentence goes here.
"""

import datetime as dt
import uuid
from fnmatch import fnmatch

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone

from tilth.warehouse.persons.listing import listing
from tilth.workbench.data import masking
from tilth.workbench.data.facts import events
from tilth.workbench.measure.dashboards import standard
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Membership, Scoped

ROWS = {
    "jobs:schedule.pk": "jobs.Schedule",
    "jobs:*.pk": "jobs.Job",
    "accounts:revoke_invitation.pk": "accounts.Invitation",
    "accounts:revoke_key.pk": "accounts.ApiKey",
    "accounts:*.pk": "tenancy.Membership",
    "data:source*.pk": "data.Source",
    "data:write_key*.pk": "data.WriteKey",
    "data:*.pk": "data.Draft",
    "data:*.key": ("data.Upload", "key"),
    "people:view_*.pk": "people.View",
    "people:exported.pk": "jobs.Job",
    "people:*.pk": "people.Segment",
    "measure:cancel.pk": "jobs.Job",
    "measure:saved.pk": "measure.Question",
    "measure:delete.pk": "measure.Question",
    "measure:tile.key": "measure.Tile",
    "measure:*.pk": "measure.Dashboard",
    "api:*_key*.pk": "data.WriteKey",
    "api:*question*.pk": "measure.Question",
    "api:*segment*.pk": "people.Segment",
    "api:*member*.pk": "people.Segment",
    "api:*job*.pk": "jobs.Job",
    "api:*.key": ("data.Upload", "key"),
    "shell:document.document_id": "shell.WorkspaceDocument",
    "wagtailimages*.image_id": "shell.WorkspaceImage",
    "wagtailimages*.pk": "shell.WorkspaceImage",
    "wagtaildocs*.doc*_id": "shell.WorkspaceDocument",
    "wagtaildocs*.pk": "shell.WorkspaceDocument",
}
"""Which row a parameter names, by view and parameter; the first that fits."""

WORDS = {
    "api:*.kind": "funnel",
    "api:*.code": "",
    "jobs:schedule.verb": "pause",
    "data:*.table": "events",
    "data:property*.code": "channel",
    "data:*.code": "",
    "data:*.row": "1",
    "data:live_*.name": "000-1-0",
    "measure:mail_picture.name": "1",
    "wagtail_bulk_action.app_label": "shell",
    "wagtail_bulk_action.model_name": "workspaceimage",
    "wagtail_bulk_action.action": "delete",
    "wagtailadmin_tag_model_autocomplete.app_name": "shell",
    "wagtailadmin_tag_model_autocomplete.model_name": "mediatag",
}
"""Parameters that name no row."""

FIELDS = {
    "jobs.Schedule.cron": "0 8 * * 1",
    "jobs.Schedule.tz": "Asia/Shanghai",
    "data.Source.spec": {"table": "events", "template": "", "folder": "", "pattern": "*.csv"},
}
"""Values of fields that not every text of their kind is."""

WANTED = {"owner", "requested_by", "maker", "invited_by", "question"}
"""Fields that are filled though they may be empty."""

ANY = {"int": "1", "str": "x", "slug": "x", "path": "x", "uuid": str(uuid.UUID(int=7)), "uuidstr": str(uuid.UUID(int=7))}
"""What fills a parameter of an address that is not listed: it must not be there whatever it is filled with."""

GIVEN = {
    "shell.WorkspaceImage": lambda fixtures, where: fixtures["picture"](where),
    "shell.WorkspaceDocument": lambda fixtures, where: fixtures["document"](where),
    "tenancy.Membership": lambda fixtures, where: Membership.objects.get(workspace=where, role="manager"),
}
"""Rows that are more than their required fields."""


class Examples:
    """Values for the parameters of the addresses of a workspace."""

    def __init__(self, workspace, fixtures):
        self.workspace, self.fixtures, self.rows = workspace, fixtures, {}

    def values(self, address):
        """Return a value for each parameter of an address; AssertionError when nothing is said about one."""
        return {name: self._value(address, name) for name in address.parameters}

    def missing(self, address):
        """Return what to do about an address with a parameter that nothing is said about; an empty text for others."""
        try:
            self.values(address)
        except AssertionError as sentence:
            return str(sentence)
        return ""

    def are_there(self, address):
        """Whether there is a value for every parameter."""
        return not self.missing(address)

    def names_rows(self, address):
        """Whether what the address shows is a row of the workspace."""
        return any(self._row(address, name) and not (name == "key" and "upload" not in address.route) for name in address.parameters)

    def _row(self, address, name):
        return next((row for pattern, row in ROWS.items() if fnmatch(f"{address.name}.{name}", pattern)), None)

    def _value(self, address, name):
        special = getattr(self, f"_{address.name.replace(':', '_')}_{name}", None)
        if special is not None:
            return special()
        if name == "key" and address.name.startswith(("people:", "api:")) and "upload" not in address.route:
            return self._person()
        if name == "load":
            return self.workspace.facts.loads()["load"].iloc[0]
        row = self._row(address, name)
        if row is not None:
            label, attribute = row if isinstance(row, tuple) else (row, "pk")
            return getattr(self.row(label), attribute)
        for pattern, word in WORDS.items():
            if fnmatch(f"{address.name}.{name}", pattern):
                return word or self._event()
        raise AssertionError(
            f"say in tests/workbench/isolation/examples.py what stands for <{name}> in the address of {address.name or address.route}"
        )

    def _event(self):
        return events(self.workspace)[0].code

    def _person(self):
        one = listing(self.workspace.facts, limit=1).frame.iloc[0]
        return masking.key(one["person_kind"], one["person"])

    def _measure_standard_key(self):
        return next(iter(standard.ALL))

    def _shell_picture_name(self):
        return self.row("shell.WorkspaceImage").file.name

    def _shell_document_filename(self):
        return self.row("shell.WorkspaceDocument").filename

    def row(self, label):
        """Return a row of the workspace, made once."""
        if label not in self.rows:
            with scope.use(self.workspace):
                given = GIVEN.get(label)
                self.rows[label] = given(self.fixtures, self.workspace) if given else self._made(apps.get_model(label))
        return self.rows[label]

    def _made(self, model):
        filled = {one.name: self._filled(one) for one in model._meta.concrete_fields if self._is_needed(one)}
        return model.objects.create(**filled)

    def _is_needed(self, one):
        by_itself = one.primary_key or one.has_default() or getattr(one, "auto_now", False) or getattr(one, "auto_now_add", False)
        return (
            one.name != "workspace" and not by_itself and (not one.null or one.name in ("owner", "requested_by", "maker", "invited_by", "question"))
        )

    def _filled(self, one):
        known = FIELDS.get(f"{one.model._meta.label}.{one.name}")
        if known is not None:
            return known
        if isinstance(one, models.ForeignKey):
            target = one.related_model
            return self.row(target._meta.label) if issubclass(target, Scoped) else self.fixtures["owner"]
        if one.choices:
            return one.choices[0][0]
        kinds = {
            models.DateTimeField: timezone.now() + dt.timedelta(days=1),
            models.UUIDField: uuid.uuid4(),
            models.EmailField: f"{uuid.uuid4().hex[:8]}@shop.example",
            models.JSONField: {},
            models.FileField: ContentFile(b"x", "x.txt"),
            models.IntegerField: 1,
            models.BinaryField: b"",
            models.TextField: "x",
            models.CharField: uuid.uuid4().hex[: min(getattr(one, "max_length", None) or 8, 8)],
        }
        return next(value for kind, value in kinds.items() if isinstance(one, kind))
