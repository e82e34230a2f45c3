"""Figures that tell how often something was counted: their quantiles, and the axis of their chart."""

from __future__ import annotations

from typing import Any

import numpy as np

from tilth.analysis.behaviour.buckets import Buckets
from tilth.analysis.display import wording


def quantile(numbers: Any, weights: Any, share: float) -> float:
    """Return the smallest of ascending numbers that, with all below it, has at least a share of the weights; NaN without any.

    Examples
    --------
    >>> quantile([1, 2, 5], [3, 2, 1], 0.5), quantile([1, 2, 5], [3, 2, 1], 0.51)
    (1.0, 2.0)
    """
    held = np.cumsum(np.asarray(weights, float))
    if not len(held) or not held[-1]:
        return float("nan")
    return float(np.asarray(numbers)[np.searchsorted(held, share * held[-1] * (1 - 1e-12))])


MOST_LABELS = 16
"""Bars over which figures have room."""


def counted_axis(option: dict[str, Any]) -> dict[str, Any]:
    """Return the option of bars that count, with an axis without halves and figures over the bars."""
    option["yAxis"]["minInterval"] = 1
    bars = len(option["xAxis"]["data"])
    for series in option["series"]:
        series["label"] = {"show": bars <= MOST_LABELS, "position": "top", "formatter": {"$": "labelCount"}}
        series["labelLayout"] = {"hideOverlap": True}
    return option


def from_lengths(option: dict[str, Any], buckets: Buckets) -> dict[str, Any]:
    """Return the option of bars by length, each called by the length from which it counts: the whole names have no room below many bars."""
    bars = len(option["xAxis"]["data"])
    option["xAxis"]["data"] = [wording.duration(low) for low, _high in buckets.seconds[:bars]]
    return option
