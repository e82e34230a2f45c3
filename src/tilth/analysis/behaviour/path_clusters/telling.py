"""How clusters of similar paths are told: what sets each apart, in words, in a table and as a heat map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tilth.analysis.behaviour.path_clusters.finding import Grouped
from tilth.analysis.behaviour.path_clusters.options import FEWEST, MOST, PathClustersOptions
from tilth.analysis.behaviour.paths import PathsOptions
from tilth.analysis.steps import as_step
from tilth.engine.clock import in_words
from tilth.language import _, paragraph

UNCLEAR = 0.25
"""The silhouette up to which clusters hardly differ."""
TYPICAL = 4
"""Features that are said of a cluster."""
LEAST = 0.2
"""The share of a cluster's people below which a feature is not said of it, and the part of the first one's weight below which another is not."""
MOST_SHOWN = 12
"""Names of an example that are shown."""
MOST_DRAWN = 9
"""Names that the chart has columns for: as many as can be read on a small screen."""


def traits(found: Grouped) -> pd.DataFrame:
    """Return what the people of each cluster have in their paths, a row a cluster and feature that somebody in it has."""
    clusters, features = np.nonzero(found.having)
    people, sizes = found.having[clusters, features], found.sizes
    share, overall = people / sizes[clusters], found.having.sum(axis=0)[features] / max(len(found.people), 1)
    source, target = zip(*(found.features[f] for f in features), strict=True) if len(features) else ((), ())
    frame = pd.DataFrame(
        {
            "cluster": clusters + 1,
            "source": np.array(source, object),
            "target": np.array(target, object),
            "people": people,
            "share": share,
            "overall": overall,
            "lift": share / overall,
        }
    )
    telling = share * np.log(share / overall)
    return frame.iloc[np.lexsort((features, -people, -telling.round(12), clusters))].reset_index(drop=True)


def typical(frame: pd.DataFrame) -> list[tuple[str, str | None]]:
    """Return what sets one cluster apart, by its part of the traits; where nothing does, what most of its people have."""
    telling = frame["share"] * np.log(frame["lift"])
    said = frame[(frame["lift"] > 1) & (frame["share"] >= LEAST) & (telling >= LEAST * telling.max())].head(TYPICAL)
    if said.empty:
        said = frame.sort_values("people", ascending=False, kind="stable").head(TYPICAL)
    return list(zip(said["source"], said["target"], strict=True))


def tabulate(found: Grouped, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result's frame: a row a cluster."""
    count = len(found.having)
    return pd.DataFrame(
        {
            "cluster": np.arange(1, count + 1),
            "people": found.sizes,
            "share": found.sizes / max(len(found.people), 1),
            "length": np.array(found.medians, np.float64),
            "typical": [worded(typical(frame[frame["cluster"] == c])) for c in range(1, count + 1)],
            "example": [walked(path) for path in found.examples],
        }
    ).astype({"typical": object, "example": object})


def worded(features: Sequence[tuple[str, str | None]], call: Callable[[str], str] = str, arrow: str = " > ", comma: str = ", ") -> str:
    """Return names and moves as one text; `call` says what a name is called.

    Examples
    --------
    >>> worded([("pay", None), ("cart", "pay")])
    'pay, cart > pay'
    """
    return comma.join(call(source) if target is None else f"{call(source)}{arrow}{call(target)}" for source, target in features)


def walked(path: Sequence[str | None], call: Callable[[str], str] = str, arrow: str = " > ", most: int = MOST_SHOWN) -> str:
    """Return a path as one text: so many names, those that repeat told once with their number; `call` says what a name is called.

    Examples
    --------
    >>> walked(["open", "view", "view", None, "open"]), walked(["a", "b", "c"], most=2)
    ('open > view ×2 | open', 'a > b > …')
    """
    runs: list[list[Any]] = []
    for name in path:
        if runs and runs[-1][0] == name:
            runs[-1][1] += 1
        else:
            runs.append([name, 1])
    parts: list[str] = []
    told = 0
    for name, times in runs:
        if told == most:
            parts += [arrow, "…"]
            break
        if name is None:
            parts.append(" | ")
            continue
        parts += [arrow] if parts and parts[-1] != " | " else []
        parts.append(f"{call(name)} ×{times}" if times > 1 else call(name))
        told += 1
    return "".join(parts)


