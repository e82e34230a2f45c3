"""What is asked of 企业微信's servers: the app's token, and who stands behind a code."""

from __future__ import annotations

from typing import Any

import requests
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.core.cache import cache
from django.utils.translation import gettext as _

from tilth.workbench.config import secrets

STALE = {40014, 41001, 42001}
"""Codes of an access token that holds no more."""


class WeComError(OAuth2Error):
    """企业微信 refused; `code` is its errcode, and the message says what to do."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(_words(code))


class WeCom:
    """One app of one company.

    Parameters
    ----------
    api : str
        Root of the service.
    corp, secret : str
        CorpID, and the secret of the app.
    seconds : int
        How long an answer is waited for.
    """

    def __init__(self, api: str, corp: str, secret: str, seconds: int = 5) -> None:
        self.api, self.corp, self.secret, self.seconds = api, corp, secret, seconds

    def who(self, code: str) -> dict[str, Any]:
        """Return the member behind a code that came back from the page to sign in: ``userid``, and maybe ``user_ticket``.

        Raises
        ------
        WeComError
            For a code that was used or made up, somebody outside the company, or an app that is set up wrongly.
        """
        told = self._ask("auth/getuserinfo", code=code)
        if "userid" not in told:
            raise WeComError(-2)
        return told

    def details(self, ticket: str) -> dict[str, Any]:
        """Return what the member lets the app see: among it ``biz_mail``, the address that the company gave."""
        return self._ask("auth/getuserdetail", {"user_ticket": ticket})

    def _ask(self, path: str, body: dict[str, Any] | None = None, **query: str) -> dict[str, Any]:
        """Ask with the app's token; once more with a fresh one when the kept one is stale."""
        try:
            return self._call(path, body, access_token=self._token(), **query)
        except WeComError as fault:
            if fault.code not in STALE:
                raise
            cache.delete(self._place())
            return self._call(path, body, access_token=self._token(), **query)

    def _token(self) -> str:
        """Return the app's token; the service wants it kept, and refuses those who ask for it too often."""
        kept = cache.get(self._place())
        if kept:
            return secrets.unseal(kept)
        told = self._call("gettoken", corpid=self.corp, corpsecret=self.secret)
        token = str(told["access_token"])
        cache.set(self._place(), secrets.seal(token), max(60, int(told.get("expires_in", 7200)) - 300))
        return token

    def _place(self) -> str:
        return "wecom-token-" + secrets.digest("wecom", f"{self.api} {self.corp} {self.secret}")

    def _call(self, path: str, body: dict[str, Any] | None = None, **query: str) -> dict[str, Any]:
        method = "GET" if body is None else "POST"
        try:
            answer = requests.request(method, f"{self.api}/cgi-bin/{path}", params=query, json=body, timeout=self.seconds)
            answer.raise_for_status()
            told: dict[str, Any] = answer.json()
        except (requests.RequestException, ValueError):
            raise WeComError(-1) from None  # the fault's own words would hold the address, and in it the secret
        if told.get("errcode", 0):
            raise WeComError(int(told["errcode"]))
        return told


def _words(code: int) -> str:
    known = {
        -2: _("This 企业微信 account is no member of the company."),
        -1: _("企业微信 cannot be reached. Try again in a while, or sign in with your password."),
        40001: _("企业微信 refuses the app's secret. The administrator mends secrets/wecom."),
        40013: _("企业微信 knows no such company. The administrator mends wecom_client in tilth.toml."),
        40029: _("This sign-in has been used or took too long. Begin again."),
        50001: _("企业微信 does not trust this address. The administrator adds it to the app's trusted domains."),
        60020: _("企业微信 does not accept requests from this server. The administrator adds its address to the app's trusted IP addresses."),
        60011: _("You may not use this app in 企业微信. The administrator makes you visible to it."),
    }
    return known.get(code) or _("企业微信 refused with the code {code}. Try again, or sign in with your password.").format(code=code)
