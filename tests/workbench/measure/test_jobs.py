"""An answer that takes long: a job computes it, and the page finds it."""

from dataclasses import replace

import pytest
from django.utils import timezone

from tilth.warehouse import index
from tilth.workbench.jobs.actions import start
from tilth.workbench.jobs.models import Job, State, Worker
from tilth.workbench.jobs.run import Cancelled, Run
from tilth.workbench.jobs.running import run_here
from tilth.workbench.measure import answers, sources
from tilth.workbench.tenancy import scope

BASE = "/w/shop/analysis"


@pytest.fixture
def heavy(settings):
    """Every question is long, and a worker lives."""
    settings.OPTIONS = replace(settings.OPTIONS, limits=replace(settings.OPTIONS.limits, heavy_seconds=0.0))
    now = timezone.now()
    return Worker.objects.create(name="w", started_at=now, seen_at=now)


@pytest.fixture
def unread(monkeypatch):
    """No thread reads ahead: a test's database is not for other threads."""
    for kept in (answers._answers, answers._results):
        kept.clear()
    monkeypatch.setattr(sources, "warm", lambda workspace, table: None)


def carry_out():
    with scope.everywhere():
        job = Job.objects.select_related("workspace").get(state=State.WAITING)
        return run_here(job)


def test_the_page_waits_for_a_job_and_finds_its_answer(client_as, inside, heavy, unread):
    client = client_as("viewer")
    html = client.get(f"{BASE}/funnel/?dates=90d").content.decode()
    assert "t-progress" in html
    assert "job=" in html
    assert client.get(f"{BASE}/funnel/?dates=90d&answer=1").content.decode().count("t-progress") == 1
    assert Job.objects.filter(kind="measure.answer").count() == 1  # asked twice, started once
    job = carry_out()
    assert (job.state, job.error) == (State.DONE, "")
    html = client.get(f"{BASE}/funnel/?dates=90d&answer=1&job={job.pk}").content.decode()
    assert "<table" in html
    assert Job.objects.count() == 1


def test_a_job_is_cancelled_from_the_page(client_as, inside, heavy, unread):
    client = client_as("analyst")
    client.get(f"{BASE}/funnel/")
    job = Job.objects.get()
    assert "t-note--bad" in client.post(f"{BASE}/cancel/{job.pk}/").content.decode()
    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert "t-note--bad" in client.get(f"{BASE}/funnel/?answer=1&job={job.pk}").content.decode()
    assert Job.objects.count() == 1  # looking again starts nothing


def test_without_a_worker_the_page_computes_it(client_as, inside, heavy, unread):
    heavy.delete()
    assert "<table" in client_as().get(f"{BASE}/funnel/?answer=1").content.decode()
    assert not Job.objects.exists()


def test_a_job_that_ended_without_an_answer_is_not_started_for_ever(client_as, inside, heavy, unread):
    client = client_as()
    client.get(f"{BASE}/funnel/")
    job = Job.objects.get()
    Job.objects.filter(pk=job.pk).update(state=State.DONE)
    assert "<table" in client.get(f"{BASE}/funnel/?answer=1&job={job.pk}").content.decode()
    assert Job.objects.count() == 1


def test_how_a_job_of_another_question_ended_is_not_shown(client_as, inside, heavy, unread):
    other = Job.objects.create(kind="measure.answer", title="别的", state=State.FAILED, error="别人的错误", unique="answer-x", role="owner")
    html = client_as().get(f"{BASE}/funnel/?dates=90d&answer=1&job={other.pk}").content.decode()
    assert "别人的错误" not in html
    assert Job.objects.filter(kind="measure.answer", state=State.WAITING).count() == 1  # its own is started


@pytest.fixture
def told(monkeypatch):
    """What jobs say of how far they are."""
    said, progress = [], Run.progress

    def noted(run, done, total=None, note=""):
        said.append((done, total, note))
        progress(run, done, total, note)

    monkeypatch.setattr(Run, "progress", noted)
    return said


@pytest.mark.parametrize("kind", ["measure.answer", "measure.warm"])
def test_a_job_makes_the_index_and_says_how_far_it_is(actor, inside, unread, told, kind):
    index.drop(inside.facts)
    arguments = {"question": "funnel", "query": [], "language": "zh-Hans"} if kind == "measure.answer" else {}
    job = run_here(start(actor("owner"), kind, title="漏斗", **arguments))
    assert (job.state, job.error) == (State.DONE, "")
    rows = inside.facts.relation("events").aggregate("count(*)").fetchall()[0][0]
    made = [(done, total) for done, total, note in told if "索引" in note]
    assert made[-1] == (rows, rows)
    assert index.status(inside.facts).state == "current"
    again = run_here(start(actor("owner"), kind, title="漏斗", **arguments))
    assert again.state == State.DONE
    assert len([note for _done, _total, note in told if "索引" in note]) == len(made)  # it is there


def test_cancelling_stops_the_making_of_the_index(actor, inside, unread, monkeypatch):
    index.drop(inside.facts)
    job = start(actor("owner"), "measure.answer", title="漏斗", question="funnel", query=[], language="zh-Hans")

    def stopped(run, done, total=None, note=""):
        if "索引" in note:
            raise Cancelled

    monkeypatch.setattr(Run, "progress", stopped)
    run_here(job)
    job.refresh_from_db()
    assert job.state != State.DONE
    assert index.status(inside.facts).state == "none"
    assert not list((inside.folder / "cache" / "index").glob(".*-*"))  # nothing half made is left


def test_an_index_that_takes_long_is_made_by_a_job_and_not_by_the_page(client_as, inside, heavy, unread, settings, monkeypatch):
    sources._held["events"].clear()  # another process
    index.drop(inside.facts)
    settings.OPTIONS = replace(settings.OPTIONS, limits=replace(settings.OPTIONS.limits, heavy_seconds=2.0))
    monkeypatch.setattr(sources, "INDEXING", 1000)
    monkeypatch.setattr(index, "opened", lambda *_: pytest.fail("made while a page waits"))
    assert "t-progress" in client_as("viewer").get(f"{BASE}/funnel/").content.decode()
    assert Job.objects.filter(kind="measure.answer", state=State.WAITING).count() == 1
