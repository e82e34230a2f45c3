"""Facts that are damaged, gone, or on a full disk: a calm page that says which folder and how it is put right, and reading as far as it goes."""

import errno
import shutil

import pytest

from tilth.warehouse.persons import register

PAGES = ("", "people/", "data/", "data/events/", "data/quarantine/", "data/tables/orders/")


def gone(folder):
    shutil.rmtree(folder)


def without_log(folder):
    for table in ("events", "orders"):
        shutil.rmtree(folder / "tables" / table / "_delta_log")


def garbled_log(folder):
    for table in ("events", "orders"):
        for file in (folder / "tables" / table / "_delta_log").iterdir():
            if file.is_file():
                file.write_bytes(b"\x00 no json")


@pytest.mark.parametrize("break_it", [gone, without_log, garbled_log])
def test_damaged_facts_are_named_in_our_frame_with_the_way_back(client_as, workspace, break_it):
    client = client_as("analyst")
    client.raise_request_exception = False
    break_it(workspace.folder)
    answers = {page: client.get(f"/w/shop/{page}") for page in PAGES}
    assert {answer.status_code for answer in answers.values()} <= {200, 503}
    assert [page for page in ("data/events/", "people/") if answers[page].status_code != 503] == []
    text = answers["data/events/"].content.decode()
    assert str(workspace.folder) in text
    assert f"tilth -w {workspace.folder} restore" in text
    assert 'id="side"' in text
    assert client.get("/w/shop/settings/members/").status_code == 200  # what needs no facts goes on
    part = client.get("/w/shop/data/events/", headers={"HX-Request": "true"})
    assert (part.status_code, "<html" in part.content.decode()) == (503, False)
    told = client.get("/w/shop/api/v1/dictionary/events")
    assert (told.status_code, told["Content-Type"]) == (503, "application/problem+json")


def test_people_are_read_while_nothing_can_be_written(client_as, workspace, monkeypatch):
    whole = register.opened(workspace.facts)
    people, last = whole.connection.sql("SELECT * FROM person ORDER BY person").fetchall(), whole.last_day
    shutil.rmtree(workspace.folder / "cache" / "people")
    full = OSError(errno.ENOSPC, "No space left on device")

    def mkdir(self, *_how, **_more):
        raise full

    monkeypatch.setattr(register.Path, "mkdir", mkdir)
    held = register.opened(workspace.facts)
    assert held.connection.sql("SELECT * FROM person ORDER BY person").fetchall() == people
    assert held.last_day == last
    assert client_as("analyst").get("/w/shop/people/").status_code == 200


def test_what_must_be_written_says_that_the_disk_is_full(client_as, workspace, monkeypatch):
    from tilth.workbench.people.views import listing

    def fail(*_given, **_how):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(listing.Sheet, "rows", fail)
    answer = client_as("analyst").get("/w/shop/people/")
    assert answer.status_code == 503
    assert "No space left on device" in answer.content.decode()
    assert "restore" not in answer.content.decode()  # what is there is sound
