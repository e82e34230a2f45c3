"""Who may bring members in, give roles, make keys, read the audit and change the workspace itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.policy import Policy
from tilth.workbench.tenancy.roles import EDITORS, MANAGERS, MEMBERS, OWNERS, Role, may_give
from tilth.workbench.tenancy.words import say


class MemberPolicy(Policy):
    """Rights over members: one takes or changes no role that one could not give."""

    def allows(self, actor: Actor | None, verb: str, thing: Any = None) -> bool:
        """Whether `actor` may do `verb` with `thing`, a membership or an invitation."""
        if not super().allows(actor, verb, thing) or actor is None:
            return False
        return thing is None or verb in ("view", "leave", "join") or may_give(actor.role, Role(thing.role))


class KeyPolicy(Policy):
    """Rights over API keys: everybody sees and revokes their own, managers all of them."""

    def allows(self, actor: Actor | None, verb: str, thing: Any = None) -> bool:
        """Whether `actor` may do `verb` with `thing`."""
        if not super().allows(actor, verb, thing) or actor is None:
            return False
        return thing is None or actor.role in MANAGERS or (actor.user is not None and thing.maker_id == actor.user.pk)


members = MemberPolicy(
    "member",
    _("members"),
    view=MEMBERS,
    invite=MANAGERS,
    revoke=MANAGERS,
    change=MANAGERS,
    remove=MANAGERS,
    transfer=OWNERS,
    join=MEMBERS,
    leave=MEMBERS,
)
keys = KeyPolicy("key", _("API keys"), view=EDITORS, create=EDITORS, revoke=EDITORS)
audit = Policy("audit", _("audit"), view=MANAGERS, export=MANAGERS)
workspaces = Policy("workspace", _("workspace settings"), view=MANAGERS, create=OWNERS, change=OWNERS)
account = Policy("account", _("my account"), view=MEMBERS, change=MEMBERS, secure=MEMBERS)

say(
    {
        "member.invite": _("invite members"),
        "member.revoke": _("revoke invitations"),
        "member.change": _("change roles"),
        "member.transfer": _("hand over ownership"),
        "member.join": _("join the workspace"),
        "member.leave": _("leave the workspace"),
        "workspace.create": _("create the workspace"),
        "account.secure": _("change how one signs in"),
    }
)
