"""The check that no model slips out of its workspace."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register

from tilth.workbench.tenancy.models import Scoped, ScopedManager


@register("tenancy")
def scoped_managers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a scoped model whose default or base manager is not scoped, and a model of ours that is neither scoped nor declared global."""
    faults: list[CheckMessage] = []
    for model in apps.get_models():
        if not model.__module__.startswith("tilth.workbench."):
            continue
        if issubclass(model, Scoped):
            for role, manager in (("default", model._default_manager), ("base", model._base_manager)):
                if not isinstance(manager, ScopedManager):
                    faults.append(Error(f"the {role} manager of {model._meta.label} is not scoped", obj=model, id="tenancy.E001"))
        elif model._meta.label not in GLOBAL:
            faults.append(Error(f"{model._meta.label} is neither Scoped nor listed in tenancy.checks.GLOBAL", obj=model, id="tenancy.E002"))
    return faults


GLOBAL = {
    "tenancy.Workspace",
    "tenancy.Membership",
    "accounts.User",
    "jobs.Chore",
    "jobs.Worker",
}
