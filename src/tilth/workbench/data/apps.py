"""The app of data."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DataConfig(AppConfig):
    """Data."""

    name = "tilth.workbench.data"
    label = "data"
    verbose_name = _("data")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the rights known, and the room in the side bar."""
        from tilth.workbench.data import faults, finding, policies, words  # noqa: F401
        from tilth.workbench.data.actions import uploads
        from tilth.workbench.data.models import Source, Upload
        from tilth.workbench.jobs import chores
        from tilth.workbench.shell import menu
        from tilth.workbench.tenancy import words as audit
        from tilth.workbench.tenancy.roles import Role

        menu.add(menu.Room("data", _("Data"), "data", "data:home", "load", menu.FACTS, 30, first_for=(Role(Role.ANALYST),)))
        states, kinds = dict(Upload.State.choices), dict(Source.Kind.choices)
        audit.VALUES |= {
            "table": words.table,
            "load.state": lambda state: states.get(state, state),
            "load.kind": lambda kind: kinds.get(kind, kind),
            "quarantine.group": lambda key: faults.label(*key.partition(".")[::2]),
        }
        chores.CHORES["data.sweep"] = (uploads.sweep, timedelta(hours=1))
