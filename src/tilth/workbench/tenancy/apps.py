"""The app of workspaces, members, rights, actions and their audit."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TenancyConfig(AppConfig):
    """Workspaces."""

    name = "tilth.workbench.tenancy"
    label = "tenancy"
    verbose_name = _("workspaces")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks."""
        from tilth.workbench.tenancy import checks  # noqa: F401
