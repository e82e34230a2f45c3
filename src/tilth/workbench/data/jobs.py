"""Background work on the data: loading, undoing, reading sources, the demo brand, sweeping."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.analysis.display import wording
from tilth.errors import InputError, TilthError
from tilth.warehouse.loading import watch
from tilth.warehouse.loading.ingest import CancelledError, Progress
from tilth.workbench.data.actions.dictionary import name_demo
from tilth.workbench.data.actions.sources import problem_of, spec_of, url_of
from tilth.workbench.data.incoming import drafting, pieces
from tilth.workbench.data.models import Draft, Source, SourceRun
from tilth.workbench.jobs.registry import Run, job
from tilth.workbench.jobs.run import Cancelled


def telling(run: Run) -> Callable[[Progress], None]:
    """Return what tells a job's progress from the loader's: rows taken in, and how many a second."""
    began = time.monotonic()

    def tell(progress: Progress) -> None:
        seconds = max(time.monotonic() - began, 0.001)
        note = _("{rows} rows, {speed} a second").format(rows=wording.count(progress.rows), speed=wording.count(round(progress.rows / seconds)))
        run.progress(progress.done, progress.total or None, note)

    return tell


@job("data.load", label=gettext_lazy("Load a file"), limit="12h", safe_to_repeat=True, right="load:run")
def load_file(run: Run, *, draft: int) -> dict[str, Any]:
    """Load a prepared file. A file is known by its digest, so an attempt that was cut off after its commit finds it loaded."""
    prepared = Draft.objects.select_related("upload").get(pk=draft)
    upload = prepared.upload
    if prepared.state == Draft.State.DONE:  # the attempt before was cut off at its very end
        pieces.remove(upload)
        return {"load": prepared.load, "table": prepared.table}
    try:
        form = drafting.form_of(prepared)
        mapping = drafting.mapping_of(prepared, form)
        done = drafting.called(
            prepared,
            lambda: run.workspace.facts.load(
                upload.path, mapping, name=upload.name, format=form, progress=telling(run), cancel=run.cancelled, who=run.actor.name
            ),
        )
    except CancelledError:
        _reopen(draft)
        raise Cancelled from None
    except (TilthError, Cancelled):
        _reopen(draft)
        raise
    prepared.state, prepared.load = Draft.State.DONE, done.id
    prepared.save(update_fields=["state", "load", "updated_at"])
    pieces.remove(upload)
    return {
        "load": done.id,
        "table": done.table,
        "rows": done.rows,
        "accepted": done.accepted,
        "quarantined": done.quarantined,
        "skipped": done.skipped,
        "already": done.already,
        "seconds": round(done.seconds, 1),
    }


def _reopen(draft: int) -> None:
    """Let a draft be changed and tried again."""
    Draft.objects.filter(pk=draft).update(state=Draft.State.OPEN)


@job("data.undo", label=gettext_lazy("Undo a load"), limit="2h", retries=1, right="load:undo")
def undo_load(run: Run, *, load: str) -> dict[str, Any]:
    """Take the rows of a load out again."""
    undone = run.workspace.facts.undo(load, who=run.actor.name)
    return {"load": load, "rows": undone.rows}


@job("data.demo", label=gettext_lazy("Put the demo brand's data here"), limit="30m", right="load:run")
def fill_with_demo(run: Run) -> dict[str, Any]:
    """Fill an empty workspace with the demo brand's data and its names."""
    from tilth.warehouse.demo import filling, generate

    run.progress(0, note=_("Simulating two years of a brand"))
    try:
        filling.fill(run.workspace.facts, generate(), telling(run), run.cancelled, who=run.actor.name)
    except CancelledError:
        raise Cancelled from None
    name_demo(run.actor)
    return {"rows": int(run.workspace.facts.status()["rows"].sum())}


@job("data.source", label=gettext_lazy("Read a source"), limit="12h", retries=1, safe_to_repeat=True, right="load:schedule")
def read_source(run: Run, *, source: int) -> dict[str, Any]:
    """Load what a source has that was not loaded yet; a bad file does not stop the others."""
    found = Source.objects.get(pk=source)
    try:
        done = watch.run(run.workspace.facts, spec_of(found), url=url_of(found), progress=telling(run), cancel=run.cancelled, who=run.actor.name)
    except CancelledError:
        raise Cancelled from None
    except TilthError as fault:
        SourceRun.objects.create(source=found, job=run.job, taken=[{"name": found.name, "problem": problem_of(fault, found)}])
        raise InputError(problem_of(fault, found)) from None
    taken = [_told(one) for one in done]
    SourceRun.objects.create(source=found, job=run.job, taken=taken)
    for one in taken:
        if one["problem"]:
            run.log(f"{one['name']}: {one['problem']}")
    return {"taken": len(taken), "accepted": sum(one["accepted"] for one in taken), "problems": sum(bool(one["problem"]) for one in taken)}


def _told(done: watch.Done) -> dict[str, Any]:
    load = done.load
    return {
        "name": done.due.name,
        "load": load.id if load else "",
        "accepted": load.accepted if load else 0,
        "quarantined": load.quarantined if load else 0,
        "problem": done.problem or "",
    }
