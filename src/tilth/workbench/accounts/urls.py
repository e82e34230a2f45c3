"""Pages of members, keys and audit."""

from __future__ import annotations

app_name = "accounts"
urlpatterns: list = []
