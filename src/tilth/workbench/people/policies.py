"""Who may see, mask off, gather and carry away people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from tilth.workbench.tenancy.policy import Policy
from tilth.workbench.tenancy.roles import EDITORS, MANAGERS, MEMBERS

if TYPE_CHECKING:
    from tilth.workbench.tenancy.actions import Actor


class OwnPolicy(Policy):
    """Rights of which ``delete`` needs the thing to be one's own, but for managers."""

    def allows(self, actor: Actor | None, verb: str, thing: Any = None) -> bool:
        """Whether `actor` may."""
        if not super().allows(actor, verb, thing) or actor is None:
            return False
        return verb != "delete" or thing is None or actor.role in MANAGERS or (actor.user is not None and thing.owner_id == actor.user.pk)


people = Policy("people", _("people"), view=MEMBERS, export=EDITORS, contact=MANAGERS)
"""``contact``: see phone numbers, mail addresses and names in full, and search by them."""

segments = OwnPolicy("segment", _("segments"), view=MEMBERS, save=EDITORS, delete=EDITORS)

views = OwnPolicy("people_view", _("saved views of people"), view=MEMBERS, save=EDITORS, delete=EDITORS)
