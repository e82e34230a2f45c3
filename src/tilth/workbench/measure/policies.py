"""Who may ask, keep, share and take away questions and dashboards."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.policy import Policy
from tilth.workbench.tenancy.roles import EDITORS, MANAGERS, MEMBERS


class OwnedPolicy(Policy):
    """Rights over what a member keeps: others see it when it is shared, and only its owner and managers change it."""

    def allows(self, actor: Actor | None, verb: str, thing: Any = None) -> bool:
        """Whether `actor` may do `verb` with `thing`."""
        if not super().allows(actor, verb, thing) or actor is None:
            return False
        if thing is None or actor.role in MANAGERS or (thing.owner_id is not None and actor.user is not None and thing.owner_id == actor.user.pk):
            return True
        return verb in ("view", "export") and thing.shared


questions = OwnedPolicy("question", _("questions"), view=MEMBERS, export=MEMBERS, save=EDITORS, share=EDITORS, delete=EDITORS)
dashboards = OwnedPolicy(
    "dashboard", _("dashboards"), view=MEMBERS, export=MEMBERS, save=EDITORS, share=EDITORS, delete=EDITORS, home=MANAGERS, mail=EDITORS
)
