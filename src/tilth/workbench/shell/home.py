"""The home page is drawn by whoever knows what to show there: an app names its view here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

_view = ""


def provide(view: str) -> None:
    """Let the view at this dotted path draw the home page."""
    global _view
    _view = view


def draw(request: HttpRequest) -> HttpResponse:
    """Return the home page."""
    answer: HttpResponse = import_string(_view)(request)
    return answer
