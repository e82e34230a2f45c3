"""Similar paths: clusters of people, what sets each apart, and how well they are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tilth.analysis.behaviour.path_clusters import PathClusters, walked, worded
from tilth.analysis.display import wording
from tilth.workbench.measure.asking.answer import SMALL, Cell, Chart, Column, Figure, Row, Table, fitting
from tilth.workbench.measure.asking.kinds import Asking
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.questions.paths.moves import called

NUMBERS: dict[int | None, Any] = {
    None: gettext_lazy("as many clusters as are told apart best"),
    **{number: format_lazy(gettext_lazy("{number} clusters"), number=number) for number in range(2, 11)},
}
MOST_TRAITS = 6
"""Names and moves that are told of a cluster."""
LEAST = 0.1
"""The share of a cluster's people below which one is not told."""
MOST_EXAMPLE = 8
"""Names of a path that is shown as an example."""


def figures(asking: Asking) -> Iterator[Figure]:
    """Return who has a path, the largest cluster and the silhouette."""
    now, counted = asking.now, pgettext("how many", "people")
    yield asking.figure(_("People with a path"), wording.count(len(now.people())), counted, people={})
    yield Figure(_("Number of clusters"), wording.count(len(now.frame)))
    first = now.frame.iloc[0]
    share = _("{share} of them").format(share=wording.percent(first["share"]))
    yield asking.figure(_("In the largest cluster"), wording.count(first["people"]), counted, note=share, people={"cluster": 1})
    apart = wording.NOTHING if pd.isna(now.silhouette) else f"{now.silhouette:.2f}"
    yield Figure(_("Silhouette"), apart, "", note=_("1 is wholly apart, 0 is not at all"))


def charts(asking: Asking) -> Iterator[Chart]:
    """Return the heat map of clusters and events."""
    option = asking.now.chart()
    option["xAxis"]["data"] = [called(name) for name in option["xAxis"]["data"]]
    remark = _("Per cent of a cluster's people who have the event in their paths")
    yield Chart(_("What the clusters do"), option, remark, height=fitting(option))


def tables(asking: Asking) -> Iterator[Table]:
    """Return a row a cluster, and what sets each apart."""
    now, rows, telling = asking.now, [], []
    for row in now.frame.itertuples():
        cell, few = {"cluster": int(row.cluster)}, row.people < SMALL
        typical = worded(now.typical(row.cluster), called, " → ", " · ")
        example = walked(now.example(row.cluster), called, " → ", MOST_EXAMPLE)
        told = (
            *(Cell(wording.count(row.cluster)), Cell(wording.count(row.people), cell), Cell(wording.percent(row.share))),
            *(Cell(f"{row.length:,g}"), Cell(typical), Cell(example)),
        )
        rows.append(Row(told, small=few))
        traits = now.traits[(now.traits["cluster"] == row.cluster) & (now.traits["lift"] > 1) & (now.traits["share"] >= LEAST)]
        for one in traits.head(MOST_TRAITS).itertuples():
            name = worded([(one.source, one.target)], called, " → ")
            figures = (wording.percent(one.share), wording.percent(one.overall), f"{one.lift:.1f} ×")
            telling.append(Row((Cell(wording.count(one.cluster)), Cell(name), *map(Cell, figures)), small=few))
    columns = (
        *(Column(_("Cluster"), text=True), Column(pgettext("column", "People")), Column(_("Share of those with a path"))),
        *(Column(_("Events a person, median")), Column(_("What sets it apart"), text=True), Column(_("Path next to its centre"), text=True)),
    )
    notes = (_("Grey: fewer than {least} people, too few to compare.").format(least=SMALL),) if any(row.small for row in rows) else ()
    yield Table(_("Clusters"), columns, tuple(rows), notes=notes)
    if telling:
        told_by = (
            *(Column(_("Cluster"), text=True), Column(_("Event or move"), text=True), Column(_("Of the cluster"))),
            *(Column(_("Of everybody")), Column(_("Lift"))),
        )
        yield Table(_("What sets each cluster apart"), told_by, tuple(telling), _("Share of people who have it in their paths"))


def data(result: PathClusters, question: Question) -> tuple[list[tuple[str, str]], pd.DataFrame]:
    """Return a row a cluster."""
    heads = {
        "cluster": _("Cluster"),
        "people": pgettext("column", "People"),
        "share": _("Share of those with a path"),
        "length": _("Events a person, median"),
        "typical": _("What sets it apart"),
        "example": _("Path next to its centre"),
    }
    clusters = result.frame["cluster"]
    typical = [worded(result.typical(c), called, " → ", " · ") for c in clusters]
    return list(heads.items()), result.frame.assign(typical=typical, example=[walked(result.example(c), called, " → ") for c in clusters])
