"""Addresses outside any workspace: signing in, and what machines ask."""

from __future__ import annotations

from django.urls import include, path

from tilth.workbench.config.health import healthz
from tilth.workbench.config.metrics import metrics
from tilth.workbench.shell import views

urlpatterns = [
    path("", views.front, name="front"),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("sign-in/", include("tilth.workbench.accounts.sign_in_urls")),
    path("", include("tilth.workbench.accounts.door_urls")),
]

handler404 = "tilth.workbench.shell.views.not_found"
handler500 = "tilth.workbench.shell.views.failed"
