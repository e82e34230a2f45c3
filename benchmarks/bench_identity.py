"""Ids to people: 10 million calls that name two ids each, by Tilth's rules, beside plain connected components of the same edges by SciPy.

SciPy answers an easier question: all that is connected is one. Tilth asks of each call, in the order of time, whether two known people would become
one, who owns what since when, and which devices are shared. Where nothing stands against joining, both must find the same people, and the run fails
if they do not. The other stories hold logins that forbid joining: people with two devices, families on one device, tablets in shops; on them Tilth
is timed alone, and checked for nobody having two user ids. Each side is a cold process over the same arrays; compiled kernels are kept. Printed:
seconds, peak memory.

    python benchmarks/bench_identity.py [calls, default 10000000]
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

import numpy as np

STORIES = ("anonymous", "logins", "unbinding")


class Numbered:
    """Names made from numbers when somebody asks."""

    def __init__(self, letter: str, count: int) -> None:
        self.letter, self.count = letter, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, place: int) -> str:
        return f"{self.letter}{place:09d}"


def make(story: str, calls: int, folder: Path) -> None:
    """Write two id codes a call, and their kinds: 0 user, 1 device, 2 anonymous."""
    rng = np.random.default_rng(5)
    users, devices, cookies = calls // 8, calls // 4, calls // 2
    kind = np.repeat([0, 1, 2], [users, devices, cookies]).astype(np.int16)
    pick = rng.random(calls)
    device = (devices * rng.power(1.5, calls)).astype(np.int64)
    cookie = users + devices + rng.integers(0, cookies, calls)
    if story == "anonymous":  # cookies with cookies and devices, few enough to a person that no limit is met
        own = rng.integers(0, devices, calls)
        a, b = users + own, users + devices + 2 * own + (pick < 0.5)
    else:  # a device is its owner's, a few are somebody else's now and then; a cookie is of one device
        owner = np.where(pick < 0.02, rng.integers(0, users, calls), device % users)
        a = np.where(rng.random(calls) < 0.4, owner, users + device)
        b = np.where(a < users, users + device, cookie)
    np.save(folder / "ids.npy", np.stack([a, b], 1).astype(np.int32))
    np.save(folder / "kind.npy", kind)


def ask_tilth(folder: Path, story: str) -> dict:
    ids, kind = np.load(folder / "ids.npy"), np.load(folder / "kind.npy")
    started = time.perf_counter()
    from dataclasses import replace

    from tilth.analysis.people.columns import SAYS, Columns
    from tilth.analysis.people.identity import resolve_columns
    from tilth.analysis.people.kinds import DEFAULT, Kinds

    count = len(ids)
    says = np.zeros(count, np.int8)
    unbindings = range(count // 2, count, count // 2000) if story == "unbinding" else range(0)
    says[unbindings] = SAYS.index("unbind")
    kinds = Kinds() if story != "anonymous" else Kinds(tuple(replace(one, limit=None if one.name == "anonymous" else one.limit) for one in DEFAULT))
    calls = Columns(
        times=np.arange(count),
        says=says,
        offsets=np.arange(0, 2 * count + 1, 2),
        codes=ids.ravel(),
        kind=kind,
        names=("user", "device", "anonymous"),
        values=Numbered("i", len(kind)),
        messages=Numbered("m", count),
        rare={},
    )
    people = resolve_columns(calls, kinds)
    lead = people.leading()
    found = {"seconds": time.perf_counter() - started}
    open_now = people.links["until"] < 0
    owner = np.full(len(kind), -1)
    owner[people.links["id"][open_now]] = lead[people.links["person"][open_now]]
    known = owner[: int((kind == 0).sum())]
    assert len(np.unique(known[known >= 0])) == (known >= 0).sum(), "two known people became one"
    asked = time.perf_counter()
    whose = people.assign()
    return {
        **found,
        "assigned": time.perf_counter() - asked,
        "people": len(np.unique(owner[owner >= 0])),
        "nobody": int((whose < 0).sum()),
        "clashes": len(people.clashes),
        "shared": len(people.shares),
        "unbindings": len(unbindings),
    }


def ask_scipy(folder: Path, story: str) -> dict:
    ids, kind = np.load(folder / "ids.npy"), np.load(folder / "kind.npy")
    started = time.perf_counter()
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(ids), np.bool_), (ids[:, 0], ids[:, 1])), shape=(len(kind), len(kind)))
    label = connected_components(graph, directed=False)[1]
    seconds = time.perf_counter() - started
    return {"people": len(np.unique(label[np.unique(ids)])), "seconds": seconds}


def run(side: str, folder: Path, story: str) -> dict:
    done = subprocess.run([sys.executable, __file__, side, str(folder), story], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    print(f"{calls:,} calls of two ids, {os.cpu_count()} cores")
    for story in STORIES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            make(story, calls, folder)
            run("tilth", folder, story)  # compiles the kernel
            rounds = [(run("tilth", folder, story), run("scipy", folder, story)) for _ in range(3)]
        ours, theirs = zip(*rounds, strict=True)
        told = ours[0]
        if story == "anonymous":
            assert told["people"] == theirs[0]["people"], (told["people"], theirs[0]["people"])

        def middle(side: tuple[dict, ...], key: str) -> float:
            return statistics.median(one[key] for one in side)

        print(f"{story}: {told['people']:,} people, {told['clashes']:,} conflicts, {told['shared']:,} shared, {told['unbindings']} unbindings")
        print(f"  tilth                        {middle(ours, 'seconds'):6.2f} s  {middle(ours, 'mb'):6.0f} MB")
        print(f"  whose each call is           {middle(ours, 'assigned'):6.2f} s")
        print(
            f"  scipy connected_components   {middle(theirs, 'seconds'):6.2f} s  {middle(theirs, 'mb'):6.0f} MB, {theirs[0]['people']:,} components"
        )


if __name__ == "__main__":
    if len(sys.argv) > 2:
        answer = {"tilth": ask_tilth, "scipy": ask_scipy}[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
        print(json.dumps({**answer, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
    else:
        main()
