"""How a page of ours is made: a function with a right, drawn in the shell.

::

    @page(questions, "view")
    def funnel(request):
        return TemplateResponse(request, "measure/funnel.html", {...})

Without the right the answer is 403 with the words of the policy; outside a workspace there is no such page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from tilth.workbench.tenancy.policy import Policy, Refused
from tilth.workbench.tenancy.words import action_words

View = Callable[..., HttpResponse]


def page(policy: Policy | None = None, verb: str = "view") -> Callable[[View], View]:
    """Make a view a page of the workspace that needs a right; without a policy every member may see it."""

    def decorate(view: View) -> View:
        @wraps(view)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = request.actor  # type: ignore[attr-defined]
            if actor is None:
                raise Http404
            try:
                if policy is not None:
                    policy.require(actor, verb)
                return view(request, *args, **kwargs)
            except Refused as refused:
                return forbidden(request, refused)

        shown.policy, shown.verb = policy, verb  # type: ignore[attr-defined]
        return shown

    return decorate


def forbidden(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Return the page that says what is not allowed and who may do it."""
    reason = str(refused)
    if refused.code:
        reason = _("“{action}” is for these roles: {roles}.").format(action=action_words(refused.code), roles=refused.roles)
    context = {"reason": reason, "crumbs": [(_("No right"), None)]}
    return TemplateResponse(request, "shell/forbidden.html", context, status=403)
