"""The app of questions and dashboards."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasureConfig(AppConfig):
    """Questions and dashboards."""

    name = "tilth.workbench.measure"
    label = "measure"
    verbose_name = _("questions and dashboards")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register rights, the room, the people of figures and the finder."""
        from tilth.workbench.measure import finding, people_source, policies  # noqa: F401
        from tilth.workbench.shell import finding as top
        from tilth.workbench.shell import home, menu
        from tilth.workbench.tenancy.roles import Role

        first_for = (Role(Role.ANALYST), Role(Role.VIEWER))
        menu.add(menu.Room("analysis", _("Analysis"), "chart", "measure:list", "question", group=menu.FACTS, order=20, first_for=first_for))
        top.register(finding.find)
        home.provide("tilth.workbench.measure.views.boards.home")
