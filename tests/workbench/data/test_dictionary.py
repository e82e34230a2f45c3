"""The dictionary's pages and actions."""

import pytest

from tilth.errors import InputError
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.workbench.data import facts, names
from tilth.workbench.data.actions import dictionary
from tilth.workbench.data.models import EventEntry
from tilth.workbench.data.templatetags.data import sparkline
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry, Workspace

ROOT = "/w/shop/data/events/"


def test_events_are_listed_searched_sorted_and_filtered(client_as, workspace):
    client = client_as("viewer")
    listed = client.get(ROOT).context["page"].object_list
    assert [one["rows"] for one in listed] == sorted((one["rows"] for one in listed), reverse=True)
    assert [one["code"] for one in client.get(f"{ROOT}?q=SIGN").context["page"]] == ["sign_up"]
    by_name = client.get(f"{ROOT}?sort=name").context["page"].object_list
    assert [one["label"] for one in by_name] == sorted(one["label"] for one in by_name)
    with scope.use(workspace):
        EventEntry.objects.create(code="pay", hidden=True)
        EventEntry.objects.create(code="planned_only", name="尚未上线")
    assert "pay" not in {one["code"] for one in client.get(ROOT).context["page"]}
    assert {one["code"] for one in client.get(f"{ROOT}?which=hidden").context["page"]} == {"pay"}
    assert "planned_only" in {one["code"] for one in client.get(ROOT).context["page"]}


def test_people_and_first_and_last_agree_with_the_rows(client_as, workspace):
    pay = next(one for one in client_as("viewer").get(ROOT).context["page"] if one["code"] == "pay")
    counted = (
        workspace.facts.relation("events").filter("event = 'pay'").aggregate("count(*), count(DISTINCT person), min(time), max(time)").fetchall()[0]
    )
    assert (pay["rows"], pay["people"], pay["first"], pay["last"]) == counted


def test_a_name_is_given_in_the_list_and_its_line_comes_back(client_as, workspace):
    answer = client_as("analyst").post(f"{ROOT}describe/pay", {"name": " 付款  成功 "}, headers={"HX-Request": "true"})
    assert "付款 成功" in answer.content.decode()
    assert names.calling(workspace)["pay"] == "付款 成功"
    with scope.use(workspace):
        assert Entry.objects.get(code="dictionary.edit").details == {"code": "pay", "hidden": False}
    answer = client_as("analyst").post(f"{ROOT}describe/pay", {"name": "长" * 81}, headers={"HX-Request": "true"})
    assert "81" in answer.content.decode()
    assert names.calling(workspace)["pay"] == "付款 成功"


def test_an_event_has_a_page_with_its_properties(client_as, workspace, member):
    shown = client_as("analyst").get(f"{ROOT}about/pay")
    told = {one["told"].code: one["told"] for one in shown.context["properties"]}
    assert told["channel"].filled == pytest.approx(1)
    assert told["person"].examples == ()  # says who somebody is
    assert client_as("viewer").get(f"{ROOT}about/no_such").status_code == 404
    client_as("analyst").post(f"{ROOT}describe/pay", {"name": "付款", "owner": str(member("manager").pk), "hidden": "1"})
    with scope.use(workspace):
        entry = EventEntry.objects.select_related("owner").get(code="pay")
    assert (entry.owner, entry.hidden) == (member("manager"), True)


def test_a_property_is_hidden_found_among_the_hidden_and_shown_again(client_as, workspace):
    client = client_as("analyst")

    def listed(url):
        return {one["told"].code for one in client.get(url).context["properties"]}

    def offered():
        return {code for code, _name, _kind in names.properties(workspace)}

    pages = ("/w/shop/data/tables/events/", f"{ROOT}about/pay")
    assert all("channel" in listed(page) for page in pages)
    assert client.post("/w/shop/data/properties/events/channel", {"hidden": "1"}).headers["HX-Refresh"] == "true"
    assert all("channel" not in listed(page) and listed(f"{page}?properties=hidden") == {"channel"} for page in pages)
    assert "channel" not in offered()
    client.post("/w/shop/data/properties/events/channel", {"hidden": "0"})
    assert all("channel" in listed(page) and listed(f"{page}?properties=hidden") == set() for page in pages)
    assert "channel" in offered()
    shown = client_as("viewer").get(pages[0]).content.decode()
    assert 'name="hidden"' not in shown
    assert "hx-vals" not in shown


def test_merging_takes_along_what_was_merged_before_and_is_taken_apart(actor, inside):
    dictionary.merge(actor("analyst"), "view_home", "view_goods")
    dictionary.merge(actor("analyst"), "view_goods", "search")
    assert set(names.sources(inside, "search")) == {"search", "view_goods", "view_home"}
    assert names.sources(inside, "view_home")[0] == "search"
    with pytest.raises(InputError):
        dictionary.merge(actor("analyst"), "search", "view_home")  # would be merged into itself
    dictionary.part(actor("analyst"), "view_home")
    assert names.sources(inside, "view_home") == ("view_home",)


def test_only_a_member_can_look_after_an_event(actor, member, other_workspace, inside):
    with pytest.raises(InputError):
        dictionary.describe_event(actor("analyst"), "pay", owner=member("owner", other_workspace).pk)


