"""One's own account."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from tilth.workbench.accounts.models import User
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry

PAGE = "/w/shop/settings/me/"
PASSWORD = "parity-orchard-9"


@pytest.fixture
def li(member):
    user = member("viewer")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def signed_in(li):
    """``signed_in()`` is a browser in which that account has signed in by the door."""

    def made():
        visitor = Client(HTTP_HOST="localhost", HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Firefox/145.0")
        assert visitor.post("/sign-in/", {"login": li.email, "password": PASSWORD}).status_code == 302
        return visitor

    return made


def test_everybody_has_the_page(client_as, outsider, role):
    assert client_as(role).get(PAGE).status_code == 200
    assert outsider.get(PAGE).status_code == 404


def test_a_name_is_changed_and_the_audit_tells(client_as, member, workspace):
    assert client_as("viewer").post(f"{PAGE}name/", {"n-name": "李花"}).status_code == 302
    assert User.objects.get(pk=member("viewer").pk).name == "李花"
    with scope.use(workspace):
        assert Entry.objects.get().code == "account.change"
    assert client_as("viewer").post(f"{PAGE}name/", {"n-name": ""}).status_code == 200


def test_language_and_colours_hold_on_every_page(client_as):
    visitor = client_as("viewer")
    visitor.post(f"{PAGE}display/", {"language": "en", "theme": "dark"})
    page = visitor.get(PAGE).content.decode()
    assert "My account" in page
    assert "w-theme-dark" in page
    assert visitor.cookies["tilth_language"].value == "en"
    assert visitor.post(f"{PAGE}display/", {"language": "fr", "theme": "dark"}).status_code == 200


def test_an_address_changes_with_the_password_only(client_as, li):
    visitor = client_as("viewer")
    visitor.post(f"{PAGE}mail/", {"m-email": "new@shop.example", "m-password": "wrong"})
    assert User.objects.get(pk=li.pk).email == li.email
    visitor.post(f"{PAGE}mail/", {"m-email": "New@shop.example", "m-password": PASSWORD})
    assert User.objects.get(pk=li.pk).email == "new@shop.example"
    assert not EmailAddress.objects.filter(user=li).exists()


def test_an_address_of_somebody_else_is_refused(client_as, li, member):
    member("owner")
    page = client_as("viewer").post(f"{PAGE}mail/", {"m-email": "OWNER@shop.example", "m-password": PASSWORD})
    assert page.context["email_form"].errors["email"]


def test_where_mail_is_set_up_the_new_address_confirms_first(client_as, li, settings):
    settings.EMAIL_HOST = "smtp.example"
    visitor = client_as("viewer")
    visitor.post(f"{PAGE}mail/", {"m-email": "new@shop.example", "m-password": PASSWORD})
    assert User.objects.get(pk=li.pk).email == li.email
    assert mail.outbox[0].to == ["new@shop.example"]
    link = re.search(r"/confirm-mail/\S+/", mail.outbox[0].body)[0]
    anywhere = Client(HTTP_HOST="localhost")
    assert anywhere.get(link).status_code == 200  # a mail program that looks ahead changes nothing
    assert User.objects.get(pk=li.pk).email == li.email
    anywhere.post(link)
    assert User.objects.get(pk=li.pk).email == "new@shop.example"
    assert EmailAddress.objects.get(user=li).verified
    assert anywhere.get(link).status_code == 410
    assert anywhere.get("/confirm-mail/made-up/").status_code == 410


def test_one_sees_where_one_is_signed_in_and_ends_the_others(signed_in, li):
    here, elsewhere = signed_in(), signed_in()
    page = here.get(PAGE).content.decode()
    assert page.count("Firefox · Windows") == 2
    assert here.post(f"{PAGE}sessions/").status_code == 302
    assert here.get(PAGE).status_code == 200
    assert elsewhere.get(PAGE).status_code == 302
    assert UserSession.objects.filter(user=li).count() == 1


def test_one_signs_out_everywhere(signed_in):
    here, elsewhere = signed_in(), signed_in()
    assert here.post(f"{PAGE}sessions/", {"here": "1"}).headers["Location"] == "/sign-in/"
    assert here.get(PAGE).status_code == 302
    assert elsewhere.get(PAGE).status_code == 302


@pytest.mark.parametrize("path", ["name/", "mail/", "display/", "sessions/"])
def test_nothing_changes_by_a_link(client_as, path):
    assert client_as("viewer").get(PAGE + path).status_code == 405


def test_nothing_changes_without_the_token_of_the_page(li):
    visitor = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    visitor.force_login(li, backend="tilth.workbench.accounts.backends.MemberBackend")
    assert visitor.post(f"{PAGE}name/", {"n-name": "x"}).status_code == 403
    assert visitor.post("/sign-in/", {"login": li.email, "password": PASSWORD}).status_code == 403
