"""How an administrator at the terminal helps somebody back in: a link for a new password, an end to waiting, a lost second factor."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from axes.utils import reset
from django.conf import settings
from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.workbench.accounts.actions.account import note
from tilth.workbench.accounts.models import User
from tilth.workbench.accounts.templatetags.accounts import door


def password_link(email: str, *, drop_second_factor: bool = False) -> str:
    """Return a link by which the owner of an account chooses a new password, once; InputError when there is no such account.

    Parameters
    ----------
    email : str
    drop_second_factor : bool
        Also forget the authenticator app and recovery codes, for somebody who has lost them.
    """
    user = _user(email)
    if drop_second_factor:
        Authenticator.objects.filter(user=user).delete()
        note(user, "totp", by="tilth accounts")
    note(user, "password", by="tilth accounts")
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    uid, _dash, token = key.partition("-")
    return settings.BASE_URL + door("account_reset_password_from_key", uid, token)


def unlock(email: str) -> int:
    """Let an account be tried again at once, from everywhere; return how many counts were dropped."""
    return int(reset(username=_user(email).email))


def _user(email: str) -> User:
    found = User.objects.filter(email=email.strip().lower()).first()
    if found is None:
        raise InputError(_("There is no account with the mail address {email}.").format(email=email))
    return found
