"""What the pages of split questions share: the chart of their groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tilth.analysis.display import charts, wording
from tilth.workbench.measure.asking.answer import Chart, coloured
from tilth.workbench.measure.asking.counted import from_lengths

if TYPE_CHECKING:
    from tilth.analysis.behaviour.buckets import Buckets
    from tilth.workbench.measure.asking.kinds import Asking


def split_chart(asking: Asking, title: str, buckets: Buckets | None = None) -> Chart:
    """Return the lines of an answer's groups, in the colours of their values; `title` has ``{property}`` in it, `buckets` are those of lengths."""
    by = asking.values["by"]
    option, told = charts.drawn(asking.now)
    coloured(option, asking.catalogue, by, asking.now.frame[by].unique())
    for series in option["series"]:  # lines that end near each other have no room for their names
        series["endLabel"] = {"show": False}
    option["legend"], option["grid"] = {"show": True}, {**option["grid"], "top": 60, "right": 16}
    if buckets is not None:
        from_lengths(option, buckets)
    return Chart(title.format(property=wording.name(by)), option, told, 6, 300, split=True)
