"""Charts in HTML: a result's ECharts option as JSON inside an element, and the script that draws all of them.

``chart()`` of a result is a plain option that anybody's ECharts can draw. How it looks here (colours, fonts, room for labels, the wording of
figures) is in ``assets/theme.js`` alone, for cards, workbench pages and pictures (``pictures``) alike. An option may name what only the theme
knows: ``{"$": "axisPercent"}`` a function, ``{"$token": "cat-2"}`` a colour; no name in the data can be mistaken for these.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from functools import cache
from html import escape
from typing import Any

import pandas as pd

from tilth.analysis.behaviour.activation import Activation
from tilth.analysis.behaviour.funnel import Funnel
from tilth.analysis.behaviour.intervals import Intervals
from tilth.analysis.behaviour.lifecycle import Lifecycle, active
from tilth.analysis.behaviour.path_clusters import PathClusters
from tilth.analysis.behaviour.retention import Retention, draw_curves
from tilth.analysis.behaviour.sessions import Sessions
from tilth.analysis.behaviour.tallies import Tallied
from tilth.analysis.display import wording
from tilth.analysis.display.tokens import asset
from tilth.analysis.result import Result
from tilth.language import _

MOST_SERIES = 8
"""Groups that a chart draws; the palette has as many colours."""


@cache
def library() -> str:
    """Return the script that draws charts, ECharts included, as one ``<script>`` element.

    ECharts is hidden from a module loader such as notebooks bring along (RequireJS): it would register there and not where charts look for it.
    """
    echarts = f"(function(){{var define,exports,module;{asset('echarts.min.js')}\n}}).call(window);"
    return f"<script>if(!window.tilth){{{echarts}\n{asset('theme.js')}{asset('charts.js')}}}</script>"


def as_json(option: dict[str, Any]) -> str:
    """Return an option as JSON, numpy's numbers included.

    Raises
    ------
    ValueError
        When a figure is NaN or infinite, which JSON does not know: leave it out or make it None.
    """
    return json.dumps(option, ensure_ascii=False, separators=(",", ":"), default=_number, allow_nan=False)


def element(option: dict[str, Any], title: str) -> str:
    """Return the element in which a chart is drawn, with the words that stand for it where it cannot be seen."""
    text = as_json(option)
    for sign in "<>&\u2028\u2029":  # inside a script element these could end it or start something else
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    label = _("Chart: {title}. The table below it has the same figures.").format(title=title)
    return (
        f'<div class="t-chart" data-chart="{height(option)}" data-name="{escape(title, quote=True)}" role="img" '
        f'aria-label="{escape(label, quote=True)}"><script type="application/json">{text}</script></div>'
    )


def drawn(result: Result) -> tuple[dict[str, Any], str]:
    """Return the ECharts option that a card draws for a result, and what has to be said beside it.

    It is the result's own, with groups called as they are called on the page and no more of them than can be told apart; except for retention
    by cohort: there the coloured table is the heat map already, so the chart is the curve of all cohorts.
    """
    if isinstance(result, Retention) and result.frame.columns[0] == "cohort":
        option = draw_curves(result.frame, [], result.options)
    else:
        option = copy.deepcopy(result.chart())
    sizes = _sizes(result)
    thinned = _thin(option, sizes)
    _name(option, sizes)
    return option, " · ".join(part for part in (_legend(result, option), thinned) if part)


def height(option: dict[str, Any]) -> int:
    """Return a chart's height in pixels: by its rows where bars lie, else the same for all."""
    rows = option.get("yAxis", {})
    if not isinstance(rows, dict) or rows.get("type") != "category":
        return 280
    beside = len([one for one in option.get("series", []) if one.get("type") == "bar" and not one.get("stack")])
    return 56 + max(30, 19 * beside) * len(rows["data"])


