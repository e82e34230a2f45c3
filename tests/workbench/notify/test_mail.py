"""Mail over real SMTP, read back by Python's own mail parser."""

import pytest
from django.utils.translation import override
from tests.workbench.notify.server import running

from tilth.workbench.notify import mail

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fcffff3f0300060502fed4d65c0000000049454e44ae426082"
)


@pytest.fixture
def server(settings):
    with running() as made:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", made.port, False
        settings.DEFAULT_FROM_EMAIL = "tilth@shop.example"
        yield made


def test_chinese_and_pictures_arrive_whole_over_seven_bits(empty_workspace, server):
    assert mail.send(empty_workspace, "lin@example.com", "每周看板：漏斗与留存", "notify/trial", images={"chart-1": PNG}) == 1
    assert max(server.mails[0]) < 128
    (got,) = server.read()
    assert got["Subject"] == "每周看板：漏斗与留存"
    assert str(got["From"]) == "空店 · 耕运 <tilth@shop.example>"
    assert got["To"] == "lin@example.com"
    assert got.get_content_type() == "multipart/related"
    assert "收到" in got.get_body(("plain",)).get_content()
    html = got.get_body(("html",)).get_content()
    assert "每周看板：漏斗与留存" in html
    assert "http://127.0.0.1:8000/w/bare/" in html
    (picture,) = [part for part in got.walk() if part.get_content_type() == "image/png"]
    assert (picture["Content-ID"], picture.get_content(), picture.get_content_disposition()) == ("<chart-1>", PNG, "inline")


def test_nothing_in_it_is_fetched_from_outside(empty_workspace, server):
    mail.send(empty_workspace, "lin@example.com", "x", "notify/trial")
    html = server.read()[0].get_body(("html",)).get_content()
    assert "src=" not in html
    assert "url(" not in html


def test_it_speaks_the_language_in_use(empty_workspace, server):
    with override("en"):
        mail.send(empty_workspace, "lin@example.com", "x", "notify/trial")
    assert "reaches you" in server.read()[0].get_body(("plain",)).get_content()


def test_each_gets_a_mail_of_their_own(empty_workspace, server):
    assert mail.send(empty_workspace, ["a@example.com", "b@example.com"], "x", "notify/trial") == 2
    assert [got["To"] for got in server.read()] == ["a@example.com", "b@example.com"]
    assert all("Cc" not in got and "Bcc" not in got for got in server.read())


def test_a_refused_address_stops_no_other_and_is_told_without_the_address(empty_workspace, server):
    with pytest.raises(mail.MailRefused, match=r"550 .*no such mailbox") as told:
        mail.send(empty_workspace, iter(["refused@example.com", "b@example.com"]), "x", "notify/trial")
    assert (told.value.sent, told.value.refused) == (1, 1)
    assert "refused@example.com" not in str(told.value)
    assert [got["To"] for got in server.read()] == ["b@example.com"]


def test_a_subject_cannot_smuggle_in_a_header(empty_workspace, server):
    with pytest.raises(ValueError):
        mail.send(empty_workspace, "lin@example.com", "x\nBcc: all@example.com", "notify/trial")
    assert not server.mails


def test_a_server_that_is_not_there_is_named(empty_workspace, server, settings):
    settings.EMAIL_PORT = 1
    with pytest.raises(mail.MailRefused, match=r"127\.0\.0\.1") as told:
        mail.send(empty_workspace, ["a@example.com", "b@example.com"], "x", "notify/trial")
    assert told.value.refused == 2


def test_without_a_server_it_says_what_to_write_where(empty_workspace, settings):
    settings.EMAIL_HOST = ""
    assert not mail.is_set_up()
    with pytest.raises(mail.MailNotSetUp, match=r"\[mail\]"):
        mail.send(empty_workspace, "lin@example.com", "x", "notify/trial")
