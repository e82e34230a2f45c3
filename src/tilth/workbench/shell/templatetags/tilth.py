"""Template tags of the shell: ``{% load tilth %}``."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from tilth.analysis.display import wording
from tilth.workbench.shell import icons
from tilth.workbench.tenancy.policy import POLICIES

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one of our icons: ``{% icon "export" %}``."""
    return icons.icon(name)


@register.simple_tag
def mark() -> SafeString:
    """Draw our mark."""
    return icons.mark()


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], right: str, thing: Any = None) -> bool:
    """Whether the actor has a right: ``{% may "segment:save" as can_save %}``."""
    kind, _, verb = right.partition(":")
    return POLICIES[kind].allows(context["request"].actor, verb, thing)


@register.filter
def count(value: Any) -> str:
    """Write a whole number with thousands apart: 12,345."""
    return wording.count(value)


@register.filter
def percent(value: Any) -> str:
    """Write a share as a percentage with one decimal: 14.6%."""
    return wording.percent(value)


@register.filter
def duration(value: Any) -> str:
    """Write seconds as a length of time in words."""
    return wording.duration(value)


@register.filter
def words(value: str) -> list[str]:
    """Split a text at its blanks, to loop over constants."""
    return value.split()
