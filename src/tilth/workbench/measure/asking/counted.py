"""Figures that tell how often something was counted: their quantiles, and the axis of their chart."""

from __future__ import annotations

from typing import Any

import numpy as np


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


def counted_axis(option: dict[str, Any]) -> dict[str, Any]:
    """Return the option of bars that count, with an axis without halves and labels with thousands."""
    option["yAxis"]["minInterval"] = 1
    for series in option["series"]:
        if series.get("label", {}).get("show"):
            series["label"]["formatter"] = {"$": "labelCount"}
    return option
