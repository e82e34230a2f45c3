"""Step one: choosing a file, and taking it in piece by piece.

``POST uploads/`` begins or goes on and answers with the pieces that are here already; ``PUT uploads/<key>/`` brings the next piece with its offset
and SHA-256; ``POST uploads/<key>/finish/`` looks at the whole. 409 says where to go on, 422 what is wrong.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tilth.errors import InputError
from tilth.warehouse.loading import templates
from tilth.workbench.data import words
from tilth.workbench.data.actions import uploads
from tilth.workbench.data.incoming import pieces
from tilth.workbench.data.incoming.inspection import MEGA, size
from tilth.workbench.data.models import Draft, Upload
from tilth.workbench.data.policies import loads
from tilth.workbench.data.views.room import frame
from tilth.workbench.shell.pages import page


@require_GET
@page(loads, "run")
def choose(request: HttpRequest) -> HttpResponse:
    """Show where a file is chosen, what is being prepared already, and which exports are known."""
    limits = settings.OPTIONS.limits
    drafts = Draft.objects.exclude(state=Draft.State.DONE).select_related("upload", "owner", "job")
    broken_off = Upload.objects.filter(state=Upload.State.RECEIVING, owner=request.user)
    context = {
        **frame(request, "loads", (_("Load a file"), None)),
        "tabs": None,  # what is prepared here has steps of its own
        "drafts": drafts[:20],
        "broken_off": broken_off[:10],
        "limit": size(limits.upload_mb * MEGA),
        "chunk": limits.chunk_mb * MEGA,
        "templates": templates.known(request.workspace.folder),  # type: ignore[attr-defined]
        "tables": [(code, str(label)) for code, label in words.TABLES.items()],
        "step": 1,
    }
    return TemplateResponse(request, "data/choose.html", context)


@require_POST
@page(loads, "run")
def begin(request: HttpRequest) -> HttpResponse:
    """Begin to take a file in, or go on with one that was broken off."""
    try:
        told = json.loads(request.body)
        upload = uploads.begin(request.actor, name=str(told["name"]), size=int(told["size"]), anew=bool(told.get("anew")))  # type: ignore[attr-defined]
    except (ValueError, KeyError, TypeError) as fault:
        return _refused(str(fault) if isinstance(fault, InputError) else _("Say the file's name and size."))
    url = reverse("data:piece", args=[upload.key])
    return JsonResponse({"url": url, "finish": reverse("data:finish", args=[upload.key]), "pieces": upload.pieces, "received": upload.received})


@require_http_methods(["PUT"])
@page(loads, "run")
def piece(request: HttpRequest, key: Any) -> HttpResponse:
    """Take the next piece."""
    upload = _mine(request, key)
    try:
        offset = int(request.headers["Upload-Offset"])
        upload = pieces.take(upload, offset, request.body, request.headers["Piece-Digest"])
    except pieces.WrongOffsetError as fault:
        return JsonResponse({"received": fault.received, "problem": str(fault)}, status=409)
    except (KeyError, ValueError) as fault:
        return _refused(str(fault) if isinstance(fault, InputError) else _("Say where the piece begins and what its SHA-256 is."))
    return JsonResponse({"received": upload.received})


@require_POST
@page(loads, "run")
def finish(request: HttpRequest, key: Any) -> HttpResponse:
    """Look at the whole file; lead on to its preview."""
    try:
        upload = uploads.finish(request.actor, _mine(request, key))  # type: ignore[attr-defined]
    except pieces.WrongOffsetError as fault:
        return JsonResponse({"received": fault.received, "problem": str(fault)}, status=409)
    if upload.state == Upload.State.REFUSED:
        return _refused(upload.problem)
    return JsonResponse({"next": reverse("data:preview", args=[upload.draft.pk])})


@require_POST
@page(loads, "run")
def discard(request: HttpRequest, key: Any) -> HttpResponse:
    """Throw a file away that is not wanted any more."""
    upload = get_object_or_404(Upload, key=key)
    if hasattr(upload, "draft") and upload.draft.is_running:
        return _refused(_("It is being loaded; cancel that first."))
    uploads.discard(request.actor, upload)  # type: ignore[attr-defined]
    return HttpResponseRedirect(reverse("data:choose"))


def _mine(request: HttpRequest, key: Any) -> Upload:
    """Return an upload of the one who asks: nobody else adds to it."""
    return get_object_or_404(Upload, key=key, owner=request.user)


def _refused(problem: str) -> JsonResponse:
    return JsonResponse({"problem": problem}, status=422)
