"""What is shown of contacts and names, to whom, and that no way around leads to more."""

import json
import re
from urllib.parse import urlencode

import pandas as pd
import pytest
from tests.workbench.people.conftest import shown, total

from tilth.workbench.data import masking
from tilth.workbench.people.models import Segment
from tilth.workbench.tenancy.models import Entry


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [  # the shapes of the brief: 138****6205, a***@b.com, 张**
        (masking.phone, "13812346205", "138****6205"),
        (masking.phone, "+86 138-1234-6205", "138****6205"),
        (masking.phone, "05718888666", "057****8666"),
        (masking.phone, "88886666", "88****66"),
        (masking.phone, "110", "****"),
        (masking.mail, "ann.lee@b.com", "a***@b.com"),
        (masking.mail, "a@b.com", "a***@b.com"),
        (masking.name, "张丽海", "张**"),
        (masking.name, "张三", "张**"),
        (masking.name, "欧阳明月", "欧**"),
        (masking.address, "浙江省杭州市余杭区文一西路 1 号", "浙江省杭州…"),
        (masking.card, "330106199003071234", "330106********"),
        (masking.free, "打 13812346205 或写 a.b@c.cn", "打 138****6205 或写 a***@c.cn"),
        (masking.free, "订单 202511260000041381234620599", "订单 202511260000041381234620599"),
        (masking.free, "价 13812346205.5 元", "价 13812346205.5 元"),
    ],
)
def test_a_rule(rule, text, expected):
    assert rule(text) == expected


def test_an_id_is_masked_by_its_kind_or_its_look():
    assert masking.id("phone", "057188886666") == "057****6666"
    assert masking.id("user", "13812346205") == "138****6205"
    assert masking.id(None, "a@b.com") == "a***@b.com"
    assert masking.id("user", "u43443900") == "u43443900"
    assert masking.value("收件人", "张丽海") == "张**"
    assert masking.value("Mobile", "13812346205") == "138****6205"
    assert masking.detail("name", "浏览首页") == "浏览首页"


@pytest.mark.parametrize(
    ("kind", "id"),
    [("phone", "13812346205"), ("email", "a@b.com"), ("user", "a/b?c"), ("user", "张 三"), ("user", "~x"), ("user", "u1"), (None, "..")],
)
def test_a_key_stands_for_an_id_in_an_address_and_tells_no_contact(kind, id):
    key = masking.key(kind, id)
    assert masking.id_of(key) == id
    assert key == masking.key(kind, id)
    assert re.fullmatch(r"[\w~.-]+", key)
    assert (key == id) == (id == "u1")


def test_a_key_that_nobody_made_stands_for_itself():
    assert masking.id_of("~forged") == "~forged"
    assert masking.id_of("~" + masking.key("phone", "13812346205")[5:]).startswith("~")


def test_no_page_shows_a_contact_or_a_name_in_full_to_any_role(client_as, truth, role):
    """Every phone number and name of the brand is looked for in what the pages say; the ids of kind phone are numbers that nobody has."""
    client = client_as(role)
    known = truth["people"]
    one = known[known["phone"].notna() & known["name"].notna() & (known["orders"] > 1)].index[0]
    everything = ",".join(["name", "phone", "email", "inviter", "person_kind"])
    pages = [
        f"?{urlencode({'columns': everything})}",
        f"?{urlencode({'columns': everything, 'sort': '-spent'})}",
        f"one/{one}/",
        f"one/{one}/timeline/",
        "gather/",
    ]
    text = "".join(client.get(f"/w/shop/people/{path}").content.decode() for path in pages)
    numbers = set(known["phone"].dropna())
    assert numbers.isdisjoint(re.findall(r"\d{11}", text))
    assert set(known["name"].dropna()).isdisjoint(re.findall(r"[\u4e00-\u9fff]{2,4}", text))
    assert masking.phone(known.loc[one, "phone"]) in text
    assert masking.name(known.loc[one, "name"]) in text


