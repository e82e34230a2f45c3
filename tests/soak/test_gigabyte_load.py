"""A gigabyte of CSV loads in bounded memory, whole. Prints its figures for the docs: ``pytest -m soak -s tests/soak/test_gigabyte_load.py``."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import psutil
import pytest

from tilth.warehouse.workspace import Workspace

PROJECT = Path(__file__).parents[2]
ROWS = 14_000_000
LIMIT = 1.5e9  # bytes of memory that the loading process may take at its peak

LOAD = """
import json, sys
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.workspace import Workspace
fields = {"person": Field("user"), "time": Field("time", "iso"), "event": Field("event"), "channel": Field("channel"),
          "product": Field("product"), "value": Field("value", "number")}
load = Workspace.open(sys.argv[1]).load(sys.argv[2], Mapping("events", fields))
print(json.dumps([load.rows, load.accepted, load.quarantined, load.seconds]))
"""


def generated(path: Path) -> None:
    """Write events of a year in random order, with two columns that become properties and some broken rows."""
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            COPY (
                SELECT 'u' || (hash(n) % 800000) AS user,
                       strftime(TIMESTAMP '2024-03-01' + to_seconds((hash(n + 1) % 31536000)::BIGINT), '%Y-%m-%d %H:%M:%S') AS time,
                       CASE WHEN n % 1000000 = 7 THEN '' ELSE ['浏览', '加购', '下单', '支付', '分享'][1 + (hash(n + 2) % 5)::INT] END AS event,
                       ['微信', '抖音', '门店'][1 + (hash(n + 3) % 3)::INT] AS channel,
                       'SKU' || (hash(n + 4) % 30000) AS product,
                       CASE WHEN n % 1000000 = 8 THEN '面议' ELSE ((hash(n + 5) % 100000) / 100.0)::DECIMAL(10, 2)::VARCHAR END AS value,
                       '/pages/goods/' || (hash(n + 6) % 5000) AS page,
                       hash(n + 7) % 9 AS depth
                FROM range({ROWS}) AS t(n)
            ) TO '{path.as_posix()}' (HEADER)
            """
        )


@pytest.mark.soak
def test_a_gigabyte_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "year.csv"
    generated(path)
    assert path.stat().st_size >= 1e9
    workspace = Workspace.create(tmp_path / "shop")
    process = subprocess.Popen([sys.executable, "-c", LOAD, str(workspace.root), str(path)], stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    watched = psutil.Process(process.pid)
    peak = 0

    def watch() -> None:
        nonlocal peak
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().rss)
            except psutil.NoSuchProcess:
                return
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, _err = process.communicate()
    watcher.join()
    rows, accepted, quarantined, seconds = json.loads(out)
    broken = 2 * (ROWS // 1_000_000)
    assert (rows, accepted, quarantined) == (ROWS, ROWS - broken, broken)
    status = workspace.status().set_index("table").loc["events"]
    print(
        f"\n{path.stat().st_size / 1e9:.2f} GB, {rows:,} rows in {seconds:.1f} s, peak memory {peak / 1e9:.2f} GB,"
        f" {status['files']} files of {status['bytes'] / 1e6:.0f} MB"
    )
    assert peak < LIMIT
    seen = workspace.relation("events").aggregate("count(*), count(DISTINCT seq), count(DISTINCT row), count(DISTINCT month)").fetchall()
    assert seen == [(accepted, accepted, accepted, 12)]
