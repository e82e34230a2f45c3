"""The operator's account, invitations to a workspace, and keys for programs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tilth.workbench.tenancy.models import Scoped
from tilth.workbench.tenancy.roles import Role


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


class Invitation(Scoped):
    """A place in a workspace that somebody may take with a link: once, until it expires. The link itself is kept nowhere, only its keyed hash."""

    email = models.EmailField(_("mail address"), blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    token = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by"))
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True)

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("invitation")
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return masked(self.email)

    @classmethod
    def open(cls) -> models.QuerySet:
        """Return those that can still be used."""
        return cls.objects.filter(used_at=None, revoked_at=None, expires_at__gt=timezone.now())


class ApiKey(Scoped):
    """A key for programs: rights of its maker, narrowed to scopes. Shown once; only its keyed hash is kept, and a prefix to find it by."""

    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(_("begins with"), max_length=12, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(_("rights"), default=list)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)

    class Meta(Scoped.Meta):
        abstract = False
        verbose_name = _("API key")
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @property
    def expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= timezone.now()


def masked(email: str) -> str:
    """Return a mail address that its owner knows and nobody else can use.

    >>> masked("lihua@hejian.example"), masked("")
    ('l***@hejian.example', '')
    """
    name, _at, host = email.partition("@")
    return f"{name[:1]}***@{host}" if host else ""
