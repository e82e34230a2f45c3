"""Words for what can be done: the audit, the page of rights and the scopes of a key show them instead of codes.

A code such as ``segment.save`` is a verb and a kind. The verbs that several kinds share are in :data:`VERBS`; the kind's words are the label of its
policy. What would read badly that way gets words of its own with :func:`say`, called by the app that has the action.

>>> str(action_words("stone.polish")), str(action_words("member.leave"))
('stone.polish', 'member.leave')
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.workbench.tenancy.policy import POLICIES

VERBS: dict[str, Any] = {
    "view": gettext_lazy("see"),
    "export": gettext_lazy("export"),
    "save": gettext_lazy("save"),
    "share": gettext_lazy("share"),
    "delete": gettext_lazy("delete"),
    "create": gettext_lazy("create"),
    "change": gettext_lazy("change"),
    "edit": gettext_lazy("edit"),
    "run": gettext_lazy("run"),
    "start": gettext_lazy("start"),
    "cancel": gettext_lazy("cancel"),
    "retry": gettext_lazy("retry"),
    "schedule": gettext_lazy("schedule"),
    "unschedule": gettext_lazy("unschedule"),
    "upload": gettext_lazy("upload"),
    "mend": gettext_lazy("mend"),
    "reload": gettext_lazy("reload"),
    "hide": gettext_lazy("hide"),
    "merge": gettext_lazy("merge"),
    "revoke": gettext_lazy("revoke"),
    "remove": gettext_lazy("remove"),
    "send": gettext_lazy("send"),
    "erase": gettext_lazy("erase"),
    "ask": gettext_lazy("ask"),
    "undo": gettext_lazy("undo"),
    "switch": gettext_lazy("switch on or off"),
    "contact": gettext_lazy("see the contacts of"),
}

_OWN: dict[str, Any] = {}


def say(words: dict[str, Any]) -> None:
    """Give codes words of their own: ``say({"member.invite": gettext_lazy("invite somebody")})``; called when an app is ready."""
    _OWN.update(words)


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
    return _("{verb} {kind}").format(verb=VERBS[verb], kind=POLICIES[kind].label)
