"""Images, documents, their tags, and pages, each inside its workspace.

Wagtail's own models are replaced by these (see the settings), so that whatever Wagtail asks of them goes through managers that see one workspace.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.checks import CheckMessage
from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from taggit.models import ItemBase, TagBase
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.models import AbstractPage, Locale
from wagtail.models.pages import AbstractPageMeta
from wagtail.search import index

from tilth.workbench.shell import querysets
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Scoped, ScopedManager, Workspace


class WorkspacePage(Scoped, AbstractPage):
    """Base of every page: the model that Wagtail takes for its own (``WAGTAIL_PAGE_MODEL``).

    Each workspace has a tree of its own under one root page. There is no type of page to make yet; those to come inherit from this one.
    """

    objects = querysets.Pages()
    search_fields = (*AbstractPage.search_fields, index.FilterField("workspace"))
    is_creatable = False

    class Meta(Scoped.Meta, AbstractPageMeta):
        abstract = False

    @classmethod
    def check(cls, **kwargs: Any) -> list[CheckMessage]:
        """Leave out Wagtail's warning about deletion in cascade: a workspace takes its whole tree with it, and no tree is left to corrupt."""
        key = cls._meta.get_field("workspace")
        return [message for message in super().check(**kwargs) if message.obj is not key]

    @classmethod
    def plant(cls, workspace: Workspace) -> WorkspacePage:
        """Return the root page of a workspace, made if there is none."""
        with scope.everywhere():  # the paths of roots are numbered over all workspaces
            root = cls.objects.filter(workspace=workspace, depth=1).first()
            if root is None:
                locale, _made = Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
                root = cls.add_root(instance=cls(workspace=workspace, title=workspace.name, slug=workspace.slug, locale=locale))
            return root


@receiver(post_save, sender=Workspace)
def plant(instance: Workspace, created: bool, **kwargs: Any) -> None:
    """Give a new workspace its root page."""
    if created:
        WorkspacePage.plant(instance)


class MediaTag(Scoped, TagBase):
    """A word that images and documents are found by. Two workspaces may use the same word and never see each other's."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), max_length=100, allow_unicode=True)

    objects = ScopedManager()

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("tag")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "name"], name="one_tag_a_name"),
            models.UniqueConstraint(fields=["workspace", "slug"], name="one_tag_a_slug"),
        ]


class TaggedImage(Scoped, ItemBase):
    """A tag on an image."""

    tag = models.ForeignKey(MediaTag, models.CASCADE, related_name="tagged_images")
    content_object = models.ForeignKey("WorkspaceImage", models.CASCADE, related_name="tagged_items")

    objects = ScopedManager()

    class Meta(Scoped.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["tag", "content_object"], name="one_tag_an_image")]


class TaggedDocument(Scoped, ItemBase):
    """A tag on a document."""

    tag = models.ForeignKey(MediaTag, models.CASCADE, related_name="tagged_documents")
    content_object = models.ForeignKey("WorkspaceDocument", models.CASCADE, related_name="tagged_items")

    objects = ScopedManager()

    class Meta(Scoped.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["tag", "content_object"], name="one_tag_a_document")]


class WorkspaceImage(Scoped, AbstractImage):
    """A picture. All lie in Wagtail's one root collection: workspaces keep them apart, tags sort them."""

    tags = TaggableManager(help_text=None, blank=True, verbose_name=_("tags"), through=TaggedImage)

    objects = querysets.Images()
    search_fields = (*AbstractImage.search_fields, index.FilterField("workspace"))
    admin_form_fields = ("title", "file", "description", "tags")

    class Meta(Scoped.Meta, AbstractImage.Meta):
        abstract = False
        verbose_name = _("image")
        verbose_name_plural = _("images")

    def get_upload_to(self, filename: str) -> str:
        """Return where the file goes: a folder of the workspace's own."""
        self.enter_scope()
        return f"{self.workspace_id}/{super().get_upload_to(filename)}"


class Rendition(Scoped, AbstractRendition):
    """A picture in another size."""

    image = models.ForeignKey(WorkspaceImage, models.CASCADE, related_name="renditions")

    class Meta(Scoped.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="one_rendition")]

    def get_upload_to(self, filename: str) -> str:
        """Return where the file goes: a folder of the workspace's own."""
        self.enter_scope()
        return f"{self.workspace_id}/{super().get_upload_to(filename)}"


def document_path(document: WorkspaceDocument, filename: str) -> str:
    """Return where a document's file goes: a folder of the workspace's own."""
    document.enter_scope()
    return f"{document.workspace_id}/documents/{filename}"


class WorkspaceDocument(Scoped, AbstractDocument):
    """A file for people to fetch; the browser never shows it, whatever is in it."""

    file = models.FileField(_("file"), upload_to=document_path)
    tags = TaggableManager(help_text=None, blank=True, verbose_name=_("tags"), through=TaggedDocument)

    objects = querysets.Documents()
    search_fields = (*AbstractDocument.search_fields, index.FilterField("workspace"))
    admin_form_fields = ("title", "file", "tags")

    class Meta(Scoped.Meta, AbstractDocument.Meta):
        abstract = False
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    @property
    def url(self) -> str:
        """The address to fetch it from."""
        return reverse("shell:document", args=[self.pk, self.filename])
