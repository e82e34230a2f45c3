"""From event to event: how often the one follows the other, in whole paths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tilth.analysis.behaviour.paths import Paths
from tilth.analysis.display import wording
from tilth.workbench.measure.asking.answer import Cell, Chart, Column, Row, Table, fitting
from tilth.workbench.measure.asking.kinds import Asking
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.questions.paths.moves import called, figures

__all__ = ["charts", "data", "figures", "tables"]

MOST_DRAWN, MOST_SHOWN = 9, 14
"""Events that have a row and a column in the chart, which is read on small screens too, and in the table: those that most moves lead from or to."""


def charts(asking: Asking) -> list[Chart]:
    """Return the shares of each row as a heat map."""
    counts = _largest(asking.now, MOST_DRAWN)
    names = [called(name) for name in counts.index]
    shares = asking.now.transitions(shares=True).loc[counts.index, counts.columns]
    data: list[dict[str, Any]] = [
        {"value": [x, y, float(share)], "label": {"formatter": f"{share * 100:.0f}"}}
        for (y, x), share in np.ndenumerate(shares.to_numpy())
        if share == share and share > 0
    ]
    option: dict[str, Any] = {
        "tooltip": {"position": "top"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "position": "top", "data": names, "axisLine": {"show": False}},
        "yAxis": {"type": "category", "data": names, "inverse": True, "axisLine": {"show": False}},
        "visualMap": {"min": 0, "max": max((cell["value"][2] for cell in data), default=1), "show": False, "formatter": {"$": "axisPercent"}},
        "series": [{"type": "heatmap", "name": _("Went on to"), "data": data, "label": {"show": True}}],
    }
    remark = _("Per cent of the moves from an event (row) that lead to another (column), in whole paths, however deep")
    return [Chart(_("What follows what"), option, remark, height=fitting(option))]


def tables(asking: Asking) -> list[Table]:
    """Return how often each move is made."""
    counts = _largest(asking.now, MOST_SHOWN)
    columns = (
        Column(_("From event"), text=True),
        Column(_("Moves"), group=True),
        *(Column(called(name), group=number == 0) for number, name in enumerate(counts.columns)),
    )
    every = asking.now.transitions().sum(axis=1)
    rows = [
        Row((Cell(called(name)), Cell(wording.count(int(every[name]))), *(Cell(wording.count(int(count)) if count else "") for count in row)))
        for name, row in zip(counts.index, counts.to_numpy(), strict=True)
    ]
    notes: tuple[str, ...] = ()
    if len(_weighed(asking.now)) > len(counts):
        notes = (_("The {shown} events with most moves; an export has all.").format(shown=len(counts)),)
    return [Table(_("How often each move is made"), columns, tuple(rows), _("Moves, not people: who makes one twice counts twice"), notes)]


def data(result: Paths, question: Question) -> tuple[list[tuple[str, str]], pd.DataFrame]:
    """Return all moves that are made, with their share of those from the same event."""
    counts = result.transitions().rename_axis(index="source", columns="target").stack()
    frame = counts[counts > 0].rename("moves").reset_index()
    frame["share"] = frame["moves"] / frame.groupby("source")["moves"].transform("sum")
    heads = {"source": pgettext("move", "From"), "target": pgettext("move", "To"), "moves": _("Moves"), "share": _("Share")}
    frame = frame.sort_values(["moves", "source", "target"], ascending=[False, True, True], ignore_index=True)
    return list(heads.items()), frame.assign(source=frame["source"].map(called), target=frame["target"].map(called))


def _largest(result: Paths, most: int) -> pd.DataFrame:
    """Return the part of the matrix whose events have most moves, the largest first."""
    names = _weighed(result).index[:most]
    return result.transitions().loc[names, names]


def _weighed(result: Paths) -> pd.Series:
    """Return how many moves lead from or to each event that has any, the largest first."""
    counts = result.transitions()
    weight = counts.sum(axis=0) + counts.sum(axis=1)
    return weight[weight > 0].sort_values(ascending=False, kind="stable")
