"""After a load or its undoing, what dashboards and recently opened questions ask is answered ahead."""

from datetime import timedelta

import pandas as pd
import pytest
from django.utils import timezone

from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.workbench.data.actions import mending
from tilth.workbench.jobs import queue
from tilth.workbench.jobs.actions import cancel, start
from tilth.workbench.jobs.models import Job, State, Worker
from tilth.workbench.jobs.running import run_here
from tilth.workbench.measure import answers, warming
from tilth.workbench.measure.actions import save_question
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.dashboards import actions
from tilth.workbench.measure.models import Question
from tilth.workbench.tenancy import scope


@pytest.fixture
def board(actor, inside):
    """A dashboard of two tiles, made before anything is loaded."""
    made = actions.make(actor("owner"), name="早报", shared=True)
    for kind, query in (("activity", [("dates", "7d")]), ("funnel", [("by", "channel")])):
        actions.add_tile(
            actor("owner"), thing=made, question=save_question(actor("owner"), kind=kind, query=query, name=kind, shared=True), part="figures"
        )
    return made


@pytest.fixture
def undone(actor, inside):
    """A job that has undone a load, so that the facts have changed."""
    rows = pd.DataFrame({"person": ["z1", "z2"], "time": ["2025-12-31 10:00", "2025-12-31 11:00"], "event": ["pay", "pay"]})
    load = inside.facts.load(rows, table="events", name="more.csv")
    job = run_here(start(actor("analyst"), "data.undo", title="more.csv", load=load.id))
    assert (job.state, job.error) == (State.DONE, "")
    return job


def forget():
    for kept in (answers._answers, answers._results):
        kept.clear()


def warm_job():
    return Job.objects.select_related("workspace").get(kind="measure.warm")


def test_a_dashboard_waits_for_nothing_after_a_load(client_as, board, undone, monkeypatch):
    job = run_here(warm_job())
    assert (job.state, job.error) == (State.DONE, "")
    assert job.result["answered"] >= board.tiles.count()
    forget()  # another process
    monkeypatch.setattr(answers, "_ask", lambda *_: pytest.fail("computed when it was looked at"))
    for tile in board.tiles.all():
        html = client_as("viewer").get(f"/w/shop/analysis/dashboards/{board.pk}/tile/{tile.pk}/").content.decode()
        assert "t-figure__value" in html
    assert "t-figure__value" in client_as("viewer").get("/w/shop/analysis/home/tile/active/").content.decode()


def test_a_second_load_starts_no_second_job(actor, board, undone, inside):
    rows = pd.DataFrame({"person": ["z3"], "time": ["2025-12-31 12:00"], "event": ["pay"]})
    load = inside.facts.load(rows, table="events", name="again.csv")
    run_here(start(actor("analyst"), "data.undo", title="again.csv", load=load.id))
    assert Job.objects.filter(kind="measure.warm").count() == 1


def test_everything_else_is_taken_first(actor, board, undone):
    other = start(actor("viewer"), "measure.answer", title="漏斗", question="funnel", query=[], language="zh-Hans")
    now = timezone.now()
    worker = Worker.objects.create(name="w", started_at=now, seen_at=now)
    with scope.everywhere():
        assert [queue.take(worker).pk for _turn in range(2)] == [other.pk, warm_job().pk]


def test_it_can_be_cancelled_before_and_while_it_runs(actor, board, undone, monkeypatch):
    cancel(actor("owner"), thing=warm_job())
    assert warm_job().state == State.CANCELLED
    Job.objects.filter(kind="measure.warm").delete()
    again = start(actor("owner"), "measure.warm", title="看板", unique="measure.warm")
    answered = []

    def answer(question, catalogue):
        answered.append(question)
        cancel(actor("owner"), thing=again)
        Job.objects.filter(pk=again.pk).update(state=State.CANCELLED)  # as the worker ends it

    monkeypatch.setattr(answers, "answer", answer)
    monkeypatch.setattr("tilth.workbench.jobs.run.PAUSE", 0)
    run_here(again)
    again.refresh_from_db()
    assert again.state == State.CANCELLED
    assert len(answered) == 1  # it stopped at the next question


def test_questions_that_were_opened_lately_are_answered_and_others_are_not(client_as, actor, inside):
    kept = {name: save_question(actor("owner"), kind="activity", query=[("dates", name)], name=name, shared=True) for name in ("today", "90d", "all")}
    assert client_as("viewer").get(kept["90d"].get_absolute_url()).status_code == 200
    assert client_as("viewer").get(kept["all"].get_absolute_url()).status_code == 200
    Question.objects.filter(pk=kept["all"].pk).update(opened_at=timezone.now() - timedelta(days=8))
    assert not Question.objects.get(pk=kept["today"].pk).opened_at
    catalogue = Catalogue(inside)
    watched = [question.pairs(catalogue) for question in warming._watched(catalogue) if question.kind.code == "activity"]
    assert [("dates", "90d")] in watched
    assert not [pairs for pairs in watched if pairs in ([("dates", "today")], [("dates", "all")])]


def test_what_changes_meanwhile_is_answered_too(actor, board, undone, inside, monkeypatch):
    states = iter(["one", "two"])
    monkeypatch.setattr(warming, "state", lambda _workspace: next(states, "two"))
    seen = []
    monkeypatch.setattr(warming, "due", lambda catalogue: seen.append(catalogue) or [])
    assert run_here(warm_job()).state == State.DONE
    assert len(seen) == 2 * len(warming.languages(inside))


def test_rows_mended_in_quarantine_are_answered_ahead_too(actor, inside, tmp_path):
    file = tmp_path / "双11.csv"
    file.write_text("订单号,时间,会员,金额\nA1,明天,m1,10\nA2,后天,m2,20\n", "utf-8")
    fields = {"order": Field("订单号", "id"), "time": Field("时间", "iso"), "person": Field("会员", "id"), "amount": Field("金额", "number")}
    load = inside.facts.load(file, Mapping("orders", fields)).id
    mending.mend(actor("analyst"), load, {1: {"时间": "大后天"}})  # still wrong: the tables are as they were
    assert not Job.objects.filter(kind="measure.warm").exists()
    mending.mend(actor("analyst"), load, {1: {"时间": "2025-11-03 08:00"}})
    assert warm_job().state == State.WAITING
    mending.replace(actor("analyst"), load, "unreadable.time", "后天", "2025-11-04 08:00")
    assert Job.objects.filter(kind="measure.warm").count() == 1


def test_a_finished_answer_says_what_it_found_and_where(actor, inside, client_as):
    job = run_here(start(actor("viewer"), "measure.answer", title="活跃", question="activity", query=[["dates", "all"]], language="zh-Hans"))
    people = inside.facts.relation("events").aggregate("count(DISTINCT person)").fetchall()[0][0]
    [first, *_others] = job.result["told"]
    assert first[0] == "活跃用户"
    assert 0 < int(first[1].removesuffix(" 人").replace(",", "")) <= people  # ids that are linked are one person
    page = client_as("viewer").get(f"/w/shop/jobs/{job.pk}/").content.decode()
    assert first[1] in page
    assert 'href="/w/shop/analysis/activity/?dates=all"' in page
