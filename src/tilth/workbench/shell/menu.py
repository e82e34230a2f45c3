"""The rooms of the side bar, in the order of the profession. An app adds its room when it is ready; a room that holds nothing is not there.

>>> room = Room("stones", "Stones", "cube", "stones:list", "stone", group=FACTS, order=10)
>>> room.namespace
'stones'
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from tilth.workbench.tenancy.policy import POLICIES
from tilth.workbench.tenancy.roles import Role

WORK, FACTS = 0, 1
"""Groups: the functions of the profession, and what they all stand on."""


@dataclass(frozen=True)
class Room:
    """A link in the side bar.

    Parameters
    ----------
    key : str
    label : str
        Translatable.
    icon : str
        A name of :mod:`tilth.workbench.shell.icons`.
    view : str
        Name of the view it leads to.
    kind : str
        Policy whose ``view`` right opens it; empty for every member.
    group : int
        WORK or FACTS.
    order : int
        Place in the group.
    first_for : roles
        Whose daily work is here: their side bar shows it first in its group.
    also : namespaces
        Other namespaces whose pages belong to the room.
    """

    key: str
    label: Any
    icon: str
    view: str
    kind: str = ""
    group: int = WORK
    order: int = 100
    first_for: Collection[Role] = ()
    also: Collection[str] = ()

    @property
    def namespace(self) -> str:
        """The namespace of its view, by which the current room is known."""
        return self.view.rpartition(":")[0]

    def is_here(self, namespace: str, name: str) -> bool:
        """Whether a page, by its namespace and name, belongs to this room."""
        return namespace in {self.namespace, *self.also} if self.namespace else name == self.view


ROOMS: dict[str, Room] = {}


def add(room: Room) -> None:
    """Add a room."""
    ROOMS[room.key] = room


def shown(request: Any) -> list[list[dict[str, Any]]]:
    """Return the rooms of each group that the actor may enter, with their addresses, those of their role's work first."""
    actor = request.actor
    here = getattr(request.resolver_match, "namespace", "") if request.resolver_match else ""
    name = request.resolver_match.view_name if request.resolver_match else ""
    groups: list[list[dict[str, Any]]] = []
    for group in (WORK, FACTS):
        rooms = [r for r in ROOMS.values() if r.group == group and (not r.kind or POLICIES[r.kind].allows(actor, "view"))]
        rooms.sort(key=lambda r: (r.order > 0 and actor.role not in r.first_for, r.order))
        groups.append([{"label": r.label, "icon": r.icon, "url": reverse(r.view), "here": r.is_here(here, name)} for r in rooms])
    return groups
