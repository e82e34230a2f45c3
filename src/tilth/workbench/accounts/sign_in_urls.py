"""Addresses of signing in: allauth's pages, without those by which strangers make accounts or an address changes unconfirmed."""

from __future__ import annotations

from typing import NoReturn

from allauth.account import views
from axes.decorators import axes_dispatch
from django.http import Http404, HttpRequest
from django.urls import include, path

ABSENT = ("signup/", "login/", "email/", "confirm-email/", "confirm-email/<str:key>/", "login/code/confirm/", "3rdparty/signup/", "social/signup/")


def absent(request: HttpRequest, **_parts: str) -> NoReturn:
    """Answer that there is no such page."""
    raise Http404


urlpatterns = [
    *(path(place, absent) for place in ABSENT),
    path("", include("allauth.urls")),
    path("", axes_dispatch(views.login), name="account_login"),
]
