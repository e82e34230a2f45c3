"""Signing in by other services: 企业微信 against a local twin of its servers.

The twin answers as https://developer.work.weixin.qq.com/document/path/ documents in 91039 (gettoken), 98176 (auth/getuserinfo), 95833
(auth/getuserdetail) and 90313 (error codes): errors are answers with status 200 and an errcode; a code works once; a replaced token is 42001.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from tilth.workbench.accounts.models import User
from tilth.workbench.accounts.wecom.views import WeComAdapter

CORP, SECRET, AGENT = "ww0123456789abcdef", "s3cret-of-the-app", "1000002"


class Twin:
    """企业微信's servers: members, codes that were given out, and the app's token."""

    def __init__(self):
        self.members = {"lihua": {"biz_mail": "analyst@shop.example", "email": "typed@shop.example"}}
        self.codes, self.tickets, self.token, self.asked = {}, {}, 0, []
        self.refuse = 0

    def code(self, member):
        """Give out a code, as the page to sign in does after scanning."""
        code = f"code-{len(self.codes)}-{member}"
        self.codes[code] = member
        return code

    def answer(self, path, query, body):
        self.asked.append(path)
        if self.refuse:
            return {"errcode": self.refuse, "errmsg": "refused"}
        if path == "/cgi-bin/gettoken":
            if query.get("corpid") != CORP:
                return {"errcode": 40013, "errmsg": "invalid corpid"}
            if query.get("corpsecret") != SECRET:
                return {"errcode": 40001, "errmsg": "invalid credential"}
            self.token += 1
            return {"errcode": 0, "errmsg": "ok", "access_token": f"token-{self.token}", "expires_in": 7200}
        if query.get("access_token") != f"token-{self.token}":
            return {"errcode": 42001, "errmsg": "access_token expired"}
        if path == "/cgi-bin/auth/getuserinfo":
            member = self.codes.pop(query.get("code"), None)
            if member is None:
                return {"errcode": 40029, "errmsg": "invalid code"}
            if member not in self.members:
                return {"errcode": 0, "errmsg": "ok", "openid": "o-123", "external_userid": "wm-123"}
            self.tickets[f"ticket-{member}"] = member
            return {"errcode": 0, "errmsg": "ok", "userid": member, "user_ticket": f"ticket-{member}"}
        if path == "/cgi-bin/auth/getuserdetail":
            member = self.tickets[body["user_ticket"]]
            return {"errcode": 0, "errmsg": "ok", "userid": member, "mobile": "13800000000", **self.members[member]}
        return {"errcode": 404, "errmsg": "no such path"}


@pytest.fixture
def twin():
    model = Twin()

    class Handler(BaseHTTPRequestHandler):
        def _respond(self):
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            told = json.dumps(model.answer(parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()}, body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = _respond

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    model.url = f"http://127.0.0.1:{server.server_port}"
    yield model
    server.shutdown()
    server.server_close()


@pytest.fixture
def wecom(twin, settings, monkeypatch):
    settings.SOCIALACCOUNT_PROVIDERS = {"wecom": {"APPS": [{"client_id": CORP, "secret": SECRET, "key": AGENT}]}}
    monkeypatch.setattr(WeComAdapter, "api_url", twin.url)
    return twin


@pytest.fixture
def visitor(wecom):
    return Client(HTTP_HOST="localhost")


def begin(visitor, process="login", next="/w/shop/"):
    """Press the button; return the address of 企业微信's page, in parts."""
    answer = visitor.post(f"/sign-in/wecom/login/?process={process}&next={next}")
    parts = urlsplit(answer.headers["Location"])
    return parts, {name: value[0] for name, value in parse_qs(parts.query).items()}


def come_back(visitor, code, state):
    return visitor.get("/sign-in/wecom/login/callback/", {"code": code, "state": state})


def sign_in(visitor, twin, member="lihua", **how):
    _parts, query = begin(visitor, **how)
    return come_back(visitor, twin.code(member), query["state"])


