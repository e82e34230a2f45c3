"""Who may see, start, cancel and repeat background jobs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tilth.workbench.jobs.models import Job, Schedule
from tilth.workbench.jobs.registry import KINDS, Kind
from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.policy import POLICIES, Policy
from tilth.workbench.tenancy.roles import EDITORS, MANAGERS, MEMBERS


class JobPolicy(Policy):
    """Everybody sees and ends their own jobs, managers all of them. What a kind of job does may need a right of its own."""

    def allows(self, actor: Actor | None, verb: str, thing: Any = None) -> bool:
        """Whether `actor` may do `verb` with `thing`: a job, a schedule, a kind of job, or None for jobs at all."""
        if actor is None:
            return False
        kind = thing if isinstance(thing, Kind) else KINDS.get(thing.kind) if thing is not None else None
        if kind is not None and kind.right and verb in ("start", "retry", "schedule", "switch"):
            of, _colon, needed = kind.right.partition(":")
            if not POLICIES[of].allows(actor, needed):
                return False
        elif not super().allows(actor, verb):
            return False
        return not isinstance(thing, Job | Schedule) or actor.role in MANAGERS or (actor.user is not None and self._owner(thing) == actor.user.pk)

    def _owner(self, thing: Job | Schedule) -> Any:
        return thing.requested_by_id if isinstance(thing, Job) else thing.as_user_id


jobs = JobPolicy(
    "job", _("background jobs"), view=MEMBERS, start=EDITORS, cancel=MEMBERS, retry=EDITORS, schedule=EDITORS, unschedule=MEMBERS, switch=EDITORS
)
