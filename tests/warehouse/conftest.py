"""A small brand in a workspace, for tests that only read."""

from __future__ import annotations

from datetime import date

import pytest

from tilth.warehouse.demo import Brand, filling, generate
from tilth.warehouse.workspace import Workspace


@pytest.fixture(scope="session")
def small() -> Brand:
    """A brand of 600 people whose last day is in the leap year's February."""
    return generate(seed=11, end=date(2024, 2, 29), people=600)


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory, small: Brand) -> Workspace:
    """A workspace with the small brand; tests only read it."""
    workspace = Workspace.create(tmp_path_factory.mktemp("brand") / "brand")
    filling.fill(workspace, small)
    return workspace
