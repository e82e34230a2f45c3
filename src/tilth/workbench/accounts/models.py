"""The operator's account."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountManager(UserManager):
    """Makes accounts by mail address."""

    def _create_user(self, email: str, password: str | None, **fields: Any) -> User:  # type: ignore[override]
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:  # type: ignore[override]
        """Make an account; without a password nobody can sign in by one."""
        return self._create_user(email, password, **fields)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:  # type: ignore[override]
        """Make an administrator of the installation, who may make workspaces; it gives no right inside any workspace."""
        return self._create_user(email, password, is_staff=True, **fields)


class User(AbstractUser):
    """An operator. Rights come from memberships only: ``is_superuser`` is never set, ``is_staff`` marks who may make workspaces."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("mail address"), unique=True)
    name = models.CharField(_("name"), max_length=60, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = []
    objects = AccountManager()

    class Meta:
        verbose_name = _("operator")

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the name."""
        return str(self)

    def get_short_name(self) -> str:
        """Return the name."""
        return str(self)
