"""The app of background jobs."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Background jobs."""

    name = "tilth.workbench.jobs"
    label = "jobs"
    verbose_name = _("background jobs")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Learn what kinds of jobs and effects the apps have."""
        from tilth.workbench.jobs import cron, policies  # noqa: F401
        from tilth.workbench.jobs.registry import KINDS
        from tilth.workbench.tenancy import words

        words.say({"job.switch": _("pause or resume a schedule"), "job.schedule": _("make a schedule"), "job.unschedule": _("delete a schedule")})
        words.VALUES["job.kind"] = lambda kind: KINDS[kind].label if kind in KINDS else kind
        words.VALUES["cron"] = cron.in_words
        autodiscover_modules("jobs", "effects")
