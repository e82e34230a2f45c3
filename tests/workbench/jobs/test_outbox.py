"""Promised effects: they happen exactly when the action did, once, whatever dies in between."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import transaction
from tests.workbench.jobs import kinds
from tests.workbench.jobs.house import ROOT

from tilth.workbench.jobs import outbox
from tilth.workbench.jobs.models import Intent
from tilth.workbench.tenancy import scope

assert kinds


def lines(file):
    return Path(file).read_text().splitlines() if Path(file).exists() else []


def until(what, seconds=90):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


@transaction.atomic
def fail_after_promising(file):
    outbox.promise("test.mark", file=file)
    raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_an_effect_follows_the_commit_and_never_comes_before_it(inside, tmp_path):
    file = tmp_path / "f"
    with transaction.atomic():
        outbox.promise("test.mark", file=str(file))
        assert not lines(f"{file}.marks")
    assert len(lines(f"{file}.marks")) == 1
    assert Intent.objects.get().done_at
    with pytest.raises(ZeroDivisionError):
        fail_after_promising(str(file))
    assert len(lines(f"{file}.marks")) == 1


@pytest.mark.django_db(transaction=True)
def test_a_promise_outside_a_transaction_or_without_an_effect_is_a_fault(inside):
    with pytest.raises(RuntimeError):
        outbox.promise("test.mark", file="")
    with pytest.raises(KeyError), transaction.atomic():
        outbox.promise("test.nothing")


@pytest.mark.django_db(transaction=True)
def test_one_that_fails_is_tried_again_and_holds_up_those_behind_it(inside, tmp_path, monkeypatch):
    monkeypatch.setattr(outbox, "HEAD_START", outbox.timedelta(seconds=0.2))
    file = str(tmp_path / "f")
    with transaction.atomic():
        outbox.promise("test.fault.first_time", file=file)
    assert Intent.objects.get().error == "the store is full"
    with transaction.atomic():
        outbox.promise("test.fault.order", file=file)
    assert lines(file) == ["try"]
    time.sleep(0.25)
    with scope.everywhere():
        ((workspace, name),) = outbox.due()
    assert outbox.keep(workspace, name)
    assert lines(file) == ["try", "try", "after"]
    assert not Intent.objects.filter(done_at=None).exists()


DIES = """
from tilth.workbench.config import setup
setup.start_django()
import os, signal
from django.db import transaction
from tests.workbench.jobs import kinds
from tilth.workbench.jobs import outbox
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Workspace
outbox.keep = lambda workspace, name: os.kill(os.getpid(), signal.SIGKILL)      # between the commit and the effect
with scope.use(Workspace.objects.get()), transaction.atomic():
    outbox.promise("test.mark", file=os.environ["FILE"])
"""


def test_a_process_that_dies_between_commit_and_effect_leaves_it_to_the_worker(house, tmp_path):
    file = str(tmp_path / "f")
    died = subprocess.run([sys.executable, "-c", DIES], env={**house.environment, "FILE": file}, cwd=ROOT)
    assert died.returncode == -signal.SIGKILL
    assert house.do("answer = Intent.objects.filter(done_at=None).count()") == 1
    assert not lines(f"{file}.marks")
    house.worker()
    until(lambda: house.do("answer = Intent.objects.exclude(done_at=None).count()") == 1)
    assert len(lines(f"{file}.marks")) == 1


def test_a_process_that_dies_after_the_effect_has_it_done_once(house, tmp_path):
    file = str(tmp_path / "f")
    house.do("outbox.LEASE = timedelta(seconds=2)")
    house.worker()
    code = f"""
from django.db import transaction
from unittest import mock
with mock.patch.object(outbox, "keep"), scope.use(workspace), transaction.atomic():
    outbox.promise("test.slow_mark", file={file!r}, seconds=1.5)
"""
    house.do(code)
    (begun,) = until(lambda: lines(file))
    until(lambda: lines(f"{file}.marks"))
    os.kill(int(begun.split()[1]), signal.SIGKILL)
    until(lambda: house.do("answer = Intent.objects.exclude(done_at=None).count()") == 1)
    assert len(lines(file)) == 2  # begun twice
    assert len(lines(f"{file}.marks")) == 1  # done once
