"""Segments: made, changed and deleted from pages, with their people in the facts."""

from urllib.parse import urlencode

import pytest
from tests.workbench.people.conftest import shown

from tilth.engine.people import PersonSet
from tilth.warehouse import memberships
from tilth.workbench.jobs.models import Intent
from tilth.workbench.people import actions, sources
from tilth.workbench.people.asking import Ask
from tilth.workbench.people.models import Change, Segment, View
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry

HANGZHOU = '{"where":[{"name":"city","op":"equals","value":"杭州"}]}'


@pytest.fixture
def query():
    from django.http import QueryDict

    asked = QueryDict(mutable=True)
    asked["filter"] = HANGZHOU
    return Ask.of(asked).query


@pytest.fixture
def made(inside, actor, django_capture_on_commit_callbacks):
    """``made("name", ids)``: a segment of some people, by an operator."""

    def make(name, ids, role="operator"):
        with django_capture_on_commit_callbacks(execute=True):
            segment = actions.save_segment(actor(role), name=name, people=PersonSet.of(ids))
        segment.refresh_from_db()
        return segment

    return make


def test_the_people_of_the_list_become_a_segment(client_as, post, truth, inside, query):
    operator = client_as("operator")
    drawer = operator.get("/w/shop/people/gather/", {"base": query})
    token = drawer.context_data["token"]
    expected = truth["people"].index[truth["people"]["city"] == "杭州"]
    answer = post(operator, "segments/save/", {"token": token, "name": " 杭州  人 ", "description": "住在杭州"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    segment = Segment.objects.get()
    assert (segment.name, segment.size, segment.state, segment.owner.email) == ("杭州 人", len(expected), "ready", "operator@shop.example")
    assert set(memberships.members(inside.facts, segment.code)) == set(expected)
    page = operator.get(f"/w/shop/people/segments/{segment.pk}/")
    assert page.context_data["total"] == len(expected)
    assert set(shown(page)) <= set(expected)
    assert f"/w/shop/people/?{query.replace('&', '&amp;')}" in page.content.decode()  # the way back to how it was made
    narrowed = operator.get("/w/shop/people/", {"in": segment.pk})
    others = operator.get("/w/shop/people/", {"out": segment.pk})
    assert (narrowed.context_data["total"], others.context_data["total"]) == (len(expected), len(truth["people"]) - len(expected))
    entry = Entry.objects.get(code="segment.save")
    assert (entry.name, entry.details) == ("杭州 人", {"people": len(expected)})


def test_raw_ids_of_one_person_enter_once(made, truth, inside):
    link = truth["links"].iloc[0]
    person = truth["owner"](link["person"])
    segment = made("一人", [link["value"], person])
    assert (segment.size, list(memberships.members(inside.facts, segment.code))) == (1, [person])


def test_people_chosen_by_hand_are_added_and_taken_out(client_as, post, made, truth, inside):
    one, two, three = truth["people"].index[:3]
    segment = made("三人", [one])
    operator = client_as("operator")
    token = operator.get("/w/shop/people/gather/", {"person": [two, three], "open": "add"}).context_data["token"]
    assert post(operator, "segments/add/", {"token": token, "segment": segment.pk}).status_code == 302
    segment.refresh_from_db()
    assert segment.size == 3
    post(operator, f"segments/{segment.pk}/remove/", {"person": [one, two]})
    assert list(memberships.members(inside.facts, segment.code)) == [three]
    assert [(change.verb, change.moved, change.size) for change in segment.changes.order_by("pk")] == [
        ("enter", 1, 1),
        ("enter", 2, 3),
        ("leave", 2, 1),
    ]
    post(operator, f"segments/{segment.pk}/remove/", {"person": []})
    assert segment.changes.count() == 3
    assert operator.get(f"/w/shop/people/segments/{segment.pk}/").context_data["history"] is not None


def test_one_person_joins_and_leaves_on_their_page(client_as, post, made, truth, inside):
    one, two = truth["people"].index[:2]
    segment = made("两人", [one])
    operator = client_as("operator")
    post(operator, f"one/{two}/join/", {"segment": segment.pk})
    assert "两人" in operator.get(f"/w/shop/people/one/{two}/").content.decode()
    post(operator, f"one/{one}/leave/", {"segment": segment.pk})
    assert list(memberships.members(inside.facts, segment.code)) == [two]


def test_a_name_is_needed_and_taken_once(client_as, post, made, truth, inside):
    one = truth["people"].index[0]
    made("回头客", [one])
    operator = client_as("operator")
    token = operator.get("/w/shop/people/gather/", {"person": one}).context_data["token"]
    for name in ("", "  ", "回头客", "长" * 81):
        answer = post(operator, "segments/save/", {"token": token, "name": name}, headers={"HX-Request": "true"})
        assert answer.status_code == 422
        assert answer.context_data["problem"]
        assert answer.context_data["token"] == token
    assert Segment.objects.count() == 1
    assert not Intent.objects.filter(done_at=None).exists()


def test_renaming_keeps_the_people_and_a_deleted_name_begins_anew(client_as, post, made, truth, inside):
    one, two = truth["people"].index[:2]
    segment = made("老名字", [one])
    operator = client_as("operator")
    assert post(operator, f"segments/{segment.pk}/edit/", {"name": "新名字", "description": "说明"}).status_code == 302
    segment.refresh_from_db()
    assert (segment.name, segment.description, segment.code) == ("新名字", "说明", "老名字")
    other = made("老名字", [two])
    assert other.code == "老名字 2"
    bad = post(operator, f"segments/{other.pk}/edit/", {"name": "新名字"})
    assert (bad.status_code, bool(bad.context_data["problem"])) == (422, True)
    assert post(operator, f"segments/{segment.pk}/delete/").status_code == 302
    assert len(memberships.members(inside.facts, "老名字")) == 0
    again = made("新名字", [two])
    assert list(memberships.members(inside.facts, again.code)) == [two]
    third = made("老名字 3", [one])
    post(operator, f"segments/{third.pk}/delete/")
    assert made("老名字 3", [two]).code == "老名字 3 2"  # who was in the first stays a fact of its own


def test_only_the_owner_and_managers_delete(client_as, post, made, truth):
    segment = made("自己的", [truth["people"].index[0]], role="operator")
    for role in ("viewer", "analyst"):
        assert post(client_as(role), f"segments/{segment.pk}/delete/").status_code == 403
    assert post(client_as("manager"), f"segments/{segment.pk}/delete/").status_code == 302


def test_the_list_is_searched_and_sorted(client_as, made, truth):
    people = truth["people"].index
    for name, size in (("甲", 3), ("乙", 1), ("丙", 2)):
        made(name, people[:size])
    client = client_as("viewer")

    def names(**query):
        return [segment.name for segment, _line in client.get("/w/shop/people/segments/", query).context_data["rows"]]

    assert names(sort="-size") == ["甲", "丙", "乙"]
    assert names(sort="size") == ["乙", "丙", "甲"]
    assert names() == ["丙", "乙", "甲"]
    assert names(q="乙") == ["乙"]


def test_counting_anew_sees_people_who_became_one(client_as, post, made, truth, inside):
    """Two ids entered as two people; the identities say that they are one."""
    link = truth["links"].iloc[0]
    person = truth["owner"](link["person"])
    segment = made("两个编号", [person])
    memberships.enter(inside.facts, segment.code, [link["value"]], key="raw")
    Segment.objects.filter(pk=segment.pk).update(size=2)
    assert post(client_as("operator"), f"segments/{segment.pk}/count/").status_code == 302
    segment.refresh_from_db()
    assert segment.size == 1


def test_a_token_says_which_people_and_can_be_neither_forged_nor_carried_over(client_as, post, inside, other_workspace, truth, query):
    operator = client_as("operator")
    given = {"kind": "list", "payload": {"query": query, "contact": False}, "url": ""}
    foreign = sources.signed(other_workspace, given)
    good = sources.signed(inside, given)
    assert sources.opened(inside, good) == given
    for token in ("", "x", good[:-1] + ("a" if good[-1] != "a" else "b"), foreign):
        answer = post(operator, "segments/save/", {"token": token, "name": "x"}, headers={"HX-Request": "true"})
        assert answer.status_code == 422
        assert post(operator, "export/", {"token": token, "form": "csv"}).status_code == 302
    assert not Segment.objects.exists()


def test_segments_stay_in_their_workspace(client_as, outsider, made, other_workspace, truth):
    segment = made("我们的", truth["people"].index[:2])
    with scope.use(other_workspace):
        assert not Segment.objects.exists()
        assert not Change.objects.exists()
    rival = outsider
    assert rival.get(f"/w/rival/people/segments/{segment.pk}/").status_code == 404
    assert rival.post(f"/w/rival/people/segments/{segment.pk}/delete/").status_code == 404
    assert rival.get("/w/rival/people/", {"in": segment.pk}).context_data["problem"]


def test_what_a_manager_searched_by_is_kept_nowhere(client_as, post, truth, inside):
    known = truth["people"]
    one = known[known["phone"].notna() & known["name"].notna()].index[0]
    number, name = known.loc[one, ["phone", "name"]]
    manager = client_as("manager")
    for base in ({"q": number}, {"filter": f'{{"where":[{{"name":"name","op":"equals","value":"{name}"}}]}}'}):
        page = manager.get("/w/shop/people/gather/", {"base": urlencode(base)})
        assert (page.context_data["total"], page.context_data["about"]) == (1, "")
        assert post(manager, "segments/save/", {"token": page.context_data["token"], "name": f"甲 {len(base)} {list(base)}"}).status_code == 302
        post(manager, "views/save/", {"name": "乙", "base": urlencode(base)})
    assert not View.objects.exists()
    assert [segment.source for segment in Segment.objects.all()] == [{"kind": "list"}] * 2
    kept = str([*Entry.objects.values_list("name", "key", "details"), *Intent.objects.values_list("payload")])
    assert number not in kept
    assert name not in kept
