"""Members: nobody gives more than they have, and there is always an owner."""

import itertools
import threading

import pytest
from django.db import connection

from tilth.errors import InputError
from tilth.workbench.accounts.actions import members as acting
from tilth.workbench.accounts.actions.members import LastOwner
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.models import Entry, Membership
from tilth.workbench.tenancy.policy import POLICIES, Refused
from tilth.workbench.tenancy.roles import MANAGERS, Role, may_give

PAGE = "/w/shop/settings/members/"


@pytest.fixture
def place(member, workspace):
    """``place("viewer")`` is that member's membership."""
    return lambda role: Membership.objects.get(user=member(role), workspace=workspace)


def test_every_role_sees_who_belongs_and_only_managers_see_addresses(client_as, member, role):
    member("viewer")
    member("owner")
    page = client_as(role).get(PAGE)
    assert page.status_code == 200
    addresses = {"viewer@shop.example", "owner@shop.example"}
    seen = {address for address in addresses if address in page.content.decode()}
    assert seen == (addresses if role in MANAGERS else addresses & {f"{role}@shop.example"})


def test_an_outsider_finds_no_member(outsider, place):
    assert outsider.get(PAGE).status_code == 404
    assert outsider.get(f"{PAGE}{place('viewer').pk}/").status_code == 404
    mine = Membership.objects.get(user__email="owner@rival.example")
    assert mine.workspace.slug == "rival"


def test_a_member_of_another_workspace_cannot_be_reached_through_ones_own(client_as, member, other_workspace):
    theirs = Membership.objects.get(user=member("analyst", other_workspace), workspace=other_workspace)
    owner = client_as("owner")
    for path in ("", "role/", "remove/", "transfer/"):
        answer = owner.post(f"{PAGE}{theirs.pk}/{path}", {"role": "viewer"})
        assert answer.status_code == 404, path
    theirs.refresh_from_db()
    assert theirs.role == "analyst"


def test_nobody_gives_or_takes_more_than_they_have(role, workspace, actor, member):
    """All cases of a giver. Expected from the order of the roles, written out here again: owner > manager > the rest, and only these two give."""
    rank = {"owner": 2, "manager": 1, "analyst": 0, "operator": 0, "viewer": 0}
    acts = actor(role)
    somebody = member("owner")  # so that there is another owner to stay
    theirs = Membership.objects.create(workspace=workspace, user=_new_user("target"), role="viewer")
    for target, new in itertools.product(Role, Role):
        Membership.objects.filter(pk=theirs.pk).update(role=target)
        theirs.refresh_from_db()
        allowed = rank[role] >= 1 and rank[role] >= rank[target] and rank[role] >= rank[new]
        if allowed:
            acting.change_role(acts, thing=theirs, role=new)
        else:
            with pytest.raises(Refused):
                acting.change_role(acts, thing=theirs, role=new)
        theirs.refresh_from_db()
        assert theirs.role == (new if allowed else target), (target, new)
    assert somebody.memberships.get().role == "owner"


def test_whatever_role_one_may_give_its_rights_are_among_ones_own():
    rights = {role: {(p.kind, verb) for p in POLICIES.values() for verb in p.verbs if role in p.roles(verb)} for role in Role}
    for giver, role in itertools.product(Role, Role):
        if may_give(giver, role):
            assert rights[role] <= rights[giver], (giver, role)


def test_the_last_owner_neither_goes_nor_steps_down(workspace, actor, place):
    owner = actor("owner")
    with pytest.raises(LastOwner):
        acting.leave(owner)
    with pytest.raises(LastOwner):
        acting.change_role(owner, thing=place("owner"), role=Role.MANAGER)
    with pytest.raises(LastOwner):
        acting.remove_member(owner, thing=place("owner"))
    assert place("owner").role == "owner"
    assert not Entry_of(workspace)


def test_an_owner_whose_account_is_closed_does_not_count(actor, place, workspace):
    closed = _new_user("closed")
    closed.is_active = False
    closed.save()
    Membership.objects.create(workspace=workspace, user=closed, role="owner")
    with pytest.raises(LastOwner):
        acting.leave(actor("owner"))
    with pytest.raises(InputError):
        acting.transfer(actor("owner"), to=Membership.objects.get(user=closed))
    assert place("owner").role == "owner"


def test_ownership_is_handed_over(client_as, place, workspace):
    analyst = place("analyst")
    assert client_as("owner").post(f"{PAGE}{analyst.pk}/transfer/").status_code == 302
    analyst.refresh_from_db()
    assert (analyst.role, place("owner").role) == ("owner", "manager")
    assert client_as("manager").post(f"{PAGE}{analyst.pk}/transfer/").status_code == 403


def test_a_removed_member_is_outside_at_once(client_as, place):
    viewer = client_as("viewer")
    assert viewer.get("/w/shop/").status_code == 200
    assert client_as("manager").post(f"{PAGE}{place('viewer').pk}/remove/").status_code == 302
    assert viewer.get("/w/shop/").status_code == 404


