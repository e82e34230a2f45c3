"""Template tags of accounts: ``{% load accounts %}``."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from django import template
from django.conf import settings
from django.urls import get_resolver
from django.utils.translation import get_language

from tilth.workbench.accounts.services import SERVICES

register = template.Library()


@register.simple_tag
def door(name: str, *args: Any) -> str:
    """Return the address of a page outside any workspace, also from inside one: ``{% door "mfa_index" %}``."""
    return "/" + get_resolver(settings.ROOT_URLCONF).reverse(name, *args)


@register.simple_tag(takes_context=True)
def services(context: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the services that are set up for signing in: name and address."""
    found = get_adapter().list_providers(context["request"])
    return [{"id": one.id, "name": service_name(one.id), "url": door(f"{one.id}_login")} for one in found]


@register.filter
def service_name(provider: str) -> str:
    """Return what a service is called."""
    return str(SERVICES[provider].name) if provider in SERVICES else provider


@register.simple_tag
def other_language() -> dict[str, str]:
    """Return the language that the page could be in instead: code and its own name."""
    return {"code": "zh-hans", "name": "中文"} if (get_language() or "").startswith("en") else {"code": "en", "name": "English"}


@register.simple_tag
def mail_is_sent() -> bool:
    """Whether mail is set up."""
    return bool(settings.EMAIL_HOST)


BROWSERS = {
    "wxwork": "企业微信",
    "MicroMessenger": "微信",
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS X": "macOS", "Linux": "Linux"}


@register.filter
def browser(agent: str) -> str:
    """Write the name that a browser gives itself in two words; the first that fits counts, because browsers call themselves by each other's names.

    >>> browser("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36")
    'Chrome · Linux'
    """
    found = [next((words for sign, words in known.items() if sign in agent), "") for known in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, found)) or agent[:40]


@register.filter
def dressed(field: Any) -> Any:
    """Draw the control of a form's field in our look."""
    return field.as_widget(attrs={"class": "t-input"})


@register.filter
def is_kind(field: Any, kind: str) -> bool:
    """Whether the widget of a form's field is of a kind, by its class name: ``{% if field|is_kind:"CheckboxInput" %}``."""
    return type(field.field.widget).__name__ == kind
