"""The app of data."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DataConfig(AppConfig):
    """Data."""

    name = "tilth.workbench.data"
    label = "data"
    verbose_name = _("data")
    default_auto_field = "django.db.models.BigAutoField"
