"""The app of operators: accounts, sign-in, invitations, keys."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Operators."""

    name = "tilth.workbench.accounts"
    label = "accounts"
    verbose_name = _("operators")
    default_auto_field = "django.db.models.BigAutoField"
