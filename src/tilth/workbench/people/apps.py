"""The app of people."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PeopleConfig(AppConfig):
    """People."""

    name = "tilth.workbench.people"
    label = "people"
    verbose_name = _("people")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register rights, the room, sources of people and the finder."""
        from tilth.workbench.people import asking, finding, policies  # noqa: F401
        from tilth.workbench.shell import finding as top
        from tilth.workbench.shell import menu
        from tilth.workbench.tenancy.roles import Role

        label, first_for = pgettext_lazy("the room", "People"), (Role(Role.OPERATOR),)
        menu.add(menu.Room("people", label, "people", "people:list", "people", group=menu.FACTS, order=10, first_for=first_for))
        top.register(finding.find)
