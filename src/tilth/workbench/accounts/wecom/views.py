"""The two steps of signing in by 企业微信: to its page, and back with a code."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.socialaccount import app_settings
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter, OAuth2CallbackView, OAuth2LoginView
from django.http import HttpRequest

from tilth.workbench.accounts.wecom.service import WeCom, WeComError


class WeComClient(OAuth2Client):
    """Writes the address of the page to sign in as 企业微信 wants it."""

    agent = ""

    def get_redirect_url(self, authorization_url: str, scope: Any, extra_params: dict[str, Any]) -> str:
        """Return the address to send the person to."""
        asked = {"login_type": "CorpApp", "appid": self.consumer_key, "agentid": self.agent, "redirect_uri": self.callback_url, "state": self.state}
        return f"{authorization_url}?{urlencode(asked)}"


class WeComAdapter(OAuth2Adapter):
    """企业微信: there is no token of the person; the app's own token asks who they are."""

    provider_id = "wecom"
    authorize_url = "https://login.work.weixin.qq.com/wwlogin/sso/login"
    api_url = "https://qyapi.weixin.qq.com"
    access_token_url = ""
    client_class = WeComClient

    def get_client(self, request: HttpRequest, app: Any) -> WeComClient:
        """Return the client, with the agent that the page wants to be told."""
        client: WeComClient = super().get_client(request, app)
        client.agent = app.key
        return client

    def get_access_token_data(self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: Any = None) -> dict[str, Any]:
        """Return who stands behind the code; 企业微信 gives the person no token."""
        service = WeCom(self.api_url, app.client_id, app.secret, app_settings.REQUESTS_TIMEOUT)
        who = service.who(request.GET["code"])
        if who.get("user_ticket"):
            try:
                who |= {"biz_mail": service.details(who["user_ticket"]).get("biz_mail", "")}
            except WeComError:  # the app may not see addresses; the account that was tied before still opens
                who |= {"biz_mail": ""}
        return {"access_token": "", **who}

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Return the sign-in that allauth goes on with."""
        return self.get_provider().sociallogin_from_response(request, kwargs["response"])


oauth2_login = OAuth2LoginView.adapter_view(WeComAdapter)
oauth2_callback = OAuth2CallbackView.adapter_view(WeComAdapter)
