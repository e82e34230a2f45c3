"""Addresses of signing in: allauth's pages, under names of ours."""

from __future__ import annotations

from allauth.account import views
from django.urls import include, path

urlpatterns = [
    path("", views.login, name="account_login"),
    path("", include("allauth.urls")),
]
