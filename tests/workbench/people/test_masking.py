"""What is shown of contacts and names, to whom, and that no way around leads to more."""

import json
import re
from urllib.parse import urlencode

import pytest
from tests.workbench.people.conftest import shown, total

from tilth.workbench.people import masking
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
