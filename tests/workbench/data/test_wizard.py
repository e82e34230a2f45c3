"""A file from the choice to the result, as people go through it."""

import gzip
import json
import re
from html import unescape

import pytest
from tests.real_data import real

from tilth.workbench.data.models import Draft, Upload
from tilth.workbench.data.views import preparing
from tilth.workbench.jobs.models import Job
from tilth.workbench.jobs.running import run_here
from tilth.workbench.tenancy import scope

BROKEN = b"""999001,85123A,LAMP,six,01/12/2010 08:26,2.55,17850,United Kingdom
999002,85123A,LAMP,6,soon,2.55,17850,United Kingdom
,85123A,LAMP,6,01/12/2010 08:26,2.55,17850,United Kingdom
999004,85123A,LAMP,6,01/12/2010 08:26
"""


def test_a_year_of_real_orders_with_broken_rows(draft_of, client_as, empty_workspace, worked):
    content = gzip.decompress(real("online_retail.csv.gz").read_bytes())
    first, _newline, others = content.partition(b"\n")
    client = client_as("analyst", empty_workspace)
    draft = draft_of("online_retail.csv", first + b"\n" + BROKEN.replace(b"01/12/2010 08:26", others.split(b",")[4]) + others, empty_workspace)
    root = f"/w/bare/data/load/{draft.pk}/"

    shown = client.get(root).content.decode()
    assert "InvoiceNo" in shown
    assert "WHITE HANGING HEART T-LIGHT HOLDER" in shown
    with scope.use(empty_workspace):
        draft.refresh_from_db()
    assert draft.table == "orders"

    columns = client.get(f"{root}columns/")
    trial = columns.context["trial"]
    assert {one.row for one in trial.aside} == {1, 2, 3, 4}
    assert trial.fitting == 996

    assert client.post(f"{root}start/", {"keep": "1", "template_name": "英国店"}).status_code == 302
    assert "t-progress" in client.get(f"{root}run/").content.decode()
    job = worked(empty_workspace)
    assert job.state == "done", job.error
    # 541,909 lines and their sum are published figures of the file (UCI), the four broken ones are ours
    assert job.result["rows"] == 541_909 + 4
    assert job.result["quarantined"] == 4
    amount = empty_workspace.facts.relation("orders").sum("amount").fetchall()[0][0]
    assert float(amount) == pytest.approx(9_747_747.93, abs=0.01)

    led = client.get(f"{root}run/")
    assert led.headers["Location"] == f"/w/bare/data/loads/{job.result['load']}/"
    result = client.get(led.headers["Location"]).content.decode()
    assert "541,909" in result
    with scope.use(empty_workspace):
        assert not Upload.objects.get().path.exists()

    again = draft_of("online_retail2.csv", content.replace(b"\r\n", b"\n"), empty_workspace)
    assert client.get(f"/w/bare/data/load/{again.pk}/").context["draft"].template == "英国店"


ORDERS = "订单号,下单时间,会员,金额\nA1,2025/11/3 8:00,m1,10\nA2,2025/11/3 9:00,m2,20\nA3,明天,m3,30\n".encode("gb18030")


def test_a_cancelled_load_leaves_the_table_as_it_was_and_can_be_made_again(draft_of, client_as, workspace, monkeypatch, worked):
    before = workspace.facts.table_version("orders")
    draft = draft_of("a.csv", ORDERS)
    client = client_as("analyst")
    client.get(f"/w/shop/data/load/{draft.pk}/")
    client.post(f"/w/shop/data/load/{draft.pk}/start/")
    with scope.use(workspace):
        job = Job.objects.get()
    assert client.post(f"/w/shop/jobs/{job.pk}/cancel/").status_code in (200, 302)  # while it waits
    with scope.use(workspace):
        assert Job.objects.get().state == "cancelled"
    assert client.get(f"/w/shop/data/load/{draft.pk}/run/").headers["Location"].endswith("/columns/")

    client.post(f"/w/shop/data/load/{draft.pk}/start/")
    monkeypatch.setattr("tilth.workbench.jobs.run.Run.cancelled", lambda run: True)  # and while it runs
    with scope.use(workspace):
        job = Job.objects.get(state="waiting")
        Job.objects.filter(pk=job.pk).update(cancel_at=job.created_at)
        run_here(job)
    monkeypatch.undo()
    assert workspace.facts.table_version("orders") == before
    with scope.use(workspace):
        assert Draft.objects.get().state == "open"
    assert client.post(f"/w/shop/data/load/{draft.pk}/start/").status_code == 302
    assert worked(workspace).state == "done"
    assert workspace.facts.table_version("orders") == before + 1


