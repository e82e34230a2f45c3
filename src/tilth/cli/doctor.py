"""``tilth doctor``: checks that everything that is needed is there and works, and says what to do about what is not."""

from __future__ import annotations

import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tilth import __version__
from tilth.cli import output
from tilth.cli.command import command as make
from tilth.cli.session import FOUND, OK, Session
from tilth.errors import TilthError
from tilth.language import N_, _

if TYPE_CHECKING:
    from tilth.analysis.events import Events

PARTS = ("duckdb", "deltalake", "pyarrow", "numpy", "numba", "pandas", "ibis-framework", "python-calamine", "click", "rich", "tzdata")
OPTIONAL = {"sql": ("sqlalchemy", "psycopg"), "polars": ("polars",), "spark": ("pyspark",)}
LITTLE = 2 << 30
"""Bytes of free disk below which a load may not fit."""


@dataclass(frozen=True)
class Finding:
    """What one check found: ``state`` is ok, note (something to know) or fault (something to mend), ``mend`` says how."""

    check: str
    state: str
    text: str
    mend: str = ""


@make(
    "doctor",
    help=N_(
        "Check versions, the data folder, compiled kernels, the workspace, its quarantine and disk space.\n\n"
        "The exit code is 3 when something wants mending."
    ),
    examples=("tilth doctor\ntilth doctor --json"),
)
def command(session: Session) -> int:
    """Check everything and print what was found."""
    findings = []
    for check in (_versions, _extras, _home, _kernels, _workspace, _disk):
        for one in _checked(check, session):
            findings.append(one)
            if not session.json:
                _print(one)
    faults = [one for one in findings if one.state == "fault"]
    if session.json:
        output.document("doctor", {"tilth": __version__, "healthy": not faults, "findings": [asdict(one) for one in findings]})
    else:
        output.say(session, _("{count} things want mending.").format(count=len(faults)) if faults else _("All is well."))
    return FOUND if faults else OK


def _checked(check: Callable[[Session], Iterator[Finding]], session: Session) -> Iterator[Finding]:
    """Run a check; one that fails is itself a finding, and the others go on."""
    try:
        yield from check(session)
    except (TilthError, OSError, ImportError) as fault:
        yield Finding(check.__name__.strip("_"), "fault", str(fault))


def _print(one: Finding) -> None:
    sign, colour = {"ok": ("✓", "green"), "note": ("·", "yellow"), "fault": ("✗", "red")}[one.state]
    click.echo(f"{click.style(sign, fg=colour)} {one.text}" + (f"\n    {one.mend}" if one.mend else ""))


def _versions(session: Session) -> Iterator[Finding]:
    yield Finding("python", "ok", f"Tilth {__version__} · Python {platform.python_version()} · {platform.system()} {platform.machine()}")
    found, missing = [], []
    for name in PARTS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        text = _("Not installed: {names}").format(names=", ".join(missing))
        yield Finding("parts", "fault", text, _("Install Tilth again: {command}").format(command="pip install --force-reinstall tilth"))
    yield Finding("parts", "ok", ", ".join(found))


def _extras(session: Session) -> Iterator[Finding]:
    uses = {"sql": _("loading from databases"), "polars": _("polars data frames"), "spark": _("Spark data frames")}
    for extra, names in OPTIONAL.items():
        lacking = [name for name in names if not _installed(name)]
        if lacking:
            text = _("Optional and not installed: {use} ({names})").format(use=uses[extra], names=", ".join(lacking))
            yield Finding(f"extra {extra}", "note", text, _("To have it: {command}").format(command=f"pip install 'tilth[{extra}]'"))


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _home(session: Session) -> Iterator[Finding]:
    from tilth.engine.home import home

    folder = home()
    probe = folder / ".probe"
    probe.write_text("", encoding="utf-8")
    probe.unlink()
    yield Finding("home", "ok", _("Data folder: {folder}, can be written").format(folder=folder))


