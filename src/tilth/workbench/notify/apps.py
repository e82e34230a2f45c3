"""The app of notices."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotifyConfig(AppConfig):
    """Notices."""

    name = "tilth.workbench.notify"
    label = "notify"
    verbose_name = _("notices")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the rights."""
        from tilth.workbench.notify import policies  # noqa: F401
