"""Segments are written to the facts exactly once, whatever dies in between: with real processes that are really killed."""

import json
import signal
import subprocess
import sys
import time

import pytest
from tests.workbench.jobs.house import ENTER, FURNISH, ROOT, House

DIES = """
from tilth.workbench.config import setup
setup.start_django()
import os, signal
from tilth.engine.people import PersonSet
from tilth.warehouse import memberships
from tilth.workbench.jobs import outbox
from tilth.workbench.people import actions, effects
from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.models import Membership

def die(*_args, **_how):
    os.kill(os.getpid(), signal.SIGKILL)

def after(function):
    def done(*args, **how):
        function(*args, **how)
        die()
    return done

{death}
actor = Actor.of(Membership.objects.select_related("user", "workspace").get())
actions.save_segment(actor, name={name!r}, people=PersonSet.of(["ann", "bob", "cy"]))
"""
DEATHS = {
    "after the commit, before the facts": "outbox.keep = die",
    "after the facts, before that is noted": "memberships.enter = after(memberships.enter)",
}
LOOK = """
from tilth.workbench.config import setup
setup.start_django()
import json
from tilth.warehouse import memberships
from tilth.workbench.people.models import Segment
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Workspace
workspace = Workspace.objects.get()
with scope.use(workspace):
    segment = Segment.objects.get(name={name!r})
    spans = memberships.spans(workspace.facts, segment.code)
    (change,) = segment.changes.all()
    print(json.dumps([segment.size, segment.state, sorted(spans["person"]), bool(change.people), change.moved, change.size]))
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = House(tmp_path_factory.mktemp("segments"))
    made.do(FURNISH)
    made.do(ENTER)
    yield made
    made.close()


def look(house, name):
    """Look from a process of its own: the house forks its workers, and the facts' reader must not have run in what is forked."""
    code = LOOK.format(name=name)
    return json.loads(subprocess.run([sys.executable, "-c", code], env=house.environment, cwd=ROOT, check=True, capture_output=True).stdout)


@pytest.mark.parametrize("when", DEATHS)
def test_a_process_that_dies_leaves_the_segment_to_the_worker_and_it_is_written_once(house, when):
    code = DIES.format(death=DEATHS[when], name=when)
    died = subprocess.run([sys.executable, "-c", code], env=house.environment, cwd=ROOT)
    assert died.returncode == -signal.SIGKILL
    written = when.startswith("after the facts")
    assert look(house, when) == [0, "writing", ["ann", "bob", "cy"] if written else [], True, None, None]
    house.do("Intent.objects.update(due_at=timezone.now())")  # a lease that has run out
    house.worker()
    end = time.monotonic() + 30
    while house.do("answer = Intent.objects.filter(done_at=None).exists()"):
        assert time.monotonic() < end
        time.sleep(0.1)
    assert look(house, when) == [3, "ready", ["ann", "bob", "cy"], False, 3, 3]
    house.rest()
