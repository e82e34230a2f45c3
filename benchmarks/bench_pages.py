"""How long the workbench's pages take on the server, over the demo brand: every page that needs no key, and questions of each kind.

Each page is asked once cold (nothing of it kept; of a question, its answer), then again and again; printed are the cold time and the median, 95th
percentile and maximum of the warm ones, in milliseconds, with the queries to the control database. The run fails when a page's warm median is above
the promise.

    python benchmarks/bench_pages.py [people, default 20000] [times, default 15]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

PROMISE = 200
"""Milliseconds that a warm page may take: the interface's own yardstick."""
QUESTIONS = (
    "analysis/funnel/",
    "analysis/funnel/?by=channel&compare=previous",
    "analysis/funnel/?dates=all&by=city&where1=platform&where1.value=app",
    "analysis/funnel/people/?cell=%7B%22step%22%3A2%2C%22dropped%22%3Atrue%7D",
    "analysis/retention/",
    "analysis/retention/?dates=all&period=month&by=channel&compare=year",
    "analysis/rfm/?compare=90",
    "analysis/rfm/people/?cell=%7B%22segment%22%3A%22champions%22%7D",
)


def addresses() -> list[str]:
    """Return the addresses below a workspace that need no key."""
    from django.conf import settings
    from django.urls import get_resolver

    from tilth.workbench.shell.allowed import OURS

    found = [""]
    for outer in get_resolver(settings.WORKSPACE_URLCONF).url_patterns:
        if getattr(outer, "namespace", None) in OURS:
            found += [str(outer.pattern) + str(inner.pattern) for inner in outer.url_patterns if hasattr(inner, "callback")]
    return [address for address in found if "<" not in address]


def measure(client: object, path: str, times: int) -> tuple[int, float, list[float], int]:
    """Return the status, the cold time and the warm times in milliseconds, and the queries of the last."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken = []
    answer = f"{path}{'&' if '?' in path else '?'}answer=1" if path.removeprefix("/w/demo/") in QUESTIONS else path
    for turn in range(times + 1):
        began = time.perf_counter()
        response = client.get(path if turn else answer)
        taken.append((time.perf_counter() - began) * 1000)
        if response.status_code != 200:
            return response.status_code, taken[0], [], 0
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return 200, taken[0], taken[1:], len(queries)


def main() -> None:
    people, times = (int(given) for given in (*sys.argv[1:], *("20000", "15")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if "TILTH_HOME" in os.environ or (Path.cwd() / ".tilth").exists():
            kernels = Path(os.environ.get("TILTH_HOME", Path.cwd() / ".tilth")) / "cache" / "kernels"
            kernels.mkdir(parents=True, exist_ok=True)
            (home / "cache").mkdir()
            (home / "cache" / "kernels").symlink_to(kernels.resolve())
        os.environ |= {"TILTH_HOME": folder, "TILTH_LOG_LEVEL": "error", "TILTH_LIMITS_HEAVY_SECONDS": "3600"}
        run(home, people, times)


def run(home: Path, people: int, times: int) -> None:
    from tilth.warehouse.demo import filling, generate
    from tilth.warehouse.workspace import Workspace
    from tilth.workbench.config.setup import prepare, start_django

    facts = Workspace.create(home / "workspaces" / "demo")
    filling.fill(facts, generate(people=people), who="benchmark")
    rows = int(facts.status().set_index("table")["rows"]["events"])
    start_django()
    prepare(demo=facts.root)

    from django.test import Client

    from tilth.workbench.accounts.models import User

    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(), backend="tilth.workbench.accounts.backends.MemberBackend")
    print(f"{rows:,} events of {people:,} people; {times} times warm\n")
    print(f"{'cold':>8} {'median':>8} {'95 %':>8} {'most':>8} {'queries':>8}  page (milliseconds)")
    slow = []
    for path in (*QUESTIONS, *(path for path in addresses() if path not in QUESTIONS)):
        status, cold, warm, queries = measure(client, f"/w/demo/{path}", times)
        if not warm:
            print(f"{cold:8.0f} {status:>35}  {path}")
            continue
        middle = statistics.median(warm)
        print(f"{cold:8.0f} {middle:8.0f} {statistics.quantiles(warm, n=20)[-1]:8.0f} {max(warm):8.0f} {queries:8}  {path or '(home)'}")
        slow += [path] if middle > PROMISE else []
    if slow:
        sys.exit(f"\nabove {PROMISE} ms: {', '.join(slow)}")


if __name__ == "__main__":
    main()
