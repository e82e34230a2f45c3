"""Looking at what arrived live in full."""

from __future__ import annotations

from tilth.workbench.data.policies import live
from tilth.workbench.tenancy.actions import Actor, action, record


@action(live, "contact")
def show(actor: Actor, name: str) -> None:
    """Note that somebody saw an item in full."""
    record(name)
