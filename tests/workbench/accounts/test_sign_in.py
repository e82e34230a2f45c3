"""The door: who gets in, who waits, and what is not there."""

import datetime as dt
import re
import time

import pyotp
import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tilth.workbench.accounts import recovery
from tilth.workbench.accounts.models import User
from tilth.workbench.config import secrets
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry

PASSWORD = "parity-orchard-9"


@pytest.fixture
def li(member):
    user = member("analyst")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def visitor():
    return Client(HTTP_HOST="localhost")


def sign_in(visitor, user, password=PASSWORD, **more):
    return visitor.post("/sign-in/", {"login": user.email, "password": password, **more})


def test_a_member_signs_in_and_lands_where_they_wanted(visitor, li):
    assert "登录" in visitor.get("/sign-in/").content.decode()
    answer = sign_in(visitor, li, next="/w/shop/settings/members/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/w/shop/settings/members/")
    assert visitor.get("/w/shop/settings/members/").status_code == 200


def test_nobody_is_led_elsewhere_after_signing_in(visitor, li):
    assert sign_in(visitor, li, next="https://evil.example/").headers["Location"] == "/"


def test_the_mail_address_is_taken_in_any_case(visitor, li):
    li.email = li.email.upper()
    assert sign_in(visitor, li).status_code == 302


def test_signing_in_changes_the_session_key(visitor, li):
    visitor.get("/sign-in/")
    session = visitor.session
    session["before"] = "1"
    session.save()
    before = session.session_key
    visitor.cookies["tilth_session"] = before
    sign_in(visitor, li)
    assert visitor.session.session_key != before


@pytest.mark.parametrize(
    "path",
    ["signup/", "3rdparty/signup/", "social/signup/", "login/", "login/code/confirm/", "email/", "confirm-email/", "confirm-email/abc/", "sessions/"],
)
def test_strangers_find_no_way_to_make_an_account(visitor, db, path):
    assert visitor.get(f"/sign-in/{path}").status_code == 404
    assert visitor.post(f"/sign-in/{path}", {"email": "a@b.example", "password1": PASSWORD}).status_code == 404
    assert not User.objects.exists()


def test_the_sixth_try_is_refused_even_with_the_right_password_and_the_page_says_until_when(visitor, li, settings):
    assert settings.AXES_FAILURE_LIMIT == 5
    for _try in range(4):
        assert sign_in(visitor, li, "wrong").status_code == 200
    assert sign_in(visitor, li, "wrong").status_code == 429
    refused = sign_in(visitor, li)
    assert refused.status_code == 429
    assert "_auth_user_id" not in visitor.session
    tried = AccessAttempt.objects.get(username=li.email).attempt_time
    until = timezone.localtime(tried + dt.timedelta(minutes=15))
    assert f"{until:%H:%M} 之后可以再试" in refused.content.decode()


def test_trying_while_waiting_does_not_lengthen_the_wait(visitor, li):
    for _try in range(5):
        sign_in(visitor, li, "wrong")
    before = AccessAttempt.objects.get(username=li.email).attempt_time
    sign_in(visitor, li, "wrong")
    assert AccessAttempt.objects.get(username=li.email).attempt_time == before


def test_only_that_account_from_that_address_waits(visitor, li, member):
    other = member("viewer")
    other.set_password(PASSWORD)
    other.save()
    for _try in range(5):
        sign_in(visitor, li, "wrong")
    assert sign_in(Client(HTTP_HOST="localhost", REMOTE_ADDR="192.0.2.7"), li).status_code == 302
    assert sign_in(visitor, other).status_code == 302


