"""The app of questions and dashboards."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasureConfig(AppConfig):
    """Questions and dashboards."""

    name = "tilth.workbench.measure"
    label = "measure"
    verbose_name = _("questions and dashboards")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the rights."""
        from tilth.workbench.measure import policies  # noqa: F401
