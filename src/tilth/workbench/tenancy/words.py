"""Words for what can be done: the audit, the page of rights and the scopes of a key show them instead of codes.

A code such as ``segment.save`` is a verb and a kind. The verbs that several kinds share are in :data:`VERBS`, with ``{kind}`` where the kind does
not simply follow; the kind's words are the label of its policy. What would read badly that way gets words of its own with :func:`say`, called by the
app that has the action.

>>> action_words("stone.polish"), has_words("stone.polish")
('stone.polish', False)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from tilth.workbench.tenancy.policy import POLICIES

VERBS: dict[str, Any] = {
    "view": pgettext_lazy("right", "see"),
    "export": pgettext_lazy("right", "export"),
    "save": pgettext_lazy("right", "save"),
    "share": pgettext_lazy("right", "share"),
    "delete": pgettext_lazy("right", "delete"),
    "create": pgettext_lazy("right", "create"),
    "change": pgettext_lazy("right", "change"),
    "edit": pgettext_lazy("right", "edit"),
    "run": pgettext_lazy("right", "run"),
    "start": pgettext_lazy("right", "start"),
    "cancel": pgettext_lazy("right", "cancel"),
    "retry": pgettext_lazy("right", "retry"),
    "schedule": pgettext_lazy("right", "schedule"),
    "unschedule": pgettext_lazy("right", "unschedule"),
    "upload": pgettext_lazy("right", "upload"),
    "mend": pgettext_lazy("right", "mend"),
    "reload": pgettext_lazy("right", "reload"),
    "hide": pgettext_lazy("right", "hide"),
    "merge": pgettext_lazy("right", "merge"),
    "revoke": pgettext_lazy("right", "revoke"),
    "remove": pgettext_lazy("right", "remove"),
    "send": pgettext_lazy("right", "send"),
    "erase": pgettext_lazy("right", "erase"),
    "ask": pgettext_lazy("right", "ask"),
    "mail": pgettext_lazy("right", "mail"),
    "home": pgettext_lazy("right", "make {kind} the home page"),
    "undo": pgettext_lazy("right", "undo"),
    "switch": pgettext_lazy("right", "switch on or off"),
    "contact": pgettext_lazy("right", "see the contacts of {kind}"),
}

_OWN: dict[str, Any] = {}


def say(words: dict[str, Any]) -> None:
    """Give codes words of their own: ``say({"member.invite": gettext_lazy("invite somebody")})``; called when an app is ready."""
    _OWN.update(words)


VALUES: dict[str, Callable[[Any], Any]] = {}
"""How values in the details of audit entries are worded: by ``kind.name`` of the entry's kind and the detail, else by the detail's name alone."""


def value_words(kind: str, name: str, value: Any) -> Any:
    """Return a value that an audit entry of a kind tells under a name in words; as it is where nobody says how."""
    say_it = VALUES.get(f"{kind}.{name}") or VALUES.get(name)
    return str(say_it(value)) if say_it and isinstance(value, str) else value


def has_words(code: str) -> bool:
    """Whether there are words for a code."""
    kind, _dot, verb = code.partition(".")
    return code in _OWN or (verb in VERBS and kind in POLICIES)


def action_words(code: str) -> str:
    """Return what a code such as ``segment.save`` means; the code itself where there are no words."""
    if code in _OWN:
        return str(_OWN[code])
    if not has_words(code):
        return code
    kind, _dot, verb = code.partition(".")
    words, label = str(VERBS[verb]), POLICIES[kind].label
    return words.format(kind=label) if "{kind}" in words else _("{verb} {kind}").format(verb=words, kind=label)
