"""Where Tilth keeps what it can make again: compiled kernels, and the default place of workspaces.

``TILTH_HOME`` names the folder; without it, ``.tilth`` in the user's home; without a home that can be written, a folder of the user's own among the
temporary files.
"""

from __future__ import annotations

import getpass
import os
import tempfile
from functools import cache
from pathlib import Path


@cache
def home() -> Path:
    """Return Tilth's own data folder, made if it was missing."""
    named = os.environ.get("TILTH_HOME")
    if named:
        folder = Path(named).expanduser().resolve()
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    try:
        folder = Path.home() / ".tilth"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home, or one that cannot be written: a read-only installation, a bare container
        folder = Path(tempfile.gettempdir()) / f"tilth-{_user()}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def kernel_cache() -> Path:
    """Return the folder of compiled kernels; Numba's own choice fails where neither the package nor HOME can be written."""
    folder = home() / "cache" / "kernels"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def kernel_cache_filled() -> bool:
    """Whether any kernel has been compiled and kept; the first question of an installation waits for that."""
    return any(kernel_cache().rglob("*.nbi"))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        return "unnamed"
