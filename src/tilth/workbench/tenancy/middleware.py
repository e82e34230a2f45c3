"""The workspace of a request is in its path, never in the session: two tabs can show two workspaces, and a link carries its own.

``/w/<slug>`` moves from the path into the script prefix, so that every link that Django and Wagtail reverse carries it. Who is no member gets 404:
an outsider does not learn which workspaces there are.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import set_script_prefix
from django.utils import timezone

from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.models import SLUG, Membership

PATH = re.compile(rf"/w/({SLUG.pattern})(/.*)")
SEEN_EVERY = dt.timedelta(minutes=5)
KEYED = "/api/"  # paths inside a workspace that may also be reached with an API key: their authentication enters the scope


class WorkspaceMiddleware:
    """Enter the workspace that the path names, as the member who asks. Stands behind authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        request.workspace = request.actor = None  # type: ignore[attr-defined]
        found = PATH.fullmatch(request.path_info)
        if not found:
            return self.get_response(request)
        slug, rest = found[1], found[2]
        if rest.startswith(KEYED) and "HTTP_AUTHORIZATION" in request.META:
            return self._inside(request, slug, rest)
        if not request.user.is_authenticated:
            if rest.startswith(KEYED):
                return self._inside(request, slug, rest)
            return HttpResponseRedirect(f"{settings.LOGIN_URL}?next={quote(request.get_full_path())}")
        membership = Membership.objects.filter(workspace__slug=slug, user=request.user).select_related("workspace").first()
        if membership is None:
            raise Http404
        membership.user = request.user
        _seen(request, membership)
        request.workspace, request.actor = membership.workspace, Actor.of(membership)  # type: ignore[attr-defined]
        with scope.use(membership.workspace):
            return self._inside(request, slug, rest)

    def _inside(self, request: HttpRequest, slug: str, rest: str) -> HttpResponse:
        prefix = f"/w/{slug}"
        request.path_info = rest
        request.META["SCRIPT_NAME"] = prefix
        request.META["PATH_INFO"] = rest
        request.slug = slug  # type: ignore[attr-defined]
        request.urlconf = settings.WORKSPACE_URLCONF  # type: ignore[attr-defined]
        set_script_prefix(f"{prefix}/")
        try:
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()  # while the scope and the prefix still hold
            return response
        finally:
            set_script_prefix("/")


def _seen(request: HttpRequest, membership: Membership) -> None:
    """Note that a member is here, and let the session last from now; both are written now and then only, because every request asks for it."""
    now = timezone.now()
    if membership.seen_at is None or now - membership.seen_at > SEEN_EVERY:
        Membership.objects.filter(pk=membership.pk).update(seen_at=now)
    if now.timestamp() - request.session.get("seen", 0) > SEEN_EVERY.total_seconds():
        request.session["seen"] = int(now.timestamp())
