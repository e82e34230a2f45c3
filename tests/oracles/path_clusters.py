"""Similar paths by brute force: what each person's whole paths hold, counted in a Counter and weighed term by term.

"Who has a path is described by what their whole paths hold: the names, and the moves from a name to the next. w_f = (1 + ln n_f)(1 + ln((1 + N) /
(1 + N_f))), brought to unit length." Which clusters there are is not said here; what they have to keep is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log, sqrt

from tests.oracles.events import History
from tests.oracles.paths import Paths, whole_paths

Feature = tuple[str, str | None]
Row = dict[Feature, float]


def counted(question: Paths, people: Sequence[History]) -> dict[object, Counter[Feature]]:
    """Return how often each person has each name (with None) and each move in their paths; who has neither is not there."""
    found: dict[object, Counter[Feature]] = {}
    for path in whole_paths(question, people):
        if path.names:
            mine = found.setdefault(path.person, Counter())
            mine.update((name, None) for name in path.names)
            mine.update(pairwise(path.names))
    return found


def rows(described: Mapping[object, Counter[Feature]]) -> dict[object, Row]:
    """Return each person's description, of unit length."""
    having = Counter(feature for mine in described.values() for feature in mine)
    made = {}
    for person, mine in described.items():
        row = {f: (1 + log(n)) * (1 + log((1 + len(described)) / (1 + having[f]))) for f, n in mine.items()}
        size = sqrt(sum(value**2 for value in row.values()))
        made[person] = {f: value / size for f, value in row.items()}
    return made


def cosine(one: Row, other: Row) -> float:
    """Return the cosine of the angle between two rows of any length."""
    along = sum(value * other.get(f, 0.0) for f, value in one.items())
    return along / sqrt(sum(v**2 for v in one.values()) * sum(v**2 for v in other.values()))


def centre(members: Sequence[Row]) -> Row:
    """Return the sum of some rows, which points where their centre does."""
    total: Counter[Feature] = Counter()
    for row in members:
        for f, value in row.items():
            total[f] += value
    return dict(total)