def test_the_button_leads_to_its_page_as_documented(visitor, db):
    assert "企业微信" in visitor.get("/sign-in/").content.decode()
    parts, query = begin(visitor)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://login.work.weixin.qq.com/wwlogin/sso/login"
    assert query.pop("state")
    assert query == {
        "login_type": "CorpApp",
        "appid": CORP,
        "agentid": AGENT,
        "redirect_uri": "http://localhost/sign-in/wecom/login/callback/",
    }


def test_a_stranger_gets_no_account(visitor, wecom, db):
    page = sign_in(visitor, wecom).content.decode()
    assert "没有关联的账号" in page
    assert not User.objects.exists()
    assert not SocialAccount.objects.exists()
    assert visitor.get("/sign-in/3rdparty/signup/").status_code == 404


def test_an_account_that_was_tied_opens(visitor, wecom, member):
    SocialAccount.objects.create(user=member("viewer"), provider="wecom", uid=f"{CORP}/lihua")
    assert sign_in(visitor, wecom).headers["Location"] == "/w/shop/"
    assert visitor.get("/w/shop/").context["actor"].user == member("viewer")


def test_the_same_user_id_in_another_company_is_somebody_else(visitor, wecom, member):
    SocialAccount.objects.create(user=member("viewer"), provider="wecom", uid="ww-other/lihua")
    sign_in(visitor, wecom)
    assert "_auth_user_id" not in visitor.session


def test_an_address_that_both_sides_have_verified_opens_and_ties(visitor, wecom, member):
    EmailAddress.objects.create(user=member("analyst"), email="analyst@shop.example", verified=True, primary=True)
    assert sign_in(visitor, wecom).headers["Location"] == "/w/shop/"
    tied = SocialAccount.objects.get()
    assert (tied.user, tied.uid, tied.extra_data) == (member("analyst"), f"{CORP}/lihua", {"name": "lihua"})  # no phone number is kept


def test_an_address_that_one_side_only_claims_opens_nothing(visitor, wecom, member):
    member("analyst")  # has that address, but never showed that it is theirs
    sign_in(visitor, wecom)
    wecom.members["lihua"]["biz_mail"] = ""
    wecom.members["lihua"]["email"] = "viewer@shop.example"  # typed by the member of the company
    EmailAddress.objects.create(user=member("viewer"), email="viewer@shop.example", verified=True, primary=True)
    sign_in(visitor, wecom)
    assert "_auth_user_id" not in visitor.session
    assert not SocialAccount.objects.exists()


def test_somebody_who_has_signed_in_ties_their_account(client_as, wecom, member, workspace):
    visitor = client_as("viewer")
    user = member("viewer")
    user.set_password("parity-orchard-9")
    user.save()
    visitor.force_login(user, backend="tilth.workbench.accounts.backends.MemberBackend")
    assert sign_in(visitor, wecom, process="connect", next="/").status_code == 302
    assert SocialAccount.objects.get().user == user
    page = visitor.get("/sign-in/3rdparty/").content.decode()
    assert "lihua" in page


def test_a_code_works_once(visitor, wecom, member):
    SocialAccount.objects.create(user=member("viewer"), provider="wecom", uid=f"{CORP}/lihua")
    code = wecom.code("lihua")
    come_back(visitor, code, begin(visitor)[1]["state"])
    other = Client(HTTP_HOST="localhost")
    page = come_back(other, code, begin(other)[1]["state"])
    assert page.status_code == 401
    assert "请重新开始" in page.content.decode()
    assert "_auth_user_id" not in other.session


def test_a_state_that_was_not_given_to_this_browser_opens_nothing(visitor, wecom, member):
    SocialAccount.objects.create(user=member("viewer"), provider="wecom", uid=f"{CORP}/lihua")
    _parts, query = begin(Client(HTTP_HOST="localhost"))
    assert come_back(visitor, wecom.code("lihua"), query["state"]).status_code == 401
    assert "_auth_user_id" not in visitor.session


