"""The pages of jobs and schedules: who sees what, and what stops asking again."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.workbench.jobs import kinds

from tilth.workbench.jobs import actions
from tilth.workbench.jobs.models import Intent, Job, Schedule, State, Worker
from tilth.workbench.jobs.running import run_here
from tilth.workbench.tenancy import scope

assert kinds
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def job(inside, actor):
    """A waiting job of the analyst's."""
    return actions.start(actor("analyst"), "test.add", title="一月.csv", a=1, b=2)


@pytest.fixture
def schedule(inside, actor):
    """A schedule of the analyst's."""
    return actions.schedule(actor("analyst"), "test.add", "周报", "0 8 * * 1", a=1, b=2)


def english(client):
    client.cookies["tilth_language"] = "en"
    return client


SEES = [("owner", True), ("manager", True), ("analyst", True), ("operator", False), ("viewer", False)]


@pytest.mark.parametrize(("role", "sees"), SEES)
def test_managers_see_all_jobs_and_others_their_own(job, client_as, role, sees):
    client = client_as(role)
    assert ("一月.csv" in client.get("/w/bare/jobs/").content.decode()) == sees
    assert client.get(f"/w/bare/jobs/{job.pk}/").status_code == (200 if sees else 404)
    assert client.get(f"/w/bare/jobs/{job.pk}/progress/").status_code == (200 if sees else 404)


@pytest.mark.parametrize(("role", "may"), SEES)
@pytest.mark.parametrize(("verb", "before", "after"), [("cancel", State.WAITING, State.CANCELLED), ("retry", State.FAILED, State.WAITING)])
def test_who_does_not_see_a_job_changes_none(job, client_as, role, may, verb, before, after):
    Job.objects.update(state=before)
    answer = client_as(role).post(f"/w/bare/jobs/{job.pk}/{verb}/")
    job.refresh_from_db()
    assert answer.status_code == (302 if may else 404)
    assert job.state == (after if may else before)


@pytest.mark.parametrize("path", ["", "1/", "1/progress/", "running/", "schedules/"])
def test_an_outsider_finds_nothing(job, outsider, path):
    assert outsider.get(f"/w/bare/jobs/{path}").status_code == 404


def test_a_job_of_another_workspace_is_not_found_in_ones_own(job, outsider):
    assert outsider.get(f"/w/rival/jobs/{job.pk}/").status_code == 404
    assert outsider.post(f"/w/rival/jobs/{job.pk}/cancel/").status_code == 404


def test_reading_addresses_change_nothing(job, client_as):
    assert client_as("owner").get(f"/w/bare/jobs/{job.pk}/cancel/").status_code == 405


def test_what_runs_stands_first_and_filters_combine(inside, actor, client_as):
    old = actions.start(actor("analyst"), "test.add", title="old", a=1, b=2)
    run_here(actions.start(actor("manager"), "test.add", title="done", a=1, b=2))
    run_here(actions.start(actor("analyst"), "test.refuse", title="refused"))
    Job.objects.filter(pk=old.pk).update(state=State.RUNNING)
    client = client_as("manager")

    def titles(query=""):
        return [one.title for one in client.get(f"/w/bare/jobs/{query}").context["shown"]]

    assert titles() == ["old", "refused", "done"]
    assert titles("?state=open") == ["old"]
    assert titles("?state=failed") == ["refused"]
    assert titles("?kind=test.add") == ["old", "done"]
    assert titles(f"?who={old.requested_by_id}&state=failed") == ["refused"]
    assert titles("?who=nobody&state=nothing&page=99") == ["old", "refused", "done"]


def test_the_list_asks_again_only_while_something_is_open(job, client_as):
    client = client_as("owner")
    assert 'hx-trigger="every 2s"' in client.get("/w/bare/jobs/", **HTMX).content.decode()
    assert 'hx-trigger="every 5s"' in client.get("/w/bare/jobs/running/").content.decode()
    assert 'hx-trigger="every 1s"' in client.get(f"/w/bare/jobs/{job.pk}/").content.decode()
    run_here(job)
    assert "every 2s" not in client.get("/w/bare/jobs/", **HTMX).content.decode()
    assert "every 5s" not in client.get("/w/bare/jobs/running/").content.decode()
    assert "every 1s" not in client.get(f"/w/bare/jobs/{job.pk}/").content.decode()
    answer = client.get(f"/w/bare/jobs/{job.pk}/progress/")
    assert "every" not in answer.content.decode()
    assert answer.headers["HX-Trigger"] == "job-ended"


def test_it_says_when_no_worker_runs(job, client_as):
    client = english(client_as("owner"))
    assert "No worker runs" in client.get("/w/bare/jobs/").content.decode()
    Worker.objects.create(name="w:1", started_at=timezone.now(), seen_at=timezone.now())
    assert "No worker runs" not in client.get("/w/bare/jobs/").content.decode()


def test_managers_are_told_of_changes_that_do_not_reach_the_facts(inside, client_as):
    Intent.objects.create(effect="test.mark", key="0" * 32, due_at=timezone.now() + timedelta(hours=1), attempts=3, error="x")
    assert "not reached the facts" in english(client_as("manager")).get("/w/bare/jobs/").content.decode()
    assert "not reached the facts" not in english(client_as("viewer")).get("/w/bare/jobs/").content.decode()


def test_the_result_leads_only_into_the_workspace(job, client_as):
    client = client_as("owner")
    for url, shown in (("/w/bare/people/", True), ("/w/rival/people/", False), ("https://evil.example/", False)):
        Job.objects.update(state=State.DONE, result={"url": url, "rows": 12345})
        text = client.get(f"/w/bare/jobs/{job.pk}/").content.decode()
        assert (f'href="{url}"' in text) == shown
        assert "12,345" in text


@pytest.mark.parametrize(("role", "may"), SEES)
def test_schedules_are_paused_run_and_deleted_by_their_maker_and_managers(schedule, client_as, role, may):
    client = client_as(role)
    assert ("周报" in client.get("/w/bare/jobs/schedules/").content.decode()) == may

    def post(verb):
        return client.post(f"/w/bare/jobs/schedules/{schedule.pk}/{verb}/").status_code

    assert post("pause") == (302 if may else 404)
    schedule.refresh_from_db()
    assert schedule.enabled != may
    assert post("resume") == (302 if may else 404)
    assert post("run") == (302 if may else 404)
    assert Job.objects.count() == int(may)
    assert post("delete") == (302 if may else 404)
    assert Schedule.objects.exists() != may


def test_an_unknown_verb_changes_nothing(schedule, client_as):
    assert client_as("owner").post(f"/w/bare/jobs/schedules/{schedule.pk}/explode/").status_code == 404
    with scope.use(schedule.workspace):
        schedule.refresh_from_db()
    assert schedule.enabled
