"""The people of a figure, asked for again on the server when they are kept as a segment or carried away."""

from __future__ import annotations

from typing import Any

from tilth.engine.people import PersonSet
from tilth.errors import InputError
from tilth.workbench.measure import answers
from tilth.workbench.measure import questions as _questions  # noqa: F401  (registers the kinds)
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.people.sources import source
from tilth.workbench.tenancy.models import Workspace


@source("question")
def resolve(workspace: Workspace, payload: dict[str, Any]) -> PersonSet:
    """Return the people of ``{"question": kind, "query": pairs, "cell": cell}``."""
    catalogue = Catalogue(workspace)
    question = Question.read(KINDS[payload["question"]], [(name, value) for name, value in payload["query"]], catalogue)
    if question.faults:
        raise InputError(" ".join(question.faults.values()))
    return answers.people(question, payload["cell"], catalogue)