def test_a_number_that_one_may_not_see_cannot_be_asked_for(client_as, truth):
    known = truth["people"]
    one = known[known["phone"].notna() & known["name"].notna()].index[0]
    number, name = known.loc[one, ["phone", "name"]]
    for role in ("viewer", "operator", "analyst"):
        client = client_as(role)
        for text in (number, number[:7], number[:5]):
            assert total(client.get("/w/shop/people/", {"q": text})) == 0, (role, text)
        filters = [{"where": [{"name": "name", "op": op, "value": name}]} for op in ("equals", "contains", "not")]
        filters += [{"where": [{"name": "inviter", "op": "equals", "value": number}]}]
        for condition in filters:
            answer = client.get("/w/shop/people/", {"filter": json.dumps(condition)})
            assert answer.context_data["problem"], (role, condition)
            assert total(answer) == len(known)
        assert client.get("/w/shop/people/", {"sort": "name"}).context_data["problem"]
        assert client.get("/w/shop/people/condition/", {"kind": "where", "name": "name"}).status_code == 403
        assert name not in client.get("/w/shop/people/condition/").content.decode()
    manager = client_as("manager")
    assert shown(manager.get("/w/shop/people/", {"q": number})) == [one]
    assert one in shown(manager.get("/w/shop/people/", {"filter": json.dumps({"where": [{"name": "name", "op": "equals", "value": name}]})}))


def test_the_last_four_digits_that_everybody_sees_may_be_searched_by(client_as, truth):
    known, links = truth["people"], truth["links"]
    one = known[known["phone"].notna()].index[0]
    tail = known.loc[one, "phone"][-4:]
    expected = set(links[(links["kind"] == "phone") & links["value"].str.endswith(tail)]["person"].map(truth["owner"]))
    expected |= {truth["owner"](value) for value in {*known.index, *links.loc[links["kind"] != "phone", "value"]} if value.startswith(tail)}
    assert set(shown(client_as("viewer").get("/w/shop/people/", {"q": tail}))) == expected
    assert one in expected


def test_other_ids_are_found_by_their_beginning(client_as, truth):
    links = truth["links"][truth["links"]["kind"] == "member"]
    member = links.iloc[0]
    assert shown(client_as("viewer").get("/w/shop/people/", {"q": member["value"]})) == [truth["owner"](member["person"])]


def test_the_top_bar_finds_as_little(client_as, truth):
    known = truth["people"]
    one = known[known["phone"].notna()].index[0]
    number = known.loc[one, "phone"]

    def find(role, text):
        answer = client_as(role).get("/w/shop/shell/find/", {"q": text})
        assert answer.status_code == 200
        return [url for _label, _hint, url in answer.context_data["found"] if "/one/" in url]

    assert find("operator", number) == []
    assert find("manager", number) == find("viewer", one) == [f"/w/shop/people/one/{one}/"]


def test_taking_the_mask_off_needs_the_right_is_noted_and_lasts_for_one_page(client_as, post, truth, inside):
    known = truth["people"]
    one = known[known["phone"].notna() & known["name"].notna()].index[0]
    number, name = known.loc[one, ["phone", "name"]]
    for role in ("viewer", "operator", "analyst"):
        assert post(client_as(role), f"one/{one}/contact/").status_code == 403
    assert not Entry.objects.filter(code="people.contact").exists()
    manager = client_as("manager")
    answer = post(manager, f"one/{one}/contact/")
    assert number in answer.content.decode()
    assert name in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    entry = Entry.objects.get(code="people.contact")
    assert (entry.key, entry.name, entry.details) == (one, "", {})
    assert number not in manager.get(f"/w/shop/people/one/{one}/").content.decode()
    assert manager.get(f"/w/shop/people/one/{one}/contact/").status_code == 405
    assert post(manager, "one/nobody-at-all/contact/").status_code == 404


