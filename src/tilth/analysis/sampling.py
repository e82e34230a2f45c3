r"""Sampling by person: from what a part of the people did to what everybody did, and how far off that may be.

``Events.sample(share)`` draws each person by a number that hangs on their id alone, so that everybody is in the sample with the same probability s,
independently of all others. A figure that is a sum over people, :math:`Y = \sum_i y_i`, is estimated from the sample S by the estimator of Horvitz
and Thompson, and its variance without bias by

.. math:: \hat Y = \frac{1}{s} \sum_{i \in S} y_i, \qquad \hat V = \frac{1 - s}{s^2} \sum_{i \in S} y_i^2

The error is the 95 % half-width :math:`z \sqrt{\hat V}`, with z the 97.5 % quantile of the normal distribution. Where each person counts at most
once, :math:`\sum y_i^2` is n, the people counted in the sample. Where nobody of the sample is counted there is nothing to tell the error from: it is
null. Shares, means and medians are those of the sample.

Source: D. G. Horvitz and D. J. Thompson, "A generalization of sampling without replacement from a finite universe", *Journal of the American
Statistical Association* 47 (1952), 663-685; C.-E. Särndal, B. Swensson and J. Wretman, *Model Assisted Survey Sampling* (1992), chapter 3, for the
variance when units are drawn independently (Bernoulli and Poisson sampling).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.proportion import Z

ONCE, OFTEN = "once", "often"
"""Whether a person counts at most once in a figure, or may count several times."""


def half_width(squares: Any, share: float) -> NDArray[np.float64]:
    """Return the 95 % error of estimated sums, by the sums of squares over the people of the sample.

    Examples
    --------
    >>> half_width([400, 0], 0.2).round(1).tolist()
    [175.3, nan]
    """
    known = np.asarray(squares, np.float64)
    width = Z * np.sqrt((1 - share) * known) / share
    return width if share == 1 else np.where(known > 0, width, np.nan)


def squares_of(cell: NDArray[Any], people: NDArray[Any], cells: int, amounts: NDArray[Any] | None = None) -> NDArray[np.float64]:
    """Return for every cell the sum, over people, of the square of what each adds to it: `amounts`, or 1 for each of a person's members.

    Examples
    --------
    >>> squares_of(np.array([0, 0, 0, 1]), np.array([5, 5, 7, 5]), 3).tolist()
    [5.0, 1.0, 0.0]
    """
    width = int(people.max(initial=0)) + 1
    pairs, number = np.unique(cell.astype(np.int64) * width + people, return_inverse=True)
    each = np.bincount(number, amounts, minlength=len(pairs)).astype(np.float64)
    return np.bincount(pairs // width, each**2, minlength=cells).astype(np.float64)  # without any members it counts in whole numbers


def estimated(column: pd.Series, squares: Any, share: float) -> tuple[pd.Series, pd.Series]:
    """Return a column of sums over the people of a sample as one about everybody, and its error."""
    sums = column.astype("Float64").to_numpy(np.float64, na_value=np.nan)
    error = np.where(np.isnan(sums), np.nan, half_width(squares, share))
    return pd.Series(sums / share, column.index), pd.Series(error, column.index)
