"""企业微信 as a provider of allauth."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider

from tilth.workbench.accounts.wecom.views import WeComAdapter


class WeComProvider(OAuth2Provider):
    """企业微信."""

    id = "wecom"
    name = "企业微信"
    account_class = ProviderAccount
    oauth2_adapter_class = WeComAdapter

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Return who it is: user ids are unique inside a company only."""
        return f"{self.app.client_id}/{data['userid']}"

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return what tells the account from others on the page of connections."""
        return {"name": data["userid"]}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return nothing: no account is made from it."""
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        """Return the address that the company gave; one that the member typed proves nothing."""
        address = data.get("biz_mail")
        return [EmailAddress(email=address, verified=True, primary=True)] if address else []


provider_classes = [WeComProvider]
