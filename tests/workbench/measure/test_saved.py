"""Questions that are kept: whose they are, who finds them, what the audit says."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tilth.workbench.measure import actions
from tilth.workbench.measure.models import Question
from tilth.workbench.shell.finding import find
from tilth.workbench.tenancy.models import Entry
from tilth.workbench.tenancy.policy import Refused
from tilth.workbench.tenancy.roles import EDITORS, MANAGERS

BASE = "/w/shop/analysis"
GIVEN = {"kind": "funnel", "query": "dates=90d&step1=view_goods&step2=pay&order=ordered", "name": "看到付", "note": "周会"}


@pytest.fixture
def keep(inside, actor):
    """``keep("analyst")`` is a question which that member keeps for themselves."""
    return lambda role="analyst", **how: actions.save_question(actor(role), kind="funnel", query=[("step1", "pay")], name=f"{role} 的漏斗", **how)


def test_what_is_saved_is_the_canonical_question(client_as, inside):
    response = client_as("analyst").post(f"{BASE}/save/", GIVEN | {"shared": "on"})
    saved = Question.objects.get()
    assert saved.query == [["dates", "90d"], ["step1", "view_goods"], ["step2", "pay"]]
    assert (saved.name, saved.note, saved.shared, saved.owner.email) == ("看到付", "周会", True, "analyst@shop.example")
    assert dict(parse_qsl(urlsplit(response.url).query)) == {"dates": "90d", "step1": "view_goods", "step2": "pay", "saved": str(saved.pk)}
    html = client_as("analyst").get(response.url).content.decode()
    assert "<title>看到付" in html
    entry = Entry.objects.get(code="question.save")
    assert entry.details == {"kind": "funnel", "shared": True, "new": True}


def test_saving_by_role(client_as, role, inside):
    response = client_as(role).post(f"{BASE}/save/", GIVEN)
    assert response.status_code == (302 if role in EDITORS else 403)
    assert Question.objects.exists() == (role in EDITORS)


def test_one_s_own_stay_one_s_own_until_shared(client_as, outsider, keep, role):
    mine = keep("operator")
    may = role in MANAGERS or role == "operator"
    assert client_as(role).get(f"{BASE}/saved/{mine.pk}/").status_code == (302 if may else 404)
    assert ("operator 的漏斗" in client_as(role).get(f"{BASE}/").content.decode()) == may
    mine.shared = True
    mine.save()
    assert client_as(role).get(f"{BASE}/saved/{mine.pk}/").status_code == 302
    assert outsider.get(f"{BASE}/saved/{mine.pk}/").status_code == 404
    assert outsider.get(f"/w/rival/analysis/saved/{mine.pk}/").status_code == 404


def test_only_the_owner_and_managers_change_and_delete(client_as, keep, role, actor):
    thing = keep("operator", shared=True)
    may = role in MANAGERS or role == "operator"
    change = {"thing": thing, "kind": "rfm", "query": [], "name": "改过"}
    if may:
        assert actions.save_question(actor(role), **change).pk == thing.pk
    else:
        with pytest.raises(Refused):
            actions.save_question(actor(role), **change)
        with pytest.raises(Refused):
            actions.delete_question(actor(role), thing=thing)
    response = client_as(role).post(f"{BASE}/saved/{thing.pk}/delete/")
    assert response.status_code == (302 if may else 403)
    assert Question.objects.filter(pk=thing.pk).exists() == (not may)


def test_saving_a_change_or_a_new_one(client_as, keep):
    kept, client = keep("analyst"), client_as("analyst")
    page = client.get(kept.get_absolute_url() + "&by=channel").content.decode()
    assert f'name="saved" value="{kept.pk}"' in page
    assert "t-tag--warn" in page  # changed since it was saved
    client.post(f"{BASE}/save/", GIVEN | {"saved": kept.pk, "name": "新名"})
    kept.refresh_from_db()
    assert (kept.name, len(kept.query)) == ("新名", 3)
    client.post(f"{BASE}/save/", GIVEN)
    assert Question.objects.count() == 2


def test_what_cannot_be_saved_is_said(client_as, inside):
    client = client_as("analyst")
    for given in (GIVEN | {"name": " "}, GIVEN | {"query": "step1=nothing"}):
        response = client.post(f"{BASE}/save/", given, follow=True)
        assert "t-note--" in response.content.decode()
    assert client.post(f"{BASE}/save/", GIVEN | {"kind": "sorcery"}).url == f"{BASE}/"
    assert not Question.objects.exists()


def test_the_list_is_searched(client_as, keep):
    keep("analyst", shared=True)
    client = client_as("owner")
    found = {"?q=漏斗": True, "?q=别的": False, "?kind=rfm": False, "?kind=funnel": True, "?of=mine": False, "?of=shared": True}
    for query, there in found.items():
        assert ("analyst 的漏斗" in client.get(f"{BASE}/{query}").content.decode()) == there


def test_the_top_bar_finds_questions(keep, actor, rf):
    kept = keep("analyst", shared=True)
    request = rf.get("/")
    request.actor, request.workspace = actor("viewer"), kept.workspace
    assert (kept.name, kept.get_absolute_url()) in [(label, url) for label, _kind, url in find(request, "的漏斗")]


def test_a_kept_question_of_a_kind_that_is_gone_breaks_nothing(client_as, inside, actor):
    Question.objects.create(name="旧", kind="sorcery", query=[], shared=True)
    assert client_as().get(f"{BASE}/").status_code == 200
