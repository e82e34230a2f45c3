"""Questions about the demo brand: a catalogue, and answers that no test before has left behind."""

import pytest
from django.core.cache import cache

from tilth.workbench.measure import answers, sources
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.measure.asking.question import Question


@pytest.fixture(autouse=True)
def nothing_kept():
    """Each test computes for itself."""
    for kept in (answers._answers, answers._results, *sources._held.values()):
        kept.clear()
    cache.clear()


@pytest.fixture
def catalogue(inside):
    """What can be picked in the demo brand's workspace, which is in scope."""
    return Catalogue(inside)


@pytest.fixture
def asked(catalogue):
    """``asked("funnel", step1="pay")`` is the question of an address; a list gives a name several values."""

    def made(kind, **values):
        pairs = [(name.replace("__", "."), one) for name, given in values.items() for one in (given if isinstance(given, list) else [given])]
        return Question.read(KINDS[kind], pairs, catalogue)

    return made
