"""A progress bar for long work, and Ctrl-C that ends it cleanly."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tilth.cli.session import Session
from tilth.language import _

if TYPE_CHECKING:
    from tilth.warehouse.loading.ingest import Progress


@dataclass
class Watch:
    """How far work is, and whether it is to stop.

    Attributes
    ----------
    stopped : bool
        Ctrl-C was pressed: the work should end, leaving all as it was. A second one breaks it off.
    """

    stopped: bool = False
    _show: Callable[[str, int, int, int], None] | None = field(default=None, repr=False)

    def report(self, progress: Progress) -> None:
        """Show how far the work is; given to the library as its ``progress``."""
        if self._show is not None:
            self._show(phase(progress.phase), progress.done, progress.total, progress.rows)

    def cancelled(self) -> bool:
        """Say whether to stop; given to the library as its ``cancel``."""
        return self.stopped


def phase(name: str) -> str:
    """Return what a phase of the library's work is called."""
    names = {
        "reading": _("Reading"),
        "committing": _("Committing"),
        "packing": _("Packing"),
        "checking": _("Checking"),
        "unpacking": _("Unpacking"),
        "compacting": _("Merging files"),
        "upgrading": _("Upgrading"),
    }
    return names.get(name, name)


@contextmanager
def watching(session: Session, title: str, cancellable: bool = False) -> Iterator[Watch]:
    """Show progress while the block runs; on a terminal only, and never beside JSON.

    With `cancellable` the first Ctrl-C only asks the work to stop; the work has to look at :meth:`Watch.cancelled`.
    """
    watch = Watch()
    with _interrupts(watch) if cancellable else nullcontext():
        if session.json or not sys.stderr.isatty():
            yield watch
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

        shown = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rows]}"), TimeElapsedColumn())
        with Progress(*shown, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(title, total=None, rows="")

            def show(name: str, done: int, total: int, rows: int) -> None:
                counted = _("{rows} rows").format(rows=f"{rows:,}") if rows else ""
                bar.update(task, description=f"{title} · {name}", completed=done, total=total or None, rows=counted)

            watch._show = show
            yield watch


@contextmanager
def _interrupts(watch: Watch) -> Iterator[None]:
    """Let the first Ctrl-C ask the work to stop; only the main thread may set signals, others are left as they are."""

    def stop(number: int, frame: Any) -> None:
        if watch.stopped:
            raise KeyboardInterrupt
        watch.stopped = True

    try:
        before = signal.signal(signal.SIGINT, stop)
    except ValueError:
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
