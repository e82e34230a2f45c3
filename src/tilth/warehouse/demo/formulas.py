"""The formulas that the demo brand obeys, each in one function that the generator and the checks alike can call.

Symbols are those of the parameters in :mod:`tilth.warehouse.demo.truth`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def adstock(spend: npt.ArrayLike, carry_over: float) -> Floats:
    """Return what advertising is still at work each day: a_t = x_t + θ · a_(t-1), with a before the first day 0.

    Parameters
    ----------
    spend : array_like
        x: spend of each day.
    carry_over : float
        θ, from 0 (gone the next day) to below 1.

    Examples
    --------
    >>> adstock([100, 0, 0], 0.5).tolist()
    [100.0, 50.0, 25.0]
    """
    x = np.asarray(spend, dtype=float)
    a = np.empty_like(x)
    kept = 0.0
    for t in range(len(x)):
        kept = x[t] + carry_over * kept
        a[t] = kept
    return a


def hill(at_work: npt.ArrayLike, half: float, slope: float) -> Floats:
    """Return the saturation h = a^s / (a^s + k^s): 0 without advertising, one half at a = k, towards 1 beyond.

    Examples
    --------
    >>> hill([0, 500, 1e9], half=500, slope=1.2).round(3).tolist()
    [0.0, 0.5, 1.0]
    """
    a = np.asarray(at_work, dtype=float) ** slope
    return a / (a + half**slope)


def survival(age: npt.ArrayLike, scale: float, shape: float, hazard: npt.ArrayLike = 1.0) -> Floats:
    """Return the share not yet churned at an age in days: S(τ) = exp(-m · (τ/σ)^κ), whose hazard is m · κ/σ · (τ/σ)^(κ-1).

    Examples
    --------
    >>> survival([0, 95], scale=95, shape=0.6).round(4).tolist()
    [1.0, 0.3679]
    """
    return np.exp(-np.asarray(hazard) * (np.asarray(age, dtype=float) / scale) ** shape)


def visit_chance(season: npt.ArrayLike, mean: float, shape: float) -> Floats:
    """Return the chance that somebody who has not churned visits on a day: 1 - (1 + s·μ/r)^(-r).

    A person's own rate λ is gamma distributed with mean μ and shape r, and a day with season s is visited with chance
    1 - exp(-λ·s); this is that chance averaged over people.

    Examples
    --------
    >>> visit_chance([1.0], mean=0.22, shape=0.9).round(4).tolist()
    [0.1787]
    """
    return 1 - (1 + np.asarray(season, dtype=float) * mean / shape) ** -shape


def chance(logit: npt.ArrayLike) -> Floats:
    """Return the probability of a logit: 1 / (1 + exp(-z)).

    Examples
    --------
    >>> chance([0.0, 2.0]).round(4).tolist()
    [0.5, 0.8808]
    """
    return 1 / (1 + np.exp(-np.asarray(logit, dtype=float)))


def retention(age: npt.ArrayLike, season: npt.ArrayLike, life: Any, hazard: npt.ArrayLike = 1.0) -> Floats:
    """Return the share of a cohort that visits on the day of that age: (1 - b) · S(τ) · visit chance, and 1 at age 0.

    Parameters
    ----------
    age : array_like
        τ: whole days since the day of the first touch.
    season : array_like
        s: the day's season factor.
    life : Life
        The parameters b (bounce), σ, κ, μ and r.
    hazard : array_like
        m: the hazard ratio of the cohort.
    """
    tau = np.asarray(age, dtype=float)
    alive = (1 - life.bounce) * survival(tau, life.scale, life.shape, hazard)
    return np.where(tau == 0, 1.0, alive * visit_chance(season, life.visit_mean, life.visit_shape))
