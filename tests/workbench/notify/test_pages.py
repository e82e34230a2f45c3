"""The page of mail: managers only."""

import pytest
from tests.workbench.notify.server import running

from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry

MAY = [("owner", True), ("manager", True), ("analyst", False), ("operator", False), ("viewer", False)]


@pytest.fixture
def workspace(empty_workspace):
    return empty_workspace


@pytest.mark.parametrize(("role", "may"), MAY)
def test_who_sees_it(client_as, role, may, settings):
    settings.EMAIL_HOST = ""
    answer = client_as(role).get("/w/bare/notices/mail/")
    assert answer.status_code == (200 if may else 403)
    assert ("tilth.toml" in answer.content.decode()) == may


def test_an_outsider_finds_nothing(outsider, workspace):
    assert outsider.get("/w/bare/notices/mail/").status_code == 404


@pytest.mark.parametrize(("role", "may"), MAY)
def test_a_trial_goes_to_the_one_who_asks_and_into_the_audit(workspace, client_as, settings, role, may):
    with running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
        answer = client_as(role).post("/w/bare/notices/mail/trial/")
    assert answer.status_code == (302 if may else 403)
    assert [got["To"] for got in server.read()] == [f"{role}@bare.example"] * may
    with scope.use(workspace):
        assert Entry.objects.filter(code="mail.send").count() == int(may)


def test_a_refusal_is_shown(client_as, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = client_as("owner").post("/w/bare/notices/mail/trial/", follow=True)
    assert "t-note--error" in answer.content.decode()
    assert "127.0.0.1" in answer.content.decode()
