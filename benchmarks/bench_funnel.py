"""A funnel of four steps within seven days: Tilth against window functions in DuckDB, both as cold processes over the same Parquet file.

The SQL carries the latest start of a chain from step to step, so both count the same people; the run fails if they do not. Printed: seconds, peak
memory and their ratio, the median of three runs in turn. Also printed: what the
next question of a session takes.

    python benchmarks/bench_funnel.py [events, default 10000000]
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STEPS = ["view", "cart", "order", "pay"]
WEEK = 7 * 86_400_000_000


def ask_tilth(path: str) -> dict:
    started = time.perf_counter()
    import tilth as tl

    events = tl.Events(path)
    people = events.funnel(STEPS, within="7d").frame["people"].tolist()
    seconds = time.perf_counter() - started
    again = time.perf_counter()
    assert events.funnel(STEPS, within="3d").frame["people"][0] == people[0]
    return {"people": people, "seconds": seconds, "again": time.perf_counter() - again}


def ask_duckdb(path: str) -> dict:
    started = time.perf_counter()
    import duckdb

    query = f"""SELECT *, CASE WHEN event = '{STEPS[0]}' THEN micros END AS s1
                FROM (SELECT user_id, epoch_us(ts) AS micros, event, file_row_number AS place FROM read_parquet('{path}', file_row_number = true))
                WHERE event IN {tuple(STEPS)}"""
    for k, step in enumerate(STEPS[1:], 2):
        query = f"""SELECT * EXCLUDE (began), CASE WHEN event = '{step}' AND micros - began <= {WEEK} THEN began END AS s{k}
                    FROM (SELECT *, max(s{k - 1}) OVER earlier AS began FROM ({query})
                          WINDOW earlier AS (PARTITION BY user_id ORDER BY micros, place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))"""
    counts = ", ".join(f"count(DISTINCT user_id) FILTER (s{k} IS NOT NULL)" for k in range(1, len(STEPS) + 1))
    people = list(duckdb.connect().execute(f"SELECT {counts} FROM ({query})").fetchall()[0])
    return {"people": people, "seconds": time.perf_counter() - started}


def make(path: Path, events: int) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(1)
    names = np.array(["view", "search", "cart", "order", "pay", "open", "share"])
    people = np.array([f"u{k:07d}" for k in range(max(1, events // 30))])
    table = {
        "user_id": people[rng.integers(0, len(people), events)],
        "ts": pa.array(np.sort(rng.integers(1_700_000_000, 1_710_000_000, events)) * 1_000_000, pa.timestamp("us", tz="UTC")),
        "event": names[rng.choice(7, events, p=[0.35, 0.15, 0.12, 0.08, 0.08, 0.17, 0.05])],
    }
    pq.write_table(pa.table(table), path)


def run(side: str, path: Path) -> dict:
    done = subprocess.run([sys.executable, __file__, side, str(path)], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        make(path, events)
        run("tilth", path)  # compiles the kernels
        rounds = [(run("tilth", path), run("duckdb", path)) for _ in range(3)]
    ours, theirs = zip(*rounds, strict=True)
    assert ours[0]["people"] == theirs[0]["people"], (ours[0]["people"], theirs[0]["people"])

    def middle(side: tuple[dict, ...], key: str) -> float:
        return statistics.median(one[key] for one in side)

    print(f"funnel of {len(STEPS)} steps over {events:,} events, {os.cpu_count()} cores; people {ours[0]['people']}")
    print(f"  tilth, cold        {middle(ours, 'seconds'):6.2f} s  {middle(ours, 'mb'):6.0f} MB")
    print(f"  tilth, next        {middle(ours, 'again'):6.2f} s")
    print(f"  DuckDB SQL, cold   {middle(theirs, 'seconds'):6.2f} s  {middle(theirs, 'mb'):6.0f} MB")
    cold, following = middle(theirs, "seconds") / middle(ours, "seconds"), middle(theirs, "seconds") / middle(ours, "again")
    print(f"  ratio DuckDB / tilth: {cold:.1f} cold, {following:.0f} for the next question")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        answer = {"tilth": ask_tilth, "duckdb": ask_duckdb}[sys.argv[1]](sys.argv[2])
        print(json.dumps({**answer, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
    else:
        main()