def test_a_load_that_fails_says_why_and_stays_to_be_put_right(draft_of, client_as, workspace, worked):
    draft = draft_of("a.csv", ORDERS)
    client = client_as("analyst")
    client.get(f"/w/shop/data/load/{draft.pk}/")
    client.post(f"/w/shop/data/load/{draft.pk}/start/")
    with scope.use(workspace):
        upload = Upload.objects.get()
        upload.path.write_bytes(upload.path.read_bytes()[:20])  # the disk lost the rest: not one row is left
        upload.path.with_name(f"{upload.key}.format.json").unlink()
    job = worked(workspace)
    assert job.state == "failed"
    assert "金额" in job.error  # the column that is gone
    assert str(upload.key) not in job.error
    shown = unescape(client.get(f"/w/shop/data/load/{draft.pk}/run/").content.decode())
    assert job.error in shown
    assert client.get(f"/w/shop/data/load/{draft.pk}/columns/").status_code in (200, 302)


def test_what_people_say_about_the_file_changes_how_it_is_read(draft_of, client_as):
    draft = draft_of("a.csv", ORDERS)
    client, url = client_as("analyst"), f"/w/shop/data/load/{draft.pk}/"
    assert client.get(url).context["form"].encoding == "gb18030"
    headers = {"HX-Request": "true"}
    assert client.post(url, {"header": "no"}, headers=headers).context["form"].columns[0] == "column_1"
    answer = client.post(url, {"encoding": "utf-8", "skip": "1"}, headers=headers)
    assert "\ufffd" in answer.content.decode()
    assert client.post(url, {}, headers=headers).context["form"].columns == ("订单号", "下单时间", "会员", "金额")


def test_the_mapping_is_tried_at_every_change_and_kept(draft_of, client_as, workspace):
    draft = draft_of("a.csv", ORDERS)
    client, url = client_as("analyst"), f"/w/shop/data/load/{draft.pk}/columns/"
    client.get(f"/w/shop/data/load/{draft.pk}/")
    trial = client.get(url).context["trial"]
    assert [(one.row, one.bad) for one in trial.aside] == [(3, "time")]
    filled = {"order.column": "订单号", "order.kind": "id", "time.column": "下单时间", "time.kind": "ymd", "person.column": "会员"}
    answer = client.post(url, filled, headers={"HX-Request": "true"})  # amount, which is required, was taken away
    assert answer.context["trial"] is None
    assert any(line.problem for line in answer.context["mapping"].lines if line.target == "amount")
    answer = client.post(url, {**filled, "amount.column": "金额", "amount.kind": "number", "amount.together": "times", "amount.second": "金额"})
    assert answer.context["trial"].rows[1].values["amount"] == "400"
    with scope.use(workspace):
        assert Draft.objects.get().mapping["fields"]["amount"] == {"column": "金额", "kind": "number", "times": "金额"}


def test_values_are_translated_and_a_constant_fills_what_is_empty(draft_of, client_as):
    draft = draft_of("e.csv", b"who,when,what\nu1,2025-11-03 08:00:00,pv\nu2,2025-11-03 09:00:00,\n")
    client, url = client_as("analyst"), f"/w/shop/data/load/{draft.pk}/"
    client.post(url, {"table": "events"})
    filled = {"person.column": "who", "time.column": "when", "time.kind": "iso", "event.column": "what", "event.values": "pv = view_goods\nbad line"}
    answer = client.post(f"{url}columns/", {**filled, "event.constant": "other"})
    assert [one.values["event"] for one in answer.context["trial"].rows] == ["view_goods", "other"]


def test_the_same_file_is_told_before(draft_of, client_as, worked, workspace):
    for name in ("a.csv", "b.csv"):
        draft = draft_of(name, ORDERS)
        shown = client_as("analyst").get(f"/w/shop/data/load/{draft.pk}/")
        if name == "a.csv":
            assert shown.context["known"] is None or not shown.context["known"]
            client_as("analyst").post(f"/w/shop/data/load/{draft.pk}/start/")
            worked(workspace)
    assert client_as("analyst").get(f"/w/shop/data/load/{draft.pk}/").context["known"].source == "a.csv"


