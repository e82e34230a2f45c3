"""What the pages of split questions share: the chart of their groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tilth.analysis.display import charts, wording
from tilth.workbench.measure.asking.answer import Chart, coloured
from tilth.workbench.measure.asking.counted import from_lengths

if TYPE_CHECKING:
    from tilth.analysis.behaviour.buckets import Buckets
    from tilth.workbench.measure.asking.kinds import Asking


def split_chart(asking: Asking, title: str, buckets: Buckets | None = None, part: slice | None = None, remark: str = "") -> Chart:
    """Return the lines of an answer's groups, in the colours of their values.

    Parameters
    ----------
    asking : Asking
    title : str
        With ``{property}`` in it.
    buckets : Buckets, optional
        Those of the axis, where it is of lengths.
    part : slice, optional
        The part of the axis that is shown.
    remark : str, optional
        What has to be said beside the chart.
    """
    by = asking.values["by"]
    option, told = charts.drawn(asking.now)
    coloured(option, asking.catalogue, by, asking.now.frame[by].unique())
    for series in option["series"]:  # lines that end near each other have no room for their names
        series["endLabel"] = {"show": False}
    option["legend"], option["grid"] = {"show": True}, {**option["grid"], "top": 60, "right": 16}
    if buckets is not None:
        from_lengths(option, buckets)
    if part is not None:
        for one in (option["xAxis"], *option["series"]):
            one["data"] = one["data"][part]
    return Chart(title.format(property=wording.name(by)), option, " · ".join(filter(None, (told, remark))), 6, 300, split=True)