@pytest.fixture
def abroad(workspace, truth):
    """A number that no pattern knows as one, linked as somebody's phone: only its kind says what it is."""
    owner = truth["people"].index[0]
    time = pd.Timestamp("2025-12-01T10:00:00+08:00")
    rows = pd.DataFrame([{"person": owner, "value": "+4915112345678", "kind": "phone", "time": time}])
    workspace.facts.load(rows, table="identities", name="abroad")
    return owner, "+4915112345678"


@pytest.mark.parametrize("role_", ["viewer", "operator", "analyst"])
def test_whose_a_number_is_cannot_be_tried_out_by_addresses(client_as, post, truth, abroad, role_):
    """The answer for a number that somebody has is the answer for one that nobody has; the key that pages give goes on to work."""
    known = truth["people"]
    one = known[known["phone"].notna()].index[0]
    client = client_as(role_)
    for number, nobodys in ((known.loc[one, "phone"], "13999999998"), (abroad[1], "+4915100000000")):
        for path in ("one/{}/", "one/{}/timeline/", "one/{}/rfm/"):
            answers = [client.get(f"/w/shop/people/{path.format(text)}") for text in (number, nobodys)]
            assert [answer.status_code for answer in answers] == [404, 404], path
        gathered = [client.get("/w/shop/people/gather/", {"person": text}).context_data["total"] for text in (number, nobodys)]
        assert gathered == [0, 0]
        assert client.get(f"/w/shop/people/one/{masking.key('phone', number)}/").status_code == 302
    assert client_as("manager").get(f"/w/shop/people/one/{abroad[1]}/").headers["Location"] == f"/w/shop/people/one/{abroad[0]}/"


def test_a_number_one_types_joins_no_segment(client_as, post, truth, inside, abroad):
    segment = Segment.objects.create(name="回访", code="回访")
    known = truth["people"]
    number = known["phone"].dropna().iloc[0]
    operator = client_as("operator")
    for text in (number, abroad[1], "13999999998", "nobody-at-all"):
        assert post(operator, f"one/{text}/join/", {"segment": segment.pk}).status_code == 404
        assert post(operator, f"one/{text}/leave/", {"segment": segment.pk}).status_code == 404
        post(operator, f"segments/{segment.pk}/remove/", {"person": text})
    assert not segment.changes.exists()
    post(operator, f"one/{masking.key('phone', number)}/join/", {"segment": segment.pk})
    assert segment.changes.count() == 1


def test_ids_that_are_numbers_are_held_back_where_people_are_known_by_them(client_as, workspace):
    """The column of inviters gives no examples, free text holds a number among words: both are as personal as a column called phone."""
    rows = pd.DataFrame(
        [
            {"person": f"n{n}", "time": pd.Timestamp("2025-12-02T10:00:00+08:00"), "inviter": f"1381234620{n}", "remark": f"回电 1381234620{n}"}
            for n in range(5)
        ]
    )
    workspace.facts.load(rows, table="people", name="invited")
    viewer = client_as("viewer")
    for name in ("inviter", "remark"):
        condition = {"where": [{"name": name, "op": "contains", "value": "138123"}]}
        assert viewer.get("/w/shop/people/", {"filter": json.dumps(condition)}).context_data["problem"], name
        assert viewer.get("/w/shop/people/", {"sort": name}).context_data["problem"], name
        form = viewer.get("/w/shop/people/condition/", {"kind": "where", "name": name})
        assert (form.status_code, b"13812346203" in form.content) == (403, False), name
        assert total(client_as("manager").get("/w/shop/people/", {"filter": json.dumps(condition)})) == 5


def test_an_export_that_cannot_be_made_leads_nowhere_else(client_as, post):
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = post(client_as("operator"), "export/", {"form": "exe", "back": elsewhere})
        assert answer.headers["Location"] == "/w/shop/people/"
    assert post(client_as("operator"), "export/", {"form": "exe", "back": "/w/shop/people/segments/1/"}).headers["Location"].endswith("/segments/1/")
