"""How long a load into the warehouse takes, as a ratio to DuckDB reading the same file into a database of its own.

Run ``python benchmarks/bench_load.py [--rows 10000000] [--time unix|iso] [--times 3]``. Each time is that of a new process; the medians are
compared. DuckDB only stores what it reads; the load also takes the file's digest, checks every row against the schema, numbers it and cuts by month.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

PEER = """
import json, sys, time
began = time.perf_counter()
import duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("CREATE TABLE t AS SELECT * FROM read_csv(?)", [sys.argv[2]])
connection.close()
print(json.dumps(time.perf_counter() - began))
"""

OURS = """
import json, sys, time
began = time.perf_counter()
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.workspace import Workspace
fields = {"person": Field("person"), "time": Field("time", sys.argv[3]), "event": Field("event"), "channel": Field("channel"),
          "product": Field("product"), "value": Field("value", "number")}
load = Workspace.create(sys.argv[1]).load(sys.argv[2], Mapping("events", fields))
assert load.quarantined == 0, load
print(json.dumps(time.perf_counter() - began))
"""


def generated(path: Path, rows: int, time: str) -> None:
    """Write the file: people, times (one event every three seconds on average), events, channels, products, values."""
    seconds = "1700000000 + n * 3 + (hash(n + 7) % 3)::BIGINT"
    written = seconds if time == "unix" else f"strftime(make_timestamp(({seconds}) * 1000000), '%Y-%m-%d %H:%M:%S')"
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            COPY (
                SELECT 'u' || (hash(n) % 500000) AS person, {written} AS time,
                       ['浏览', '加购', '下单', '支付', '分享'][1 + (hash(n * 3) % 5)::INT] AS event,
                       ['wechat', 'douyin', 'store', 'baidu'][1 + (hash(n * 5) % 4)::INT] AS channel,
                       'SKU' || (hash(n * 11) % 20000) AS product,
                       ((hash(n * 13) % 100000) / 100.0)::DECIMAL(10, 2) AS value
                FROM range({rows}) AS t(n)
            ) TO '{path.as_posix()}' (HEADER)
            """
        )


def seconds(program: str, *given: str) -> float:
    """Return what a program run in a new process says it took."""
    done = subprocess.run([sys.executable, "-c", program, *given], check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1]))  # DuckDB shows its progress before it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--time", choices=["unix", "iso"], default="unix")
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    kind = {"unix": "unix_s", "iso": "iso"}[given.time]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.csv"
        generated(path, given.rows, given.time)
        peer, ours = [], []
        for number in range(given.times):
            database = Path(folder) / f"{number}.duckdb"
            peer.append(seconds(PEER, str(database), str(path)))
            database.unlink()
            ours.append(seconds(OURS, str(Path(folder) / f"workspace-{number}"), str(path), kind))
        size = path.stat().st_size
    a, b = statistics.median(ours), statistics.median(peer)
    print(
        f"load: {given.rows:,} rows, {size / 1e6:.0f} MB, {given.time} time, {os.cpu_count()} cores: "
        f"warehouse {a:.2f} s, DuckDB {b:.2f} s, ratio {a / b:.2f} (at most 2.5)"
    )


if __name__ == "__main__":
    main()
