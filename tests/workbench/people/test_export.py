"""Lists of people as files: read back, compared with the page and with brute force."""

import csv
import io

import openpyxl
import pytest

from tilth.workbench.data import masking
from tilth.workbench.jobs.models import Job
from tilth.workbench.jobs.running import run_here
from tilth.workbench.people import exporting
from tilth.workbench.tenancy.models import Entry

HANGZHOU = 'filter={"where":[{"name":"city","op":"equals","value":"杭州"}]}&columns=name,phone,orders,spent,last_order'


@pytest.fixture
def token(client_as):
    def made(role="operator", base=HANGZHOU):
        return client_as(role).get("/w/shop/people/gather/", {"base": base}).context_data["token"]

    return made


def body(answer):
    return b"".join(answer.streaming_content)


def sheet(content):
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


COLUMNS = "name,phone,orders,spent,last_order"


def test_a_workbook_holds_everybody_with_contacts_masked(client_as, post, token, truth, inside):
    answer = post(client_as("operator"), "export/", {"token": token(), "form": "xlsx", "columns": COLUMNS})
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = sheet(body(answer))
    expected = truth["people"][truth["people"]["city"] == "杭州"].sort_index()
    assert [row["用户"] for row in rows] == list(expected.index)
    assert [row["订单"] for row in rows] == list(expected["orders"])
    assert [row["累计消费"] for row in rows] == pytest.approx(list(expected["spent"]))
    assert [row["手机"] for row in rows] == [masking.phone(phone) if isinstance(phone, str) else None for phone in expected["phone"]]
    entry = Entry.objects.get(code="people.export")
    assert entry.details == {"people": len(rows), "form": "xlsx", "contacts": False}


def test_contacts_in_full_are_for_managers_who_ask_and_noted(client_as, post, token, truth, inside):
    expected = truth["people"][truth["people"]["city"] == "杭州"].sort_index()
    form = {"form": "csv", "columns": COLUMNS, "contacts": "1"}
    for role in ("operator", "analyst"):
        assert post(client_as(role), "export/", form | {"token": token(role)}).status_code == 403
    answer = post(client_as("manager"), "export/", form | {"token": token("manager")})
    rows = list(csv.DictReader(io.StringIO(body(answer).decode("utf-8-sig"))))
    assert [row["手机"] for row in rows] == [phone if isinstance(phone, str) else "" for phone in expected["phone"]]
    assert Entry.objects.get(code="people.export").details["contacts"] is True


def test_a_viewer_exports_nothing(client_as, post, token):
    assert post(client_as("viewer"), "export/", {"token": token("operator"), "form": "csv"}).status_code == 403
    assert "people/export/" not in client_as("viewer").get("/w/shop/people/gather/").content.decode()


def test_a_long_list_is_a_job_whose_file_only_its_asker_and_managers_fetch(client_as, post, token, truth, inside, monkeypatch):
    monkeypatch.setattr(exporting, "DIRECT", 10)
    monkeypatch.setattr(exporting, "CHUNK", 40)  # several pieces
    answer = post(client_as("operator"), "export/", {"token": token(base=""), "form": "xlsx", "columns": COLUMNS})
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/w/shop/jobs/{job.pk}/"
    assert client_as("operator").get(f"/w/shop/people/exported/{job.pk}/").status_code == 404  # not yet
    run_here(job)
    assert (job.error, job.result["rows"]) == ("", len(truth["people"]))
    rows = sheet(body(client_as("operator").get(f"/w/shop/people/exported/{job.pk}/")))
    assert [row["用户"] for row in rows] == list(truth["people"].sort_index().index)
    assert client_as("manager").get(job.result["url"]).status_code == 200
    assert client_as("analyst").get(job.result["url"]).status_code == 404
    assert client_as("viewer").get(job.result["url"]).status_code == 403
    (file,) = (inside.folder / "exports").iterdir()
    assert file.stat().st_mode & 0o077 == 0


def test_an_unknown_form_is_said(client_as, post, token):
    answer = post(client_as("operator"), "export/", {"token": token(), "form": "pdf"}, follow=True)
    assert "xlsx" in answer.content.decode()
