r"""Shares of people: how sure each is, its 95 % interval, and the chart that compares several.

For x of n people, :math:`\hat p = x / n` and z the 97.5 % quantile of the normal distribution, the interval is

.. math:: \frac{\hat p + z^2 / 2n \pm z \sqrt{\hat p (1 - \hat p) / n + z^2 / 4n^2}}{1 + z^2 / n}

It stays between 0 and 1 and holds for few people too.

Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", *Journal of the American Statistical Association* 22
(1927), 209-212.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isnan, nan, sqrt
from statistics import NormalDist
from typing import Any

from tilth.language import _

Z = NormalDist().inv_cdf(0.975)


def interval(x: int, n: int) -> tuple[float, float]:
    """Return the lower and the upper bound of x / n; NaN without anybody.

    Examples
    --------
    The examples of Newcombe, *Statistics in Medicine* 17 (1998), table I, method 3:

    >>> [tuple(f"{bound:.4f}" for bound in interval(x, n)) for x, n in ((81, 263), (15, 148), (0, 20), (1, 29))]
    [('0.2553', '0.3662'), ('0.0624', '0.1605'), ('0.0000', '0.1611'), ('0.0061', '0.1718')]
    """
    if not n > 0:
        return nan, nan
    p = x / n
    middle, half, whole = p + Z**2 / (2 * n), Z * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2)), 1 + Z**2 / n
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


def draw(groups: Sequence[tuple[str, int, int]], overall: float) -> dict[str, Any]:
    """Return the ECharts option that compares x of n people between groups: a bar each with its interval, the highest first; dashed, everybody's.

    Parameters
    ----------
    groups : sequence of (name, n, x)
        In the order in which they take the palette's colours.
    overall : float
        Everybody's share; NaN leaves it out.
    """
    shares = {name: x / n if n else 0.0 for name, n, x in groups}
    bounds = {name: interval(x, n) for name, n, x in groups if n}
    series = [_bar(name, share, bounds.get(name)) for name, share in shares.items()]
    if not isnan(overall):
        label = {"position": "start", "formatter": _("All {share}").format(share=f"{overall:.1%}")}
        line = {
            "silent": True,
            "symbol": "none",
            "precision": 6,
            "z": 3,
            "lineStyle": {"type": "dashed"},
            "data": [{"xAxis": overall, "label": label}],
        }
        series.append({"type": "bar", "stack": "groups", "data": [], "markLine": line})
    highest = max((high for _low, high in bounds.values()), default=1.0)
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25) if highest <= 5 * step)
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 64, "top": 24, "bottom": 8, "containLabel": True},
        "xAxis": {
            "type": "value",
            "min": 0,
            "max": round(step * ceil(highest / step), 2),  # an interval that ends beyond the axis would not be drawn
            "interval": step,
            "axisLabel": {"formatter": {"$": "axisPercent"}},
        },
        "yAxis": {"type": "category", "inverse": True, "data": sorted(shares, key=lambda name: -shares[name])},
        "series": series,
    }


def _bar(name: str, share: float, bounds: tuple[float, float] | None) -> dict[str, Any]:
    """Return one group's bar, a series of its own so that it has its own colour, with the figure behind its interval."""
    bar: dict[str, Any] = {"type": "bar", "name": name, "stack": "groups", "barWidth": 14, "data": [[share, name]]}
    label = {"show": True, "formatter": f"{share:.1%}", "distance": 5, "padding": [0, 2], "backgroundColor": {"$token": "card"}}
    if bounds is None:
        return bar | {"label": label | {"position": "right"}}
    start, end = ({"coord": [bound, name], "symbol": "rect", "symbolSize": [7, 1.25]} for bound in bounds)
    line = {"lineStyle": {"type": "solid", "width": 1.25}, "label": label | {"position": "end"}}
    return bar | {"markLine": {"silent": True, "data": [[start | line, end]]}}
