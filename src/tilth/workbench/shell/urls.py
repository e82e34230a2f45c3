"""Pages of the shell itself."""

from __future__ import annotations

from django.urls import path

from tilth.workbench.shell import views
from tilth.workbench.shell.media import views as media

app_name = "shell"
urlpatterns = [
    path("find/", views.found, name="find"),
    path("media/<path:name>", media.picture, name="picture"),
    path("files/<int:document_id>/<str:filename>", media.document, name="document"),
]
