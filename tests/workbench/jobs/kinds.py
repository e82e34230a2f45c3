"""Kinds of jobs for tests, as an app would have them. Worker processes import this module too."""

import os
import time
from pathlib import Path

from django.db import transaction

from tilth.errors import InputError
from tilth.workbench.jobs.outbox import effect, promise
from tilth.workbench.jobs.registry import Run, job


@job("test.add", label="Add")
def add(run: Run, *, a: int, b: int) -> dict:
    run.log(f"{a} + {b}")
    run.progress(1, 1, "added")
    return {"sum": a + b}


@job("test.refuse", label="Refuse")
def refuse(run: Run) -> None:
    raise InputError("row 3 has no date; give it one")


@job("test.break", label="Break")
def break_(run: Run) -> None:
    raise ZeroDivisionError("a secret in here")


@job("test.second_time", label="Second time", retries=1)
def second_time(run: Run) -> int:
    if run.attempt == 1:
        raise InputError("not the first time")
    return run.attempt


@job("test.walk", label="Walk", safe_to_repeat=True)
def walk(run: Run, *, steps: int = 600, file: str = "", stubborn: bool = False) -> dict:
    """Take a tenth of a second for each step; write each begin and each end to a file."""
    note(file, f"begin {run.attempt} {os.getpid()}")
    for step in range(steps):
        if stubborn:
            time.sleep(0.1)
            continue
        run.progress(step, steps)
        time.sleep(0.1)
    with transaction.atomic():
        promise("test.mark", file=file)
    note(file, f"end {run.attempt}")
    return {"steps": steps}


@job("test.short", label="Short", limit="1s")
def short(run: Run, *, stubborn: bool) -> None:
    walk(run, steps=600, stubborn=stubborn)


@job("test.once", label="Once", limit="2m")
def once(run: Run, *, file: str, seconds: float = 60) -> None:
    """Not safe to repeat."""
    note(file, f"begin {run.attempt} {os.getpid()}")
    time.sleep(seconds)
    note(file, f"end {run.attempt}")


@effect("test.mark")
def mark(workspace, *, key, file):
    marks = Path(file + ".marks")
    known = marks.read_text() if marks.exists() else ""
    if key not in known:
        marks.write_text(known + f"{key}\n")


@effect("test.slow_mark")
def slow_mark(workspace, *, key, file, seconds):
    """Do the effect, then take long to come back: a process that is killed then leaves it done and the promise open."""
    note(file, f"begin {os.getpid()}")
    mark(workspace, key=key, file=file)
    time.sleep(seconds)


@effect("test.fault.first_time")
def first_time(workspace, *, key, file):
    note(file, "try")
    if len(Path(file).read_text().splitlines()) == 1:
        raise InputError("the store is full")
    mark(workspace, key=key, file=file)


@effect("test.fault.order")
def order(workspace, *, key, file):
    note(file, "after")


def note(file, text):
    if file:
        with Path(file).open("a") as out:
            print(text, file=out, flush=True)
