"""The language and time zone of a request, and the list of pages that there are."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation

from tilth.language import using
from tilth.workbench.shell.allowed import allowed
from tilth.workbench.shell.broken import damage, shown

LOG = logging.getLogger("tilth.storage")
COOKIE = "tilth_language"
CODES = {"zh-hans": "zh-Hans", "en": "en"}


class LanguageMiddleware:
    """Speak the language that the person chose (in the account, else by cookie before signing in), else that of the installation."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        code = self._chosen(request)
        with translation.override(code), using(CODES[code]):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", code)
            return response

    def _chosen(self, request: HttpRequest) -> str:
        code = request.COOKIES.get(COOKIE, "")
        if request.user.is_authenticated:
            profile = getattr(request.user, "wagtail_userprofile", None)
            code = profile.preferred_language if profile and profile.preferred_language else code
        return code if code in CODES else settings.LANGUAGE_CODE


class AllowedMiddleware:
    """Inside a workspace only listed pages exist: whatever else Wagtail's urls offer answers 404. Times are shown in the workspace's zone.

    When its facts cannot be read, the page says so instead of failing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        workspace = request.workspace  # type: ignore[attr-defined]
        if workspace is None:
            return self.get_response(request)
        with timezone.override(ZoneInfo(workspace.tz)):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """Say which folder is damaged, when it was the storage of the facts that failed."""
        found = damage(fault, request.workspace.folder) if request.workspace is not None else None  # type: ignore[attr-defined]
        if found is None:
            return None
        LOG.error("%s: %s", found.folder, found.problem, exc_info=fault)
        return shown(request, found)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Refuse a page that is not listed."""
        if hasattr(request, "slug") and not allowed(request.resolver_match):
            raise Http404
