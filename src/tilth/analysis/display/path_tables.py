"""Tables of what people do one after the other: paths, touchpoints, activation."""

from __future__ import annotations

from tilth.analysis.behaviour.activation import Activation
from tilth.analysis.behaviour.path_clusters import PathClusters, walked, worded
from tilth.analysis.behaviour.paths import Paths
from tilth.analysis.behaviour.touchpoints import Touchpaths
from tilth.analysis.display import estimates, wording
from tilth.analysis.display.cells import Column, Table, cut, row_of
from tilth.analysis.display.estimates import errors, estimating, people_cell
from tilth.engine.clock import in_words
from tilth.language import _

MOST_EXAMPLE = 8
"""Names of a path that a table shows."""


@estimating
def paths_table(result: Paths) -> Table:
    """Return a row a move."""
    columns = (Column(_("Move"), text=True), Column(_("From"), text=True), Column(_("To"), text=True), Column(_("People")))
    rows = []
    for depth, source, target, count in result.frame.itertuples(index=False):
        people = people_cell(count, depth=depth, source=source, target=target)
        rows.append(row_of(wording.count(depth), wording.name(source), wording.name(target), people))
    shown, notes = cut(rows)
    return Table(columns, shown, notes=notes)


@estimating
def path_clusters_table(result: PathClusters) -> Table:
    """Return a row a cluster, and whether clusters are told apart."""
    columns = (
        *(Column(_("Cluster"), text=True), Column(_("People")), Column(_("Share of people")), Column(_("Median events a person"))),
        *(Column(_("What sets it apart"), text=True), Column(_("Path next to its centre"), text=True)),
    )
    rows = [
        row_of(
            wording.count(row.cluster),
            people_cell(row.people, cluster=int(row.cluster)),
            wording.percent(row.share),
            f"{row.length:,g}",
            worded(result.typical(row.cluster), wording.name, " → ", " · "),
            walked(result.example(row.cluster), wording.name, " → ", MOST_EXAMPLE),
        )
        for row in result.frame.itertuples()
    ]
    return Table(columns, tuple(rows), notes=tuple(filter(None, (result.warning(),))))


@estimating
def touchpaths_table(result: Touchpaths) -> Table:
    """Return a row a path, with its share of all conversions."""
    frame = result.frame
    worth = bool(frame["value"].notna().any())
    columns = [Column(_("Path"), text=True), Column(_("Conversions")), Column(_("Share of conversions"))]
    columns += [Column(_("Value"))] if worth else []
    total = frame["conversions"].sum()
    rows = []
    spread = zip(*(errors(result, name, "frame") for name in ("conversions", "value", "nulls")), strict=True)
    for (path, conversions, value, nulls), (of_conversions, of_value, of_nulls) in zip(frame.itertuples(index=False), spread, strict=True):
        cells = [wording.value(path), estimates.count(conversions, of_conversions), wording.percent(conversions / total if total else None)]
        rows.append(row_of(*cells, *([estimates.count(value, of_value)] if worth else []), estimates.count(nulls, of_nulls)))
    shown, notes = cut(rows)
    return Table((*columns, Column(_("Without conversion"))), shown, notes=notes)


@estimating
def activation_table(result: Activation) -> Table:
    """Return a row a rule, the best first, and the recommendation."""
    columns = (
        Column(_("Behaviour"), text=True),
        Column(_("At least")),
        Column(_("Within")),
        Column(_("People")),
        Column(_("Retained")),
        Column(_("Retained of the others")),
        Column(_("Difference, 95% interval")),
        Column(_("Lift")),
        Column(_("Recall")),
        Column(_("Score")),
    )
    rows = []
    for row in result.frame.itertuples():
        span = wording.NOTHING if row.low != row.low else f"{wording.percent(row.low, sign=False)} – {wording.percent(row.high, sign=False)}"
        rows.append(
            row_of(
                wording.name(row.event),
                wording.count(row.at_least),
                in_words(row.window),
                people_cell(row.people, event=row.event, at_least=row.at_least, window=row.window),
                wording.percent(row.precision),
                wording.percent(row.others),
                span,
                wording.count(row.lift),
                wording.percent(row.recall),
                wording.count(row.score),
            )
        )
    shown, notes = cut(rows)
    return Table(columns, shown, notes=(result.recommendation(), *notes))
