"""What the API gives: the same figures as the library, the same rows as the pages, and jobs for what takes time."""

import hashlib
import json

import pytest

import tilth as tl
from tilth.workbench.jobs.actions import start
from tilth.workbench.jobs.models import Job
from tilth.workbench.jobs.running import run_here
from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.people.models import Segment
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry

FUNNEL = {"step1": "view_goods", "step2": "add_to_cart", "step3": "pay", "within": "7d", "dates": "2025-10-01..2025-11-30"}


def test_kinds_of_questions_are_listed_with_their_parts(program):
    kinds = {one["code"]: one for one in program().get("questions/kinds").json()}
    assert {"funnel", "retention", "rfm"} <= kinds.keys()
    assert "within" in kinds["funnel"]["parts"]


def test_a_question_is_answered_with_the_librarys_figures(program, workspace):
    answer = program().post("questions/kinds/funnel/answer", {"options": FUNNEL})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    events = workspace.facts.events().during("2025-10-01", "2025-11-30")
    expected = events.funnel([tl.Step("view_goods"), tl.Step("add_to_cart"), tl.Step("pay")], within="7d").frame["people"]
    assert [row["people"] for row in told["rows"]] == expected.tolist()
    assert told["total"] == 3
    assert told["figures"]
    assert all(one["text"] for one in told["definition"])


@pytest.mark.parametrize("kind", ["lifecycle", "stickiness", "frequency", "sessions"])
def test_a_question_is_split_by_the_property_that_its_address_names(program, workspace, kind):
    speak = program()
    told = speak.get(f"questions/kinds/{kind}/answer?by=channel&dates=all").json()
    column = {"lifecycle": "new", "stickiness": "people", "frequency": "people", "sessions": "sessions"}[kind]
    whole = speak.get(f"questions/kinds/{kind}/answer?dates=all").json()
    assert len({row["channel"] for row in told["rows"]}) > 5
    assert sum(row[column] for row in told["rows"]) == sum(row[column] for row in whole["rows"]) > 0