def test_the_wait_ends_by_itself_and_by_the_command(visitor, li):
    for _try in range(5):
        sign_in(visitor, li, "wrong")
    assert recovery.unlock(li.email) >= 1
    assert sign_in(visitor, li).status_code == 302
    visitor.logout()
    for _try in range(5):
        sign_in(visitor, li, "wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(minutes=16))
    cache.clear()  # what allauth counts lives there, for as long
    assert sign_in(visitor, li).status_code == 302


def test_behind_a_proxy_the_address_that_the_proxy_tells_counts_and_not_one_that_the_sender_made_up(visitor, li, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for _try in range(5):
        visitor.post("/sign-in/", {"login": li.email, "password": "wrong"}, headers={"x-forwarded-for": f"10.0.0.{_try}, 198.51.100.4"})
    assert AccessAttempt.objects.get(username=li.email).ip_address == "198.51.100.4"


def test_a_closed_account_stays_outside(visitor, li):
    User.objects.filter(pk=li.pk).update(is_active=False)
    answer = sign_in(visitor, li)
    assert answer.headers["Location"] == "/sign-in/inactive/"
    assert "账号已停用" in visitor.get("/sign-in/inactive/").content.decode()


def test_the_door_speaks_english_when_asked_and_remembers(visitor, db):
    answer = visitor.post("/language/", {"language": "en", "next": "/sign-in/"})
    assert answer.headers["Location"] == "/sign-in/"
    assert "Sign in" in visitor.get("/sign-in/").content.decode()
    assert visitor.post("/language/", {"language": "xx"}).status_code == 404
    assert visitor.post("/language/", {"language": "en", "next": "//evil.example"}).headers["Location"] == "/"


def test_without_mail_the_page_says_who_can_help_and_mails_nothing(visitor, li):
    answer = visitor.post("/sign-in/password/reset/", {"email": li.email})
    assert "tilth accounts link" in answer.content.decode()
    assert mail.outbox == []


def test_a_forgotten_password_is_replaced_by_mail(visitor, li, settings):
    settings.EMAIL_HOST = "smtp.example"
    visitor.post("/sign-in/password/reset/", {"email": li.email})
    link = re.search(r"/sign-in/password/reset/key/\S+", mail.outbox[0].body)[0]
    _choose_password(visitor, link)
    assert sign_in(visitor, li, "another-orchard-7").status_code == 302
    with scope.everywhere():
        assert [e.details["changed"] for e in Entry.objects.filter(code="account.secure")] == ["password"]


def test_an_administrator_makes_a_link_that_works_once(visitor, li):
    link = recovery.password_link(li.email).removeprefix("http://127.0.0.1:8000")
    _choose_password(visitor, link)
    assert sign_in(visitor, li, "another-orchard-7").status_code == 302
    assert "password1" not in Client(HTTP_HOST="localhost").get(link, follow=True).content.decode()


def test_a_changed_password_ends_the_sessions_elsewhere(visitor, li):
    elsewhere = Client(HTTP_HOST="localhost")
    sign_in(elsewhere, li)
    sign_in(visitor, li)
    told = {"oldpassword": PASSWORD, "password1": "another-orchard-7", "password2": "another-orchard-7"}
    assert visitor.post("/sign-in/password/change/", told).status_code == 302
    assert visitor.get("/w/shop/").status_code == 200
    assert elsewhere.get("/w/shop/").status_code == 302


def _choose_password(visitor, link):
    form = visitor.get(link, follow=True)
    told = {"password1": "another-orchard-7", "password2": "another-orchard-7"}
    assert visitor.post(form.redirect_chain[-1][0], told).status_code == 302


def _set_up(visitor, user):
    """Set up the second factor as a person does: show the password again, scan, type the code."""
    visitor.post("/sign-in/reauthenticate/", {"password": PASSWORD})
    page = visitor.get("/sign-in/2fa/totp/activate/")
    secret = page.context["form"].secret
    answer = visitor.post("/sign-in/2fa/totp/activate/", {"code": pyotp.TOTP(secret).now()})
    assert answer.headers["Location"] == "/sign-in/2fa/recovery-codes/"
    return secret


def test_the_second_factor_is_asked_for_once_it_is_set_up(visitor, li):
    sign_in(visitor, li)
    secret = _set_up(visitor, li)
    other = Client(HTTP_HOST="localhost")
    assert sign_in(other, li).headers["Location"] == "/sign-in/2fa/authenticate/"
    assert other.get("/w/shop/").status_code == 302  # the password alone opens nothing
    assert other.post("/sign-in/2fa/authenticate/", {"code": "000000"}).status_code == 200
    cache.clear()  # a code works once, and that of the set-up was just used
    assert other.post("/sign-in/2fa/authenticate/", {"code": pyotp.TOTP(secret).now()}).status_code == 302
    assert other.get("/w/shop/").status_code == 200


def test_codes_of_the_second_factor_cannot_be_tried_without_end(visitor, li):
    sign_in(visitor, li)
    secret = _set_up(visitor, li)
    other = Client(HTTP_HOST="localhost")
    sign_in(other, li)
    for _try in range(10):
        other.post("/sign-in/2fa/authenticate/", {"code": "000000"})
    code = pyotp.TOTP(secret).at(int(time.time()) + 30)
    assert other.post("/sign-in/2fa/authenticate/", {"code": code}).status_code == 200
    assert "_auth_user_id" not in other.session


def test_a_recovery_code_opens_once(visitor, li):
    sign_in(visitor, li)
    _set_up(visitor, li)
    code = Authenticator.objects.get(user=li, type="recovery_codes").wrap().get_unused_codes()[0]
    for opened in (True, False):
        other = Client(HTTP_HOST="localhost")
        sign_in(other, li)
        other.post("/sign-in/2fa/authenticate/", {"code": code})
        assert ("_auth_user_id" in other.session) is opened


def test_the_secret_of_an_authenticator_app_lies_encrypted_and_outlives_a_new_key(visitor, li):
    sign_in(visitor, li)
    secret = _set_up(visitor, li)
    stored = Authenticator.objects.get(user=li, type="totp").data["secret"]
    assert secret not in stored
    secrets.rotate("personal")
    assert secrets.unseal(stored) == secret
    assert secrets.seal("x") != secrets.seal("x")


def test_a_lost_second_factor_is_dropped_by_the_command_and_the_audit_tells(visitor, li):
    sign_in(visitor, li)
    _set_up(visitor, li)
    recovery.password_link(li.email, drop_second_factor=True)
    assert not Authenticator.objects.filter(user=li).exists()
    with scope.everywhere():
        lines = Entry.objects.filter(code="account.secure", via="cli")
        assert {(line.who, line.details["changed"]) for line in lines} == {("tilth accounts", "totp"), ("tilth accounts", "password")}


def test_where_it_is_required_the_second_factor_comes_before_anything_else(visitor, li, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    sign_in(visitor, li)
    for path in ("/", "/w/shop/", "/w/shop/settings/members/", "/workspaces/new/"):
        assert visitor.get(path).headers["Location"] == "/sign-in/2fa/totp/activate/", path
    _set_up(visitor, li)
    assert visitor.get("/w/shop/").status_code == 200
    answer = visitor.post("/sign-in/2fa/totp/deactivate/")
    assert answer.status_code == 200
    assert Authenticator.objects.filter(user=li, type="totp").exists()


def test_services_that_are_not_set_up_are_not_offered(visitor, db):
    page = visitor.get("/sign-in/").content.decode()
    assert not any(name in page for name in ("企业微信", "飞书", "钉钉"))


def test_a_session_lasts_from_the_last_request(visitor, li):
    sign_in(visitor, li)
    session = visitor.session
    session["seen"] = int(time.time()) - 3600
    session.save()
    visitor.get("/w/shop/")
    assert time.time() - visitor.session["seen"] < 60


def test_signing_out_in_the_side_bar_ends_the_session(visitor, li):
    sign_in(visitor, li)
    assert "/w/shop/logout/" in visitor.get("/w/shop/settings/me/").content.decode()
    assert visitor.post("/w/shop/logout/", follow=True).request["PATH_INFO"] == "/sign-in/"
    assert visitor.get("/w/shop/settings/me/").status_code == 302
