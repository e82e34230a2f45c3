"""Starting, cancelling and repeating jobs, carried out in this process."""

import pytest
from tests.workbench.jobs import kinds

from tilth.errors import InputError, UnknownName
from tilth.workbench.jobs import actions
from tilth.workbench.jobs.models import Job, Line, State
from tilth.workbench.jobs.run import Cancelled, Run
from tilth.workbench.jobs.running import run_here
from tilth.workbench.tenancy.models import Entry, Membership
from tilth.workbench.tenancy.policy import Refused

assert kinds


def test_a_job_runs_and_shows_its_result(inside, actor):
    job = actions.start(actor("analyst"), "test.add", title="1 + 2", a=1, b=2)
    assert (job.state, job.attempt, job.who) == (State.WAITING, 0, "bare analyst")
    run_here(job)
    assert (job.state, job.result, job.done, job.total, job.note, job.attempt) == (State.DONE, {"sum": 3}, 1, 1, "added", 1)
    assert [line.text for line in Line.objects.filter(job=job)] == ["1 + 2"]
    assert Entry.objects.get(code="job.start").key == str(job.pk)


def test_it_runs_in_the_name_of_the_one_who_asked_via_job(inside, actor, monkeypatch):
    seen = []
    monkeypatch.setattr(Run, "log", lambda run, text: seen.append(run.actor))
    run_here(actions.start(actor("operator"), "test.add", title="x", a=1, b=2))
    assert [(a.user.email, a.role, a.via, a.workspace) for a in seen] == [("operator@bare.example", "operator", "job", inside)]


def test_an_error_of_ours_is_shown_as_it_is_and_any_other_by_a_number_only(inside, actor, caplog):
    assert run_here(actions.start(actor(), "test.refuse", title="x")).error == "row 3 has no date; give it one"
    job = run_here(actions.start(actor(), "test.break", title="x"))
    assert job.state == State.FAILED
    assert job.number in job.error
    assert "secret" not in job.error
    assert "a secret in here" in caplog.text


def test_an_unknown_kind_and_wrong_arguments_are_refused_at_once(inside, actor):
    with pytest.raises(UnknownName, match=r"test\.add"):
        actions.start(actor(), "test.ad", title="x")
    with pytest.raises(InputError, match="'c'"):
        actions.start(actor(), "test.add", title="x", a=1, b=2, c=3)
    assert not Job.objects.exists()


def test_the_same_work_is_not_started_twice_while_it_is_open(inside, actor):
    first = actions.start(actor(), "test.add", title="x", unique="sum", a=1, b=2)
    assert actions.start(actor("analyst"), "test.add", title="y", unique="sum", a=1, b=2) == first
    run_here(first)
    assert actions.start(actor(), "test.add", title="x", unique="sum", a=1, b=2) != first


def test_a_waiting_job_that_is_cancelled_never_starts_and_can_be_repeated(inside, actor):
    job = actions.start(actor(), "test.add", title="x", a=1, b=2)
    assert actions.cancel(actor(), job).state == State.CANCELLED
    assert run_here(job).attempt == 0
    with pytest.raises(InputError):
        actions.cancel(actor(), job)
    assert run_here(actions.retry(actor(), job)).result == {"sum": 3}
    with pytest.raises(InputError):
        actions.retry(actor(), job)


def test_a_fault_is_tried_again_while_retries_are_left(inside, actor):
    job = run_here(actions.start(actor(), "test.second_time", title="x"))
    assert (job.state, job.attempt) == (State.WAITING, 1)
    assert [line.text for line in Line.objects.filter(job=job)] == ["not the first time"]
    assert (run_here(job).state, job.result) == (State.DONE, 2)


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("manager", True), ("analyst", True), ("operator", True), ("viewer", False)])
def test_a_viewer_starts_nothing(inside, actor, role, may):
    if may:
        actions.start(actor(role), "test.add", title="x", a=1, b=2)
    else:
        with pytest.raises(Refused, match="job:start"):
            actions.start(actor(role), "test.add", title="x", a=1, b=2)


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("manager", True), ("analyst", True), ("operator", False), ("viewer", False)])
def test_managers_end_any_job_and_others_their_own(inside, actor, role, may):
    job = actions.start(actor("analyst"), "test.add", title="x", a=1, b=2)
    if may:
        actions.cancel(actor(role), job)
    else:
        with pytest.raises(Refused):
            actions.cancel(actor(role), job)


def test_who_lost_the_right_or_left_runs_nothing(inside, actor):
    analyst = actor("analyst")
    jobs = [actions.start(analyst, "test.add", title="x", a=1, b=2) for _ in range(2)]
    Membership.objects.filter(user=analyst.user).update(role="viewer")
    assert run_here(jobs[0]).state == State.FAILED
    Membership.objects.filter(user=analyst.user).delete()
    assert run_here(jobs[1]).state == State.FAILED
    assert "bare analyst" in jobs[1].error


def test_the_last_thousand_lines_are_kept(inside, actor):
    job = actions.start(actor(), "test.add", title="x", a=1, b=2)
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, attempt=1)
    job.refresh_from_db()
    run = Run(job, actor())
    for number in range(2500):
        run.log(str(number))
        if number % 700 == 0:
            run.flush()
    run.flush()
    assert [line.text for line in Line.objects.filter(job=job)] == [str(n) for n in range(1500, 2500)]


def test_an_attempt_that_was_taken_away_stops_and_writes_nothing(inside, actor):
    job = actions.start(actor(), "test.add", title="x", a=1, b=2)
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, attempt=1)
    job.refresh_from_db()
    run = Run(job, actor())
    Job.objects.filter(pk=job.pk).update(attempt=2)
    with pytest.raises(Cancelled):
        run.progress(5, 10)
    job.refresh_from_db()
    assert job.done == 0


def test_a_contact_in_a_typed_name_reaches_neither_title_nor_audit(actor, inside):
    job = actions.start(actor(), "test.add", title="回访 13812346205 a.b@c.cn.xlsx", a=1, b=2)
    assert job.title == "回访 138****6205 a***@c.cn.xlsx"
    entry = Entry.objects.get(code="job.start")
    assert entry.name == job.title
