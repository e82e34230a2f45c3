"""Who may do what: one policy object for each kind of thing, asked by pages, API and actions alike.

>>> from tilth.workbench.tenancy.roles import ANALYSTS, MEMBERS, Role
>>> stones = Policy("stone", "stones", view=MEMBERS, polish=ANALYSTS)
>>> stones.roles("polish") == ANALYSTS, stones.verbs
(True, ('view', 'polish'))
>>> del POLICIES["stone"]
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from tilth.workbench.tenancy.roles import Role

if TYPE_CHECKING:
    from tilth.workbench.tenancy.actions import Actor

POLICIES: dict[str, Policy] = {}


class Refused(PermissionDenied):
    """The actor may not do this; the message says which right is missing and who has it.

    Parameters
    ----------
    message : str
        In words, for programs too.
    code : str
        The action that was refused, such as ``segment.save``, where it hangs on the role alone.
    roles : str
        The roles that may, in words.
    """

    def __init__(self, message: str, code: str = "", roles: str = "") -> None:
        super().__init__(message)
        self.code, self.roles = code, roles


class Policy:
    """The rights over one kind of thing.

    Parameters
    ----------
    kind : str
        The kind, in code: ``"segment"``. With a verb it names a right and an API scope: ``"segment:save"``.
    label : str
        The kind in words, translatable.
    **rights : roles
        The roles that have each right. ``view`` is always one of them.
    """

    def __init__(self, kind: str, label: Any, **rights: Collection[Role]) -> None:
        if kind in POLICIES:
            raise ValueError(f"there is a policy for {kind!r} already")
        self.kind, self.label = kind, label
        self._rights = {verb: frozenset(roles) for verb, roles in rights.items()}
        POLICIES[kind] = self

    @property
    def verbs(self) -> tuple[str, ...]:
        """What can be done with the thing."""
        return tuple(self._rights)

    def roles(self, verb: str) -> frozenset[Role]:
        """Return the roles that have a right; KeyError when the policy knows no such verb."""
        return self._rights[verb]

    def allows(self, actor: Actor | None, verb: str, thing: Any = None) -> bool:
        """Whether `actor` may do `verb` with `thing` (with things of this kind at all, when it is None), which has to be of the actor's workspace.

        Override where it also hangs on the thing.
        """
        if actor is None or actor.role not in self.roles(verb) or not actor.has_scope(f"{self.kind}:{verb}"):
            return False
        return getattr(thing, "workspace_id", None) in (None, actor.workspace.pk)  # a row that is yet to be saved has none

    def require(self, actor: Actor | None, verb: str, thing: Any = None) -> None:
        """Raise Refused unless the actor may."""
        if not self.allows(actor, verb, thing):
            who = _(", ").join(str(role.label) for role in Role if role in self.roles(verb))
            told = _("This needs the right “{right}”, which these roles have: {roles}.").format(right=f"{self.kind}:{verb}", roles=who)
            raise Refused(told, f"{self.kind}.{verb}", who)
