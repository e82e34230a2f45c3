"""Where the public data sets lie that tests check against, outside the project; without them their tests skip and say so."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "shared" / "data"


def real(name: str) -> Path:
    """Return the path of a data set, or skip the test."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"the data set {name} is not at {FOLDER}")
    return path