def test_json_lines_and_parquet_and_workbooks_are_shown_too(draft_of, client_as, tmp_path):
    import openpyxl
    import pyarrow as pa
    import pyarrow.parquet as pq

    lines = "\n".join(json.dumps({"user": f"u{n}", "ts": 1511544070 + n, "action": "view"}) for n in range(5))
    pq.write_table(pa.table({"user": ["u1"], "ts": [1511544070], "action": ["view"]}), tmp_path / "a.parquet")
    book = openpyxl.Workbook()
    book.active.append(["user", "ts", "action"])
    book.active.append(["u1", 1511544070, "view"])
    book.create_sheet("另一张").append(["x"])
    book.save(tmp_path / "a.xlsx")
    contents = {"a.jsonl": lines.encode(), "a.parquet": (tmp_path / "a.parquet").read_bytes(), "a.xlsx": (tmp_path / "a.xlsx").read_bytes()}
    for name, content in contents.items():
        draft = draft_of(name, content)
        shown = client_as("analyst").get(f"/w/shop/data/load/{draft.pk}/")
        assert "u1" in shown.content.decode(), name
        columns = client_as("analyst").get(f"/w/shop/data/load/{draft.pk}/columns/")
        assert columns.context["trial"].fitting >= 1, (name, columns.context["problem"])


@pytest.mark.parametrize("page", ["", "columns/", "run/"])
def test_drafts_are_for_those_who_load(draft_of, client_as, outsider, role, page):
    draft = draft_of("a.csv", ORDERS)
    allowed = (200, 302) if role in ("owner", "manager", "analyst") else (403,)
    assert client_as(role).get(f"/w/shop/data/load/{draft.pk}/{page}").status_code in allowed
    assert outsider.get(f"/w/shop/data/load/{draft.pk}/{page}").status_code == 404
    assert outsider.get(f"/w/rival/data/load/{draft.pk}/{page}").status_code == 404


def test_a_load_is_started_by_analysts_and_undone(draft_of, client_as, workspace, worked):
    rows = int(workspace.facts.status().set_index("table")["rows"]["orders"])
    draft = draft_of("a.csv", ORDERS)
    client_as("analyst").get(f"/w/shop/data/load/{draft.pk}/")
    assert client_as("operator").post(f"/w/shop/data/load/{draft.pk}/start/").status_code == 403
    client_as("analyst").post(f"/w/shop/data/load/{draft.pk}/start/")
    load = worked(workspace).result["load"]
    assert int(workspace.facts.status().set_index("table")["rows"]["orders"]) == rows + 2
    assert client_as("operator").post(f"/w/shop/data/loads/{load}/undo/").status_code == 403
    assert client_as("analyst").post(f"/w/shop/data/loads/{load}/undo/").status_code == 302
    assert worked(workspace).state == "done"
    assert int(workspace.facts.status().set_index("table")["rows"]["orders"]) == rows
    assert client_as("viewer").get(f"/w/shop/data/loads/{load}/").context["load"]["undone"] is not None


def test_marks_say_how_an_order_is_noted_down():
    from tilth.workbench.data.incoming.trial import Tried

    assert len(preparing._marks("orders", Tried(1, {"amount": "-5", "person": ""}))) == 2
    assert preparing._marks("orders", Tried(1, {"amount": "5", "person": "m1"})) == []


def test_what_was_assumed_is_said_in_the_readers_language(client_as, workspace, draft_of):
    draft = draft_of("订单.csv", "订单号,时间,会员,金额\nA1,2025-11-03 08:00,m1,10\n".encode())
    pages = {}
    for code in ("zh-hans", "en"):
        client = client_as("analyst")
        client.cookies["tilth_language"] = code
        pages[code] = client.get(f"/w/shop/data/load/{draft.pk}/").context["notes"]
    assert pages["zh-hans"]
    assert pages["en"]
    assert re.search("[一-鿿]", " ".join(pages["zh-hans"]))
    assert pages["zh-hans"] != pages["en"]


def test_what_was_assumed_and_what_is_wrong_is_told_by_the_names_on_the_page(client_as, workspace, draft_of):
    good = "".join(f"A{number},2025-11-03 08:00,m{number},10\n" for number in range(2, 20))
    draft = draft_of("坏行.csv", f"订单号,下单时间,会员,金额\nA1,明天下午,m1,10\n{good},2025-11-03 08:00,m1,10\n".encode())
    client = client_as("analyst")
    said = client.get(f"/w/shop/data/load/{draft.pk}/").context["notes"]
    assert said[0] == "这些列最适合数据表“订单”。"
    assert "抽样的 20 行里有 1 行读不出“时间”（列“下单时间”）。" in said
    tried = client.get(f"/w/shop/data/load/{draft.pk}/columns/").context["trial"]
    assert [one.reason for one in tried.aside] == ["“下单时间”里的“明天下午”读不成“时间”", "“订单号”必填，而“订单号”为空"]
    other = draft_of("认不出.csv", "甲,乙\nx,y\n".encode())
    assert "“时间”、“渠道”" in client.get(f"/w/shop/data/load/{other.pk}/").context["notes"][0]
