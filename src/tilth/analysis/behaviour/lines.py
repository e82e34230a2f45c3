"""Charts of an answer that is split: a line a group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def draw(axis: Sequence[str], groups: Iterable[tuple[str, list[float | None]]], *, shares: bool = True) -> dict[str, Any]:
    """Return the ECharts option of the figures of each group, by its name, over the same axis: `shares`, or counts over time."""
    line = {"type": "line", "showSymbol": False, "endLabel": {"show": True, "formatter": "{a}"}, "labelLayout": {"moveOverlap": "shiftY"}}
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 120, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": list(axis)} | ({} if shares else {"boundaryGap": False}),
        "yAxis": {"type": "value", "min": 0} | ({"axisLabel": {"formatter": {"$": "axisPercent"}}} if shares else {}),
        "series": [{"name": name, "data": figures} | line for name, figures in groups],
    }
