"""Pages of data."""

from __future__ import annotations

app_name = "data"
urlpatterns: list = []
