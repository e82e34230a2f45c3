"""How allauth signs people in: no open registration; a workspace is entered by invitation."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation or by the administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False."""
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Sign-in by another service opens an account that is there; it makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Return False."""
        return False
