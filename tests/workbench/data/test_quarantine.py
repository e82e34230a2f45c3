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
    assert dict(shown.context["groups"][0].values) == {"明天": 2, "后天": 1}
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
    given = b"".join(client.get(f"/w/shop/data/quarantine/export/?load={load}").streaming_content).decode("utf-8-sig")
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
    assert client.get("/w/shop/data/quarantine/export/").status_code == (200 if sees else 403)
    assert client.get(f"{url}2/").status_code == (200 if mends else 403)
    assert client.post(f"{url}decide/", {"row": "2", "what": "dismiss", "reason": "x"}).status_code == (302 if mends else 403)
    assert ("很多" in client.get(url).content.decode()) is sees
    assert outsider.get(url).status_code == 404
    assert outsider.get(url.replace("/w/shop/", "/w/rival/")).status_code == 404
