"""Addresses of signing in: allauth's pages, without those by which strangers make accounts or an address changes unconfirmed."""

from __future__ import annotations

from typing import NoReturn

from allauth.account import views
from axes.decorators import axes_dispatch
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

ABSENT = (
    *("signup/", "login/", "login/code/confirm/", "3rdparty/signup/", "social/signup/"),
    *("email/", "confirm-email/", "confirm-email/<str:key>/", "sessions/"),  # the page of one's account has these
)


def absent(request: HttpRequest, **_parts: str) -> NoReturn:
    """Answer that there is no such page."""
    raise Http404


def password_reset(request: HttpRequest) -> HttpResponse:
    """Mail a link by which a forgotten password is replaced; say who can help where no mail is sent."""
    return views.password_reset(request) if settings.EMAIL_HOST else render(request, "accounts/no_mail.html")


urlpatterns = [
    *(path(place, absent) for place in ABSENT),
    path("password/reset/", password_reset),
    path("", include("allauth.urls")),
    path("", axes_dispatch(views.login), name="account_login"),
]
