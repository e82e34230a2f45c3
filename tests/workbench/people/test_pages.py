"""Pages and forms of people: who may open and send which."""

import re

import pytest
from django.urls import set_script_prefix, set_urlconf

from tilth.engine.people import PersonSet
from tilth.workbench.people import actions, lists
from tilth.workbench.people.models import Segment, View
from tilth.workbench.tenancy.roles import EDITORS, MANAGERS, MEMBERS, Role


@pytest.fixture
def things(inside, actor, truth, django_capture_on_commit_callbacks):
    """A segment and a view of the owner's, and somebody who bought."""
    one = truth["people"][truth["people"]["orders"] > 1].index[0]
    with django_capture_on_commit_callbacks(execute=True):
        segment = actions.save_segment(actor("owner"), name="甲", people=PersonSet.of([one]))
        view = actions.save_view(actor("owner"), name="乙", query="sort=-spent")
    return {"person": one, "segment": segment.pk, "view": view.pk}


@pytest.fixture
def addresses(settings):
    """Links lead into the demo workspace, as they do behind the middleware."""
    set_urlconf(settings.WORKSPACE_URLCONF)
    set_script_prefix("/w/shop/")
    yield
    set_urlconf(None)
    set_script_prefix("/")


PAGES = [
    "",
    "condition/",
    "condition/?kind=where&name=city",
    "condition/?kind=ranges&name=spent",
    "condition/?kind=ranges&name=last_order",
    "condition/?kind=did&name=pay",
    "condition/?kind=in",
    "gather/",
    "segments/",
    "segments/{segment}/",
    "one/{person}/",
    "one/{person}/timeline/",
    "one/{person}/rfm/",
]
FORMS = {
    "views/save/": EDITORS,
    "views/{view}/delete/": MANAGERS,
    "segments/save/": EDITORS,
    "segments/add/": EDITORS,
    "segments/{segment}/edit/": EDITORS,
    "segments/{segment}/remove/": EDITORS,
    "segments/{segment}/count/": EDITORS,
    "one/{person}/join/": EDITORS,
    "one/{person}/leave/": EDITORS,
    "one/{person}/contact/": MANAGERS,
    "export/": EDITORS,
    "segments/{segment}/delete/": MANAGERS,
}


def test_every_member_sees_the_pages_and_an_outsider_learns_of_none(client_as, outsider, things):
    for path in PAGES:
        path = path.format(**things)
        for role in MEMBERS:
            assert client_as(role).get(f"/w/shop/people/{path}").status_code == 200, (role, path)
        assert outsider.get(f"/w/shop/people/{path}").status_code == 404, path


def test_forms_are_for_those_who_have_the_right_and_for_nobody_outside(client_as, outsider, post, things):
    for path, roles in FORMS.items():
        path = path.format(**things)
        assert client_as("owner").get(f"/w/shop/people/{path}").status_code == 405
        assert post(outsider, path).status_code == 404
        for role in [role for role in Role if role not in roles]:
            assert post(client_as(role), path, {"segment": things["segment"]}).status_code == 403, (role, path)
        assert post(client_as("manager"), path, {"segment": things["segment"]}).status_code in (200, 302, 422), path
    assert not Segment.objects.exists()
    assert not View.objects.exists()


def test_a_form_without_the_sites_token_is_refused(member, things):
    from django.test import Client

    client = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    client.force_login(member("owner"), backend="tilth.workbench.accounts.backends.MemberBackend")
    assert client.post(f"/w/shop/people/segments/{things['segment']}/delete/").status_code == 403
    assert Segment.objects.exists()


def test_the_drawer_counts_people_once_and_offers_by_right(addresses, actor, inside, truth, rf):
    """The drawer that question pages open: raw ids of any kind, split by who can be reached."""
    links, known = truth["links"], truth["people"]
    raw = [links.iloc[0]["value"], links.iloc[0]["person"], *known.index[:80]]
    expected = {truth["owner"](one) for one in raw}
    reachable = set(links[links["kind"].isin(["phone", "email", "openid", "unionid"])]["person"].map(truth["owner"]))
    reachable |= {one for one in expected if one.startswith("o")}  # the brand's openids begin with o
    source = {"kind": "people", "payload": {"people": raw}, "url": "/w/shop/analysis/"}
    for role, may in (("viewer", False), ("operator", True)):
        request = rf.get("/w/shop/people/")
        request.actor, request.workspace, request.user, request.resolver_match = actor(role), inside, actor(role).user, None
        answer = lists.drawer(request, PersonSet.of(raw), "付过款", "近 30 天", source)
        assert answer.context_data["total"] == len(expected)
        assert answer.context_data["reach"].reachable == len(expected & reachable)
        assert len(answer.context_data["rows"]) == 50
        text = answer.render().content.decode()
        assert ("segments/save/" in text, "people/export/" in text) == (may, may)
        assert set(known["phone"].dropna()).isdisjoint(re.findall(r"\d{11}", text))
