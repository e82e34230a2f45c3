"""The door of the API: who comes in with a key or with the session of a browser, how much they may bring and how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.utils import check_csrf

from tilth.workbench.accounts.keys import authenticate
from tilth.workbench.api import throttle
from tilth.workbench.api.problems import problem
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.middleware import KEYED

MEGA = 1024 * 1024
BODY = 2 * MEGA
"""Bytes that a request may bring; pieces of files have a limit of their own."""
PIECES = "/uploads/"


class Key:
    """How the API says in its description that it wants a key; the door has looked at it already."""

    openapi_security_schema = {"type": "http", "scheme": "bearer", "bearerFormat": "tilth_…"}  # noqa: RUF012

    def __call__(self, request: HttpRequest) -> Any:
        """Return who acts."""
        return request.actor


class DoorMiddleware:
    """Stands behind the one that finds the workspace, which has let in members with a session, and lets in who shows a key."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        if not hasattr(request, "slug") or not request.path_info.startswith(KEYED):
            return self.get_response(request)
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return problem(400, detail=_("An address holds no zero byte."))
        limit = settings.OPTIONS.limits.chunk_mb * MEGA if PIECES in request.path_info else BODY
        if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
            return problem(413, detail=_("At most {count} bytes come in one request.").format(count=limit), limit=limit)
        shown = request.headers.get("Authorization")
        if shown is not None:
            return self._with_key(request, shown)
        if request.actor is None:
            return _unknown(_("Send a key: “Authorization: Bearer tilth_…”. Keys are made under Settings, API keys."))
        if check_csrf(request) is not None:
            return problem(403, "csrf", _("A request of a browser that changes something carries its CSRF token in the header X-CSRFToken."))
        request.actor = replace(request.actor, via="api")
        return self._counted(request, f"user {request.actor.user.pk}")

    def _with_key(self, request: HttpRequest, shown: str) -> HttpResponse:
        actor = authenticate(shown, request.slug)
        if actor is None:
            return _unknown(_("This key does not open this workspace, or no longer. Make a new one under Settings, API keys."))
        request.actor, request.workspace = actor, actor.workspace
        with scope.use(actor.workspace):
            return self._counted(request, f"key {shown.split('_')[1]}")

    def _counted(self, request: HttpRequest, who: str) -> HttpResponse:
        most = settings.OPTIONS.limits.api_per_minute
        seconds = throttle.wait(f"{request.slug} {who}", most)
        if seconds:
            response = problem(429, detail=_("More than {count} requests in this minute. Go on in {n} s.").format(count=most, n=seconds))
            response["Retry-After"] = str(seconds)
            return response
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def _unknown(detail: str) -> HttpResponse:
    response = problem(401, "key-wanted", detail)
    response["WWW-Authenticate"] = 'Bearer realm="tilth"'
    return response
