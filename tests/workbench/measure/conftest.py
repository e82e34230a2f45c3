"""Questions about the demo brand. What is kept between tests hangs on the facts, so that no test is told another's answers."""

import pytest

from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.measure.asking.question import Question


@pytest.fixture
def catalogue(inside):
    """What can be picked in the demo brand's workspace, which is in scope."""
    return Catalogue(inside)


@pytest.fixture
def asked(catalogue):
    """``asked("funnel", step1="pay")`` is the question of an address; a list gives a name several values."""

    def made(kind, /, **values):
        pairs = [(name.replace("__", "."), one) for name, given in values.items() for one in (given if isinstance(given, list) else [given])]
        return Question.read(KINDS[kind], pairs, catalogue)

    return made
