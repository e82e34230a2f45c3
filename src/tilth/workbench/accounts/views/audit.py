"""The audit: who did what to which thing, when, and by which way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from tilth.workbench.accounts.audit import Filter, said
from tilth.workbench.accounts.policies import audit
from tilth.workbench.accounts.rooms import framed
from tilth.workbench.shell.export import csv_response
from tilth.workbench.shell.pages import page
from tilth.workbench.tenancy.models import Entry
from tilth.workbench.tenancy.policy import POLICIES
from tilth.workbench.tenancy.words import action_words

ROWS = 50


@page(audit, "view")
def listing(request: HttpRequest) -> HttpResponse:
    """Show a page of the audit."""
    chosen = Filter.of(request.GET)
    shown = Paginator(chosen.entries(request.workspace), ROWS).get_page(request.GET.get("page"))
    codes = Entry.objects.order_by("code").values_list("code", flat=True).distinct()
    kinds = Entry.objects.order_by("kind").values_list("kind", flat=True).distinct()
    context = framed(
        request,
        _("Audit"),
        chosen=chosen,
        narrowed=chosen != Filter(),
        shown=shown,
        lines=[said(entry) for entry in shown],
        people=[(name, name) for name in Entry.objects.order_by("who").values_list("who", flat=True).distinct()],
        codes=sorted(((code, action_words(code)) for code in codes), key=lambda pair: pair[1]),
        kinds=[(kind, POLICIES[kind].label if kind in POLICIES else kind) for kind in kinds],
        ways=Entry.Via.choices,
    )
    return TemplateResponse(request, "accounts/audit.html", context)


@page(audit, "export")
def export(request: HttpRequest) -> HttpResponse:
    """Return the lines that the filter leaves, as CSV."""
    columns = [
        ("at", _("time")), ("who", _("who")), ("role", _("role")), ("action", _("action")), ("code", _("code")), ("kind", _("kind of thing")),
        ("name", _("thing")), ("key", _("key")), ("via", _("way")), ("details", _("details")),
    ]  # fmt: skip

    def rows() -> Iterator[dict[str, Any]]:
        for entry in Filter.of(request.GET).entries(request.workspace).iterator(chunk_size=2000):
            line = said(entry, whole=True)
            plain = {name: getattr(entry, name) for name in ("who", "role", "code", "kind", "name", "key")}
            at = timezone.localtime(entry.at).isoformat(" ", "seconds")
            yield {**plain, "at": at, "action": line["action"], "via": entry.get_via_display(), "details": line["details"]}

    return csv_response(f"audit-{request.workspace.slug}-{timezone.localdate():%Y%m%d}", columns, rows())
