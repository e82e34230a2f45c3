"""What similar paths can be asked."""

from __future__ import annotations

from dataclasses import dataclass

from tilth.analysis.behaviour.paths import PathsOptions
from tilth.errors import InputError
from tilth.language import _

FEWEST, MOST = 2, 8
"""Clusters that there may be where nobody says how many."""
MOST_CLUSTERS = 20


@dataclass(frozen=True)
class PathClustersOptions(PathsOptions):
    """What similar paths can be asked: what paths can, of which `depth` plays no part here, and

    Parameters
    ----------
    k : int, optional
        How many clusters, from 2 to 20; None for as many as are told apart best.
    """  # noqa: D400

    k: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.k is not None and (isinstance(self.k, bool) or not isinstance(self.k, int) or not FEWEST <= self.k <= MOST_CLUSTERS):
            raise InputError(
                _("k={k}: give a whole number of clusters from {fewest} to {most}, or None.").format(
                    k=repr(self.k), fewest=FEWEST, most=MOST_CLUSTERS
                )
            )