def test_somebody_outside_the_company_is_told_so(visitor, wecom, db):
    page = sign_in(visitor, wecom, member="stranger")
    assert page.status_code == 401
    assert "不是本企业的成员" in page.content.decode()


@pytest.mark.parametrize(("code", "words"), [(60020, "企业可信 IP"), (50001, "可信域名"), (60011, "可见范围"), (45009, "错误码 45009")])
def test_what_it_refuses_is_said_with_what_to_do(visitor, wecom, code, words, db):
    wecom.refuse = code
    page = sign_in(visitor, wecom)
    assert page.status_code == 401
    assert words in page.content.decode()


def test_a_wrong_secret_is_told_and_never_shown_or_logged(visitor, wecom, settings, caplog, db):
    settings.SOCIALACCOUNT_PROVIDERS["wecom"]["APPS"][0]["secret"] = "another-s3cret"
    page = sign_in(visitor, wecom).content.decode()
    assert "secrets/wecom" in page
    assert "40001" in caplog.text
    assert "another-s3cret" not in caplog.text + page


def test_when_nobody_answers_the_page_says_so_without_the_secret(visitor, wecom, monkeypatch, caplog, db):
    monkeypatch.setattr(WeComAdapter, "api_url", "http://127.0.0.1:9")
    page = sign_in(visitor, wecom).content.decode()
    assert "连接不上企业微信" in page
    assert SECRET not in page + caplog.text


def test_the_apps_token_is_kept_and_replaced_when_stale(visitor, wecom, member):
    SocialAccount.objects.create(user=member("viewer"), provider="wecom", uid=f"{CORP}/lihua")
    for _time in range(2):
        assert sign_in(Client(HTTP_HOST="localhost"), wecom).status_code == 302
    assert wecom.asked.count("/cgi-bin/gettoken") == 1
    wecom.token += 1  # replaced behind our back
    assert sign_in(visitor, wecom).status_code == 302
    assert wecom.asked.count("/cgi-bin/gettoken") == 2


def test_the_second_factor_is_asked_for_all_the_same(visitor, wecom, member):
    from allauth.mfa.totp.internal import auth

    user = member("viewer")
    SocialAccount.objects.create(user=user, provider="wecom", uid=f"{CORP}/lihua")
    auth.TOTP.activate(user, auth.generate_totp_secret())
    assert sign_in(visitor, wecom).headers["Location"] == "/sign-in/2fa/authenticate/"
    assert visitor.get("/w/shop/").status_code == 302


def test_a_closed_account_stays_closed(visitor, wecom, member):
    user = member("viewer")
    SocialAccount.objects.create(user=user, provider="wecom", uid=f"{CORP}/lihua")
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert sign_in(visitor, wecom).headers["Location"] == "/sign-in/inactive/"
    assert "_auth_user_id" not in visitor.session


@pytest.mark.parametrize(("told", "opens"), [({"enterprise_email": "Analyst@shop.example"}, True), ({"email": "analyst@shop.example"}, False)])
def test_of_feishu_only_the_address_that_the_company_gave_counts(rf, settings, member, told, opens):
    """飞书's user_info tells both: ``enterprise_email`` is given by the company, ``email`` is what the person filled in."""
    settings.SOCIALACCOUNT_PROVIDERS = {"feishu": {"APPS": [{"client_id": "cli_a", "secret": "s"}]}}
    EmailAddress.objects.create(user=member("analyst"), email="analyst@shop.example", verified=True, primary=True)
    request = rf.get("/")
    request.user = AnonymousUser()
    adapter = get_adapter(request)
    login = adapter.get_provider(request, "feishu").sociallogin_from_response(
        request, {"open_id": "ou_1", "name": "李花", "mobile": "+8613800000000", **told}
    )
    with request_context(request):
        adapter.pre_social_login(request, login)
    assert SocialAccount.objects.filter(user=member("analyst"), provider="feishu", uid="ou_1", extra_data={"name": "李花"}).exists() is opens
