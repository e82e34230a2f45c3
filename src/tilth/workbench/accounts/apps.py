"""The app of operators: accounts, sign-in, invitations, keys, audit."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Operators."""

    name = "tilth.workbench.accounts"
    label = "accounts"
    verbose_name = _("operators")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register rights, the room of settings, and what notes changes of sign-in."""
        from tilth.workbench.accounts import policies, rooms, signals  # noqa: F401
        from tilth.workbench.shell import menu

        menu.add(rooms.settings_room())