def define(found: Grouped, options: PathClustersOptions, left_out: int) -> str:
    """Return in plain words how the clusters were found."""
    described = _(
        "Whoever has a path is described by all events and moves in it: what they do often counts more, what nearly everybody does counts less "
        "(tf-idf)."
    )
    near = _(
        "Whose descriptions point the same way are in one cluster (spherical k-means, Dhillon & Modha 2001): found from {sample} people, drawn by "
        "their ids, and given to everybody."
    ).format(sample=f"{found.sample:,}")
    if options.k is not None:
        number = _("The number of clusters was given.")
    else:
        number = _("There are as many clusters, from {fewest} to {most}, as are told apart best.").format(fewest=FEWEST, most=MOST)
    if options.k is not None and len(found.having) < options.k:
        number = paragraph(number, _("Fewer can be told apart."))
    if not np.isnan(found.fit.silhouette):
        apart = _("Their mean silhouette (Rousseeuw 1987) is {silhouette}: 1 is wholly apart, 0 is not at all.")
        number = paragraph(number, apart.format(silhouette=f"{found.fit.silhouette:.2f}"))
    typical = _("An event or move sets a cluster apart if more of its people have it than of everybody; the example is the path next to its centre.")
    missing = _("Left out: {count} rows without a person or a time.").format(count=f"{left_out:,}")
    return paragraph(*told(options), described, near, number, typical, missing)


def told(options: PathsOptions) -> list[str]:
    """Return in plain words what a whole path is."""
    start, end = (as_step(step).name if step is not None else None for step in (options.start, options.end))
    if options.around is not None:
        words = [_("A path is what a person did before and after their first {event}.").format(event=as_step(options.around).name)]
    elif start is not None and end is not None:
        words = [_("A path goes from a person's first {start} to the first {end} after it; who lacks one has no path.").format(start=start, end=end)]
    elif start is not None:
        words = [_("A path begins with a person's first {start}.").format(start=start)]
    elif end is not None:
        words = [_("A path ends with a person's first {end}.").format(end=end)]
    else:
        words = [_("A path begins with a person's first event.")]
    if options.sessions is not None:
        words.append(_("A pause of more than {length} ends a path and begins another.").format(length=in_words(options.sessions)))
    if options.fold:
        words.append(_("Equal events in a row are one."))
    if options.top is not None:
        words.append(_("All but the {top} most frequent events are called “other”.").format(top=options.top))
    return words


def draw(found: Grouped) -> dict[str, Any]:
    """Return the ECharts option of the heat map: the names that tell clusters apart most, those that most people have first."""
    names = [k for k, (_source, target) in enumerate(found.features) if target is None and found.having[:, k].sum()]
    shares = found.having[:, names] / np.maximum(found.sizes, 1)[:, None] if names else np.empty((0, 0))
    if len(names) > MOST_DRAWN:
        telling = np.sort(np.argsort(-(shares.max(axis=0) - shares.min(axis=0)), kind="stable")[:MOST_DRAWN])
        names, shares = [names[k] for k in telling], shares[:, telling]
    everybody = max(len(found.people), 1)
    rows = [_("Cluster {number} ({share})").format(number=c + 1, share=f"{size / everybody:.1%}") for c, size in enumerate(found.sizes)]
    data = [{"value": [x, y, float(share)], "label": {"formatter": f"{share * 100:.0f}"}} for (y, x), share in np.ndenumerate(shares)]
    return {
        "tooltip": {"position": "top"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "position": "top", "data": [found.features[k][0] for k in names], "axisLine": {"show": False}},
        "yAxis": {"type": "category", "data": rows, "inverse": True, "axisLine": {"show": False}},
        "visualMap": {"min": 0, "max": 1, "show": False, "formatter": {"$": "axisPercent"}},
        "series": [{"type": "heatmap", "name": _("Have it in their paths"), "data": data, "label": {"show": True}}],
    }
