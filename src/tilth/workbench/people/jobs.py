"""Background work with people."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tilth.workbench.jobs.registry import Run, job
from tilth.workbench.people import exporting
from tilth.workbench.people.columns import Sheet
from tilth.workbench.people.policies import people as policy
from tilth.workbench.people.sources import people_of


@job("people.export", label=_("Export people"), limit="30m", right="people:export", safe_to_repeat=True)
def export_people(run: Run, *, source: dict[str, Any], shown: list[str], form: str, contact: bool) -> dict[str, Any]:
    """Write a long list of people into a file to fetch."""
    if contact:
        policy.require(run.actor, "contact")
    people = people_of(run.workspace, source)
    run.progress(0, len(people))
    sheet = Sheet(run.workspace)
    wanted = sheet.wanted(shown)
    body = exporting.rows(sheet, people, wanted, contact=contact, progress=lambda done: run.progress(done, len(people)))
    path = exporting.written(run.workspace, f"people-{run.job.pk}", form, exporting.heads(wanted), body)
    return {"rows": len(people), "bytes": path.stat().st_size, "url": f"{run.workspace.url}people/exported/{run.job.pk}/"}
