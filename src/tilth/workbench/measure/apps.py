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
        from tilth.workbench.measure.asking.kinds import KINDS
        from tilth.workbench.shell import finding as top
        from tilth.workbench.shell import home, menu
        from tilth.workbench.tenancy import words
        from tilth.workbench.tenancy.roles import Role

        first_for = (Role(Role.ANALYST), Role(Role.VIEWER))
        menu.add(menu.Room("analysis", _("Analysis"), "chart", "measure:list", "question", group=menu.FACTS, order=20, first_for=first_for))
        top.register(finding.find)
        words.VALUES["question.kind"] = words.VALUES["dashboard.added"] = lambda kind: KINDS[kind].label if kind in KINDS else kind
        home.provide("tilth.workbench.measure.views.boards.home")
