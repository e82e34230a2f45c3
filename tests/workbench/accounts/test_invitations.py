"""Invitations: one place, once, for seven days, never above one's own role."""

import datetime as dt
import re
import threading

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from tilth.workbench.accounts.actions import invitations, members
from tilth.workbench.accounts.actions.invitations import Unusable
from tilth.workbench.accounts.models import Invitation, User, masked
from tilth.workbench.config import secrets
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry, Membership
from tilth.workbench.tenancy.policy import Refused
from tilth.workbench.tenancy.roles import Role

PAGE = "/w/shop/settings/members/invite/"
NEW = {"name": "李花", "email": "li@new.example", "password": "parity-orchard-9"}


@pytest.fixture
def visitor():
    return Client(HTTP_HOST="localhost")


@pytest.fixture
def invited(actor):
    """``invited(role, email)`` is the address of a fresh invitation's page."""
    return lambda role="analyst", email="": f"/join/{invitations.invite(actor('owner'), role=Role(role), email=email)[1]}/"


def test_the_link_is_shown_once_and_only_its_keyed_hash_is_kept(client_as, workspace):
    page = client_as("manager").post(PAGE, {"role": "viewer", "email": ""}).content.decode()
    token = re.search(r"/join/([\w-]{43})/", page)[1]
    assert token not in client_as("manager").get("/w/shop/settings/members/").content.decode()
    with scope.use(workspace):
        kept = Invitation.objects.get()
        assert kept.token == secrets.digest("invitation", token)
        assert token not in str(list(Invitation.objects.values())) + str(list(Entry.objects.values()))


def test_somebody_new_makes_an_account_and_is_in(visitor, invited):
    link = invited("analyst")
    assert visitor.get(link).status_code == 200  # looking does not use it up
    answer = visitor.post(link, NEW)
    assert answer.headers["Location"] == "/w/shop/"
    assert visitor.get("/w/shop/").status_code == 200
    joined = Membership.objects.get(user__email="li@new.example")
    assert (joined.role, joined.user.name, joined.user.is_staff) == ("analyst", "李花", False)
    assert not EmailAddress.objects.filter(user=joined.user).exists()  # nobody has shown that the address is theirs


def test_an_invitation_opens_once(visitor, invited):
    link = invited()
    visitor.post(link, NEW)
    again = Client(HTTP_HOST="localhost").post(link, {**NEW, "email": "second@new.example"})
    assert again.status_code == 410
    assert not User.objects.filter(email="second@new.example").exists()


def test_it_ends_after_seven_days_or_when_revoked_or_made_up(visitor, invited, workspace, client_as):
    link = invited()
    with scope.use(workspace):
        kept = Invitation.objects.get()
        assert dt.timedelta(days=6, hours=23) < kept.expires_at - timezone.now() <= dt.timedelta(days=7)
        Invitation.objects.update(expires_at=timezone.now())
    assert visitor.get(link).status_code == 410
    link = invited()
    with scope.use(workspace):
        newest = Invitation.open().get()
    assert client_as("manager").post(f"/w/shop/settings/members/invitations/{newest.pk}/revoke/").status_code == 302
    assert visitor.get(link).status_code == 410
    assert visitor.get("/join/made-up/").status_code == 410


def test_an_account_that_is_there_joins_with_it(invited, outsider, member, other_workspace):
    link = invited("viewer")
    assert outsider.get("/w/shop/").status_code == 404
    assert outsider.post(link).headers["Location"] == "/w/shop/"
    assert outsider.get("/w/shop/").status_code == 200
    assert Membership.objects.get(user=member("owner", other_workspace), workspace__slug="shop").role == "viewer"


def test_a_member_who_opens_an_invitation_keeps_their_role_and_it_stays_good(invited, client_as, member, visitor):
    link = invited("owner")
    assert client_as("viewer").post(link).headers["Location"] == "/w/shop/"
    assert Membership.objects.get(user=member("viewer")).role == "viewer"
    assert visitor.get(link).status_code == 200


def test_one_for_an_address_is_for_nobody_else(invited, outsider, visitor):
    link = invited("manager", "li@new.example")
    assert outsider.post(link).status_code == 410
    assert outsider.get("/w/shop/").status_code == 404
    visitor.post(link, {**NEW, "email": "other@new.example"})  # the field is fixed
    joined = Membership.objects.get(user__email="li@new.example")
    assert not EmailAddress.objects.filter(user=joined.user).exists()  # the link went through the manager's hands, not through the address


def test_an_address_counts_as_verified_when_the_link_was_mailed_to_it(invited, visitor, settings):
    link = invited("manager", "li@new.example")
    settings.EMAIL_HOST = "smtp.example"
    visitor.post(link, NEW)
    assert EmailAddress.objects.get(user__email="li@new.example").verified


