"""Every address there is, from the URL configuration itself: an app that adds one is visited without being asked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

PARAMETER = re.compile(r"<(?:(?P<converter>[^>:]+):)?(?P<name>[^>]+)>")


@dataclass(frozen=True)
class Address:
    """One pattern: its route with parameters, the full name of its view, the view, and its parameters' converters."""

    route: str
    name: str
    view: object = field(compare=False)
    parameters: dict = field(compare=False)

    def __str__(self):
        return self.name or self.route

    def filled(self, values: dict) -> str:
        """Return the address with values for its parameters."""
        return PARAMETER.sub(lambda found: str(values[found["name"]]), self.route)


def walk(urlconf: str) -> list[Address]:
    """Return the addresses of a URL configuration. Wagtail's last pattern, which takes whatever is left, stands for one that is not there."""
    return list(_walk(import_module(urlconf).urlpatterns, "", ""))


def _walk(patterns, before: str, space: str) -> Iterator[Address]:
    for one in patterns:
        route = before + (one.pattern._route if isinstance(one.pattern, RoutePattern) else _plain(one.pattern))
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, route, f"{space}{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern):
            parameters = {found["name"]: found["converter"] or "str" for found in PARAMETER.finditer(route)}
            yield Address(route, f"{space}{one.name}" if one.name else "", one.callback, parameters)


def _plain(pattern) -> str:
    """A route for a pattern that is a regular expression: its named groups become parameters."""
    text = pattern._regex.removeprefix("^").removesuffix("$").removesuffix("\\Z")
    if text in ("", ".*/"):
        return "no-such-page/" if text else ""
    named = re.sub(r"\(\?P<(\w+)>(?:[^()\\]|\\.|\([^)]*\))*\)", r"<\1>", text)
    return re.sub(r"\\(.)", r"\1", named)
