"""Who may do what with the data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tilth.workbench.tenancy.policy import Policy
from tilth.workbench.tenancy.roles import ANALYSTS, EDITORS, MANAGERS, MEMBERS

loads = Policy("load", _("loads"), view=MEMBERS, run=ANALYSTS, undo=ANALYSTS, schedule=ANALYSTS)
quarantine = Policy("quarantine", _("quarantine"), view=EDITORS, mend=ANALYSTS, export=EDITORS, contact=MANAGERS)
"""Rows in quarantine are shown masked; ``contact``: see one in full, or take them away in full."""
dictionary = Policy("dictionary", _("dictionary"), view=MEMBERS, edit=ANALYSTS)
live = Policy("live", _("live events"), view=EDITORS, contact=MANAGERS)
"""What arrives is shown masked; ``contact``: see one item in full."""
write_keys = Policy("write_key", _("write keys"), view=EDITORS, create=MANAGERS, change=MANAGERS, rotate=MANAGERS, revoke=MANAGERS)