def _kernels(session: Session) -> Iterator[Finding]:
    """Compile the kernels by asking small questions of every kind; later questions find them compiled."""
    from tilth.analysis.events import Events
    from tilth.engine.home import kernel_cache

    began = time.monotonic()
    events = Events({"user_id": ["a", "a", "b"], "ts": [0, 60, 30], "event": ["view", "buy", "view"], "n": [1, 1, 2]}, order="n")
    for question, (found, right) in _answers(events).items():
        if found != right:
            text = _("The kernel of {question} gives a wrong answer.").format(question=question)
            yield Finding("kernels", "fault", text, _("Delete {folder} and run this again.").format(folder=kernel_cache()))
            return
    seconds = time.monotonic() - began
    yield Finding(
        "kernels", "ok", _("Kernels are compiled and answer ({seconds} s), kept in {folder}").format(seconds=f"{seconds:.1f}", folder=kernel_cache())
    )


def _answers(events: Events) -> dict[str, tuple[object, object]]:
    """Return what each question answers about three events of two people, and what is right: a views and buys a minute later, b views."""
    found: dict[str, tuple[object, object]] = {"funnel": (events.funnel(["view", "buy"], "1h").frame["people"].tolist(), [2, 1])}
    for order in ("ordered", "strict", "any"):
        asked = events.funnel(["view", "buy"], "1h", order, exclude=("view",), hold="n")
        found[f"funnel {order}"] = asked.frame["people"].tolist(), [2, 1]
    found["funnel sessions"] = events.funnel(["view", "buy"], "1h", sessions="30m").frame["people"].tolist(), [2, 1]
    kept = events.retention("view", "buy", period="day", periods=1, value="n").frame.loc[0, ["people", "value"]]
    found["retention"] = kept.astype(int).tolist(), [1, 1]
    found["lifecycle"] = events.lifecycle(period="day").frame["new"].tolist(), [2]
    found["stickiness"] = events.stickiness().frame.values.tolist(), [[1, 2]]
    found["frequency"] = events.frequency().frame.values.tolist(), [[1, 1], [2, 1]]
    found["sessions"] = events.sessions("30m").frame["events"].tolist(), [2, 1]
    found["intervals"] = events.intervals("view", "buy").summary["intervals"].tolist(), [1]
    found["paths"] = events.paths(start="view").frame["count"].tolist(), [1]
    paths = events.touchpoints("event", "buy").frame
    found["touchpoints"] = int(paths["conversions"].sum()), 1
    early = events.activation("buy", start="view", candidates=["view"], counts=[1], windows=["30s"], between=("30s", "1d"), until="1970-01-03")
    found["activation"] = (early.started, early.stayed), (2, 1)
    return found


def _workspace(session: Session) -> Iterator[Finding]:
    folder = session.folder
    if not (folder / "workspace.toml").exists():
        yield Finding("workspace", "note", _("No workspace in {folder}").format(folder=folder), _("Make one: {command}").format(command="tilth init"))
        return
    from tilth.warehouse.workspace import Workspace

    workspace = Workspace.open(folder)
    status = workspace.status()
    rows = ", ".join(f"{name} {count:,}" for name, count in zip(status["table"], status["rows"], strict=True) if count)
    size = f"{status['bytes'].sum() / 1e6:,.1f}"
    text = _("Workspace {folder}: {rows}; {megabytes} MB in {files} files")
    yield Finding("workspace", "ok", text.format(folder=folder, rows=rows or _("no rows"), megabytes=size, files=f"{status['files'].sum():,}"))
    waiting = int(workspace.quarantine_counts()["waiting"].sum())
    if waiting:
        text = _("In quarantine: {count} rows").format(count=f"{waiting:,}")
        yield Finding(
            "quarantine",
            "fault",
            text,
            _("Take them out, mend them and bring them back: {command}").format(command="tilth load --quarantine faults.csv"),
        )
    else:
        yield Finding("quarantine", "ok", _("Nothing waits in quarantine"))


def _disk(session: Session) -> Iterator[Finding]:
    from tilth.engine.home import home

    place = next(one for one in (session.folder, *session.folder.parents, home(), Path(sys.prefix)) if one.exists())
    free = shutil.disk_usage(place).free
    text = _("Free disk space at {folder}: {gigabytes} GB").format(folder=place, gigabytes=f"{free / 1e9:,.1f}")
    yield Finding("disk", "ok" if free >= LITTLE else "fault", text, "" if free >= LITTLE else _("Make room: a load may not fit."))
