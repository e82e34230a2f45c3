"""Wagtail's query sets and managers, kept inside the workspace in scope."""

from __future__ import annotations

from wagtail.documents.models import DocumentQuerySet
from wagtail.images.models import ImageQuerySet
from wagtail.models import PageManager
from wagtail.query import PageQuerySet

from tilth.workbench.tenancy.models import ScopedManager, ScopedQuerySet


class ScopedImages(ScopedQuerySet, ImageQuerySet):
    """Images of one workspace, searchable."""


class ScopedDocuments(ScopedQuerySet, DocumentQuerySet):
    """Documents of one workspace, searchable."""


class ScopedPages(ScopedQuerySet, PageQuerySet):
    """Pages of one workspace: a tree of its own."""


class _Tree(ScopedManager, PageManager):
    """Narrows the tree to the workspace in scope."""


Images = ScopedManager.from_queryset(ScopedImages)
Documents = ScopedManager.from_queryset(ScopedDocuments)
Pages = _Tree.from_queryset(ScopedPages)
