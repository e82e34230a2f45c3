"""A funnel as ECharts options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tilth.analysis import proportion
from tilth.analysis.behaviour.funnel.counting import previous_required
from tilth.analysis.result import drawn_groups
from tilth.language import _


def draw_steps(frame: pd.DataFrame, required: Sequence[bool]) -> dict[str, Any]:
    """Return the ECharts option of a funnel: a bar a step with its people and their share of the step before; dashed above it, who was lost."""
    people = frame["people"].tolist()
    before = [previous_required(required, k) for k in range(len(people))]
    lost = [0 if b is None else people[b] - count for b, count in zip(before, people, strict=True)]
    labels = [
        f"{n:,}" if pd.isna(share) or k == 0 else f"{n:,} · {share:.1%}"
        for k, (n, share) in enumerate(zip(people, frame["from_previous"], strict=True))
    ]
    bar = {"type": "bar", "stack": "people", "barMaxWidth": 72}
    ghost = {"color": "rgba(127,140,133,0.06)", "borderColor": "rgba(127,140,133,0.6)", "borderType": "dashed"}
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": frame["label"].tolist()},
        "yAxis": {"type": "value", "min": 0, "minInterval": 1},
        "series": [
            bar | {"name": _("People"), "data": people, "itemStyle": {"borderRadius": 0}},
            bar
            | {
                "name": _("Lost since the step before"),
                "data": [
                    {"value": n, "label": {"formatter": label}} | ({} if n else {"itemStyle": {"borderWidth": 0}})
                    for n, label in zip(lost, labels, strict=True)
                ],
                "itemStyle": ghost | {"borderRadius": 0},
                "label": {"show": True, "position": "top"},
                "labelLayout": {"hideOverlap": True},
            },
        ],
    }


def draw_groups(frame: pd.DataFrame, by: list[str], overall: float) -> dict[str, Any]:
    """Return the ECharts option of a split funnel: the share of each group's people who came from the first step to the last.

    Without a second step there is nothing to compare but people.
    """
    groups = [(name, int(rows["people"].iloc[0]), int(rows["people"].iloc[-1])) for name, rows in drawn_groups(frame, by, "people") if len(rows)]
    if len(frame) and frame["step"].max() > 1:
        return proportion.draw(groups, overall)
    bar = {"type": "bar", "stack": "groups", "barWidth": 14}
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 64, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "min": 0, "minInterval": 1},
        "yAxis": {"type": "category", "inverse": True, "data": [name for name, _n, _x in sorted(groups, key=lambda group: -group[1])]},
        "series": [
            bar | {"name": name, "data": [[n, name]], "label": {"show": True, "position": "right", "formatter": f"{n:,}"}} for name, n, _x in groups
        ],
    }