def _legend(result: Result, option: dict[str, Any]) -> str:
    """Return what a chart's marks mean, if that has to be said."""
    if isinstance(result, Retention):
        return _("The shade is the 95% interval") if any("areaStyle" in series for series in option["series"]) else ""
    if isinstance(result, Funnel) and len(option["xAxis"].get("data", [])) > 1:
        return _("Over the bars: people, and their share of the step before; dashed: lost")
    if isinstance(result, Funnel) and any("markLine" in series for series in option["series"]):
        return _("From the first step to the last; lines are 95% intervals")
    if isinstance(result, PathClusters):
        return _("Per cent of the people of a cluster who have an event in their paths")
    if isinstance(result, Activation):
        return _("Share retained of those who met a behaviour's best rule; dashed: of everybody; lines are 95% intervals")
    return ""


def _sizes(result: Result) -> dict[str, int]:
    """Return the people, or the intervals or sessions, of every group of a split result, of which curves and shares say nothing."""
    frame = result.frame
    if isinstance(result, Intervals | Sessions | Lifecycle | Tallied):
        if not result.by:
            return {}
        what = {Intervals: "intervals", Sessions: "sessions"}.get(type(result), "people")
        rows = result.summary if isinstance(result, Intervals | Sessions) else frame
        rows = rows.assign(people=active(result.looked_at)) if isinstance(result, Lifecycle) else rows
        return _counted(rows.groupby(result.by, dropna=False)[what].sum())
    if not isinstance(result, Funnel | Retention) or frame.columns[0] in ("cohort", "step"):
        return {}
    first, size = ("step", "people") if isinstance(result, Funnel) else ("cohort", "size")
    by = list(frame.columns[: frame.columns.get_loc(first)])
    rows = frame[frame["step"] == 1] if isinstance(result, Funnel) else frame.drop_duplicates([*by, "cohort"])
    return _counted(rows.groupby(by, dropna=False)[size].sum())


def _counted(people: pd.Series) -> dict[str, int]:
    """Return the figure of every group by its name in the chart."""
    return {" · ".join("—" if pd.isna(part) else str(part) for part in key): int(size) for key, size in zip(_keys(people), people, strict=True)}


def _keys(people: pd.Series) -> list[tuple[Any, ...]]:
    return [key if isinstance(key, tuple) else (key,) for key in people.index]


def _thin(option: dict[str, Any], sizes: dict[str, int]) -> str:
    """Keep the largest groups and return words that say so; more than the palette has colours cannot be told apart."""
    groups = [series["name"] for series in option.get("series", []) if series.get("name") in sizes]
    if len(groups) <= MOST_SERIES:
        return ""
    left_out = set(sorted(groups, key=lambda name: -sizes[name])[MOST_SERIES:])
    option["series"] = [series for series in option["series"] if series.get("name") not in left_out]
    if option["yAxis"].get("type") == "category":
        option["yAxis"]["data"] = [name for name in option["yAxis"]["data"] if name not in left_out]
    return _("The chart shows the {shown} largest of {count} groups").format(shown=MOST_SERIES, count=f"{len(sizes):,}")


def _name(option: dict[str, Any], groups: Iterable[str]) -> None:
    """Call groups as their values are called on the page; those without a value are grey."""
    called = {group: " · ".join(wording.name(part) for part in group.split(" · ")) for group in groups}
    if len(set(called.values())) < len(called):  # two would fall together
        called = {group: group for group in called}
    for series in option["series"]:
        group = series.get("name")
        if group not in called:
            continue
        series["name"] = called[group]
        if group == wording.NOTHING:
            series["itemStyle"] = {"color": {"$token": "cat-8"}}
        if series["type"] == "bar":  # beside each other: a bar names its row, and so do the ends of its interval
            series["data"] = [[figure, called[row]] for figure, row in series["data"]]
            for ends in series.get("markLine", {}).get("data", []):
                for end in ends:
                    end["coord"][1] = called[group]
    if called and option["yAxis"].get("type") == "category":
        option["yAxis"]["data"] = [called[row] for row in option["yAxis"]["data"]]


def _number(value: Any) -> Any:
    if hasattr(value, "item"):  # a numpy scalar
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot stand in a chart")
