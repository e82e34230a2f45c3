"""The design tokens: what ``assets/tokens.css`` calls ``--t-…``, for places that no style sheet reaches.

Every colour is written there once, as ``light-dark(light, dark)``.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Literal

from tilth.errors import UnknownName
from tilth.language import _

Theme = Literal["light", "dark"]
THEMES = ("light", "dark")

_DECLARED = re.compile(r"--t-([\w-]+):\s*([^;]+);")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_EITHER = re.compile(r"light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")


def asset(name: str) -> str:
    """Return the text of one of the files that cards, pages and charts are made of."""
    return (files("tilth.analysis") / "assets" / name).read_text(encoding="utf-8")


@cache
def declared() -> dict[str, str]:
    """Return every token as it is written; where narrower rules change one, its general value."""
    found: dict[str, str] = {}
    for name, value in _DECLARED.findall(asset("tokens.css")):
        found.setdefault(name, value.strip())
    return found


@cache
def colours(theme: Theme = "light") -> dict[str, str]:
    """Return the colours of a theme.

    Examples
    --------
    >>> colours("light")["cat-1"], colours("dark")["cat-1"], colours("dark")["ink-on-accent"]
    ('#1f7a4d', '#46b480', '#ffffff')
    """
    if theme not in THEMES:
        raise UnknownName(_("theme"), theme, THEMES)
    found = {}
    for name, value in declared().items():
        either = _EITHER.fullmatch(value)
        if either or _COLOUR.fullmatch(value):
            found[name] = either.group(1 + THEMES.index(theme)) if either else value
    return found


def scoped(selector: str) -> str:
    """Return a rule that gives a part of a page the colours and the font, so that the rest of the page keeps its own looks."""
    names = ["font", *colours()]
    return f"{selector}{{{''.join(f'--t-{name}:{declared()[name]};' for name in names)}}}"
