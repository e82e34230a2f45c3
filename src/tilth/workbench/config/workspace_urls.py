"""Addresses inside a workspace, as seen behind ``/w/<slug>``. What of Wagtail's is reachable is listed in shell/allowed.py."""

from __future__ import annotations

from django.urls import include, path, re_path
from wagtail.admin import urls as wagtail_urls

from tilth.workbench.api.v1 import api, nothing
from tilth.workbench.shell import views

urlpatterns = [
    path("", views.home, name="home"),
    path("shell/", include("tilth.workbench.shell.urls")),
    path("jobs/", include("tilth.workbench.jobs.urls")),
    path("settings/", include("tilth.workbench.accounts.urls")),
    path("notices/", include("tilth.workbench.notify.urls")),
    path("data/", include("tilth.workbench.data.urls")),
    path("people/", include("tilth.workbench.people.urls")),
    path("analysis/", include("tilth.workbench.measure.urls")),
    path("api/v1/", api.urls),
    re_path("^api/", nothing, name="no-such-api"),
    path("", include(wagtail_urls)),
]

handler404 = "tilth.workbench.shell.views.not_found"
handler500 = "tilth.workbench.shell.views.failed"
