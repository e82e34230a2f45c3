r"""What else the chains of a funnel tell: how long it took, how it went from period to period, and whether two groups differ.

With x_i of the n_i people of group i at a step, :math:`p_i = x_i / n_i`, the effect is :math:`p_2 - p_1`, its 95 % interval Newcombe's (see
:mod:`tilth.analysis.association`), and the two-sided p-value that of

.. math:: z = \frac{p_2 - p_1}{\sqrt{p (1 - p) (1 / n_1 + 1 / n_2)}} \qquad p = \frac{x_1 + x_2}{n_1 + n_2}

Source of the test: J. L. Fleiss, *Statistical Methods for Rates and Proportions*, 2nd edition (1981), section 2.1, without continuity correction.
"""

from __future__ import annotations

from math import erfc, nan, sqrt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.association import difference
from tilth.analysis.behaviour.buckets import Buckets
from tilth.analysis.result import Groups
from tilth.engine.clock import Calendar


def tabulate_times(passed: NDArray[np.int64], buckets: Buckets) -> pd.DataFrame:
    """Return how many chains took how long: bucket (from 1), from_seconds, to_seconds, people, share.

    Parameters
    ----------
    passed : ndarray of int64
        Microseconds that each chain took.
    buckets : Buckets
    """
    people = np.bincount(buckets.numbers(passed) - 1, minlength=len(buckets)) if len(passed) else np.zeros(len(buckets), np.int64)
    low, high = np.array(buckets.seconds, np.float64).reshape(-1, 2).T
    share = people / len(passed) if len(passed) else np.full(len(people), np.nan)
    return pd.DataFrame({"bucket": np.arange(1, len(people) + 1), "from_seconds": low, "to_seconds": high, "people": people, "share": share})


def tabulate_trend(
    reached: NDArray[np.bool_],
    entered: NDArray[np.int64],
    calendar: Calendar,
    groups: Groups,
    members: NDArray[np.int64],
    until: int,
    within: int | None,
) -> pd.DataFrame:
    """Return the funnel of those who entered in each period: period, step, people, from_start, complete, after any columns of the groups.

    Parameters
    ----------
    reached : ndarray of bool, shape (chains, steps)
    entered : ndarray of int64
        When each chain begins.
    calendar : Calendar
    groups : Groups
    members : ndarray of int64
        The chain of each member of a group.
    until : int
        The last instant of the source: periods whose last entrants may still go on are not complete.
    within : int or None
        How long a chain may take; None: for ever.
    """
    steps, periods = reached.shape[1], len(calendar)
    cell = groups.number * periods + calendar.number(entered[members])
    counted = np.column_stack([np.bincount(cell[reached[members, k]], minlength=len(groups) * periods) for k in range(steps)])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = counted / counted[:, :1]
    complete = np.zeros(periods, np.bool_) if within is None else calendar.bounds[1:] + within <= until
    frame = groups.repeated(periods * steps)
    return frame.assign(
        period=calendar.starts[np.tile(np.repeat(np.arange(periods), steps), len(groups))],
        step=np.tile(np.arange(1, steps + 1), periods * len(groups)),
        people=counted.ravel(),
        from_start=share.ravel(),
        complete=np.tile(np.repeat(complete, steps), len(groups)),
    )


def compare(control: NDArray[np.int64], treatment: NDArray[np.int64], labels: list[str]) -> pd.DataFrame:
    """Return how the shares of two groups differ at each step, from the second on.

    The columns are step, label, control, treatment (shares), effect, low, high, p_value.

    Parameters
    ----------
    control, treatment : ndarray of int64, shape (steps,)
        People of each group at each step.
    labels : list of str
    """
    rows: list[dict[str, Any]] = []
    n1, n2 = int(control[0]), int(treatment[0])
    for k in range(1, len(labels)):
        x1, x2 = int(control[k]), int(treatment[k])
        p1, p2 = (x1 / n1 if n1 else nan), (x2 / n2 if n2 else nan)
        low, high = difference(x2, n2, x1, n1)
        row = {"step": k + 1, "label": labels[k], "control": p1, "treatment": p2, "effect": p2 - p1, "low": low, "high": high}
        rows.append(row | {"p_value": p_value(x1, n1, x2, n2)})
    columns = ["step", "label", "control", "treatment", "effect", "low", "high", "p_value"]
    return pd.DataFrame(rows, columns=columns)


def p_value(x1: int, n1: int, x2: int, n2: int) -> float:
    """Return the two-sided p-value of x1 of n1 against x2 of n2; NaN where a side has nobody, 1 where both shares are 0 or both are 1.

    Examples
    --------
    15 of 20 against 5 of 20: z is the root of 10.

    >>> round(p_value(15, 20, 5, 20), 6)
    0.001565
    """
    if not (n1 and n2):
        return nan
    p = (x1 + x2) / (n1 + n2)
    spread = p * (1 - p) * (1 / n1 + 1 / n2)
    return erfc(abs(x1 / n1 - x2 / n2) / sqrt(spread) / sqrt(2)) if spread > 0 else 1.0
