"""Who comes in, how often, with how much; and that whatever fails says so in one form: RFC 9457, section 3.1."""

import json
from dataclasses import replace

import pytest

from tilth.workbench.accounts.actions.keys import revoke_key
from tilth.workbench.api import door, throttle
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Membership

MEMBERS = {"type", "title", "status", "detail", "instance"}


def said(response, status):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    told = json.loads(response.content)
    assert told.keys() >= MEMBERS
    assert told["status"] == status
    assert told["instance"].removeprefix("urn:tilth:request:") == response["X-Request-Id"]
    return told


def test_a_key_says_who_acts_with_which_rights(program):
    me = program("analyst", ["question:view", "people:view"]).get("me").json()
    assert (me["role"], me["workspace"]["slug"]) == ("analyst", "shop")
    assert {"question:view", "people:view"} == set(me["rights"])


def test_without_a_key_nothing_is_there(stranger):
    response = stranger.get("me")
    said(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("shown", ["Bearer tilth_000000000000_wrong", "Bearer", "Basic YTpi", "", "Bearer tilth_x"])
def test_a_wrong_key_is_refused(stranger, shown):
    said(stranger("GET", "me", Authorization=shown), 401)


def test_a_revoked_key_and_one_whose_maker_has_left_are_refused(program, key_of, actor, workspace, member):
    key, secret = key_of("analyst")
    speak = program("owner")
    speak.headers = {"Authorization": f"Bearer {secret}"}
    assert speak.get("me").status_code == 200
    revoke_key(actor("owner"), thing=key)
    said(speak.get("me"), 401)
    other = program("operator")
    assert other.get("me").status_code == 200
    Membership.objects.filter(workspace=workspace, user=member("operator")).delete()
    said(other.get("me"), 401)


def test_a_key_opens_no_other_workspace(program, other_workspace):
    speak = program("owner")
    speak.base = "/w/rival/api/v1/"
    said(speak.get("me"), 401)


def test_a_right_that_the_key_lacks_is_named(program):
    assert "segment:save" in said(program("owner", ["segment:view"]).post("segments", {"name": "a", "people": ["m1"]}), 403)["detail"]
    said(program("owner", ["segment:view"]).get("people"), 403)


def test_a_browser_comes_in_with_its_session_and_changes_with_its_token(client_as):
    client = client_as("analyst")
    assert client.get("/w/shop/api/v1/me").json()["role"] == "analyst"
    client.handler.enforce_csrf_checks = True
    kept = {"name": "x", "kind": "funnel"}
    said(client.post("/w/shop/api/v1/questions", kept, content_type="application/json"), 403)
    client.get("/w/shop/jobs/")
    token = client.cookies["tilth_csrf"].value if "tilth_csrf" in client.cookies else _token(client)
    answer = client.post("/w/shop/api/v1/questions", kept, content_type="application/json", headers={"X-CSRFToken": token})
    assert answer.status_code == 201, answer.content


def _token(client):
    from django.middleware.csrf import _get_new_csrf_string

    token = _get_new_csrf_string()
    client.cookies["tilth_csrf"] = token
    return token


def test_a_viewer_sees_and_does_not_change(client_as):
    client = client_as("viewer")
    assert client.get("/w/shop/api/v1/segments").status_code == 200
    said(client.post("/w/shop/api/v1/segments", {"name": "a", "people": ["m1"]}, content_type="application/json"), 403)
    said(client.get("/w/shop/api/v1/loads/x/quarantine"), 403)


def test_an_outsider_does_not_learn_that_the_workspace_is_there(outsider, workspace):
    for slug in ("shop", "no-such"):
        said(outsider.get(f"/w/{slug}/api/v1/me"), 404)


def test_no_such_address_and_no_such_method(program):
    speak = program()
    said(speak.get("nothing"), 404)
    said(speak.get("segments/999999999999999999999"), 404)
    response = speak("DELETE", "segments")
    said(response, 405)
    assert set(response["Allow"].split(", ")) == {"GET", "POST"}


@pytest.mark.parametrize("body", ["{", "[1]", '{"name": "a\\u0000"}', '{"name": "\\ud800"}', '{"name": NaN}', "[" * 100_000])
def test_a_body_that_is_no_json_is_refused(program, body):
    speak = program()
    response = speak.client.generic("POST", speak.base + "segments", data=body, content_type="application/json", headers=speak.headers)
    assert said(response, response.status_code)["status"] in (400, 422)


def test_what_is_wrong_with_a_request_is_said_by_name(program):
    told = said(program().get("segments?limit=0"), 422)
    assert [(one["in"], one["name"]) for one in told["errors"]] == [("query", "limit")]
    told = said(program().post("questions", {"name": "a", "kind": "funel"}), 422)
    assert (told["type"], told["nearest"]) == ("urn:tilth:problem:unknown-name", ["funnel"])


def test_a_body_that_is_too_large_is_not_read(program):
    said(program().post("segments", {"name": "x" * door.BODY}), 413)


def test_a_key_waits_after_its_requests_of_a_minute(program, settings):
    settings.OPTIONS = replace(settings.OPTIONS, limits=replace(settings.OPTIONS.limits, api_per_minute=3))
    speak, other = program("owner"), program("analyst")
    codes = [speak.get("me").status_code for _ in range(5)]
    if codes.count(200) == 5:  # a minute ended in between
        codes = [speak.get("me").status_code for _ in range(5)]
    assert codes.count(429) >= 1
    response = speak.get("me")
    if response.status_code == 429:
        said(response, 429)
        assert 1 <= int(response["Retry-After"]) <= 60
    assert other.get("me").status_code == 200


def test_requests_are_counted_across_processes(tmp_path, monkeypatch):
    import os

    monkeypatch.setattr(throttle, "home", lambda: tmp_path)
    monkeypatch.setattr(throttle.time, "time", lambda: 6000.5)
    for _ in range(4):
        child = os.fork()
        if child == 0:
            for _ in range(25):
                throttle.wait("key", 1000)
            os._exit(0)
    for _ in range(4):
        os.wait()
    (counted,) = (tmp_path / "cache" / "api" / "100").iterdir()
    assert counted.stat().st_size == 100
    assert throttle.wait("key", 100) == 60
    monkeypatch.setattr(throttle.time, "time", lambda: 6060.0)
    assert throttle.wait("key", 100) == 0
    assert [folder.name for folder in (tmp_path / "cache" / "api").iterdir()] == ["101"]


def test_a_fault_of_ours_tells_nothing_but_its_number(program, monkeypatch):
    from tilth.workbench.api.rooms import segments

    monkeypatch.setattr(segments.Segment.objects, "select_related", lambda *_: 1 / 0)
    response = program().get("segments")
    assert "ZeroDivision" not in said(response, 500)["detail"]
    assert not scope.chosen()


def test_where_nothing_can_be_written_nobody_waits_and_the_log_says_so(monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(throttle, "home", lambda: tmp_path)
    (tmp_path / "cache").write_text("a file where a folder should be")
    assert throttle.wait("key", 1) == 0
    assert throttle.wait("key", 1) == 0
    assert "cannot be counted" in caplog.text
