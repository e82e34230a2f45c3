"""What machines ask: whether all is well, and how much was done. What logs must not hold."""

import json
import logging
import shutil

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from tilth.workbench.config import health, secrets
from tilth.workbench.jobs.models import Worker


@pytest.fixture
def worker(db):
    """A worker that has just given a sign."""
    now = timezone.now()
    return Worker.objects.create(name="test", started_at=now, seen_at=now)


def ask(path="/healthz", **how):
    return Client(HTTP_HOST="localhost", raise_request_exception=False).get(path, **how)


def test_all_is_well(worker):
    answer = ask()
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


def test_without_a_worker_it_is_not_and_only_the_log_says_why(db, caplog):
    answer = ask()
    assert (answer.status_code, answer.json()) == (503, {"ok": False, "wrong": ["worker"]})
    assert "worker: no worker gave a sign of late" in caplog.text


def test_a_disk_that_is_full_or_read_only_is_found(worker, monkeypatch):
    monkeypatch.setattr(health, "SPARE", 1 << 60)
    assert [one.name for one in health.checks() if not one.ok] == ["disk"]
    monkeypatch.undo()
    monkeypatch.setattr(health.Path, "write_bytes", lambda *_: (_ for _ in ()).throw(OSError(30, "Read-only file system")))
    assert [(one.name, "Read-only" in one.problem) for one in health.checks() if not one.ok] == [("facts", True)]
    assert ask().status_code == 503


def test_a_workspace_that_cannot_be_read_is_named(worker, workspace, caplog):
    shutil.rmtree(workspace.facts.table("orders").path / "_delta_log")
    assert ask().json() == {"ok": False, "wrong": ["facts"]}
    assert str(workspace.folder / "tables" / "orders") in caplog.text
    shutil.rmtree(workspace.folder)
    assert ask().json() == {"ok": False, "wrong": ["facts"]}


def test_a_database_that_does_not_answer_is_found(worker, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(health.connection, "cursor", lambda: (_ for _ in ()).throw(RuntimeError("gone")))
        assert {one.name: one.ok for one in health.checks()}["database"] is False


def numbers(answer):
    found = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found[sample.name, *sorted(sample.labels.values())] = sample.value
    return found


def test_metrics_tell_what_was_asked_and_what_there_is(client_as, worker, workspace):
    before = numbers(ask("/metrics")).get(("tilth_requests_total", "200", "GET", "jobs:listing"), 0)
    client = client_as("owner")
    for _ in range(3):
        assert client.get("/w/shop/jobs/").status_code == 200
    told = numbers(ask("/metrics"))
    views = {key[3]: value for key, value in told.items() if key[0] == "tilth_requests_total" and key[1:3] == ("200", "GET")}
    assert views[next(view for view in views if view.startswith("jobs:"))] >= before + 3
    assert told["tilth_rows", "events", "shop"] == workspace.facts.status().set_index("table")["rows"]["events"]
    assert told["tilth_healthy", "database"] == 1
    assert any(name == "tilth_request_seconds_bucket" for name, *_ in told)


def test_metrics_are_for_this_machine_and_for_the_token(worker):
    assert ask("/metrics", REMOTE_ADDR="10.0.0.5").status_code == 404
    assert ask("/metrics", headers={"X-Forwarded-For": "10.0.0.5"}).status_code == 404
    token = secrets.folder() / "metrics"
    token.write_text("a-token\n")
    try:
        assert ask("/metrics", REMOTE_ADDR="10.0.0.5", headers={"Authorization": "Bearer a-token"}).status_code == 200
        assert ask("/metrics", REMOTE_ADDR="10.0.0.5", headers={"Authorization": "Bearer another"}).status_code == 404
    finally:
        token.unlink()


def test_logs_of_a_session_hold_nothing_of_people(client_as, member, workspace, caplog):
    """A session as people have them: a wrong password, searches by a phone number, a person seen in full, a key, a page that is not there."""
    logging.getLogger("tilth").setLevel(logging.DEBUG)
    phone, token = "13812346205", "tilth_abcdefabcdef_secretsecretsecret"
    member("manager")
    Client(HTTP_HOST="localhost").post("/sign-in/", {"login": "manager@shop.example", "password": "wrong password"})
    client = client_as("manager")
    found = client.get("/w/shop/api/v1/people?limit=1&sort=-orders").json()["items"][0]
    key, person = found["key"], found["id"]
    client.get(f"/w/shop/people/?q={phone}")
    client.get(f"/w/shop/people/{key}/")
    client.post(f"/w/shop/people/{key}/unmask/")
    client.post(f"/w/shop/api/v1/people/{key}/unmask")
    client.get(f"/w/shop/nothing/{phone}?mail=ann@b.example")
    client.get("/w/shop/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    client.get("/w/shop/api/v1/questions/kinds/funnel/answer?step1=view_goods&step2=pay")
    records = [record for record in caplog.records if record.name.startswith(("tilth", "django", "axes", "allauth"))]
    assert len([record for record in records if record.name == "tilth.request"]) >= 8
    text = "\n".join(
        f"{record.getMessage()} {json.dumps({k: str(v) for k, v in vars(record).items() if k in ('ms', 'workspace')})}" for record in records
    )
    for private in (phone, "manager@shop.example", "ann@b.example", "secretsecret", key, person, "step1", "wrong password", "?"):
        assert private not in text, private
