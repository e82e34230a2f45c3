"""The app that draws the shell: side bar, page frame, charts and tables; the only one that touches Wagtail's admin classes."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShellConfig(AppConfig):
    """The shell."""

    name = "tilth.workbench.shell"
    label = "shell"
    verbose_name = _("shell")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add the home page's room."""
        from tilth.workbench.shell import menu

        menu.add(menu.Room("home", _("Home"), "home", "home", order=0))
