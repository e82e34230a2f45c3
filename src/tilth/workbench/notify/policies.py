"""Who may see how mail is sent, and try it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tilth.workbench.tenancy.policy import Policy
from tilth.workbench.tenancy.roles import MANAGERS

mails = Policy("mail", _("mail"), view=MANAGERS, send=MANAGERS)
