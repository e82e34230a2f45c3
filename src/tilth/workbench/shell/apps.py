"""The app that draws the shell: side bar, page frame, charts and tables; the only one that touches Wagtail's admin classes."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

MEDIA = ("wagtaildocs", "wagtailimages_chooser", "wagtaildocs_chooser")
"""Namespaces of Wagtail's whose pages are in the room of images."""


class ShellConfig(AppConfig):
    """The shell."""

    name = "tilth.workbench.shell"
    label = "shell"
    verbose_name = _("shell")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add our rooms, and put roles in charge of what Wagtail keeps."""
        from tilth.workbench.shell import menu, wagtail_permissions
        from tilth.workbench.shell.media import audit  # noqa: F401
        from tilth.workbench.tenancy.words import say

        menu.add(menu.Room("home", _("Home"), "home", "home", order=0))
        menu.add(menu.Room("media", _("Media"), "image", "wagtailimages:index", "media", menu.FACTS, 40, also=MEDIA))
        say({"media.add": _("add images or documents"), "media.choose": _("choose images or documents")})
        wagtail_permissions.register()
