r"""Changes since another time: how they are worded, and whether they are more than chance.

Two shares :math:`x_1 / n_1` and :math:`x_2 / n_2` differ by d with the 95 % interval

.. math:: d - \sqrt{(p_1 - l_1)^2 + (u_2 - p_2)^2} \quad … \quad d + \sqrt{(u_1 - p_1)^2 + (p_2 - l_2)^2}

where l and u are the bounds of Wilson's interval of each. A difference whose interval holds 0 is shown without a direction's colour.

The two are taken as different people. Where the same people are in both, as they may be in two periods, the interval is rather too wide than too
narrow.

Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven methods", *Statistics in
Medicine* 17 (1998), 873-890, method 10.
"""

from __future__ import annotations

from math import isfinite, sqrt

from django.utils.translation import gettext as _

from tilth.analysis.display import wording
from tilth.analysis.proportion import interval
from tilth.workbench.measure.asking.answer import SMALL

Change = tuple[str, bool | None]
"""Signed words, and whether the change is good; None where it is neither or may be chance."""

UNCHANGED: Change = ("", None)


def difference(x1: int, n1: int, x2: int, n2: int) -> tuple[float, float]:
    """Return the 95 % interval of x1 / n1 − x2 / n2; NaN without anybody on either side.

    Examples
    --------
    Of table II in the source, method 10:

    >>> [tuple(round(bound, 4) for bound in difference(*counts)) for counts in ((56, 70, 48, 80), (9, 10, 3, 10), (5, 56, 0, 29))]
    [(0.0524, 0.3339), (0.1705, 0.809), (-0.0381, 0.1926)]
    """
    (l1, u1), (l2, u2) = interval(x1, n1), interval(x2, n2)
    if not (n1 > 0 and n2 > 0):
        return l1 + l2, u1 + u2
    p1, p2 = x1 / n1, x2 / n2
    return p1 - p2 - sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2), p1 - p2 + sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)


def relative(now: float, before: float, up_is_good: bool | None = True) -> Change:
    """Return by which part a figure changed: ``("+12.8%", True)``; nothing where there was nothing before."""
    if not (isfinite(now) and isfinite(before)) or before <= 0:
        return UNCHANGED
    change = now / before - 1
    return _signed(wording.percent(abs(change)), round(change, 3), up_is_good)


def points(now: tuple[int, int], before: tuple[int, int], up_is_good: bool | None = True) -> Change:
    """Return by how many percentage points a share, as (people, of), changed; no direction where that may be chance, nothing for small samples."""
    if min(now[1], before[1]) < SMALL:
        return UNCHANGED
    low, high = difference(*now, *before)
    change = now[0] / now[1] - before[0] / before[1]
    text, good = _signed(_("{points} pp").format(points=f"{abs(change) * 100:.1f}"), round(change, 3), up_is_good)
    return text, None if low <= 0 <= high else good


def _signed(size: str, change: float, up_is_good: bool | None) -> Change:
    if not change:
        return size, None
    good = None if up_is_good is None else (change > 0) == up_is_good
    return f"{'+' if change > 0 else '−'}{size}", good
