"""Template tags of background jobs: ``{% load jobs %}``."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from tilth.workbench.jobs import finding
from tilth.workbench.jobs.models import OPEN, Job
from tilth.workbench.jobs.policies import jobs as policy
from tilth.workbench.shell.templatetags.tilth import status

register = template.Library()


@register.inclusion_tag("jobs/progress.html", takes_context=True)
def job_progress(context: dict[str, Any], job: Job) -> dict[str, Any]:
    """Draw how far a job is, with a button that cancels it. Asks again each second while it is open; then the event ``job-ended`` is triggered."""
    return {"job": job, "request": context["request"]}


@register.inclusion_tag("jobs/running.html", takes_context=True)
def running_jobs(context: dict[str, Any]) -> dict[str, Any]:
    """Draw the link of the top bar to the jobs, with how many of the actor's are open."""
    request = context["request"]
    return {"count": finding.visible(request.actor).filter(state__in=OPEN).count(), "request": request}


@register.simple_tag
def job_state(job: Job) -> SafeString:
    """Draw a job's state."""
    return status(finding.TONES[job.state], job.get_state_display())


@register.filter
def kind_words(kind: str) -> str:
    """Return a kind of job in words."""
    return finding.kind_words(kind)


@register.filter
def result_words(result: Any) -> list[tuple[str, str]]:
    """Return what a job's result tells people, as labels and values."""
    return finding.result_words(result)


@register.simple_tag(takes_context=True)
def may_do(context: dict[str, Any], verb: str, thing: Any) -> bool:
    """Whether the actor may do `verb` with this very job or schedule."""
    return policy.allows(context["request"].actor, verb, thing)
