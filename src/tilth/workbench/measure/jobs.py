"""Questions that take long, answered in the background; their page finds the answer where answers are kept."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.errors import InputError
from tilth.language import using
from tilth.workbench.jobs.registry import Run, job
from tilth.workbench.measure import answers, sources
from tilth.workbench.measure import questions as _questions  # noqa: F401  (registers the kinds)
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.dashboards import mailing as _mailing  # noqa: F401  (registers its job)


@job("measure.answer", label=gettext_lazy("Answer a question"), limit="1h", safe_to_repeat=True, right="question:view")
def answer_question(run: Run, *, question: str, query: list[list[str]], language: str) -> dict[str, Any]:
    """Compute an answer, worded in a language; where it is kept already, nothing is computed."""
    with using(language), translation.override(language.lower()):
        catalogue = Catalogue(run.workspace)
        asked = Question.read(KINDS[question], [(name, value) for name, value in query], catalogue)
        if asked.faults:
            raise InputError(" ".join(asked.faults.values()))
        run.progress(0, 2, _("Reading the data"))
        sources.held(run.workspace, asked.kind.source)
        run.progress(1, 2, _("Counting"))
        found = answers.answer(asked, catalogue)
        run.progress(2, 2)
        return {"question": question, "query": query, "figures": len(found["figures"])}
