"""Questions about behaviour: Tilth against ClickHouse (chdb), DuckDB, Polars and Retentioneering, over the same generated events.

Tilth's events are loaded into a workspace and asked through ``Workspace.events()``. Each side is a process of its own, one after the other, on the
same two cores. A time is the median of five after one to warm up. The run fails when an answer differs or a limit is broken. Peers are installed into
an environment of their own, below Tilth's home, as peers.txt says.

    python benchmarks/bench_behaviour.py [events, default 50000000] [--write] [--peers PYTHON]

``--write`` puts the tables into docs/benchmarks.md; ``--peers`` names a Python that has the peers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from importlib.metadata import version
from pathlib import Path
from typing import Any

from behaviour import data, table
from behaviour.verdict import Different, checks

HERE = Path(__file__).parent
LARGE_PEERS = ("clickhouse", "duck", "frames")
SMALL_PEERS = ("eventstream",)
COLD_EVENTS = 1_000_000


def peers_python() -> Path:
    """Return the Python of the peers' environment, which is made when there is none for this list of peers."""
    from tilth.engine.home import home

    wanted = (HERE / "peers.txt").read_bytes()
    folder = home() / "cache" / f"peers-{hashlib.sha256(wanted).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if not (folder / "made").exists():
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", HERE / "peers.txt"], check=True)
        (folder / "made").touch()
    return python


def told(python: Path | str, module: str, *given: Any) -> dict[str, Any]:
    """Return what a side of the bench measured, in a process of its own."""
    began = time.perf_counter()
    done = subprocess.run([python, "-m", f"behaviour.{module}", *map(str, given)], cwd=HERE, stdout=subprocess.PIPE, text=True, check=True)
    print(f"  {module} {' '.join(map(str, given[:1] if module == 'ours' else given[1:]))}: {time.perf_counter() - began:.0f} s", flush=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else {}


def ours(task: str, folder: Path) -> dict[str, Any]:
    return told(sys.executable, "ours", task, folder)


def measured(folder: Path, events: int, python: Path, peers: tuple[str, ...]) -> dict[str, Any]:
    """Return what both sizes are measured by."""
    print(f"{events:,} events", flush=True)
    folder.mkdir()
    data.write(folder / "events.parquet", events)
    ours("load", folder)
    found = ours("build", folder) | ours("ask", folder)
    return found | {"events": events, "peers": {peer: told(python, peer, folder) for peer in peers}}


def measured_once(folder: Path, events: int, python: Path) -> dict[str, Any]:
    """Return what is measured on the many events alone."""
    found = ours("remember", folder) | told(python, "duck", folder, "sort")
    data.write(folder / "later.parquet", events, events // 100)
    found |= ours("take_in", folder)
    data.write(folder / "million.parquet", COLD_EVENTS)
    seconds = []
    for _turn in range(6):
        began = time.perf_counter()
        ours("cold", folder)
        seconds.append(time.perf_counter() - began)
    return found | {"cold": statistics.median(seconds[1:])}  # the first one may compile


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", type=int, nargs="?", default=50_000_000)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--peers", type=Path)
    given = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    os.environ |= {"TILTH_CORES": "2", "POLARS_MAX_THREADS": "2", "TILTH_LOG_LEVEL": "error", "RETENTIONEERING_NO_TRACK": "1"}
    python = given.peers.absolute() if given.peers else peers_python()
    with tempfile.TemporaryDirectory(prefix="tilth-bench-") as folder:
        small = measured(Path(folder) / "small", given.events // 10, python, SMALL_PEERS)
        small["spark"] = told(sys.executable, "cluster", Path(folder) / "small")
        large = measured(Path(folder) / "large", given.events, python, LARGE_PEERS)
        large |= measured_once(Path(folder) / "large", given.events, python)
    large["version"] = f"Tilth {version('tilth')} (Numba {version('numba')}, NumPy {version('numpy')})"
    try:
        found = checks(large, small)
        for name, on_spark in small["spark"]["rows"].items():
            if on_spark["answer"] != small["rows"][name]["answer"]:
                raise Different(f"{name}: on Spark {str(on_spark['answer'])[:300]}, here {str(small['rows'][name]['answer'])[:300]}")
        assert large["sort"]["answer"] == large["build"]["answer"] == given.events
        assert large["take_in"]["answer"] == given.events // 100
    except Different as fault:
        print(fault)
        return 1
    print(table.figures(found, large, small, language=1))
    if given.write:
        table.write(found, large, small)
    return 0 if all(check.passed for check in found) else 1


if __name__ == "__main__":
    sys.exit(main())
