"""The app that holds what belongs to the installation as a whole: its commands."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    """The installation."""

    name = "tilth.workbench.config"
    label = "config"
    verbose_name = _("installation")