def test_somebody_who_has_an_account_is_told_to_sign_in_with_it(visitor, invited, member):
    member("viewer")
    page = visitor.post(invited(), {**NEW, "email": "VIEWER@shop.example"})
    assert page.status_code == 200
    assert "请先登录" in page.content.decode()


@pytest.mark.parametrize("password", ["short", "1234567890", "password123", "li@new.example"])
def test_a_weak_password_is_refused(visitor, invited, password):
    page = visitor.post(invited(), {**NEW, "password": password})
    assert page.status_code == 200
    assert page.context["form"].errors["password"]
    assert not User.objects.filter(email="li@new.example").exists()


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_nobody_invites_above_their_own_role(actor, role):
    for giver, may in (("owner", True), ("manager", role != Role.OWNER), ("analyst", False), ("operator", False), ("viewer", False)):
        if may:
            assert invitations.invite(actor(giver), role=role)[0].role == role
        else:
            with pytest.raises(Refused):
                invitations.invite(actor(giver), role=role)


def test_a_second_invitation_to_an_address_ends_the_first(invited, visitor):
    first, second = invited("viewer", "li@new.example"), invited("analyst", "li@new.example")
    assert visitor.get(first).status_code == 410
    assert visitor.get(second).status_code == 200


def test_a_member_is_not_invited_again(client_as, member):
    member("viewer")
    page = client_as("owner").post(PAGE, {"role": "analyst", "email": "viewer@shop.example"})
    assert "viewer@shop.example 已是成员" in page.content.decode()


def test_where_mail_is_set_up_the_link_goes_there_and_is_not_shown(client_as, settings, visitor):
    settings.EMAIL_HOST = "smtp.example"
    page = client_as("owner").post(PAGE, {"role": "viewer", "email": "li@new.example"}).content.decode()
    assert "/join/" not in page
    sent = mail.outbox[0]
    assert sent.to == ["li@new.example"]
    assert "禾间" in sent.subject
    link = re.search(r"/join/\S+/", sent.body)[0]
    assert visitor.get(link).status_code == 200


def test_when_the_mail_server_refuses_the_link_is_shown_instead(client_as, settings):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    page = client_as("owner").post(PAGE, {"role": "viewer", "email": "li@new.example"}).content.decode()
    assert "/join/" in page
    assert "没有成功" in page


def test_the_audit_holds_no_address_in_full(client_as, workspace):
    client_as("owner").post(PAGE, {"role": "viewer", "email": "li@new.example"})
    with scope.use(workspace):
        line = Entry.objects.get(code="member.invite")
        assert line.name == masked("li@new.example") == "l***@new.example"
        assert "li@new" not in str(line.details)


def test_a_role_that_the_form_does_not_offer_is_refused(client_as, workspace):
    assert client_as("manager").post(PAGE, {"role": "owner", "email": ""}).status_code == 200
    with scope.use(workspace):
        assert not Invitation.objects.exists()


def test_colleagues_and_outsiders(client_as, outsider, role, workspace):
    expected = 200 if role in ("owner", "manager") else 403
    assert client_as(role).get(PAGE, headers={"hx-request": "true"}).status_code == expected
    assert outsider.get(PAGE).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_who_open_a_link_at_once_do_not_both_get_in(invited):
    link = invited()
    invitation = invitations.find(link.split("/")[2])
    done, barrier = [], threading.Barrier(2)

    def join(number):
        try:
            barrier.wait()
            invitations.accept_anew(invitation, name=f"n{number}", email=f"n{number}@new.example", password="parity-orchard-9")
            done.append(number)
        except Unusable:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=join, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert Membership.objects.filter(user__email__endswith="@new.example").count() == 1
    assert User.objects.filter(email__endswith="@new.example").count() == 1


@pytest.mark.parametrize("how", ["removed", "left", "demoted"])
def test_invitations_end_with_the_right_to_make_them(visitor, actor, member, workspace, how):
    """A manager who has to go keeps no way back in, and one who is an operator now none to manage again."""
    link = f"/join/{invitations.invite(actor('manager'), role=Role.MANAGER)[1]}/"
    others = f"/join/{invitations.invite(actor('owner'), role=Role.MANAGER)[1]}/"
    theirs = Membership.objects.get(user=member("manager"), workspace=workspace)
    if how == "removed":
        members.remove_member(actor("owner"), thing=theirs)
    elif how == "left":
        members.leave(actor("manager"))
    else:
        members.change_role(actor("owner"), thing=theirs, role=Role.OPERATOR)
    assert visitor.post(link, NEW).status_code == 410
    assert visitor.get(others).status_code == 200


def test_the_form_is_a_page_of_its_own_without_scripts(client_as, workspace):
    client = client_as("owner")
    page = client.get(PAGE)
    assert f'action="{PAGE}"' in page.content.decode()
    assert 'name="role"' in page.content.decode()
    made = client.post(PAGE, {"role": "viewer", "email": ""})
    assert "/join/" in made.content.decode()
    assert 'name="role"' not in made.content.decode()
