"""Charts in HTML: a result's ECharts option as JSON inside an element, and the script that draws all of them.

``chart()`` of a result is a plain option that anybody's ECharts can draw. What only our theme knows, such as how a percentage is
worded on an axis, is added here by name (``{"$": "axisPercent"}``, which no name in the data can be mistaken for); the functions of
those names are in ``assets/charts.js``.
"""

from __future__ import annotations

import copy
import json
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from tilth.analysis.behaviour.retention import Retention, draw_curves
from tilth.analysis.display import wording
from tilth.analysis.result import Result
from tilth.language import _

MOST_SERIES = 8
"""Groups that a chart draws; the palette has as many colours."""
MOST_LABELLED = 5
"""Groups up to which every bar says its figure; beyond, the figures would lie over each other."""


def asset(name: str) -> str:
    """Return the text of one of the files that cards are made of."""
    return (files("tilth.analysis") / "assets" / name).read_text(encoding="utf-8")


@cache
def library() -> str:
    """Return the script that draws charts, ECharts included, as one ``<script>`` element.

    ECharts is hidden from a module loader such as notebooks bring along (RequireJS): it would register there and not where charts look for it.
    """
    echarts = f"(function(){{var define,exports,module;{asset('echarts.min.js')}\n}}).call(window);"
    return f"<script>if(!window.tilth){{{echarts}\n{asset('charts.js')}}}</script>"


def element(option: dict[str, Any], title: str) -> str:
    """Return the element in which a chart is drawn: hidden until a script draws it, since the table says the same."""
    text = json.dumps(option, ensure_ascii=False, separators=(",", ":"), default=_number)
    for sign in "<>&\u2028\u2029":  # inside a script element these could end it or start something else
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    label = _("Chart: {title}. The table below it has the same figures.").format(title=title)
    return (
        f'<div class="tilth-chart" data-tilth-chart="{height(option)}" role="img" aria-label="{escape(label, quote=True)}">'
        f'<script type="application/json">{text}</script></div>'
    )


def drawn(result: Result) -> tuple[dict[str, Any], str]:
    """Return the ECharts option that a card draws for a result, and what has to be said beside it.

    It is the result's own, except for retention by cohort: there the coloured table is the heat map already, so the chart is the curve of
    all cohorts.
    """
    if isinstance(result, Retention) and result.frame.columns[0] == "cohort":
        everyone = _("All cohorts")
        option = draw_curves(result.frame.assign(**{everyone: everyone}), [everyone])
    else:
        option = copy.deepcopy(result.chart())
    for series in option.get("series", []):
        named = " · ".join(wording.name(part) for part in str(series.get("name", "")).split(" · "))
        series["name"] = named
        if "endLabel" in series:
            series["endLabel"]["formatter"] = named
    remark = _thin(option, _sizes(result))
    option = _retention(option) if isinstance(result, Retention) else _bars(option)
    option.setdefault("grid", {}).pop("containLabel", None)  # it measures labels too short; the bounds below hold names as well
    option["grid"] |= {"outerBoundsMode": "same", "outerBoundsContain": "all"}
    return option, remark


def height(option: dict[str, Any]) -> int:
    """Return a chart's height in pixels: by its rows where bars lie, else the same for all."""
    rows = option.get("yAxis", {})
    return 48 + 30 * len(rows["data"]) if isinstance(rows, dict) and rows.get("type") == "category" else 280


def _sizes(result: Result) -> dict[str, int]:
    """Return the people of every group of a split retention, whose curves say nothing of them."""
    if not isinstance(result, Retention) or result.frame.columns[0] == "cohort":
        return {}
    by = list(result.frame.columns[: result.frame.columns.get_loc("cohort")])
    people = result.frame.drop_duplicates([*by, "cohort"]).groupby(by, dropna=False)["size"].sum()
    return {" · ".join(wording.value(part) for part in (key if isinstance(key, tuple) else (key,))): int(size) for key, size in people.items()}


def _thin(option: dict[str, Any], sizes: dict[str, int]) -> str:
    """Keep the largest groups and return words that say so; more than the palette has colours cannot be told apart."""
    series = option.get("series", [])
    option["legend"] = option.get("legend", {}) | {"type": "scroll"}
    if len(series) <= MOST_SERIES:
        return ""
    ranked = sorted(series, key=lambda one: -sizes.get(one["name"], sum(_size(point) for point in one["data"])))[:MOST_SERIES]
    option["series"] = [one for one in series if any(one is kept for kept in ranked)]
    return _("The chart shows the {shown} largest of {count} groups").format(shown=MOST_SERIES, count=len(series))


def _bars(option: dict[str, Any]) -> dict[str, Any]:
    option.setdefault("tooltip", {}).update(axisPointer={"type": "shadow"}, valueFormatter={"$": "count"})
    for axis in (option.get("xAxis"), option.get("yAxis")):
        if isinstance(axis, dict) and axis.get("type") == "value":
            axis.setdefault("axisLabel", {}).setdefault("formatter", {"$": "axisCount"})
            axis.pop("name", None)  # the title and the labels say what is counted
            axis["splitNumber"] = 4
    series = option.get("series", [])
    for one in series:
        if len(series) > MOST_LABELLED:
            one["label"] = {"show": False}
        elif len(series) == 1 and option["xAxis"].get("type") == "category":
            one["data"] = [_counted(point) for point in one["data"]]
    return option


def _counted(point: Any) -> Any:
    """Return a bar whose label says the count before what it says already."""
    said = point.get("label", {}).get("formatter") if isinstance(point, dict) else None
    return point | {"label": {"formatter": f"{wording.count(point['value'])} · {said}"}} if said else point


def _retention(option: dict[str, Any]) -> dict[str, Any]:
    series = option["series"]
    last = max((int(point[0]) for one in series for point in one["data"]), default=1)
    option["tooltip"] = {"trigger": "axis", "valueFormatter": {"$": "percent"}}
    option["xAxis"] |= {"nameLocation": "middle", "nameGap": 28, "max": last, "splitNumber": min(last, 12), "splitLine": {"show": False}}
    highest = max((float(point[1]) for one in series for point in one["data"]), default=1.0)
    option["yAxis"] |= {"axisLabel": {"formatter": {"$": "axisPercent"}}, "splitNumber": 4} | ({"max": 1, "interval": 0.25} if highest > 0.75 else {})
    option["yAxis"].pop("name", None)
    option["grid"] = {"left": 8, "right": 24 if len(series) == 1 else 132, "top": 28, "bottom": 24}
    option["legend"] = {"show": False}  # each curve says its name at its end
    for one in series:
        if "endLabel" in one:
            one["endLabel"] |= {"color": "inherit", "textBorderWidth": 0}
        one["labelLayout"] = {"moveOverlap": "shiftY", "hideOverlap": len(series) == 1}
        if len(series) == 1:
            one.pop("endLabel", None)
            one["label"] = {"show": True, "position": "top", "formatter": {"$": "labelPercent"}, "color": {"$token": "ink-2"}, "textBorderWidth": 0}
    return option


def _size(point: Any) -> float:
    value = point["value"] if isinstance(point, dict) else point
    return float(value[-1] if isinstance(value, list | tuple) else value)


def _number(value: Any) -> Any:
    if hasattr(value, "item"):  # a numpy scalar
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot stand in a chart")
