"""Answers compared, and ratios held to their limits."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any

LIMITS = {
    "funnel": 0.33,
    "funnel_by": 0.4,
    "funnel_where": 0.5,
    "retention": 0.33,
    "lifecycle": 0.5,
    "stickiness": 0.5,
    "sessions": 0.5,
    "paths": 0.5,
}
"""Of each question: Tilth's time as a part of the fastest peer's that is held against it."""
AGAINST = {"funnel": ("clickhouse",), "funnel_by": ("clickhouse",), "funnel_where": ("clickhouse",), "retention": ("clickhouse", "duck")}
"""Peers that a question is held against; all that can answer it when it is not here."""
BUILD, TAKE_IN, BYTES, MEGABYTES, COLD, GROWTH = 1.5, 0.15, 14, 500, 3, 11


@dataclass(frozen=True)
class Check:
    """A figure and its limit.

    Attributes
    ----------
    what : str
        A key of the table's words.
    figure, limit : float
    ours, theirs : float or None
        Seconds that the figure is the ratio of.
    peer : str
    """

    what: str
    figure: float
    limit: float
    ours: float | None = None
    theirs: float | None = None
    peer: str = ""

    @property
    def passed(self) -> bool:
        return self.figure <= self.limit


class Different(Exception):
    """Two sides do not answer the same."""


def middle(measured: dict[str, Any]) -> float:
    return statistics.median(measured["seconds"])


def fastest(name: str, ours: dict[str, Any], peers: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Return each peer's seconds for a question, those of its fastest wording; Different when an answer is not ours."""
    found = {}
    for peer, told in peers.items():
        wordings = told["rows"].get(name, [])
        for measured in wordings:
            if measured["answer"] != ours[name]["answer"]:
                raise Different(f"{name}: {peer} answers {str(measured['answer'])[:300]}, Tilth {str(ours[name]['answer'])[:300]}")
        if wordings:
            found[peer] = min(middle(measured) for measured in wordings)
    return found


def ratio(what: str, ours: float, theirs: float, limit: float, peer: str) -> Check:
    return Check(what, ours / theirs, limit, ours, theirs, peer)


def checks(large: dict[str, Any], small: dict[str, Any]) -> list[Check]:
    """Return every figure that has a limit, of what was measured on many events and on a tenth of them."""
    sort = middle(large["sort"])
    found = [
        ratio("build", middle(large["build"]), sort, BUILD, "duck"),
        ratio("take_in", middle(large["take_in"]), sort, TAKE_IN, "duck"),
    ]
    for name, limit in LIMITS.items():
        seconds = fastest(name, large["rows"], large["peers"])
        peer = min(AGAINST.get(name, seconds), key=seconds.__getitem__)
        found.append(ratio(name, middle(large["rows"][name]), seconds[peer], limit, peer))
    return [
        *found,
        Check("bytes", large["bytes"], BYTES),
        Check("megabytes", large["megabytes"], MEGABYTES),
        Check("cold", large["cold"], COLD),
        *(Check(f"growth {name}", middle(large["rows"][name]) / middle(small["rows"][name]), GROWTH) for name in LIMITS),
        Check("growth build", middle(large["build"]) / middle(small["build"]), GROWTH),
    ]
