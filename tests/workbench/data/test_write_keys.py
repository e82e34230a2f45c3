"""Write keys: who may do what with them, what collectors are told, and the way by pages, API and terminal."""

import datetime as dt
import json

import pytest
from django.utils import timezone

from tilth.collector.keys import Keys, published
from tilth.errors import InputError
from tilth.workbench.data.actions import write_keys
from tilth.workbench.data.models import WriteKey
from tilth.workbench.data.publishing import publish
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry
from tilth.workbench.tenancy.policy import Refused

PAGE = "https://www.shop.example"


@pytest.fixture
def told(django_capture_on_commit_callbacks):
    """``told(act)`` does something, lets it be committed, and returns the keys as a collector then knows them."""

    def known(act):
        with django_capture_on_commit_callbacks(execute=True):
            act()
        return Keys(published())

    return known


@pytest.fixture
def key(actor, inside):
    return write_keys.create(actor("manager"), name="商城", origins=["https://www.shop.example/"], consent=True)


def test_a_key_reaches_collectors_with_what_they_have_to_know(told, actor, inside):
    origins = ["HTTPS://Shop.example/ ", "https://*.shop.example"]
    keys = told(lambda: write_keys.create(actor("owner"), name=" 商城  网页 ", origins=origins, consent=True))
    made = WriteKey.objects.get()
    found = keys.find(made.key)
    assert (made.name, found.id, found.workspace, found.root, found.tz) == ("商城 网页", str(made.pk), "shop", str(inside.folder), "Asia/Shanghai")
    assert (found.origins, found.consent) == (("https://shop.example", "https://*.shop.example"), True)
    assert Entry.objects.get(code="write_key.create").details == {"platform": "web", "origins": 2, "consent": True}


def test_the_time_zone_of_a_workspace_reaches_collectors(told, key, inside):
    def moved():
        inside.tz = "Asia/Urumqi"
        inside.save()

    assert told(moved).find(key.key).tz == "Asia/Urumqi"


def test_the_keys_of_all_workspaces_are_published_whoever_changes_one(told, key, actor, other_workspace):
    keys = told(lambda: write_keys.create(actor("owner", other_workspace), name="theirs"))
    assert {one.workspace for one in keys.all()} == {"shop", "rival"}


def test_the_key_before_counts_for_the_hours_that_were_chosen(told, actor, key):
    before = key.key
    keys = told(lambda: write_keys.rotate(actor("manager"), thing=key, hours=2))
    assert before != key.key
    assert keys.find(before).id == keys.find(key.key).id == str(key.pk)
    assert abs(keys.find(before).until - (timezone.now() + dt.timedelta(hours=2)).timestamp()) < 60


def test_the_key_before_ends_at_once_when_no_hours_are_given(told, actor, key):
    before = key.key
    keys = told(lambda: write_keys.rotate(actor("manager"), thing=key, hours=0))
    assert keys.find(before) is None
    assert keys.find(key.key) is not None


def test_a_key_that_is_replaced_twice_ends(told, actor, key):
    first = key.key
    write_keys.rotate(actor("manager"), thing=key, hours=48)
    assert told(lambda: write_keys.rotate(actor("manager"), thing=key, hours=48)).find(first) is None


def test_a_revoked_key_opens_nothing_and_its_workspace_is_still_loaded(told, actor, key):
    """What came with it may still wait in a log: the loader looks after the workspaces of all keys that are published."""
    write_keys.rotate(actor("manager"), thing=key, hours=48)
    keys = told(lambda: write_keys.revoke(actor("manager"), thing=key))
    assert keys.find(key.key) is keys.find(key.former) is None
    assert {one.root for one in keys.all()} == {str(key.workspace.folder)}
    for act in (write_keys.rotate, write_keys.revoke):
        with pytest.raises(InputError, match="已撤销"):
            act(actor("manager"), thing=key)


@pytest.mark.parametrize(
    "origin", ["shop example", "javascript:alert(1)", "https://shop.example/path", "https://*shop.example", "https://a.*.example"]
)
def test_what_is_no_origin_is_refused(actor, inside, origin):
    with pytest.raises(InputError, match="来源"):
        write_keys.create(actor("owner"), name="x", origins=[origin])


def test_two_keys_have_two_names_and_two_keys_differ(actor, key):
    with pytest.raises(InputError, match="已有"):
        write_keys.create(actor("owner"), name="商城")
    assert write_keys.create(actor("owner"), name="收银").key != key.key


def test_who_may_do_what(actor, inside, key, role):
    may = role in ("owner", "manager")
    for act in (
        lambda who: write_keys.create(who, name=f"by {role}"),
        lambda who: write_keys.change(who, thing=key, name="a", platform="web", origins=[], consent=False),
        lambda who: write_keys.rotate(who, thing=key, hours=1),
        lambda who: write_keys.revoke(who, thing=key),
    ):
        if may:
            act(actor(role))
        else:
            with pytest.raises(Refused):
                act(actor(role))


def test_nobody_reaches_a_key_of_another_workspace(actor, key, other_workspace, outsider):
    with pytest.raises(Refused):
        write_keys.revoke(actor("owner", other_workspace), thing=key)
    assert outsider.get(f"/w/rival/data/keys/{key.pk}/").status_code == 404
    assert outsider.get(f"/w/shop/data/keys/{key.pk}/").status_code == 404


def test_the_way_by_pages(client_as, workspace):
    owner = client_as("owner")
    made = owner.post("/w/shop/data/keys/new/", {"name": "网页", "platform": "web", "origins": f"{PAGE}\nhttps://m.shop.example", "consent": "on"})
    with scope.use(workspace):
        key = WriteKey.objects.get()
    assert made["Location"] == f"/w/shop/data/live/first/?key={key.pk}&with=web"
    page = owner.get(f"/w/shop/data/keys/{key.pk}/").content.decode()
    assert key.key in page
    assert f"{PAGE}\nhttps://m.shop.example" in page
    before = key.key
    owner.post(f"/w/shop/data/keys/{key.pk}/rotate/", {"hours": "24"})
    owner.post(f"/w/shop/data/keys/{key.pk}/", {"name": "新网页", "platform": "app", "origins": ""})
    with scope.use(workspace):
        key.refresh_from_db()
    assert (key.name, key.former, key.origins, key.consent, key.rotated_by.email) == ("新网页", before, [], False, "owner@shop.example")
    assert "新网页" in owner.get("/w/shop/data/keys/").content.decode()
    owner.post(f"/w/shop/data/keys/{key.pk}/revoke/")
    with scope.use(workspace):
        key.refresh_from_db()
    assert not key.is_active
    refused = owner.post("/w/shop/data/keys/new/", {"name": "b", "platform": "web", "origins": '"><script>alert(1)</script>'})
    assert refused.status_code == 422
    assert "<script>alert" not in refused.content.decode()


def test_a_colleague_sees_keys_and_is_offered_nothing_that_is_refused(client_as, key):
    page = client_as("analyst").get(f"/w/shop/data/keys/{key.pk}/").content.decode()
    assert key.key in page
    assert "rotate/" not in page
    assert client_as("analyst").post(f"/w/shop/data/keys/{key.pk}/", {"name": "x", "platform": "web"}).status_code == 403
    assert client_as("viewer").get("/w/shop/data/keys/").status_code == 403


def test_publishing_replaces_the_file_and_lets_nobody_else_read_it(key):
    publish()
    file = published()
    assert file.stat().st_mode & 0o777 == 0o600
    assert key.key in {one["key"] for one in json.loads(file.read_text("utf-8"))["keys"]}
