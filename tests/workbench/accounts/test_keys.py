"""API keys: some of their maker's rights, for as long as their maker has them."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tilth.errors import InputError
from tilth.workbench.accounts.actions import keys as acting
from tilth.workbench.accounts.actions.members import change_role, remove_member
from tilth.workbench.accounts.keys import authenticate
from tilth.workbench.accounts.models import ApiKey, User
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry, Membership
from tilth.workbench.tenancy.policy import POLICIES, Refused
from tilth.workbench.tenancy.roles import EDITORS, MANAGERS, Role

PAGE = "/w/shop/settings/keys/"


def rights(actor):
    return [right for _kind, found in acting.offered(actor) for right in found]


@pytest.fixture
def made(actor):
    """``made("analyst")`` is a key of that member with all the rights that it may have, as a header."""

    def make(role="analyst", **how):
        key, secret = acting.create_key(actor(role), name="夜间导出", **{"scopes": rights(actor(role)), **how})
        return key, f"Bearer {secret}"

    return make


def test_a_key_acts_as_its_maker_within_its_scopes(made, actor):
    _key, header = made("analyst", scopes=rights(actor("analyst"))[:2])
    found = authenticate(header, "shop")
    assert (found.role, found.via, found.workspace.slug, found.scopes) == ("analyst", "api", "shop", frozenset(rights(actor("analyst"))[:2]))
    for policy in POLICIES.values():
        for verb in policy.verbs:
            allowed = policy.allows(found, verb)
            assert allowed <= (f"{policy.kind}:{verb}" in found.scopes), (policy.kind, verb)


def test_a_key_opens_only_its_own_workspace(made, other_workspace):
    _key, header = made()
    assert authenticate(header, "rival") is None
    assert authenticate(header, "no-such") is None


def test_only_its_keyed_hash_is_kept(made, workspace):
    _key, header = made()
    secret = header.removeprefix("Bearer ")
    with scope.use(workspace):
        kept = str(list(ApiKey.objects.values())) + str(list(Entry.objects.values()))
    assert secret not in kept
    assert secret.split("_", 2)[2] not in kept


@pytest.mark.parametrize("change", [{"revoked_at": timezone.now()}, {"expires_at": timezone.now() - dt.timedelta(seconds=1)}, {"digest": "0" * 64}])
def test_a_key_that_is_revoked_or_expired_or_not_the_same_opens_nothing(made, workspace, change):
    key, header = made()
    with scope.use(workspace):
        ApiKey.objects.filter(pk=key.pk).update(**change)
    assert authenticate(header, "shop") is None


@given(st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_else_is_sent_is_nobody(workspace, text):
    assert all(authenticate(header, "shop") is None for header in (text, f"Bearer {text}", f"Bearer tilth_{text}"))


@pytest.mark.parametrize("spoilt", [lambda h: h + "x", lambda h: h[:-1], lambda h: h.replace("Bearer", "Basic"), lambda h: h.replace("tilth_", "")])
def test_a_spoilt_key_is_nobody(made, spoilt):
    _key, header = made()
    assert authenticate(header, "shop") is not None
    assert authenticate(spoilt(header), "shop") is None


def test_a_key_loses_what_its_maker_loses(made, actor, member):
    _key, header = made("manager")
    assert authenticate(header, "shop").role == "manager"
    theirs = Membership.objects.get(user=member("manager"))
    change_role(actor("owner"), thing=theirs, role=Role.VIEWER)
    weaker = authenticate(header, "shop")
    assert weaker.role == "viewer"
    assert not POLICIES["audit"].allows(weaker, "view")
    remove_member(actor("owner"), thing=theirs)
    assert authenticate(header, "shop") is None


def test_a_key_of_a_closed_account_opens_nothing(made, member):
    _key, header = made()
    User.objects.filter(pk=member("analyst").pk).update(is_active=False)
    assert authenticate(header, "shop") is None


def test_nobody_gives_a_key_more_than_they_have(actor, role):
    if role not in EDITORS:
        with pytest.raises(Refused):
            acting.create_key(actor(role), name="k", scopes=["question:view"])
        return
    everything = rights(actor("owner"))
    beyond = sorted(set(everything) - set(rights(actor(role))))
    for right in [*beyond, "member:invite", "key:create", "workspace:change", "made:up"]:
        with pytest.raises(Refused):
            acting.create_key(actor(role), name="k", scopes=[right])
    with pytest.raises(InputError):
        acting.create_key(actor(role), name="k", scopes=[])


def test_the_last_use_is_noted_but_not_at_every_request(made, workspace):
    key, header = made()

    def used():
        with scope.use(workspace):
            return ApiKey.objects.get(pk=key.pk).used_at

    assert used() is None
    authenticate(header, "shop")
    first = used()
    authenticate(header, "shop")
    assert first is not None
    assert used() == first


def test_the_page_shows_a_key_once(client_as, actor, workspace):
    browser = client_as("analyst")
    page = browser.post(f"{PAGE}new/", {"name": "夜间导出", "days": "90", "scopes": rights(actor("analyst"))[:1]}).content.decode()
    secret = re.search(r"tilth_[0-9a-f]{12}_[\w-]{43}", page)[0]
    assert authenticate(f"Bearer {secret}", "shop").name == "shop analyst · 夜间导出"
    assert secret not in browser.get(PAGE).content.decode()
    with scope.use(workspace):
        assert dt.timedelta(days=89) < ApiKey.objects.get().expires_at - timezone.now() <= dt.timedelta(days=90)


def test_a_form_that_was_tampered_with_makes_no_key(client_as, actor, workspace):
    beyond = sorted(set(rights(actor("owner"))) - set(rights(actor("operator"))))[0]
    answer = client_as("operator").post(f"{PAGE}new/", {"name": "k", "days": "", "scopes": [beyond]})
    assert "tilth_" not in answer.content.decode()
    with scope.use(workspace):
        assert not ApiKey.objects.exists()


def test_one_sees_and_revokes_ones_own_keys_and_managers_all(client_as, made, role):
    key, header = made("analyst" if role != "analyst" else "operator")
    browser = client_as(role)
    page = browser.get(PAGE)
    assert page.status_code == (200 if role in EDITORS else 403)
    assert (key.prefix in page.content.decode()) is (role in MANAGERS)
    assert browser.post(f"{PAGE}{key.pk}/revoke/").status_code == (302 if role in MANAGERS else 403)
    assert (authenticate(header, "shop") is None) is (role in MANAGERS)


def test_its_maker_revokes_it(client_as, made):
    key, header = made("operator")
    assert client_as("operator").post(f"{PAGE}{key.pk}/revoke/").status_code == 302
    assert authenticate(header, "shop") is None


def test_an_outsider_finds_no_key(outsider, made, client_as):
    key, header = made()
    assert outsider.get(PAGE).status_code == 404
    assert outsider.post(f"{PAGE}{key.pk}/revoke/").status_code == 404
    assert outsider.post(f"/w/rival/settings/keys/{key.pk}/revoke/").status_code == 404
    assert authenticate(header, "shop") is not None
