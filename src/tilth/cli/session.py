"""What holds for one run of the terminal: JSON or tables, the workspace, whether a fault shows its trace."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

OK, FAULT, USAGE, FOUND, BROKEN, CANCELLED = 0, 1, 2, 3, 4, 130
"""Exit codes: done; the input cannot be used; wrong usage; something was found that wants a look; a fault of Tilth's own; cancelled."""


@dataclass
class Session:
    """The choices that every command shares.

    Attributes
    ----------
    json : bool
        Print one JSON document and nothing else on standard output.
    debug : bool
        Show the trace of an error.
    workspace : Path or None
        The workspace that was named.
    """

    json: bool = False
    debug: bool = False
    workspace: Path | None = None

    @property
    def folder(self) -> Path:
        """The workspace's folder: the one named, that of ``TILTH_WORKSPACE``, or the default."""
        if self.workspace is not None:
            return self.workspace
        named = os.environ.get("TILTH_WORKSPACE")
        return Path(named).expanduser() if named else workspaces() / "main"


def workspaces() -> Path:
    """Return the folder of workspaces in Tilth's data folder."""
    from tilth.engine.home import home

    return home() / "workspaces"


def demo_folder() -> Path:
    """Return where the demo brand's workspace is."""
    return workspaces() / "demo"
