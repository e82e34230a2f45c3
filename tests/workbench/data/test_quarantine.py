"""Rows that did not fit: seen with their reasons, mended one by one and together, dismissed, taken to a spreadsheet and back."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry

ROWS = """订单号,时间,会员,金额
A1,2025-11-03 08:00,m1,10
A2,明天,m2,20
A3,明天,m3,30
A4,后天,m4,40
A5,2025-11-03 08:00,m5,很多
A6,2025-11-03 08:00,m6,60,多了一个
"""
MAPPING = Mapping(
    "orders", {"order": Field("订单号", "id"), "time": Field("时间", "iso"), "person": Field("会员", "id"), "amount": Field("金额", "number")}
)


@pytest.fixture
def load(workspace, tmp_path):
    file = tmp_path / "双11.csv"
    file.write_text(ROWS, "utf-8")
    return workspace.facts.load(file, MAPPING, who="tests").id


@pytest.fixture
def url(load):
    return f"/w/shop/data/quarantine/{load}/"


def waiting(workspace, load):
    return int(workspace.facts.quarantine_counts().set_index("load")["waiting"][load])


def test_rows_stand_in_groups_with_the_value_at_fault_marked(client_as, url):
    shown = client_as("analyst").get(url)
    assert [(group.key, group.rows) for group in shown.context["groups"]] == [("unreadable.time", 3), ("unreadable.amount", 1), ("values.", 1)]
    assert shown.context["groups"][0].values == [("明天", "明天", 2), ("后天", "后天", 1)]
    row = shown.context["rows"][0]
    assert row["row"] == 2
    assert [(name, value) for name, value, bad in row["cells"] if bad] == [("时间", "明天")]
    narrowed = client_as("analyst").get(f"{url}?why=unreadable.amount")
    assert [one["row"] for one in narrowed.context["rows"]] == [5]


def test_a_row_is_mended_in_the_drawer_and_still_wrong_ones_say_why(client_as, url, load, workspace):
    client = client_as("analyst")
    form = client.get(f"{url}2/")
    assert "明天" in form.content.decode()
    wrong = client.post(f"{url}2/", {"value.0": "A2", "value.1": "大后天", "value.2": "m2", "value.3": "20"})
    assert "大后天" in wrong.context["problem"]
    assert waiting(workspace, load) == 5
    right = client.post(f"{url}2/", {"value.0": "A2", "value.1": "2025-11-04 09:00", "value.2": "m2", "value.3": "20"})
    assert right.headers["HX-Refresh"] == "true"
    assert waiting(workspace, load) == 4
    orders = workspace.facts.relation("orders")
    assert orders.filter("\"order\" = 'A2'").project("CAST(amount AS VARCHAR)").fetchall() == [("20.0000",)]
    with scope.use(workspace):
        told = [entry.details for entry in Entry.objects.filter(code="quarantine.mend").order_by("pk")]
    assert told == [{"mended": 0, "refused": 1}, {"mended": 1, "refused": 0}]  # counts, never values


def test_one_value_is_replaced_in_all_rows_that_have_it(client_as, url, load, workspace):
    answer = client_as("analyst").post(f"{url}replace/", {"why": "unreadable.time", "old": "明天", "new": "2025-11-04 00:00"}, follow=True)
    assert waiting(workspace, load) == 3
    assert "2 行已修复" in answer.content.decode()
    again = client_as("analyst").post(f"{url}replace/", {"why": "unreadable.time", "old": "明天", "new": "2025-11-04 00:00"}, follow=True)
    assert "明天" in again.content.decode()
    assert waiting(workspace, load) == 3


def test_a_surplus_value_is_dropped_by_emptying_it(client_as, url, load, workspace):
    columns = client_as("analyst").get(f"{url}6/").context["one"]["cells"]
    given = {f"value.{place}": value for place, (_name, value, _bad) in enumerate(columns)}
    place = next(place for place, (name, _value, _bad) in enumerate(columns) if name == "tilth_surplus")
    assert given[f"value.{place}"] == "多了一个"
    client_as("analyst").post(f"{url}6/", {**given, f"value.{place}": ""})
    assert waiting(workspace, load) == 4


def test_rows_are_dismissed_with_a_reason_and_taken_back(client_as, url, load, workspace):
    client = client_as("analyst")
    client.post(f"{url}decide/", {"row": ["2", "3"], "what": "dismiss", "reason": ""})
    assert waiting(workspace, load) == 5  # not without a reason
    client.post(f"{url}decide/", {"row": ["2", "3"], "what": "dismiss", "reason": "测试数据"})
    assert waiting(workspace, load) == 3
    assert [(one["row"], one["why"]) for one in client.get(f"{url}?state=dismissed").context["rows"]] == [(2, "测试数据"), (3, "测试数据")]
    client.post(f"{url}decide/", {"row": ["2"], "what": "put_back"})
    assert waiting(workspace, load) == 4


def test_rows_go_to_a_spreadsheet_and_come_back_mended_once(client_as, url, load, workspace):
    client = client_as("analyst")
    given = b"".join(client.post("/w/shop/data/quarantine/export/", {"load": load}).streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(given)))
    assert [row["订单号"] for row in rows] == ["A2", "A3", "A4", "A5", "A6"]
    for row in rows[:3]:
        row["时间"] = "2025-11-05 10:00"
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    for _time in range(2):
        client.post("/w/shop/data/quarantine/reload/", {"file": SimpleUploadedFile("改好.csv", out.getvalue().encode("utf-8-sig"))})
        assert waiting(workspace, load) == 2
    answer = client.post("/w/shop/data/quarantine/reload/", {"file": SimpleUploadedFile("别的.csv", b"a,b\n1,2\n")}, follow=True)
    assert "别的.csv" in answer.content.decode()


def test_rows_are_shown_to_editors_and_mended_by_analysts(client_as, outsider, url, role):
    sees = role != "viewer"
    mends = role in ("owner", "manager", "analyst")
    client = client_as(role)
    assert client.get(url).status_code == (200 if sees else 403)
    assert client.get("/w/shop/data/quarantine/").status_code == (200 if sees else 403)
    assert client.post("/w/shop/data/quarantine/export/").status_code == (200 if sees else 403)
    assert client.get(f"{url}2/").status_code == (200 if mends else 403)
    assert client.post(f"{url}decide/", {"row": "2", "what": "dismiss", "reason": "x"}).status_code == (302 if mends else 403)
    assert ("很多" in client.get(url).content.decode()) is sees
    assert outsider.get(url).status_code == 404
    assert outsider.get(url.replace("/w/shop/", "/w/rival/")).status_code == 404


CONTACTS = """手机号,姓名,时间,备注
13812346205,张丽海,昨天,回电 138-1234-6299
13812346206,李一,昨天,身份证 330106199003071234
139123,王二,昨天,
13812346207,赵六,2025-11-03 08:00,多,了
"""


@pytest.fixture
def contacts(workspace, tmp_path):
    """A load whose rows in quarantine hold contacts."""
    file = tmp_path / "会员.csv"
    file.write_text(CONTACTS, "utf-8")
    fields = {"person": Field("手机号", "id"), "person_kind": Field(constant="phone"), "name": Field("姓名"), "time": Field("时间", "iso")}
    return workspace.facts.load(file, Mapping("people", fields), who="tests").id


SECRETS = ("13812346205", "13812346206", "139123", "丽海", "李一", "138-1234-6299", "330106199003071234")


def told(workspace):
    with scope.use(workspace):
        return [(entry.code, entry.details) for entry in Entry.objects.order_by("pk")]


def test_contacts_are_masked_in_list_form_reasons_and_the_api(client_as, contacts, workspace):
    client = client_as("analyst")
    url = f"/w/shop/data/quarantine/{contacts}/"
    pages = [client.get(at).content.decode() for at in (url, f"{url}?why=unreadable.time", f"{url}1/", f"{url}2/", f"{url}4/")]
    pages.append(client.get(f"/w/shop/api/v1/loads/{contacts}/quarantine").content.decode())
    for page in pages:
        assert [secret for secret in SECRETS if secret in page] == []
    assert "138****6205" in pages[0]
    assert "张**" in pages[0]


def test_a_row_is_seen_in_full_by_who_may_and_the_audit_notes_it(client_as, contacts, workspace, role):
    answer = client_as(role).post(f"/w/shop/data/quarantine/{contacts}/1/full/")
    may = role in ("owner", "manager")
    assert answer.status_code == (200 if may else 403)
    assert ("13812346205" in answer.content.decode()) is may
    assert ("quarantine.contact", {"row": 1}) in told(workspace) or not may


def test_what_is_left_masked_keeps_the_value_behind_it(client_as, contacts, workspace):
    client = client_as("analyst")
    cells = client.get(f"/w/shop/data/quarantine/{contacts}/1/").context["one"]["cells"]
    sent = {f"value.{place}": "2025-11-04 09:00" if name == "时间" else value for place, (name, value, _bad) in enumerate(cells)}
    assert "13812346205" not in sent.values()
    assert client.post(f"/w/shop/data/quarantine/{contacts}/1/", sent).headers["HX-Refresh"] == "true"
    rows = workspace.facts.relation("people").filter("person = '13812346205'").project("name, 备注").fetchall()
    assert rows == [("张丽海", "回电 138-1234-6299")]


def test_a_file_goes_out_masked_and_comes_back_whole(client_as, contacts, workspace):
    client = client_as("analyst")
    given = b"".join(client.post("/w/shop/data/quarantine/export/", {"load": contacts}).streaming_content).decode("utf-8-sig")
    assert [secret for secret in SECRETS if secret in given] == []
    client.post("/w/shop/data/quarantine/reload/", {"file": SimpleUploadedFile("改好.csv", given.replace("昨天", "2025-11-05 10:00").encode())})
    rows = (
        workspace.facts.relation("people").filter("person LIKE '13812346%' OR person = '139123'").project("person, name").order("person").fetchall()
    )
    assert rows == [("13812346205", "张丽海"), ("13812346206", "李一"), ("139123", "王二")]
    assert ("quarantine.export", {"rows": 4, "contacts": False}) in told(workspace)


def test_a_file_in_full_is_for_who_may_see_contacts(client_as, contacts, workspace, role):
    answer = client_as(role).post("/w/shop/data/quarantine/export/", {"load": contacts, "contacts": "1"})
    may = role in ("owner", "manager")
    assert answer.status_code == (200 if may else 403)
    if may:
        assert "13812346205" in b"".join(answer.streaming_content).decode("utf-8-sig")
    assert (("quarantine.export", {"rows": 4, "contacts": True}) in told(workspace)) is may


def test_a_masked_value_is_replaced_by_what_stands_for_it_and_not_guessed_at(client_as, workspace, tmp_path):
    file = tmp_path / "订单.csv"
    file.write_text("订单号,时间,会员,金额\nA0,2025-11-03 08:00,m0,1\nA1,13812346205,m1,10\nA2,13812346205,m2,20\n", "utf-8")
    load = workspace.facts.load(file, MAPPING, who="tests").id
    client, url = client_as("analyst"), f"/w/shop/data/quarantine/{load}/"
    ((key, text, rows),) = client.get(f"{url}?why=unreadable.time").context["group"].values
    assert (text, rows) == ("138****6205", 2)
    client.post(f"{url}replace/", {"why": "unreadable.time", "old": "13812346205", "new": "2025-11-04 00:00"})
    assert waiting(workspace, load) == 2  # a guess finds nothing
    client.post(f"{url}replace/", {"why": "unreadable.time", "old": key, "new": "2025-11-04 00:00"})
    assert waiting(workspace, load) == 0
