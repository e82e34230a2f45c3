"""Handing files to members. What a browser does not show safely it is told to save."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from tilth.workbench.shell.media import kinds
from tilth.workbench.shell.models import Rendition, WorkspaceDocument, WorkspaceImage
from tilth.workbench.shell.pages import page


@page()
@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """Hand out a picture of the workspace, known by the place of its file."""
    if not any(model.objects.filter(file=name).exists() for model in (Rendition, WorkspaceImage)):
        raise Http404
    return _handed(name, shown_as=kinds.PICTURES.get(kinds.extension(name)))


@page()
@require_safe
def document(request: HttpRequest, document_id: int, filename: str) -> HttpResponse:
    """Hand out a document of the workspace, to be saved."""
    found = get_object_or_404(WorkspaceDocument, pk=document_id)
    if found.filename != filename:
        raise Http404
    return _handed(found.file.name)


def _handed(name: str, shown_as: str | None = None) -> HttpResponse:
    try:
        answer = FileResponse(default_storage.open(name), as_attachment=shown_as is None, content_type=shown_as or "application/octet-stream")
    except FileNotFoundError as gone:
        raise Http404 from gone
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, max-age=3600" if shown_as else "private, no-store"
    return answer
