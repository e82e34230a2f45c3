"""Images, documents and their tags, each inside its workspace."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument, DocumentQuerySet
from wagtail.images.models import AbstractImage, AbstractRendition, ImageQuerySet

from tilth.workbench.tenancy.models import Scoped, ScopedManager, ScopedQuerySet


class ScopedImages(ScopedQuerySet, ImageQuerySet):
    """Images of one workspace, searchable."""


class ScopedDocuments(ScopedQuerySet, DocumentQuerySet):
    """Documents of one workspace, searchable."""


class WorkspaceImage(Scoped, AbstractImage):
    """A picture."""

    objects = ScopedManager.from_queryset(ScopedImages)()
    admin_form_fields = (
        *("title", "file", "description", "tags"),
        *("focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height"),
    )

    class Meta(Scoped.Meta, AbstractImage.Meta):
        abstract = False
        verbose_name = _("image")


class Rendition(Scoped, AbstractRendition):
    """A picture in another size."""

    image = models.ForeignKey(WorkspaceImage, models.CASCADE, related_name="renditions")

    class Meta(Scoped.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="one_rendition")]


class WorkspaceDocument(Scoped, AbstractDocument):
    """A file."""

    objects = ScopedManager.from_queryset(ScopedDocuments)()
    admin_form_fields = ("title", "file", "tags")

    class Meta(Scoped.Meta, AbstractDocument.Meta):
        abstract = False
        verbose_name = _("document")
