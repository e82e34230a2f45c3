r"""Association of two things that people did or did not do: a table of two by two, and how sure the difference is.

Of n people, a did both, b only the first, c only the second, d neither. With the shares :math:`p_1 = a / (a + b)` and :math:`p_2 = c / (c + d)`,
their 95 % intervals :math:`(l_i, u_i)` by Wilson's method, the interval of the difference :math:`p_1 - p_2` is

.. math::
    \left(p_1 - p_2 - \sqrt{(p_1 - l_1)^2 + (u_2 - p_2)^2},\ p_1 - p_2 + \sqrt{(u_1 - p_1)^2 + (p_2 - l_2)^2}\right)

The coefficient :math:`\phi = (ad - bc) / \sqrt{(a + b)(c + d)(a + c)(b + d)}` is the difference times

.. math:: s = \sqrt{\frac{(a + b)(c + d)}{(a + c)(b + d)}}

Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven methods", *Statistics in
Medicine* 17 (1998), 873-890, method 10; G. U. Yule, "On the methods of measuring association between two attributes", *Journal of the Royal
Statistical Society* 75 (1912), 579-652, for phi.
"""

from __future__ import annotations

from math import hypot, nan, sqrt

from tilth.analysis.proportion import interval


def difference(x1: int, n1: int, x2: int, n2: int) -> tuple[float, float]:
    """Return the lower and the upper bound of x1 / n1 - x2 / n2; NaN where one side has nobody.

    Examples
    --------
    The examples of Newcombe, table II, method 10:

    >>> [tuple(f"{bound:.4f}" for bound in difference(*x)) for x in ((56, 70, 48, 80), (9, 10, 3, 10), (6, 7, 2, 7), (5, 56, 0, 29))]
    [('0.0524', '0.3339'), ('0.1705', '0.8090'), ('0.0582', '0.8062'), ('-0.0381', '0.1926')]
    """
    if not (n1 > 0 and n2 > 0):
        return nan, nan
    p1, p2 = x1 / n1, x2 / n2
    (l1, u1), (l2, u2) = interval(x1, n1), interval(x2, n2)
    return p1 - p2 - hypot(p1 - l1, u2 - p2), p1 - p2 + hypot(u1 - p1, p2 - l2)


def scale(a: int, b: int, c: int, d: int) -> float:
    """Return what turns a difference of shares into phi; NaN where everybody, or nobody, did one of the two things.

    Examples
    --------
    >>> a, b, c, d = 30, 10, 20, 40
    >>> phi = (a * d - b * c) / ((a + b) * (c + d) * (a + c) * (b + d)) ** 0.5
    >>> abs((a / (a + b) - c / (c + d)) * scale(a, b, c, d) - phi) < 1e-15
    True
    """
    below = (a + c) * (b + d)
    return sqrt((a + b) * (c + d) / below) if below and (a + b) * (c + d) else nan
