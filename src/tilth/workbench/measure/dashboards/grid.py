"""Where tiles stand: twelve columns, rows as many as needed; no tile covers another, and none floats above an empty place.

>>> settled([Place("a", 0, 0, 6, 4), Place("b", 3, 0, 6, 4), Place("c", 0, 9, 12, 2)])
[Place(key='a', x=0, y=0, width=6, height=4), Place(key='b', x=3, y=4, width=6, height=4), Place(key='c', x=0, y=8, width=12, height=2)]
>>> free(settled([Place("a", 0, 0, 6, 4)]), 6, 4)
(6, 0)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

COLUMNS = 12
LEAST = (2, 2)
MOST = (COLUMNS, 24)
DEEPEST = 500


@dataclass(frozen=True)
class Place:
    """A tile's place: `x` columns from the left, `y` rows from the top, so wide and so high."""

    key: Any
    x: int
    y: int
    width: int
    height: int

    def covers(self, other: Place) -> bool:
        """Whether two places overlap."""
        across = self.x < other.x + other.width and other.x < self.x + self.width
        return across and self.y < other.y + other.height and other.y < self.y + self.height


def settled(places: Iterable[Place], first: Any = None) -> list[Place]:
    """Return the places without overlaps and gaps, from the top left: each moved up as far as it goes, later ones below earlier ones.

    Parameters
    ----------
    places : iterable of Place
        As they were dropped; sizes and columns are brought inside the grid.
    first : key, optional
        The tile that was just moved: of those that want the same place, it gets it.
    """
    wanted = sorted((_inside(one) for one in places), key=lambda one: (one.y, one.key != first, one.x))
    standing: list[Place] = []
    for one in wanted:
        y = one.y
        while any(replace(one, y=y).covers(other) for other in standing):
            y += 1
        while y > 0 and not any(replace(one, y=y - 1).covers(other) for other in standing):
            y -= 1
        standing.append(replace(one, y=y))
    return sorted(standing, key=lambda one: (one.y, one.x))


def free(standing: Iterable[Place], width: int, height: int) -> tuple[int, int]:
    """Return the first place from the top left where a tile of this size covers nothing."""
    others = list(standing)
    for y in range(DEEPEST + sum(one.height for one in others)):
        for x in range(COLUMNS - width + 1):
            if not any(Place(None, x, y, width, height).covers(other) for other in others):
                return x, y
    raise AssertionError("below all tiles there is always room")


def _inside(one: Place) -> Place:
    width = min(max(one.width, LEAST[0]), MOST[0])
    height = min(max(one.height, LEAST[1]), MOST[1])
    return replace(one, x=min(max(one.x, 0), COLUMNS - width), y=min(max(one.y, 0), DEEPEST), width=width, height=height)
