"""Questions answered in the background: those that take long, and, after a load, those of dashboards. Pages find them where answers are kept."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.dispatch import receiver
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.errors import InputError
from tilth.language import using
from tilth.workbench.data.changed import rows_changed
from tilth.workbench.jobs.actions import start
from tilth.workbench.jobs.registry import Run, after, job
from tilth.workbench.measure import answers, sources, warming
from tilth.workbench.measure import questions as _questions  # noqa: F401  (registers the kinds)
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.dashboards import mailing as _mailing  # noqa: F401  (registers its job)
from tilth.workbench.tenancy.actions import Actor


@job("measure.answer", label=gettext_lazy("Answer a question"), limit="1h", safe_to_repeat=True, right="question:view")
def answer_question(run: Run, *, question: str, query: list[list[str]], language: str) -> dict[str, Any]:
    """Compute an answer, worded in a language; where it is kept already, nothing is computed."""
    with using(language), translation.override(language.lower()):
        catalogue = Catalogue(run.workspace)
        asked = Question.read(KINDS[question], [(name, value) for name, value in query], catalogue)
        if asked.faults:
            raise InputError(" ".join(asked.faults.values()))
        run.progress(0, None, _("Reading the data"))
        indexed(run, asked.kind.source)
        sources.held(run.workspace, asked.kind.source)
        run.progress(0, None, _("Counting"))
        found = answers.answer(asked, catalogue)
        run.progress(1, 1)
        told = [[one["label"], f"{one['value']} {one['unit']}".strip()] for one in found["figures"][:2]]
        return {"question": question, "query": query, "told": told, "url": asked.address(catalogue)}


def indexed(run: Run, source: str) -> None:
    """Bring the event index up to date, as far as a source is read from it; whoever cancels the job stops that too."""
    sources.prepare(run.workspace, source, lambda done, total: run.progress(done, total, _("Bringing the event index up to date")))


@job("measure.warm", label=gettext_lazy("Answer dashboards ahead"), limit="2h", safe_to_repeat=True, priority=-50)
def warm(run: Run) -> dict[str, Any]:
    """Bring the event index up to date, then answer what dashboards and recently opened questions ask; once more if facts change meanwhile."""
    answered, state = 0, None
    while state != (state := warming.state(run.workspace)):
        indexed(run, "events")
        for language in warming.languages(run.workspace):
            with warming.reading(language):
                catalogue = Catalogue(run.workspace)
                asked = warming.due(catalogue)
                for number, question in enumerate(asked):
                    run.progress(number, len(asked), question.kind.name(question, catalogue))
                    with suppress(InputError):  # whoever opens its page is told
                        answers.answer(question, catalogue)
                        answered += 1
    return {"answered": answered}


@after("data.load", "data.undo", "data.source", "data.demo")
def warm_after(run: Run) -> None:
    """Answer ahead what the facts that a job has just changed are asked about."""
    answer_ahead(run.actor)


@receiver(rows_changed)
def answer_ahead(actor: Actor, **_signal: Any) -> None:
    """Answer ahead what the facts that have just changed are asked about: in one job a workspace, in the name of the house."""
    house = Actor(actor.workspace, actor.role, None, "Tilth", "job")
    start(house, "measure.warm", title=_("Dashboards and saved questions"), unique="measure.warm")
