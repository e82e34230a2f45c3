"""How allauth signs people in: no open registration, a workspace is entered by invitation; another service opens only an account that is there."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy

from tilth.workbench.config import secrets

LOG = logging.getLogger("tilth.accounts")


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation or by the administrator."""

    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": gettext_lazy("The mail address or the password is wrong."),
        "too_many_login_attempts": gettext_lazy("Too many failed tries. Please wait a while."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address of who asks; that of this machine when they come by a socket that has none."""
        return str(super().get_client_ip(request)) if request.META.get("REMOTE_ADDR") else "127.0.0.1"

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: the page that follows shows what was done."""


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Sign-in by another service opens an account that is there; it makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Return False."""
        return False

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """Return the settings of a service; there is no such page for one that is not set up."""
        try:
            return super().get_app(request, provider, client_id)
        except ObjectDoesNotExist as missing:
            raise Http404 from missing

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Tie a service's account to ours when both sides have verified the same mail address."""
        if sociallogin.is_existing or request.user.is_authenticated:
            return
        addresses = [one.email for one in sociallogin.email_addresses if one.verified] or _company_address(sociallogin.account)
        ours = (
            EmailAddress.objects.filter(email__in=[a.lower() for a in addresses], verified=True, user__is_active=True).select_related("user").first()
        )
        if ours is not None:
            sociallogin.connect(request, ours.user)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """Note a failed sign-in by its service and code; what the service said may hold tokens and is left out."""
        LOG.warning("sign-in by %s failed: %s %s", provider.id, type(exception).__name__ if exception else error, getattr(exception, "code", ""))


class SecondFactorAdapter(DefaultMFAAdapter):
    """The secrets of authenticator apps lie encrypted in the database, with a key that lies outside of it."""

    def encrypt(self, text: str) -> str:
        """Encrypt a secret."""
        return secrets.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt a secret, also one that an older key encrypted."""
        return secrets.unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Whether a second factor may be given up: not where it is required."""
        return not settings.SECOND_FACTOR_REQUIRED


def _company_address(account: Any) -> list[str]:
    """Return the mail address that a company gave its employee, which 飞书 tells apart from one that the employee typed."""
    address = account.extra_data.get("enterprise_email") if account.provider == "feishu" else None
    return [address] if address else []
