"""Pages of the shell itself."""

from __future__ import annotations

app_name = "shell"
urlpatterns: list = []
