r"""Similar paths: clusters of people whose paths are alike.

Who has a path (:mod:`tilth.analysis.behaviour.paths`) is described by what their whole paths hold, however deep: the names, and the moves from a name
to the next. With n_f(p) how often person p has the feature f, N_f the people of a sample of N who have it,

.. math:: x(p) = \frac{w(p)}{\lVert w(p) \rVert} \qquad w_f(p) = (1 + \ln n_f(p)) \left(1 + \ln \frac{1 + N}{1 + N_f}\right) \text{ or 0 without f}

Clusters are those of spherical k-means over the x(p) of the sample (:mod:`tilth.analysis.spherical`); everyone belongs to the cluster whose centre
makes the smallest angle with theirs. Without ``k``, as many as have the largest mean silhouette, from 2 to 8. Clusters are numbered by their people,
the largest first. The sample is drawn by people's ids, so the same people are in the same clusters whatever the order of the rows.

What sets a cluster apart are the features with p > q, p the share of its people who have it and q that of everybody, by p ln(p / q): what is both
frequent in it and more frequent than elsewhere. Its example is the path of the person next to its centre.

Source: Dhillon & Modha 2001 for the clusters, Rousseeuw 1987 for the silhouette; a silhouette of 0.25 or less as "no substantial structure" from
Kaufman & Rousseeuw, "Finding Groups in Data" (1990), chapter 2.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from tilth.analysis.behaviour.path_clusters import telling
from tilth.analysis.behaviour.path_clusters.finding import find
from tilth.analysis.behaviour.path_clusters.options import PathClustersOptions
from tilth.analysis.behaviour.path_clusters.telling import UNCLEAR, walked, worded
from tilth.analysis.result import NoSuchCell, Result
from tilth.analysis.sampling import ONCE
from tilth.engine.people import PersonSet
from tilth.language import _

if TYPE_CHECKING:
    from tilth.analysis.events import Events

__all__ = ["PathClusters", "PathClustersOptions", "walked", "worded"]


class PathClusters(Result):
    """The answer to similar paths.

    Attributes
    ----------
    frame : DataFrame
        cluster (from 1), people, share (of all who have a path), length (median number of events in a person's paths), typical (names and moves that
        set the cluster apart), example (the path of the person next to its centre).
    left_out : int
        Rows of the source without a person or a time.
    silhouette : float
        How well the clusters are told apart, from -1 to 1; NaN where there is but one.
    """

    grows: ClassVar = {"frame": {"people": ONCE}}

    def __init__(self, events: Events, options: PathClustersOptions | None = None) -> None:
        self.options = options or PathClustersOptions()
        self._found = find(events, self.options)
        self.left_out = self._found.left_out

    @property
    def silhouette(self) -> float:  # noqa: D102
        return self._found.fit.silhouette

    @property
    def tried(self) -> dict[int, float]:
        """The silhouette of each number of clusters that was tried."""
        return self._found.fit.tried

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        return telling.tabulate(self._found, self.traits)

    @cached_property
    def traits(self) -> pd.DataFrame:
        """What the people of each cluster have in their paths.

        cluster, source, target (null for a name), people who have it, share (of the cluster), overall (share of everybody) and lift (their ratio);
        what sets the cluster apart most comes first.
        """
        return telling.traits(self._found)

    def typical(self, cluster: int) -> list[tuple[str, str | None]]:
        """Return the names and moves that set a cluster apart, the most telling first."""
        return telling.typical(self.traits[self.traits["cluster"] == self._number(cluster) + 1])

    def example(self, cluster: int) -> list[str | None]:
        """Return the path of the person next to a cluster's centre; None where one path ends and another begins."""
        return self._found.examples[self._number(cluster)]

    def people(self, cluster: int | None = None) -> PersonSet:
        """Return the people of a cluster; without one, all who have a path with a name in it."""
        chosen = slice(None) if cluster is None else self._found.clusters == self._number(cluster)
        return PersonSet(np.sort(self._found.people[chosen]), self._found.directory)

    def _number(self, cluster: int) -> int:
        known = len(self._found.having)
        if cluster not in range(1, known + 1):
            raise NoSuchCell(_("There is no cluster {cluster}: they are numbered from 1 to {last}.").format(cluster=repr(cluster), last=known))
        return int(cluster) - 1

    def warning(self) -> str:
        """Return what has to be known before the clusters are used, if they are hardly told apart; else an empty text."""
        count = len(self._found.having)
        if count <= 1 and len(self._found.people):
            return _("There is but one cluster: the paths are alike, or too few people have one.")
        if count > 1 and np.isnan(self.silhouette):
            return _("There are too few people to say how much these clusters differ.")
        if count > 1 and self.silhouette <= UNCLEAR:
            return _(
                "These clusters hardly differ (silhouette {silhouette} of at most 1): paths go over into each other. "
                "Take the clusters as a rough picture, not as kinds of people."
            ).format(silhouette=f"{self.silhouette:.2f}")
        return ""

    def title(self) -> str:  # noqa: D102
        return _("Similar paths")

    def meaning(self) -> str:  # noqa: D102
        return telling.define(self._found, self.options, self.left_out)

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: a heat map of clusters and names, the share of a cluster's people who have a name in their paths."""
        return telling.draw(self._found)
