"""What data there are: tables, how fresh they are, what came in lately, what waits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tilth.warehouse import index, schema
from tilth.workbench.data import facts, words
from tilth.workbench.data.models import Source
from tilth.workbench.data.policies import loads
from tilth.workbench.data.views import properties
from tilth.workbench.data.views.history import records
from tilth.workbench.data.views.room import frame
from tilth.workbench.jobs.models import OPEN, Job
from tilth.workbench.shell.pages import page
from tilth.workbench.tenancy.models import Membership, Workspace

MISSING_SHOWN = 12
CHARTED = 180
"""Days that a chart of a table's days shows, counted back from the last."""


@require_GET
@page(loads, "view")
def home(request: HttpRequest) -> HttpResponse:
    """Show the tables, the last loads, what waits and what is read by schedule; lead on where there is nothing yet."""
    workspace = request.workspace  # type: ignore[attr-defined]
    status = workspace.facts.status().set_index("table")
    tables = [_summary(workspace, code, int(status["rows"][code]), int(status["bytes"][code])) for code in words.TABLES if status["rows"][code]]
    loaded = records(workspace)
    context = {
        **frame(request, "home"),
        "tables": tables,
        "loads": loaded[:6],
        "index": index.status(workspace.facts) if status["rows"]["events"] else None,
        "waiting": sum(one["waiting"] for one in loaded),
        "sources": Source.objects.select_related("schedule")[:6],
        "filling": Job.objects.filter(kind="data.demo", state__in=OPEN).first(),
        "demo": Membership.objects.filter(user=request.user, workspace__is_demo=True).select_related("workspace").first(),
    }
    return TemplateResponse(request, "data/home.html", context)


def _summary(workspace: Workspace, code: str, rows: int, size: int) -> dict[str, Any]:
    days = list(facts.days(workspace, code).items())
    last = days[-1][0]
    behind = (timezone.localdate() - last).days
    return {
        "code": code,
        "label": words.table(code),
        "rows": rows,
        "bytes": size,
        "first": days[0][0],
        "last": last,
        "behind": behind,
        "daily": recent(dict(days), 30),
    }


def recent(days: dict[dt.date, int], count: int) -> list[int]:
    """Return the rows of each of the last `count` days up to the last day that has any."""
    last = max(days)
    return [days.get(last - dt.timedelta(days=ago), 0) for ago in range(count - 1, -1, -1)]


@require_GET
@page(loads, "view")
def table(request: HttpRequest, table: str) -> HttpResponse:
    """Show a table: rows, span, days without rows, and its columns."""
    if table not in schema.TABLES:
        raise Http404
    workspace = request.workspace  # type: ignore[attr-defined]
    days = facts.days(workspace, table)
    context: dict[str, Any] = {
        **frame(request, "home", (words.table(table), None)),
        "code": table,
        "label": words.table(table),
        "doc": words.about(table),
        **properties.listed(request, table, facts.properties(workspace, table=table)),
    }
    if days:
        first, last = min(days), max(days)
        span = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
        missing = [day for day in span if day not in days]
        shown = span[-CHARTED:]
        context |= {
            "rows": sum(days.values()),
            "first": first,
            "last": last,
            "span": len(span),
            "missing": missing[-MISSING_SHOWN:],
            "missing_count": len(missing),
            "complete": (len(span) - len(missing)) / len(span),
            "option": by_day({day: days.get(day, 0) for day in shown}, _("Rows")),
        }
    return TemplateResponse(request, "data/table.html", context)


def by_day(days: dict[dt.date, int], name: str) -> dict[str, Any]:
    """Return the chart of counts by day."""
    return {
        "grid": {"left": 8, "right": 8, "top": 16, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [day.isoformat() for day in days]},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [{"type": "bar", "name": name, "data": list(days.values())}],
    }