def test_an_answer_is_not_sent_again_while_nothing_changed(program, workspace):
    speak = program()
    address = "questions/kinds/funnel/answer?step1=view_goods&step2=pay&within=7d"
    first = speak.get(address)
    assert first.status_code == 200, first.content
    again = speak("GET", address, **{"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert speak.get(address.replace("7d", "3d"))["ETag"] != first["ETag"]
    by_body = speak.post("questions/kinds/funnel/answer", {"options": {"step1": "view_goods", "step2": "pay"}})
    assert by_body.json()["rows"] == first.json()["rows"]


def test_a_kept_question_goes_through_its_life(program):
    speak = program("analyst")
    made = speak.post("questions", {"name": "下单漏斗", "kind": "funnel", "options": FUNNEL})
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    assert speak.get("questions").json()["total"] == 1
    assert speak.get(f"questions/{pk}/answer").json()["kind"] == "funnel"
    changed = speak("PUT", f"questions/{pk}", {"name": "两步", "kind": "funnel", "options": {"step1": "view_goods", "step2": "pay"}, "shared": True})
    assert (changed.json()["name"], changed.json()["shared"]) == ("两步", True)
    other = program("operator")
    assert other.get(f"questions/{pk}").status_code == 200
    assert other("DELETE", f"questions/{pk}").status_code == 403
    assert speak("DELETE", f"questions/{pk}").status_code == 204
    assert speak.get(f"questions/{pk}").status_code == 404


def test_what_is_done_stands_in_the_audit_as_done_by_a_program(program, workspace):
    program("analyst").post("questions", {"name": "a", "kind": "funnel"})
    with scope.use(workspace):
        entry = Entry.objects.get(code="question.save")
    assert (entry.via, entry.role) == ("api", "analyst")


def test_people_are_listed_masked_and_paged(program):
    speak = program("owner")
    page = speak.get("people?limit=3&sort=-spent&columns=phone,spent").json()
    assert page["total"] > 500
    assert len(page["items"]) == 3
    spent = [one["values"]["spent"] for one in page["items"]]
    assert spent == sorted(spent, reverse=True)
    phones = [one["values"]["phone"] for one in page["items"] if one["values"]["phone"]]
    assert phones
    assert all("****" in phone for phone in phones)
    following = speak.client.get(page["next"], headers=speak.headers).json()
    assert {one["key"] for one in following["items"]}.isdisjoint({one["key"] for one in page["items"]})


def test_one_person_is_shown_in_full_only_by_the_right_to_it_and_the_audit_knows(program, workspace):
    found = program("owner").get('people?limit=1&sort=-orders&columns=phone&filter={"ranges":[{"name":"orders","low":1}]}').json()["items"][0]
    speak, key = program("operator"), found["key"]
    shown = speak.get(f"people/{key}").json()
    assert shown["figures"]["orders"] >= 1
    assert all("*" in one["id"] for one in shown["ids"] if one["kind"] == "phone")
    assert speak.post(f"people/{key}/unmask").status_code == 403
    full = program("manager").post(f"people/{key}/unmask").json()
    numbers = [one["id"] for one in full["ids"] if one["kind"] == "phone"]
    assert numbers
    assert all(number.isdigit() for number in numbers)
    with scope.use(workspace):
        assert Entry.objects.filter(code="people.contact", via="api").count() == 1
    # whether a full number is anybody's is not told to who may not see numbers
    assert speak.get(f"people/{numbers[0]}").status_code == 404
    assert speak.post("segments", {"name": "探测", "people": numbers}).status_code == 422
    moments = speak.get(f"people/{key}/timeline?limit=5").json()
    assert len(moments["items"]) == 5
    assert moments["items"][0]["time"] >= moments["items"][-1]["time"]


def test_a_segment_is_made_of_the_people_of_a_figure(program, workspace, django_capture_on_commit_callbacks):
    speak = program("operator")
    options = {"step1": "view_goods", "step2": "pay"}
    answer = speak.post("questions/kinds/funnel/answer", {"options": options}).json()
    figure = answer["figures"][1]
    with django_capture_on_commit_callbacks(execute=True):
        made = speak.post("segments", {"name": "付款的人", "figure": {"kind": "funnel", "options": options, "cell": figure["people"]}})
    assert made.status_code == 201, made.content
    segment = speak.get(f"segments/{made.json()['id']}").json()
    assert segment["size"] == answer["rows"][1]["people"]
    assert segment["state"] == "ready"
    people = speak.get(f"segments/{segment['id']}/people?limit=2").json()
    assert people["total"] == segment["size"]
    keys = [one["key"] for one in people["items"]]
    with django_capture_on_commit_callbacks(execute=True):
        assert speak.post(f"segments/{segment['id']}/people/leave", {"people": keys}).status_code == 202
    assert speak.get(f"segments/{segment['id']}").json()["size"] == segment["size"] - 2
    assert speak("PUT", f"segments/{segment['id']}", {"name": "付款", "description": "两步"}).json()["name"] == "付款"
    assert speak("DELETE", f"segments/{segment['id']}").status_code == 204
    with scope.use(workspace):
        assert not Segment.objects.exists()


def test_a_cell_that_is_none_is_refused(program):
    body = {"name": "a", "figure": {"kind": "funnel", "options": {"step1": "view_goods", "step2": "pay"}, "cell": {"nothing": 1}}}
    assert program().post("segments", body).status_code == 422
    assert program().post("segments", {"name": "a", "people": []}).status_code == 422
    assert program().post("segments", {"name": "a"}).status_code == 422


def send(speak, content, name="events.csv"):
    upload = speak.post("uploads", {"name": name, "size": len(content)}).json()
    half = len(content) // 2
    for begin, piece in ((0, content[:half]), (half, content[half:])):
        headers = {**speak.headers, "upload-offset": str(begin), "piece-digest": hashlib.sha256(piece).hexdigest()}
        sent = speak.client.put(f"{speak.base}uploads/{upload['key']}", piece, content_type="application/octet-stream", headers=headers)
        assert sent.status_code == 200, sent.content
    return upload["key"], sent.json()


CONTENT = b"user_id,ts,event\n" + b"".join(b"u%d,2025-03-0%d 10:00:00,open\n" % (n, n % 9 + 1) for n in range(40)) + b"u9,never,open\n"


def test_a_file_is_sent_loaded_by_a_job_and_its_bad_row_waits(program, empty_workspace):
    speak = program("analyst", where=empty_workspace)
    key, sent = send(speak, CONTENT)
    assert sent["received"] == len(CONTENT)
    started = speak.post("loads", {"upload": key, "table": "events"})
    assert started.status_code == 202, started.content
    assert speak.get(f"jobs/{started.json()['id']}").json()["state"] == "waiting"
    with scope.use(empty_workspace):
        job = Job.objects.get(pk=started.json()["id"])
    run_here(job)
    (load,) = speak.get("loads").json()["items"]
    assert (load["accepted"], load["quarantined"], load["waiting"]) == (40, 1, 1)
    (row,) = speak.get(f"loads/{load['load']}/quarantine").json()["items"]
    assert row["values"]["ts"] == "never"
    undo = speak.post(f"loads/{load['load']}/undo")
    assert undo.status_code == 202
    assert speak.post(f"jobs/{undo.json()['id']}/cancel").json()["state"] == "cancelled"


def test_pieces_out_of_order_are_told_where_to_go_on(program, empty_workspace):
    speak = program("analyst", where=empty_workspace)
    upload = speak.post("uploads", {"name": "a.csv", "size": 10}).json()
    headers = {**speak.headers, "upload-offset": "5", "piece-digest": hashlib.sha256(b"12345").hexdigest()}
    answer = speak.client.put(f"{speak.base}uploads/{upload['key']}", b"12345", content_type="application/octet-stream", headers=headers)
    assert (answer.status_code, json.loads(answer.content)["received"]) == (409, 0)
    assert program("owner", where=empty_workspace).get(f"uploads/{upload['key']}").status_code == 404  # another's
    assert speak("DELETE", f"uploads/{upload['key']}").status_code == 204


def test_jobs_are_ones_own_and_for_managers_all(program, actor, workspace):
    mine = start(actor("analyst"), "data.demo", title="演示")
    assert [one["id"] for one in program("analyst").get("jobs").json()["items"]] == [mine.pk]
    assert program("operator").get("jobs").json()["items"] == []
    assert program("operator").get(f"jobs/{mine.pk}").status_code == 404
    assert program("manager").get(f"jobs/{mine.pk}").json()["kind"] == "data.demo"


def test_the_dictionary_is_read_and_written(program):
    speak = program("analyst")
    events = {one["code"]: one for one in speak.get("dictionary/events").json()["items"]}
    assert events["pay"]["rows"] > 0
    changed = speak("PATCH", "dictionary/events/pay", {"name": "成交"})
    assert changed.json()["name"] == "成交"
    assert speak("PATCH", "dictionary/events/no_such", {"name": "x"}).status_code == 404
    properties = speak.get("dictionary/properties?event=pay").json()["items"]
    assert {"channel"} <= {one["code"] for one in properties}


@pytest.mark.parametrize("where", ["segments", "questions", "jobs"])
def test_another_workspace_sees_nothing_of_it(program, other_workspace, where, actor):
    speak = program("owner")
    start(actor("owner"), "data.demo", title="演示")
    assert speak.post("questions", {"name": "问", "kind": "rfm"}).status_code == 201
    assert speak.post("segments", {"name": "甲", "figure": {"kind": "funnel", "cell": {"step": 1}}}).status_code == 201
    assert speak.get(where).json()["total"] > 0
    answer = program("owner", where=other_workspace).get(where)
    assert (answer.status_code, answer.json()["total"]) == (200, 0)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_answered(program, kind):
    answer = program().post(f"questions/kinds/{kind}/answer", {"options": {}})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    names = [one["name"] for one in told["columns"]]
    assert len(set(names)) == len(names) > 1
    assert told["rows"]
    assert all(list(row) == names for row in told["rows"])
    assert told["page"].endswith(f"/analysis/{kind}/")
    if kind == "activation":
        assert "实验" in told["notes"][0] or "experiment" in told["notes"][0]  # association, not cause
