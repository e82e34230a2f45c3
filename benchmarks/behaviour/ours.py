"""Tilth's side: the events are loaded into a workspace (Delta), and every question is asked of ``Workspace.events()``, which answers from the index.

python -m behaviour.ours <task> <folder>
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from behaviour.measure import timed, told
from behaviour.questions import STEPS

DAY = 86_400


def workspace(folder: Path) -> Any:
    from tilth.warehouse.workspace import Workspace

    return Workspace.open(folder / "workspace")


def load(folder: Path, file: str = "events.parquet") -> None:
    """Load a file into the workspace, which is made if there is none."""
    from tilth.warehouse.loading.mapping import Field, Mapping
    from tilth.warehouse.workspace import Workspace

    fields = {name: Field(name) for name in ("person", "event", "channel", "platform")} | {"time": Field("time", "iso")}
    root = folder / "workspace"
    found = (Workspace.open if root.exists() else Workspace.create)(root).load(folder / file, Mapping("events", fields))
    assert found.quarantined == 0, found


def build(folder: Path) -> None:
    """Make the index."""
    from tilth.warehouse import index

    facts = workspace(folder)
    measured = timed(lambda: index.opened(facts), before=lambda: index.drop(facts))
    found = measured.pop("answer")
    told(build=measured | {"answer": found.about.events}, bytes=found.bytes / found.about.events)


def take_in(folder: Path) -> None:
    """Load new events, and take them into the index."""
    from tilth.warehouse import index

    facts = workspace(folder)
    before = index.opened(facts)
    assert before.about.events == index.status(facts).events
    load(folder, "later.parquet")
    newer: list[Path] = []

    def forget() -> None:
        for made in newer:
            shutil.rmtree(made)
        newer.clear()

    def take() -> int:
        found = index.opened(facts)
        newer.append(found.folder)
        return int(found.about.events - before.about.events)

    told(take_in=timed(take, before=forget))


def questions(events: Any) -> dict[str, Callable[[], Any]]:
    """Return every question of some events; each gives its answer in a form that can be compared."""
    few = {"platform": ["app", "web"]}
    return {
        "funnel": lambda: _people(events.funnel(STEPS, within="7d").frame),
        "funnel_by": lambda: _by(events.funnel(STEPS, within="7d", by="channel").frame),
        "funnel_where": lambda: _people(events.where(few).funnel(STEPS, within="7d").frame),
        "funnel_ever": lambda: _people(events.funnel(STEPS, within=None).frame),
        "retention": lambda: _retention(events.retention("login", period="week").frame),
        "lifecycle": lambda: _rows(events.lifecycle().frame),
        "stickiness": lambda: events.stickiness().frame.to_numpy().tolist(),
        "sessions": lambda: _sessions(events.sessions().summary),
        "paths": lambda: sorted(events.paths(depth=5).frame.to_numpy().tolist()),
    }


def ask(folder: Path) -> None:
    """Ask every question."""
    events = workspace(folder).events()
    began = time.perf_counter()
    events.history.codes("platform")
    property_seconds = time.perf_counter() - began
    told(property=property_seconds, rows={name: timed(question) for name, question in questions(events).items()})


def _people(frame: Any) -> list[int]:
    return frame["people"].tolist()


def _by(frame: Any) -> list[list[Any]]:
    return sorted([channel, *_people(rows.sort_values("step"))] for channel, rows in frame.groupby("channel"))


def _retention(frame: Any) -> list[list[int]]:
    known = frame[frame["people"] > 0]
    cohorts = [int(at.timestamp()) // DAY for at in known["cohort"]]
    return sorted([a, b, c] for a, b, c in zip(cohorts, known["period"].tolist(), known["people"].astype(int).tolist(), strict=True))


def _rows(frame: Any) -> list[list[int]]:
    days = [int(at.timestamp()) // DAY for at in frame["period"]]
    return [[day, *row] for day, row in zip(days, frame.drop(columns="period").to_numpy().tolist(), strict=True)]


def _sessions(summary: Any) -> list[list[int]]:
    return [[int(row.from_seconds), row.sessions, row.people, row.events] for row in summary.itertuples() if row.sessions]


def remember(folder: Path) -> None:
    """Watch the memory that is not mapped from files while a funnel runs in a new process."""
    most, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.001):
            most[0] = max(most[0], _anonymous())

    watcher = threading.Thread(target=watch)
    watcher.start()
    events = workspace(folder).events()
    answer = _people(events.funnel(STEPS, within="7d").frame)
    done.set()
    watcher.join()
    told(megabytes=most[0] / 1024, answer=answer)


def _anonymous() -> int:
    """Return the kilobytes of this process that are in memory and not pages of a file."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0])


def answer_cold(folder: Path) -> None:
    """Answer a funnel over a file; the process is timed from outside, its start included."""
    import tilth as tl

    events = tl.Events(folder / "million.parquet", person="person", time="time")
    told(answer=_people(events.funnel(STEPS, within="7d").frame))


TASKS = {"load": load, "build": build, "take_in": take_in, "ask": ask, "remember": remember, "cold": answer_cold}

if __name__ == "__main__":
    TASKS[sys.argv[1]](Path(sys.argv[2]))
