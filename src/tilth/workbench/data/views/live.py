"""What arrives live, as it arrives; one item with what was wrong and its mend; the way to the first event."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tilth.collector.loading.lag import lag
from tilth.workbench.config.options import collector_url
from tilth.workbench.data import arriving, snippets
from tilth.workbench.data.actions import live as actions
from tilth.workbench.data.models import WriteKey
from tilth.workbench.data.policies import live
from tilth.workbench.data.views.room import frame
from tilth.workbench.shell.pages import page

MINUTE = 60_000_000  # microseconds
LONG = 30.0  # seconds after which what waits is worth a word


@never_cache
@require_GET
@page(live, "view")
def arrivals(request: HttpRequest) -> HttpResponse:
    """Show what arrived last, the newest first; by htmx only the list."""
    workspace = request.workspace  # type: ignore[attr-defined]
    asked = {"key": request.GET.get("key", ""), "event": request.GET.get("event", ""), "bad": request.GET.get("bad") == "1"}
    keys = list(WriteKey.objects.all())
    everything = arriving.latest(workspace)
    found = [one for one in everything if _fits(one, **asked)]
    minute = [one for one in everything if one.item.received > time.time() * 1_000_000 - MINUTE]
    waits = lag(workspace.facts)
    context = {
        "seen": found[: arriving.SHOWN],
        "asked": asked,
        "any": bool(everything),
        "keys": keys,
        "minute": len(minute),
        "people": len({one.item.ids[0][1] for one in minute if one.item.ids}),
        "refused": sum(one.item.state == "refused" for one in everything),
        "waits": waits if waits.seconds > LONG else None,
    }
    if request.htmx:  # type: ignore[attr-defined]
        return TemplateResponse(request, "data/live_rows.html", context)
    choices = {"key_options": [("", _("all keys")), *((str(one.pk), one.name) for one in keys)]}
    choices["event_options"] = [("", _("all events")), *((name, name) for name in arriving.events(workspace))]
    return TemplateResponse(request, "data/live.html", {**frame(request, "live"), **context, **choices})


def _fits(one: arriving.Seen, key: str, event: str, bad: bool) -> bool:
    return key in ("", one.item.key) and event in ("", one.item.event) and (not bad or one.item.state == "refused")


@never_cache
@require_GET
@page(live, "view")
def item(request: HttpRequest, name: str) -> HttpResponse:
    """Show an item: what came with it, masked, what is wrong with it, and how it would be good."""
    return _item(request, name)


@never_cache
@require_POST
@page(live, "contact")
def full(request: HttpRequest, name: str) -> HttpResponse:
    """Show an item in full; the audit notes it."""
    return _item(request, name, full=True)


def _item(request: HttpRequest, name: str, *, full: bool = False) -> HttpResponse:
    found = arriving.find(request.workspace, name)  # type: ignore[attr-defined]
    if found is None:
        raise Http404(_("It is not among the last items any more."))
    if full:
        actions.show(request.actor, found.name)  # type: ignore[attr-defined]
    seen = arriving.seen(request.workspace, found)  # type: ignore[attr-defined]
    context = {"one": seen, "told": arriving.told(found, full=full), "full": full}
    if request.htmx:  # type: ignore[attr-defined]
        return TemplateResponse(request, "data/live_item.html", context)
    return TemplateResponse(request, "data/live_one.html", {**frame(request, "live", (seen.what, None)), **context})


@never_cache
@require_GET
@page(live, "view")
def first(request: HttpRequest) -> HttpResponse:
    """Show how a client sends its first event, and wait for it."""
    workspace = request.workspace  # type: ignore[attr-defined]
    keys = [one for one in WriteKey.objects.all() if one.is_active]
    key = next((one for one in keys if str(one.pk) == request.GET.get("key")), keys[0] if keys else None)
    code = request.GET.get("with", "web")
    code = code if code in snippets.CLIENTS else "web"
    since = _since(request.GET.get("since", ""))
    context: dict[str, Any] = {"key": key, "code": code, "since": since}
    if key is not None:
        context["seen"] = arriving.latest(workspace, key=str(key.pk), after=since)[:5]
        context["again"] = f"{reverse('data:first')}?with={code}&key={key.pk}&since={since}"
    if request.htmx and request.GET.get("poll"):  # type: ignore[attr-defined]
        return TemplateResponse(request, "data/first_waiting.html", context)
    host = collector_url(settings.OPTIONS)
    client = snippets.CLIENTS[code]
    context |= {
        "keys": keys,
        "host": host,
        "client": client,
        "lines": client.for_key(key.key, host) if key else "",
        "clients": [(name, str(one.name)) for name, one in snippets.CLIENTS.items()],
        "key_options": [(str(one.pk), one.name) for one in keys],
    }
    return TemplateResponse(request, "data/first.html", {**frame(request, "live", (_("Send the first event"), None)), **context})


def _since(text: str) -> int:
    """Return since when events are waited for, in microseconds since 1970: now, unless the address says."""
    return int(text) if text.isdecimal() and len(text) < 18 else int(time.time() * 1_000_000)
