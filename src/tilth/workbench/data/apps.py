"""The app of data."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DataConfig(AppConfig):
    """Data."""

    name = "tilth.workbench.data"
    label = "data"
    verbose_name = _("data")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the rights known, and the room in the side bar."""
        from tilth.workbench.data import faults, finding, policies, publishing, words  # noqa: F401
        from tilth.workbench.data.actions import uploads
        from tilth.workbench.data.models import Source, Upload, WriteKey
        from tilth.workbench.jobs import chores
        from tilth.workbench.shell import menu
        from tilth.workbench.tenancy import words as audit
        from tilth.workbench.tenancy.roles import Role

        menu.add(menu.Room("data", _("Data"), "data", "data:home", "load", menu.FACTS, 30, first_for=(Role(Role.ANALYST),)))
        states, kinds = dict(Upload.State.choices), dict(Source.Kind.choices)
        audit.say(
            {"write_key.rotate": pgettext_lazy("right", "replace a write key"), "live.contact": pgettext_lazy("right", "see live items in full")}
        )
        platforms = dict(WriteKey.Platform.choices)
        audit.VALUES |= {
            "write_key.platform": lambda platform: platforms.get(platform, platform),
            "table": words.table,
            "load.state": lambda state: states.get(state, state),
            "load.kind": lambda kind: kinds.get(kind, kind),
            "quarantine.group": lambda key: faults.label(*key.partition(".")[::2]),
        }
        chores.CHORES["data.sweep"] = (uploads.sweep, timedelta(hours=1))