@pytest.mark.parametrize("verb", ["role", "remove"])
def test_a_manager_does_not_touch_an_owner(client_as, place, verb):
    theirs = place("owner")
    assert client_as("manager").post(f"{PAGE}{theirs.pk}/{verb}/", {"role": "viewer"}).status_code == 403
    theirs.refresh_from_db()
    assert theirs.role == "owner"


@pytest.mark.parametrize("giver", ["analyst", "operator", "viewer"])
def test_others_manage_nobody(client_as, place, giver):
    theirs = place("viewer").pk
    browser = client_as(giver)
    assert browser.get(f"{PAGE}invite/").status_code == 403
    for path in (f"{theirs}/role/", f"{theirs}/remove/", f"{theirs}/transfer/"):
        assert browser.post(PAGE + path, {"role": "viewer"}).status_code == 403, path


def test_a_form_that_was_tampered_with_gives_nothing(client_as, place):
    theirs = place("viewer")
    assert client_as("manager").post(f"{PAGE}{theirs.pk}/role/", {"role": "owner"}).status_code == 403
    client_as("manager").post(f"{PAGE}{theirs.pk}/role/", {"role": "emperor"})
    theirs.refresh_from_db()
    assert theirs.role == "viewer"


def test_the_page_of_rights_says_what_the_policies_say(client_as, role):
    page = client_as(role).get("/w/shop/settings/roles/")
    assert page.status_code == 200
    shown = {code: granted for kind in page.context["kinds"] for _words, code, granted in kind["rights"]}
    assert shown["member:invite"] == [True, True, False, False, False]
    assert shown["member:transfer"] == [True, False, False, False, False]
    assert set(shown) == {f"{p.kind}:{verb}" for p in POLICIES.values() for verb in p.verbs}


def test_when_a_member_was_last_here_is_written_now_and_then(client_as, place):
    browser = client_as("viewer")
    assert place("viewer").seen_at is None
    browser.get("/w/shop/")
    seen = place("viewer").seen_at
    assert seen is not None
    browser.get("/w/shop/")
    assert place("viewer").seen_at == seen


def _new_user(name):
    from tilth.workbench.accounts.models import User

    return User.objects.create_user(f"{name}@shop.example", name=name)


def Entry_of(workspace):
    with scope.use(workspace):
        return list(Entry.objects.all())


def test_an_actor_of_another_workspace_has_no_say(workspace, other_workspace, actor, member):
    stranger = Actor.of(Membership.objects.get(user=member("owner", other_workspace), workspace=other_workspace))
    theirs = Membership.objects.get(user=member("viewer"), workspace=workspace)
    with pytest.raises(Refused):
        acting.remove_member(stranger, thing=theirs)
    assert Membership.objects.filter(pk=theirs.pk).exists()


def at_once(*acts):
    """Do things at the same moment, each in a thread of its own; return how many came through."""
    done, barrier = [], threading.Barrier(len(acts))

    def run(act):
        try:
            barrier.wait()
            act()
            done.append(act)
        except (InputError, Refused):
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["demote", "remove", "leave", "transfer"])
def test_two_owners_who_act_on_each_other_at_once_leave_one(workspace, member, place, way):
    """The second waits for the first, and then has lost either the right or the other owner."""
    first, second = place("owner"), Membership.objects.create(workspace=workspace, user=_new_user("second"), role="owner")
    third = place("viewer")
    do = {
        "demote": lambda mine, other: acting.change_role(Actor.of(mine), thing=other, role=Role.MANAGER),
        "remove": lambda mine, other: acting.remove_member(Actor.of(mine), thing=other),
        "leave": lambda mine, other: acting.leave(Actor.of(mine)),
        "transfer": lambda mine, other: acting.transfer(Actor.of(mine), to=third if mine == first else other),
    }[way]
    came = at_once(lambda: do(first, second), lambda: do(second, first))
    owners = workspace.memberships.filter(role="owner").count()
    assert owners >= 1
    if way != "transfer":
        assert (came, owners) == (1, 1)


def test_who_lost_the_right_while_waiting_does_nothing(workspace, member, place, actor):
    """Three owners, so that an owner would stay: the demoted one's page is older than their role."""
    stale = actor("owner")
    for name in ("second", "third"):
        Membership.objects.create(workspace=workspace, user=_new_user(name), role="owner")
    other = Membership.objects.get(user__name="second")
    acting.change_role(Actor.of(other), thing=place("owner"), role=Role.VIEWER)
    for act in (lambda: acting.change_role(stale, thing=other, role=Role.VIEWER), lambda: acting.transfer(stale, to=other)):
        with pytest.raises(Refused):
            act()
    assert workspace.memberships.filter(role="owner").count() == 2
