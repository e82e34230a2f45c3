"""Answers, kept: the same question about the same facts is computed once.

An answer hangs on the facts (the state of the tables it looks at), the question in its canonical form, the names things go by, the language, and the
code that computes and draws it; its key is made of all these, so nothing ever has to be declared stale. The figures as a page shows them are kept as
JSON below ``<workspace>/cache/answers``, where all processes find them, the last used up to ``limits.cache_mb``; the results behind them, which know
the people of every figure, are kept in memory.
"""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

import tilth
from tilth.analysis.display import wording
from tilth.analysis.display.charts import as_json
from tilth.engine.home import home
from tilth.engine.people import PersonSet
from tilth.language import current
from tilth.workbench.data.models import EventEntry
from tilth.workbench.measure import sources
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.kinds import Asking
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.shared import Shared

LOG = logging.getLogger("tilth.measure")
FLOORS = ("engine", "analysis", "warehouse", "workbench/measure")
MB = 1024 * 1024
_answers = Shared(256)
_results = Shared(64)


@cache
def code() -> str:
    """Return what names the code that answers: it changes with any file of it."""
    root = Path(tilth.__file__).parent
    files = sorted(path for floor in FLOORS for path in (root / floor).rglob("*") if path.suffix in (".py", ".mo"))
    told = [f"{path.relative_to(root)} {(stat := path.stat()).st_size} {stat.st_mtime_ns}" for path in files]
    return sha256("\n".join([tilth.__version__, *told]).encode()).hexdigest()[:16]


def key(question: Question, catalogue: Catalogue) -> str:
    """Return the key of an answer."""
    workspace = catalogue.workspace
    tables = [question.kind.source, "events", *(["memberships", "identities"] if question.values.get("people") else [])]
    told = {
        "code": code(),
        "kind": question.kind.code,
        "question": question.pairs(catalogue),
        "defaults": sorted(catalogue.usual("view", "cart", "checkout", "pay")),
        "facts": [sources.state(workspace, table) for table in dict.fromkeys(tables)],
        "calendar": [workspace.tz, workspace.week_start],
        "language": current(),
        "names": sorted(called(question, catalogue).items()),
        "merged": sorted(EventEntry.objects.exclude(merged_into=None).values_list("code", "merged_into__code")),
    }
    return sha256(json.dumps(told, ensure_ascii=False, default=str).encode()).hexdigest()[:32]


def kept(question: Question, catalogue: Catalogue) -> dict[str, Any] | None:
    """Return the answer if it is kept, in memory or on disk."""
    name = key(question, catalogue)
    if name in _answers:
        found: dict[str, Any] = _answers.get(name, dict)
        return found
    file = _file(catalogue, name)
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    with suppress(OSError):
        os.utime(file)
    return _answers.get(name, lambda: found)


def answer(question: Question, catalogue: Catalogue) -> dict[str, Any]:
    """Return the answer as data, computed now if it is not kept."""
    found = kept(question, catalogue)
    if found is not None:
        return found
    name = key(question, catalogue)
    made: dict[str, Any] = _answers.get(name, lambda: _made(question, catalogue, name))
    return made


def result(question: Question, catalogue: Catalogue) -> Any:
    """Return the result of a question, which knows the people behind its figures."""
    bare = question.bare(catalogue)
    return _results.get(key(bare, catalogue), lambda: _ask(bare, catalogue))


def people(question: Question, cell: dict[str, Any], catalogue: Catalogue) -> PersonSet:
    """Return the people whom a figure of an answer counts; InputError, ValueError or TypeError when there is no such figure."""
    return question.kind.people(result(question, catalogue), cell)


def seconds(question: Question, catalogue: Catalogue) -> float:
    """Return how long the answer will take, about: nothing if it is kept, or known and only shown in another way."""
    if kept(question, catalogue) is not None or (question.kind.worn and key(question.bare(catalogue), catalogue) in _results):
        return 0
    source = question.kind.source
    asked = (2 if question.values.get("by") else 1) * (2 if question.values.get("compare") else 1)
    counting = catalogue.rows_of(source) / 1e6 * question.kind.pace * asked
    return 0.05 + sources.reading(catalogue.workspace, source) + counting


def _ask(question: Question, catalogue: Catalogue) -> Any:
    held = sources.held(catalogue.workspace, question.kind.source)
    with held.lock:
        return question.kind.ask(held.source, question, catalogue)


def _made(question: Question, catalogue: Catalogue, name: str) -> dict[str, Any]:
    with wording.calling(called(question, catalogue)):
        found = question.kind.answer(Asking(question, catalogue, lambda asked: result(asked, catalogue))).as_data()
    found["asked_at"] = timezone.now().isoformat(timespec="seconds")
    text = as_json(found)
    _write(_file(catalogue, name), text)
    made: dict[str, Any] = json.loads(text)
    return made


def called(question: Question, catalogue: Catalogue) -> dict[str, str]:
    """Return what codes are called in an answer: values of what it is split by as that property calls them."""
    split = question.values.get("by") or question.values.get("channel")
    return catalogue.naming(split) if split else catalogue.called


def _file(catalogue: Catalogue, name: str) -> Path:
    return Path(catalogue.workspace.folder, "cache", "answers", f"{name}.json")


def _write(file: Path, text: str) -> None:
    """Write an answer aside and put it in place in one step; make room for it first. Without room on the disk it is not kept."""
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _make_room(len(text))
        aside.write_text(text, "utf-8")
        aside.replace(file)
    except OSError as fault:
        LOG.warning("an answer could not be kept: %s", fault.strerror)
        with suppress(OSError):
            aside.unlink()


def _make_room(size: int) -> None:
    """Delete the answers that were not used for longest, of all workspaces, until there is room for another."""
    found = []
    for file in (home() / "workspaces").glob("*/cache/answers/*.json"):
        with suppress(OSError):
            stat = file.stat()
            found.append((stat.st_mtime, stat.st_size, file))
    over = sum(one[1] for one in found) + size - settings.OPTIONS.limits.cache_mb * MB
    for _used, bytes_, file in sorted(found, key=lambda one: one[0]):
        if over <= 0:
            return
        file.unlink(missing_ok=True)
        over -= bytes_
