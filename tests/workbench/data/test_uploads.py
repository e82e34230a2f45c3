"""Files in pieces: resumed, checked, refused, thrown away."""

import datetime as dt
import hashlib
import json
import stat

import pytest
from django.utils import timezone

from tilth.workbench.data.actions import uploads
from tilth.workbench.data.models import Upload
from tilth.workbench.tenancy import scope

ROWS = b"user,ts,action\n" + b"".join(b"u%d,%d,view\n" % (n, 1511544070 + n) for n in range(2000))
SIZE = len(ROWS)
ROOT = "/w/shop/data/load/uploads/"


def begin(client, name="a.csv", size=SIZE, anew=False):
    return client.post(ROOT, json.dumps({"name": name, "size": size, "anew": anew}), content_type="application/json")


def put(client, url, at, piece, digest=None):
    headers = {"Upload-Offset": str(at), "Piece-Digest": digest or hashlib.sha256(piece).hexdigest()}
    return client.put(url, piece, content_type="application/octet-stream", headers=headers)


def test_a_file_arrives_whole_and_readable_by_the_workbench_only(send, client_as, workspace):
    answer = send(client_as("analyst"), "a.csv", ROWS, chunk=5000)
    assert answer.status_code == 200, answer.content
    with scope.use(workspace):
        upload = Upload.objects.select_related("draft").get()
    assert upload.path.read_bytes() == ROWS
    assert upload.digest == hashlib.sha256(ROWS).hexdigest()
    assert stat.S_IMODE(upload.path.stat().st_mode) == 0o600
    assert answer.json()["next"] == f"/w/shop/data/load/{upload.draft.pk}/"


def test_it_goes_on_where_it_stopped(client_as, workspace):
    client = client_as("analyst")
    told = begin(client).json()
    assert put(client, told["url"], 0, ROWS[:5000]).json() == {"received": 5000}
    again = begin(client).json()  # the same file, chosen once more after the page was closed
    assert again["url"] == told["url"]
    assert again["received"] == 5000
    assert again["pieces"] == [[5000, hashlib.sha256(ROWS[:5000]).hexdigest()]]
    assert put(client, told["url"], 5000, ROWS[5000:]).status_code == 200
    assert client.post(told["finish"]).status_code == 200


def test_what_a_crash_left_beyond_the_last_known_piece_is_written_over(client_as, workspace):
    client = client_as("analyst")
    told = begin(client).json()
    put(client, told["url"], 0, ROWS[:5000])
    with scope.use(workspace):
        upload = Upload.objects.get()
    with upload.path.open("ab") as file:
        file.write(b"half a piece whose answer never came")
    put(client, told["url"], 5000, ROWS[5000:])
    assert upload.path.read_bytes() == ROWS


def test_a_piece_at_another_place_is_told_where_to_go_on(client_as):
    client = client_as("analyst")
    told = begin(client).json()
    put(client, told["url"], 0, ROWS[:5000])
    answer = put(client, told["url"], 0, ROWS[:5000])  # sent twice, because the first answer was lost
    assert answer.status_code == 409
    assert answer.json()["received"] == 5000


def test_a_piece_that_changed_on_its_way_is_not_kept(client_as, workspace):
    client = client_as("analyst")
    told = begin(client).json()
    assert put(client, told["url"], 0, b"x" + ROWS[1:5000], hashlib.sha256(ROWS[:5000]).hexdigest()).status_code == 422
    with scope.use(workspace):
        assert Upload.objects.get().received == 0


def test_a_file_cannot_be_finished_before_it_is_whole(client_as):
    client = client_as("analyst")
    told = begin(client).json()
    put(client, told["url"], 0, ROWS[:5000])
    assert client.post(told["finish"]).status_code == 409


@pytest.mark.parametrize("size", [0, -1, 3 << 40])
def test_a_size_that_cannot_be_is_refused_with_the_limit(client_as, size):
    answer = begin(client_as("analyst"), size=size)
    assert answer.status_code == 422
    assert "a.csv" in answer.json()["problem"]


def test_more_than_the_file_is_refused(client_as):
    client = client_as("analyst")
    told = begin(client, size=10).json()
    assert put(client, told["url"], 0, ROWS[:11]).status_code == 422


def test_a_name_never_leads_out_of_its_folder(client_as, workspace):
    begin(client_as("analyst"), name="../../etc/passwd")
    with scope.use(workspace):
        upload = Upload.objects.get()
    assert upload.name == "passwd"
    assert upload.path.parent == upload.folder


def test_only_the_one_who_began_adds_to_a_file(client_as, actor):
    told = begin(client_as("analyst")).json()
    assert put(client_as("owner"), told["url"], 0, ROWS[:5000]).status_code == 404


def test_a_file_is_not_begun_by_who_may_not_load(client_as, role):
    assert begin(client_as(role)).status_code == (200 if role in ("owner", "manager", "analyst") else 403)


def test_an_outsider_learns_nothing(outsider, client_as):
    told = begin(client_as("analyst")).json()
    assert put(outsider, told["url"], 0, ROWS[:5000]).status_code == 404
    assert outsider.post(told["finish"]).status_code == 404
    assert put(outsider, told["url"].replace("/w/shop/", "/w/rival/"), 0, ROWS[:5000]).status_code == 404


def test_a_file_that_nobody_goes_on_with_is_swept_after_a_day(send, client_as, inside):
    send(client_as("analyst"), "old.csv", ROWS)
    send(client_as("analyst"), "new.csv", ROWS)
    old = Upload.objects.get(name="old.csv")
    before = timezone.now() - dt.timedelta(hours=25)
    Upload.objects.filter(pk=old.pk).update(touched_at=before)
    uploads.sweep()
    assert old.path.exists()  # its draft was looked at today
    type(old.draft).objects.filter(pk=old.draft.pk).update(updated_at=before)
    uploads.sweep()
    assert not old.path.exists()
    assert [upload.name for upload in Upload.objects.all()] == ["new.csv"]
