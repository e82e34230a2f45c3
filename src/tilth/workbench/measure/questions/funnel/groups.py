"""The groups of a funnel that is split."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tilth.analysis.behaviour.funnel import Funnel

MOST_LINES = 4
"""Groups whose lines are drawn, the largest: more cannot be told apart where they cross."""


def groups_of(result: Funnel, by: str) -> list[tuple[Any, pd.DataFrame]]:
    """Return each group's value (None for unknown) and its rows, a step each; the largest first."""
    found = [(None if pd.isna(value) else value, rows) for value, rows in result.frame.groupby(by, sort=False, dropna=False)]
    return sorted(found, key=lambda one: -one[1]["people"].iloc[0])
