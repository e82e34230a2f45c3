"""``/metrics`` for Prometheus: requests of this process and its siblings, and what the database and the facts tell.

Each process keeps its counts in files below ``cache/metrics``, as prometheus-client does it for several processes; whichever is asked adds all up.
Only this machine may ask, and who shows the token that the administrator wrote into ``secrets/metrics``. A count bears the name of a view and of a
workspace, never an address, a query or a person.
"""

from __future__ import annotations

import hmac
import os
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tilth.engine.home import home
from tilth.workbench.config import secrets

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
NEAR = ("127.0.0.1", "::1")
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)


def begin() -> None:
    """Forget the counts of processes that are over, and say where new ones keep theirs: called by the server before its processes start."""
    folder = home() / "cache" / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[FOLDER] = str(folder)


class MetricsMiddleware:
    """Counts requests, and measures how long they take."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        from prometheus_client import Counter, Histogram

        self.get_response = get_response
        self.requests = _once(Counter, "tilth_requests", "Requests answered", ("view", "method", "status"))
        self.seconds = _once(Histogram, "tilth_request_seconds", "How long requests took", ("view",), buckets=BUCKETS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        view = (match.view_name if match else "") or "-"
        method = request.method if request.method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"
        self.requests.labels(view, method, response.status_code).inc()
        self.seconds.labels(view).observe(time.perf_counter() - began)
        return response


_made: dict[str, object] = {}


def _once(kind: Callable[..., object], name: str, *told: object, **how: object) -> object:
    """Return a metric, made when it is first asked for: there is one of a name in a process."""
    if name not in _made:
        _made[name] = kind(name, *told, **how)
    return _made[name]


class Told:
    """What is not counted but asked for: jobs and promises in the database, rows of the facts, kept answers."""

    def collect(self) -> Iterable[object]:
        """Yield the metrics, read now."""
        from prometheus_client.core import GaugeMetricFamily

        from tilth.collector.loading.lag import lag
        from tilth.workbench.config.health import checks
        from tilth.workbench.jobs.models import Intent, Job
        from tilth.workbench.tenancy import scope
        from tilth.workbench.tenancy.models import Workspace

        well = GaugeMetricFamily("tilth_healthy", "Whether a part is well", labels=["part"])
        for one in checks():
            well.add_metric([one.name], int(one.ok))
        yield well
        jobs = GaugeMetricFamily("tilth_jobs", "Jobs that are listed, by kind and state", labels=["kind", "state"])
        stuck = GaugeMetricFamily("tilth_promises_open", "Effects on the facts that are promised and not yet done")
        with scope.everywhere():
            for kind, state, count in Job.objects.order_by().values_list("kind", "state").annotate(Count("pk")):
                jobs.add_metric([kind, state], count)
            stuck.add_metric([], Intent.objects.filter(done_at=None).count())
        yield jobs
        yield stuck
        rows = GaugeMetricFamily("tilth_rows", "Rows of the facts", labels=["workspace", "table"])
        size = GaugeMetricFamily("tilth_facts_bytes", "Bytes of the facts", labels=["workspace", "table"])
        loads = GaugeMetricFamily("tilth_loads", "Loads that stand", labels=["workspace"])
        behind = GaugeMetricFamily("tilth_live_bytes_waiting", "Bytes of live events that wait to be loaded", labels=["workspace"])
        oldest = GaugeMetricFamily("tilth_live_seconds_waiting", "How long the oldest of them has waited", labels=["workspace"])
        for workspace in Workspace.objects.all():
            for table in workspace.facts.status().itertuples():
                rows.add_metric([workspace.slug, table.table], table.rows)
                size.add_metric([workspace.slug, table.table], table.bytes)
            loads.add_metric([workspace.slug], len(workspace.facts.history.all()))
            waits = lag(workspace.facts)
            behind.add_metric([workspace.slug], waits.bytes)
            oldest.add_metric([workspace.slug], waits.seconds)
        yield behind
        yield oldest
        yield rows
        yield size
        yield loads
        kept = [file.stat().st_size for file in Path(home(), "workspaces").glob("*/cache/answers/*.json")]
        yield GaugeMetricFamily("tilth_answers_kept", "Answers of questions that are kept", value=len(kept))
        yield GaugeMetricFamily("tilth_answers_bytes", "Bytes of kept answers", value=sum(kept))


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell Prometheus; nobody else learns that there is such a page."""
    from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    if not _may(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Told())
    if FOLDER in os.environ:
        MultiProcessCollector(registry)
        counted = b""
    else:
        counted = generate_latest(REGISTRY)
    return HttpResponse(generate_latest(registry) + counted, content_type=CONTENT_TYPE_LATEST)


def _may(request: HttpRequest) -> bool:
    """Whether this machine asks, directly and not through a proxy on it, or the token is shown."""
    token = secrets.password("metrics")
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if token and hmac.compare_digest(shown.encode(), token.encode()):
        return True
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    return request.META.get("REMOTE_ADDR") in NEAR and not forwarded and not settings.OPTIONS.server.behind_proxy
