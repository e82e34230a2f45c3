"""Secrets lie outside the database, change without locking anybody out, and never reach a log."""

import logging
import os
import subprocess
import sys

import pytest
from django.core import signing
from django.test import Client

from tilth.errors import InputError
from tilth.workbench.accounts.actions import invitations
from tilth.workbench.accounts.actions import keys as making
from tilth.workbench.accounts.keys import authenticate
from tilth.workbench.config import secrets
from tilth.workbench.tenancy.roles import Role

PASSWORD = "parity-orchard-9"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(secrets, "home", lambda: tmp_path)
    return tmp_path / "secrets"


def test_files_are_their_owners_alone(place):
    for name in secrets.KEYS:
        secrets.keys(name)
        assert (place / name).stat().st_mode & 0o777 == 0o600
    assert place.stat().st_mode & 0o777 == 0o700
    assert not any(one.open_to_others for one in secrets.kept())
    (place / "mail").write_text("hunter2")
    (place / "mail").chmod(0o644)
    assert [one.name for one in secrets.kept() if one.open_to_others] == ["mail"]
    assert "hunter2" not in repr(secrets.kept())


def test_a_rotation_puts_a_new_key_first_and_keeps_three_older_ones(place):
    seen = [secrets.keys("signing")[0]]
    for _time in range(5):
        secrets.rotate("signing")
        seen.insert(0, secrets.keys("signing")[0])
    assert secrets.keys("signing") == seen[:4]
    assert len(set(seen)) == 6


def test_the_pepper_is_not_rotated(place):
    before = secrets.digest("a", "b")
    with pytest.raises(InputError):
        secrets.rotate("pepper")
    assert secrets.digest("a", "b") == before != secrets.digest("b", "b")


def test_what_an_older_key_sealed_is_opened_and_what_was_tampered_with_is_not(place):
    sealed = secrets.seal("身份证")
    secrets.rotate("personal")
    assert secrets.unseal(sealed) == "身份证"
    with pytest.raises(InputError):
        secrets.unseal(sealed[:-4] + "AAAA")
    for _time in range(4):
        secrets.rotate("personal")
    with pytest.raises(InputError, match="personal"):
        secrets.unseal(sealed)


def test_sessions_and_links_outlive_a_new_signing_key(client_as, settings):
    visitor, asleep = client_as("viewer"), client_as("viewer")
    link = signing.dumps({"a": 1})
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a-new-key" * 8, [settings.SECRET_KEY]
    assert visitor.get("/w/shop/").status_code == 200
    assert signing.loads(link) == {"a": 1}
    settings.SECRET_KEY_FALLBACKS = []  # as after three more rotations
    assert visitor.get("/w/shop/").status_code == 200  # its session was signed anew in between
    assert asleep.get("/w/shop/").status_code == 302


def test_no_secret_and_no_address_reaches_a_log(actor, member, workspace, caplog):
    """Sign-in right and wrong until the account waits, an invitation and joining by it, a key and its use: all that is logged is read."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("axes").setLevel(logging.DEBUG)
    user = member("owner")
    user.set_password(PASSWORD)
    user.save()
    visitor = Client(HTTP_HOST="localhost")
    for password in ("wrong-guess-1",) * 6:
        visitor.post("/sign-in/", {"login": user.email, "password": password})
    other = Client(HTTP_HOST="localhost", REMOTE_ADDR="192.0.2.9")
    other.post("/sign-in/", {"login": user.email, "password": PASSWORD})
    other.post("/w/shop/settings/members/invite/", {"role": "viewer", "email": "li@new.example"})
    _invitation, token = invitations.invite(actor("owner"), role=Role.VIEWER)
    Client(HTTP_HOST="localhost").post(f"/join/{token}/", {"name": "李花", "email": "hua@new.example", "password": PASSWORD})
    right = making.offered(actor("owner"))[0][1][0]
    _key, secret = making.create_key(actor("owner"), name="k", scopes=[right])
    assert authenticate(f"Bearer {secret}", "shop") is not None
    told = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records if not record.name.startswith(("django.db", "asyncio")))
    assert "accounts:invite" in told
    for forbidden in (PASSWORD, "wrong-guess-1", token, secret, user.email, "li@new.example", "hua@new.example", "李花", "192.0.2.9"):
        assert forbidden not in told, forbidden


def test_production_settings_pass_djangos_own_check(tmp_path):
    env = {
        **os.environ,
        "TILTH_HOME": str(tmp_path),
        "TILTH_SERVER_PRODUCTION": "1",
        "TILTH_SERVER_URL": "https://tilth.example.com",
        "DJANGO_SETTINGS_MODULE": "tilth.workbench.config.settings",
    }
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr


def test_in_production_cookies_go_over_https_only_and_sign_in_leads_to_no_other_host(tmp_path):
    code = (
        "import django; django.setup(); from django.conf import settings as s; "
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS >= 31536000, "
        "s.ALLOWED_HOSTS, s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'], s.CONTENT_SECURITY_POLICY['DIRECTIVES']['script-src'])"
    )
    env = {
        **os.environ,
        "TILTH_HOME": str(tmp_path),
        "TILTH_SERVER_PRODUCTION": "1",
        "TILTH_SERVER_URL": "https://tilth.example.com",
        "TILTH_SIGN_IN_WECOM_CLIENT": "ww1",
        "DJANGO_SETTINGS_MODULE": "tilth.workbench.config.settings",
    }
    told = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120).stdout
    assert told.startswith("True True True True True ")
    assert "tilth.example.com" in told
    assert told.strip().endswith("""["'self'", 'https://*.work.weixin.qq.com'] ["'self'"]""")


def test_the_terminal_rotates_and_lists_without_a_value(tmp_path):
    env = {**os.environ, "TILTH_HOME": str(tmp_path)}

    def tilth(*args):
        return subprocess.run([sys.executable, "-m", "tilth.cli.main", *args], env=env, capture_output=True, text=True, timeout=120)

    assert tilth("secrets", "rotate", "signing").returncode == 0
    listed = tilth("secrets", "list")
    assert listed.returncode == 0
    assert "signing" in listed.stdout
    kept = (tmp_path / "secrets" / "signing").read_text().split()
    assert len(kept) == 2
    assert not any(key in listed.stdout for key in kept)
    (tmp_path / "secrets" / "signing").chmod(0o640)
    assert tilth("secrets", "list").returncode == 3
    assert tilth("secrets", "rotate", "pepper").returncode == 2
