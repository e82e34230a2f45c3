"""How long the way takes, from the first step to the last: buckets of lengths, and those of each group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tilth.analysis.behaviour.buckets import LADDER, Buckets
from tilth.analysis.behaviour.funnel import Funnel
from tilth.analysis.display import wording
from tilth.analysis.display.tables import MOST_ROWS
from tilth.engine import clock
from tilth.engine.people import PersonSet
from tilth.workbench.measure.asking.answer import SMALL, Cell, Chart, Column, Row, Table, coloured
from tilth.workbench.measure.asking.counted import counted_axis, from_lengths
from tilth.workbench.measure.asking.kinds import Asking
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.questions.funnel.groups import MOST_LINES, groups_of

NAMED = {(clock.length(end) or 0) / 1e6: end for end in LADDER}


def inner(frame: pd.DataFrame) -> list[str] | None:
    """Return the ends between the buckets of all people, by which those of a group are asked for too; None where there is one bucket only."""
    return [NAMED[seconds] for seconds in frame["from_seconds"][1:]] or None


def buckets(frame: pd.DataFrame) -> Buckets:
    """Return the buckets of a table of times."""
    ends = [NAMED[seconds] for seconds in dict.fromkeys([*frame["from_seconds"], *frame["to_seconds"]]) if seconds in NAMED]
    return Buckets(tuple(ends), lowest=frame["from_seconds"].iloc[0] == 0, highest=bool(np.isinf(frame["to_seconds"].iloc[-1])))


def of_group(result: Funnel, frame: pd.DataFrame, **by: Any) -> pd.DataFrame:
    """Return a group's people and shares in the buckets of all; shares are NaN where nobody got to the end."""
    nobody = frame.assign(people=0, share=np.nan)
    if not len(result.people(len(result.options.steps), **by)):
        return nobody
    found = result.times(buckets=inner(frame), **by)
    if len(found) != len(frame):  # all of the question lie in one bucket, and these in others
        return nobody
    return frame.assign(people=found["people"].to_numpy(), share=found["share"].to_numpy())


def people(result: Funnel, cell: dict[str, Any]) -> PersonSet:
    """Return the people of a bucket, of all or of a group."""
    by = {name: value for name, value in cell.items() if name != "bucket"}
    return result.people_in_time(cell["bucket"], buckets=inner(result.times()), **by)


def charts(asking: Asking) -> Iterator[Chart]:
    """Return people by the time they took, and beside it the shares of each group."""
    frame, by = asking.now.times(), asking.values["by"]
    option = _option(buckets(frame).names())
    option["series"] = [{"type": "bar", "name": pgettext("column", "People"), "data": frame["people"].tolist()}]
    counted_axis(from_lengths(option, buckets(frame)))
    remark = _("Each bar counts from its length on, up to the next one's")
    yield Chart(_("People by the time they took"), option, remark, 6 if by else 12, 268)
    if not by:
        return
    split = from_lengths(_option(buckets(frame).names()), buckets(frame))
    split["yAxis"]["axisLabel"] = {"formatter": {"$": "axisPercent"}}
    split["legend"], split["grid"]["top"] = {"show": True}, 60
    shown = groups_of(asking.now, by)[:MOST_LINES]
    for value, _rows in shown:
        shares = [None if pd.isna(share) else float(share) for share in of_group(asking.now, frame, **{by: value})["share"]]
        split["series"].append({"type": "line", "name": wording.value(value), "data": shares, "showSymbol": False})
    coloured(split, asking.catalogue, by, [value for value, _rows in shown])
    told = _("Share of those of a group who took the last step")
    yield Chart(_("Time by {property}").format(property=wording.name(by)), split, told, 6, 268, split=True)


def tables(asking: Asking) -> Iterator[Table]:
    """Return a row a bucket, and, split by something, a row a group."""
    frame, by = asking.now.times(), asking.values["by"]
    names = buckets(frame).names()
    if by:
        yield _by_group(asking, frame, names)
    before = of_group(asking.before, frame)["share"].tolist() if asking.before is not None else None
    columns = [Column(_("Time it takes"), text=True), Column(pgettext("column", "People")), Column(_("Share")), Column(_("Up to here"))]
    columns += [Column(_("Share at the other time"), group=True)] if before is not None else []
    rows, until = [], 0.0
    for place, row in enumerate(frame.itertuples()):
        until += row.share
        cells = [Cell(names[place]), Cell(wording.count(row.people), {"bucket": int(row.bucket)})]
        cells += [Cell(wording.percent(row.share)), Cell(wording.percent(until))]
        cells += [Cell(wording.percent(before[place]))] if before is not None else []
        rows.append(Row(tuple(cells)))
    yield Table(_("By the time it takes"), tuple(columns), tuple(rows), _("From the first step to the last, of those who took both"))


def data(result: Funnel, question: Question) -> tuple[list[tuple[str, str]], pd.DataFrame]:
    """Return the buckets, of each group where the question is split."""
    frame, by = result.times(), question.values["by"]
    frame = frame.assign(length=buckets(frame).names())
    if by:
        parts = [of_group(result, frame, **{by: value}).assign(**{by: value}) for value, _rows in groups_of(result, by)]
        frame = pd.concat(parts, ignore_index=True)
    heads = {
        **({by: wording.name(by)} if by else {}),
        "length": _("Time it takes"),
        "from_seconds": _("From seconds"),
        "to_seconds": _("To seconds"),
        "people": pgettext("column", "People"),
        "share": _("Share"),
    }
    return list(heads.items()), frame.replace({"to_seconds": {np.inf: np.nan}})


def _option(names: list[str]) -> dict[str, Any]:
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": names},
        "yAxis": {"type": "value", "min": 0},
        "series": [],
    }


def _by_group(asking: Asking, frame: pd.DataFrame, names: list[str]) -> Table:
    by, last = asking.values["by"], len(asking.values["steps"])
    found = [(value, of_group(asking.now, frame, **{by: value})) for value, _rows in groups_of(asking.now, by)[:MOST_ROWS]]
    hottest = max((float(part["share"].max()) for _value, part in found if part["people"].sum() >= SMALL), default=0.0)
    rows = []
    for value, part in found:
        size, group = int(part["people"].sum()), {by: value}
        cells = [Cell(wording.value(value), colour=asking.catalogue.colour(by, value)), Cell(wording.count(size), {**group, "step": last})]
        cells.append(Cell(wording.duration(asking.now.elapsed(**group))))
        for bucket, share in zip(part["bucket"], part["share"], strict=True):
            heat = min(8, 1 + int(share / hottest * 8)) if size >= SMALL and share else None
            cells.append(Cell(wording.percent(share, sign=False), {**group, "bucket": int(bucket)} if size else None, heat))
        rows.append(Row(tuple(cells), small=size < SMALL))
    columns = (Column(wording.name(by), text=True), Column(pgettext("column", "People")), Column(_("Median time")), *map(Column, names))
    notes = (_("Grey: fewer than {least} people, too few to compare.").format(least=SMALL),) if any(row.small for row in rows) else ()
    caption = _("Share of those of a group who took the last step, in %")
    return Table(_("By {property}").format(property=wording.name(by)), columns, tuple(rows), caption, notes, warm=True)
