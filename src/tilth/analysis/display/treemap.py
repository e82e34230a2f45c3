"""Parts of a whole as tiles: the area of each says how many people, its colour another figure of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

STEPS = 8
"""Colours from low to high."""
DARK = 7
"""The first of them on which words are set light."""
WORDED = 0.035
"""Part of all people from which a tile has room for its name and its first line; a smaller one says them to a pointer only."""
SPACIOUS = 0.06
"""Part of all people from which a tile has room for all of its lines."""


@dataclass(frozen=True)
class Tile:
    """A tile: its `name`, how many `people` (its area), their `warmth` (its colour, as a part of the highest), what else it says, whom it counts."""

    name: str
    people: int
    warmth: float
    lines: tuple[str, ...] = ()
    cell: dict[str, Any] | None = None


def treemap(name: str, tiles: Sequence[Tile]) -> dict[str, Any]:
    """Return the ECharts option of tiles; those of nobody are left out, and a pointer on a tile says all of its lines.

    Examples
    --------
    >>> drawn = treemap("Segments", [Tile("Loyal", 30, 12.5), Tile("Lost", 60, 2.0), Tile("New", 0, 0.0)])
    >>> [(one["name"], one["value"], one["itemStyle"]["color"]["$token"]) for one in drawn["series"][0]["data"]]
    [('Loyal', 30, 'heat-8'), ('Lost', 60, 'heat-2')]
    """
    total = sum(one.people for one in tiles)
    highest = max((one.warmth for one in tiles if one.people and isfinite(one.warmth)), default=0.0)
    return {
        "tooltip": {"trigger": "item", "formatter": "{b}"},
        "series": [
            {
                "type": "treemap",
                "name": name,
                "left": 0,
                "top": 0,
                "right": 0,
                "bottom": 0,
                "roam": False,
                "nodeClick": False,
                "breadcrumb": {"show": False},
                "itemStyle": {"gapWidth": 2, "borderWidth": 0},
                "data": [_drawn(one, highest, one.people / total) for one in tiles if one.people],
            }
        ],
    }


def _drawn(one: Tile, highest: float, part: float) -> dict[str, Any]:
    step = min(STEPS, 1 + int(max(one.warmth, 0.0) / highest * STEPS)) if highest > 0 and isfinite(one.warmth) else 1
    told = "\n".join((one.name, *one.lines))
    ink = {"$token": "heat-ink-high" if step >= DARK else "heat-ink-low"}
    shown = told if part >= SPACIOUS else "\n".join((one.name, *one.lines[:1]))
    label = {"show": part >= WORDED, "formatter": shown, "color": ink, "overflow": "break", "lineHeight": 17}
    drawn = {"name": one.name, "value": one.people, "itemStyle": {"color": {"$token": f"heat-{step}"}}, "label": label}
    return drawn | {"tooltip": {"formatter": told}} | ({} if one.cell is None else {"people": one.cell})
