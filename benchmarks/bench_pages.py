"""How long the workbench's pages take on the server, over the demo brand: every page that needs no key, questions of each kind, and of every page
that needs a key (a person, a segment, a load, the columns of a file that is being loaded) the first one that other pages link to.

Each page is asked once cold (nothing of it kept; of a question, its answer), then again and again; printed are the cold time and the median, 95th
percentile and maximum of the warm ones, in milliseconds, with the queries to the control database. The run fails when a page's warm median is above
the promise.

    python benchmarks/bench_pages.py [people, default 20000] [times, default 15]
"""

from __future__ import annotations

import hashlib
import json
import os
import re
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


def measure(client: object, path: str, times: int) -> tuple[object, float, list[float], int]:
    """Return the last answer, the cold time and the warm times in milliseconds, and the queries of the last."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken = []
    answer = f"{path}{'&' if '?' in path else '?'}answer=1" if path.removeprefix("/w/demo/") in QUESTIONS else path
    for turn in range(times + 1):
        began = time.perf_counter()
        response = client.get(path if turn else answer)
        taken.append((time.perf_counter() - began) * 1000)
        if response.status_code != 200:
            return response, taken[0], [], 0
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return response, taken[0], taken[1:], len(queries)


def prepare_things(client: object) -> None:
    """Make what a demo brand does not come with: a segment of some thousand people, and a file that waits for its columns to be named."""
    from tilth.warehouse.persons import PeopleFilter, Where, chosen
    from tilth.workbench.people import actions
    from tilth.workbench.tenancy import scope
    from tilth.workbench.tenancy.actions import Actor
    from tilth.workbench.tenancy.models import Membership, Workspace

    with scope.use(Workspace.objects.get()) as workspace:
        found = chosen(workspace.facts, PeopleFilter(where=(Where("channel", "equals", "douyin"),)))
        actions.save_segment(Actor.of(Membership.objects.get()), name="抖音来的人", people=found)
    lines = "".join(f"{n},{n % 977},2026-01-{n % 28 + 1:02} 10:00:00,{n % 90}.50\n" for n in range(20_000))
    content = f"订单号,会员,下单时间,金额\n{lines}".encode()
    begun = client.post(
        "/w/demo/data/load/uploads/", json.dumps({"name": "orders.csv", "size": len(content)}), content_type="application/json"
    ).json()
    headers = {"upload-offset": "0", "piece-digest": hashlib.sha256(content).hexdigest()}
    client.put(begun["url"], content, content_type="application/octet-stream", headers=headers)
    client.post(begun["finish"])


def linked(response: object, known: set[str]) -> list[str]:
    """Return one address below the workspace for each pattern with a key that the page links to and that is not `known` yet; note them as known."""
    from django.conf import settings
    from django.urls import Resolver404, resolve

    from tilth.workbench.shell.allowed import OURS

    found = []
    for address in re.findall(r'(?:href|hx-get|data-href)="/w/demo/([^"#?]+)"', response.content.decode(errors="replace")):
        try:
            match = resolve(f"/{address}", settings.WORKSPACE_URLCONF)
        except Resolver404:
            continue
        if match.route not in known and match.kwargs and match.namespace in OURS:
            known.add(match.route)
            found.append(address)
    return found


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
    prepare_things(client)
    print(f"{rows:,} events of {people:,} people; {times} times warm\n")
    print(f"{'cold':>8} {'median':>8} {'95 %':>8} {'most':>8} {'queries':>8}  page (milliseconds)")
    slow, known = [], set()
    waiting = [*QUESTIONS, *(path for path in addresses() if path not in QUESTIONS)]
    while waiting:
        path = waiting.pop(0)
        response, cold, warm, queries = measure(client, f"/w/demo/{path}", times)
        if not warm:
            print(f"{cold:8.0f} {response.status_code:>35}  {path}")
            continue
        middle = statistics.median(warm)
        print(f"{cold:8.0f} {middle:8.0f} {statistics.quantiles(warm, n=20)[-1]:8.0f} {max(warm):8.0f} {queries:8}  {path or '(home)'}")
        slow += [path] if middle > PROMISE else []
        if "text/html" in response.headers["content-type"]:
            waiting += linked(response, known)
    if slow:
        sys.exit(f"\nabove {PROMISE} ms: {', '.join(slow)}")


if __name__ == "__main__":
    main()
