"""Pages of the shell itself."""

from __future__ import annotations

from django.urls import path

from tilth.workbench.shell import views

app_name = "shell"
urlpatterns = [path("find/", views.found, name="find")]
