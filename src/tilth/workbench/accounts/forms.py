"""Forms of members, keys, the workspace and one's own account."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.users.models import UserProfile

from tilth.workbench.accounts.models import User
from tilth.workbench.tenancy.models import Workspace
from tilth.workbench.tenancy.roles import ABOUT, Role, may_give

ZONES = [("Asia/Shanghai", "Asia/Shanghai"), *((zone, zone) for zone in sorted(available_timezones()) if "/" in zone and zone != "Asia/Shanghai")]
DAYS = [("90", gettext_lazy("90 days")), ("30", gettext_lazy("30 days")), ("365", gettext_lazy("one year")), ("", gettext_lazy("no end"))]
THEMES = [("system", gettext_lazy("as the system")), ("light", gettext_lazy("light")), ("dark", gettext_lazy("dark"))]


class Form(forms.Form):
    """A form whose fields are drawn by ``accounts/fields.html``."""

    template_name = "accounts/fields.html"


class RoleForm(Form):
    """Choose a role among those that one may give."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), widget=forms.RadioSelect)

    def __init__(self, giver: Role, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in Role if may_give(giver, role)]

    @property
    def about(self) -> list[tuple[Any, Any]]:
        """The choices, each with what the role is for."""
        return [(choice, ABOUT[Role(choice.data["value"])]) for choice in self["role"]]


class InviteForm(RoleForm):
    """Whom to invite as what."""

    email = forms.EmailField(label=gettext_lazy("Mail address"), required=False)
    field_order: ClassVar = ["email", "role"]

    def __init__(self, giver: Role, *args: Any, **kwargs: Any) -> None:
        super().__init__(giver, *args, **kwargs)
        mailed = bool(settings.EMAIL_HOST)
        self.fields["email"].help_text = (
            _("The invitation goes there, and only this account can use it. Empty: a one-time link that you hand over yourself.")
            if mailed
            else _("Only this account can then use the link. Empty: whoever has the link may use it, once.")
        )
        self.initial.setdefault("role", Role.OPERATOR)


class KeyForm(Form):
    """A new key."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("What uses it, such as “nightly export”."))
    days = forms.ChoiceField(label=gettext_lazy("Ends after"), choices=DAYS, required=False, initial="90")
    scopes = forms.MultipleChoiceField(label=gettext_lazy("Rights"), widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, rights: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(right, right) for right in rights]


class WorkspaceForm(forms.ModelForm):
    """The settings of a workspace."""

    template_name = "accounts/fields.html"
    tz = forms.ChoiceField(
        label=gettext_lazy("Time zone"), choices=ZONES, help_text=gettext_lazy("Days, weeks and months are cut by it, and times without a zone read.")
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        initial=Workspace._meta.get_field("currency").default,
        max_length=3,
        validators=[RegexValidator(r"^[A-Z]{3}$", gettext_lazy("Write the three letters of ISO 4217, such as CNY."))],
        help_text=gettext_lazy("Three letters of ISO 4217, such as CNY. Amounts that are there are not converted."),
    )

    class Meta:
        model = Workspace
        fields = ("name", "tz", "currency", "week_start", "red_up", "short_numbers")


class NewWorkspaceForm(WorkspaceForm):
    """A new workspace."""

    class Meta:
        model = Workspace
        fields = ("name", "slug", "tz", "currency", "week_start")
        help_texts: ClassVar = {"slug": gettext_lazy("Part of its pages' addresses: small letters, digits and hyphens. It cannot be changed later.")}


class NewAccountForm(Form):
    """The account of somebody who was invited."""

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=60, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(label=gettext_lazy("Mail address"), widget=forms.EmailInput({"autocomplete": "username"}))
    password = forms.CharField(
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 10 characters."),
    )

    def __init__(self, email: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if email:
            self.fields["email"].initial = email
            self.fields["email"].disabled = True

    def clean(self) -> dict[str, Any]:
        """Check that the address is free and the password strong."""
        told = super().clean() or {}
        email = told.get("email", "").lower()
        if email and User.objects.filter(email=email).exists():
            raise ValidationError({"email": _("There is an account with this address. Sign in with it first, then open the invitation again.")})
        if "password" in told:
            try:
                validate_password(told["password"], User(email=email, name=told.get("name", "")))
            except ValidationError as fault:
                raise ValidationError({"password": fault.messages}) from fault
        return {**told, "email": email}


class NameForm(Form):
    """One's name."""

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=60, help_text=gettext_lazy("How colleagues and the audit call you."))


class EmailForm(Form):
    """Another mail address to sign in with; the password proves who asks."""

    email = forms.EmailField(label=gettext_lazy("New mail address"), widget=forms.EmailInput({"autocomplete": "email"}))
    password = forms.CharField(label=gettext_lazy("Current password"), widget=forms.PasswordInput({"autocomplete": "current-password"}))

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        """Check that no other account has the address."""
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=email).exclude(pk=self.user.pk).exists():
            raise ValidationError(_("Another account has this mail address."))
        return email

    def clean_password(self) -> str:
        """Check the password."""
        if not self.user.check_password(self.cleaned_data["password"]):
            raise ValidationError(_("This is not your password."))
        return ""


class DisplayForm(Form):
    """How pages look to oneself."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.WAGTAILADMIN_PERMITTED_LANGUAGES)
    theme = forms.ChoiceField(label=gettext_lazy("Colours"), choices=THEMES)

    @classmethod
    def of(cls, user: User, language: str, data: Any = None) -> DisplayForm:
        """Return the form as a user has it now."""
        profile = UserProfile.objects.filter(user=user).first()
        chosen = {"language": (profile and profile.preferred_language) or language, "theme": profile.theme if profile else "system"}
        return cls(data, initial=chosen)
