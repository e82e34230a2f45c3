"""Pages of questions and dashboards."""

from __future__ import annotations

app_name = "measure"
urlpatterns: list = []
