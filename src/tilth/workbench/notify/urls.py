"""Pages of notices."""

from __future__ import annotations

from django.urls import path

from tilth.workbench.notify import views

app_name = "notify"
urlpatterns = [path("mail/", views.state, name="mail"), path("mail/trial/", views.trial, name="trial")]
