"""Curves and bars of retention, where they say something else than shares, or are held against another time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from tilth.analysis.behaviour.retention import RetentionOptions, row_name
from tilth.workbench.measure.questions.retention.shown import Measure


def said(option: dict[str, Any], what: Measure, figures: dict[int, float], options: RetentionOptions) -> None:
    """Let a curve of shares say something else instead, without the interval, which is one of shares."""
    named = {row_name(options, k): figure for k, figure in figures.items()}
    curve = option["series"][0]
    curve["data"] = [_point(named.get(period), what) for period in option["xAxis"]["data"]]
    counts = {"formatter": {"$": "labelCount"}} if what.column == "people" else {}
    curve |= {"label": {"show": True, "position": "top", **counts}, "labelLayout": {"hideOverlap": True}}
    option["series"], option["yAxis"] = [curve], what.axis


def bars(groups: Sequence[tuple[str, float]], what: Measure) -> dict[str, Any]:
    """Return the ECharts option of what each group says, most first."""
    bar = {"type": "bar", "stack": "groups", "barWidth": 14}
    label = {"show": True, "position": "right"}
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 64, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": what.axis,
        "yAxis": {"type": "category", "inverse": True, "data": [name for name, _figure in sorted(groups, key=lambda group: -group[1])]},
        "series": [bar | {"name": name, "data": [[figure, name]], "label": label | {"formatter": what.worded(figure)}} for name, figure in groups],
    }


def held_against(option: dict[str, Any], name: str, figures: dict[int, float], what: Measure, options: RetentionOptions) -> None:
    """Add the curve of another time, grey and dashed; both then say their names and last figures at their ends instead of every figure."""
    then = {row_name(options, k): figure for k, figure in figures.items()}
    for one in option["series"]:
        one.pop("label", None)
    curve = option["series"][0]
    curve["data"] = [one["value"] if isinstance(one, dict) else one for one in curve["data"]]
    grey = {"color": {"$token": "ink-3"}}
    other = {"type": "line", "name": name, "data": [then.get(period) for period in option["xAxis"]["data"]], "showSymbol": False}
    option["series"].append(other | {"lineStyle": {"type": "dashed", "width": 1.5, **grey}, "itemStyle": grey})
    for one, label in ((curve, _("now")), (option["series"][-1], name)):
        last = next((figure for figure in reversed(one["data"]) if figure is not None), None)
        one["endLabel"] = {"show": last is not None, "formatter": f"{label} {what.worded(last)}", "distance": 8}
        one["labelLayout"] = {"moveOverlap": "shiftY"}


def _point(figure: float | None, what: Measure) -> Any:
    """Return a point of a curve; of a sum with its words, which only the server knows."""
    if figure is None or what.column == "people":
        return figure
    return {"value": figure, "label": {"formatter": what.worded(figure)}}
