"""Who may do what with images and documents."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tilth.workbench.tenancy.policy import Policy
from tilth.workbench.tenancy.roles import EDITORS

media = Policy("media", _("images and documents"), view=EDITORS, add=EDITORS, change=EDITORS, delete=EDITORS, choose=EDITORS)