def test_a_table_tells_its_days_and_columns(client_as, workspace):
    shown = client_as("viewer").get("/w/shop/data/tables/orders/")
    days = workspace.facts.relation("orders").aggregate("count(DISTINCT CAST(time AS DATE)), count(*)").fetchall()[0]
    assert shown.context["rows"] == days[1]
    assert shown.context["span"] - shown.context["missing_count"] == days[0]
    assert "amount" in {one["told"].code for one in shown.context["properties"]}
    assert client_as("viewer").get("/w/shop/data/tables/nothing/").status_code == 404
    named = client_as("analyst").post("/w/shop/data/properties/orders/shop", {"name": "门店编号"})
    assert "门店编号" in named.content.decode()
    assert names.calling(workspace)["shop"] == "门店编号"


PAGES = ["", "events/", "events/about/pay", "tables/events/", "loads/", "sources/"]


@pytest.mark.parametrize("page", PAGES)
def test_every_member_sees_what_there_is_and_outsiders_nothing(client_as, outsider, role, page):
    assert client_as(role).get(f"/w/shop/data/{page}").status_code == 200
    assert outsider.get(f"/w/shop/data/{page}").status_code == 404


@pytest.mark.parametrize("page", ["events/describe/pay", "events/merge/pay", "properties/events/channel", "demo/"])
def test_only_analysts_change_things(client_as, role, page):
    answer = client_as(role).post(f"/w/shop/data/{page}", {"name": "x", "into": "search"})
    assert (answer.status_code == 403) is (role in ("operator", "viewer"))


def test_a_viewer_sees_no_raw_rows(client_as):
    assert client_as("viewer").get("/w/shop/data/quarantine/").status_code == 403
    assert client_as("viewer").get("/w/shop/data/load/").status_code == 403


def test_a_line_is_drawn_from_zero_whatever_the_counts():
    assert 'points="0.0,19.0 44.0,10.0 88.0,1.0"' in sparkline([0, 5, 10])
    assert sparkline([]).count("polyline") == 1


def test_an_empty_workspace_leads_on(client_as, empty_workspace, workspace):
    client = client_as("analyst", empty_workspace)
    shown = client.get("/w/bare/data/").content.decode()
    assert "/w/bare/data/load/" in shown
    assert "/w/bare/data/demo/" in shown
    for page in ("events/", "loads/", "quarantine/", "sources/", "tables/orders/"):
        assert client.get(f"/w/bare/data/{page}").status_code == 200


def test_the_demo_brand_is_put_into_an_empty_workspace_with_its_names(client_as, empty_workspace, workspace, worked, monkeypatch):
    from tilth.warehouse import demo

    small = demo.generate(people=200)
    monkeypatch.setattr(demo, "generate", lambda: small)
    client = client_as("analyst", empty_workspace)
    client.post("/w/bare/data/demo/")
    job = worked(empty_workspace)
    assert job.state == "done", job.error
    assert job.result["rows"] == sum(table.num_rows for table in small.tables.values())
    assert names.calling(empty_workspace)["pay"] == "支付"
    assert "/w/bare/data/tables/orders/" in client.get("/w/bare/data/").content.decode()
    refused = client.post("/w/bare/data/demo/", follow=True)
    assert "演示数据会混在一起" in refused.content.decode()


def test_one_contact_among_many_values_keeps_a_property_from_being_shown(empty_workspace, tmp_path):
    file = tmp_path / "事件.csv"
    plain = "".join(f"u{n},2025-11-03 08:00,留言,值{n % 9},值{n % 9}\n" for n in range(90))  # nine values before it: more than there are examples
    file.write_text(f"用户,时间,事件,话,口味\n{plain}u1,2025-11-03 08:00,留言,请拨 138-1234-6205,甜\n", "utf-8")
    fields = {"person": Field("用户", "id"), "time": Field("时间", "iso"), "event": Field("事件")}
    empty_workspace.facts.load(file, Mapping("events", fields))
    found = {one.code: one for one in facts.properties(empty_workspace)}
    assert (found["话"].masked, found["话"].examples) == (True, ())
    assert not found["口味"].masked
    assert [code for code, _name, _kind in names.properties(empty_workspace) if code in found] == ["口味"]


def test_the_commonest_values_are_called_by_their_names(client_as, workspace):
    Workspace.objects.filter(pk=workspace.pk).update(is_demo=True)
    [(value, rows)] = (
        workspace.facts.relation("events").filter("event = 'pay'").aggregate("channel, count(*) AS rows").order("rows DESC").limit(1).fetchall()
    )
    assert value == "direct"
    page = client_as("viewer").get(f"{ROOT}about/pay").content.decode()
    assert f"直接访问（{rows:,}）、" in page
    assert "direct" not in page


def test_the_name_of_an_event_leads_to_it(client_as, workspace):
    Workspace.objects.filter(pk=workspace.pk).update(is_demo=True)
    page = client_as("analyst").get(f"{ROOT}?q=pay").content.decode()
    assert '<a href="/w/shop/data/events/about/pay">支付</a> <small class="t-quiet">pay</small>' in page
