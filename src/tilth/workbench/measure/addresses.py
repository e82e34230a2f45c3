"""Addresses of a workspace's pages, the same inside a request, in a job and in a mail."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from tilth.workbench.tenancy.models import Workspace


def address(workspace: Workspace, view: str, *args: Any) -> str:
    """Return the path of a page of `workspace`: ``/w/shop/analysis/funnel/``."""
    path = reverse(view, urlconf=settings.WORKSPACE_URLCONF, args=args)
    return path if path.startswith(workspace.url) else workspace.url + path.lstrip("/")
