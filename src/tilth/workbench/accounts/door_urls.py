"""Addresses of invitations, the door's language, new workspaces and confirmed mail addresses."""

from __future__ import annotations

from django.urls import path

from tilth.workbench.accounts.views import door

urlpatterns = [
    path("join/<str:token>/", door.join, name="join"),
    path("language/", door.language, name="language"),
    path("workspaces/new/", door.new_workspace, name="new_workspace"),
    path("confirm-mail/<str:token>/", door.confirm_mail, name="confirm_mail"),
]
