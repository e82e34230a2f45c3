"""What allauth does to accounts, noted in the audit; and what it would keep of other services' data, cut to what is needed."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.db.models.signals import pre_save
from django.dispatch import receiver

from tilth.workbench.accounts.actions.account import note

NEEDED = ("name", "nick")
"""What is kept of an account at another service, to tell it from others on one's page."""


@receiver([password_changed, password_set, password_reset])
def password_was_changed(user: Any, **_rest: Any) -> None:
    """Note a new password."""
    note(user, "password")


@receiver([authenticator_added, authenticator_removed, authenticator_reset])
def second_factor_was_changed(user: Any, authenticator: Any, **_rest: Any) -> None:
    """Note a second factor that came or went."""
    note(user, authenticator.type)


@receiver(social_account_added)
def service_was_added(sociallogin: Any, **_rest: Any) -> None:
    """Note another service by which one may sign in."""
    note(sociallogin.user, sociallogin.account.provider)


@receiver(social_account_removed)
def service_was_removed(socialaccount: Any, **_rest: Any) -> None:
    """Note a service by which one may sign in no more."""
    note(socialaccount.user, socialaccount.provider)


@receiver(pre_save, sender=SocialAccount)
def keep_little(instance: SocialAccount, **_rest: Any) -> None:
    """Drop phone numbers, pictures and whatever else a service tells."""
    instance.extra_data = {name: instance.extra_data[name] for name in NEEDED if name in instance.extra_data}
